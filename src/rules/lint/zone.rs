//! Conditions on the time of day or the date in a file that names no time zone.

use crate::i18n::phrase;
use crate::rules::Rule;
use crate::rules::condition::Condition;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::{Warning, locate};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::PathStep;

/// One warning for all rules: what is missing is missing once.
pub(super) fn report<'r>(rules: &'r [Rule], sources: &ParsedSources, found: &mut Vec<Warning<'r>>) {
    let main = sources.files.first();
    if main.is_some_and(|main| main.file.options.timezone.as_ref().is_some()) {
        return;
    }
    let Some((rule, path, key)) = rules.iter().find_map(|rule| {
        let (path, key) = timed(rule)?;
        Some((rule, path, key))
    }) else {
        return;
    };
    found.push(Warning::new(rule.origin, move |sources| {
        let place = sources.place_in(rule.origin, &path);
        let help = match rule.origin.file {
            0 => phrase!(help_timezone),
            _ => phrase!(help_timezone_in, path = sources.root().display()),
        };
        Diagnostic::warning(place, phrase!(no_timezone, key)).help(help)
    }));
}

/// The first condition of a rule that depends on the time zone.
fn timed(rule: &Rule) -> Option<(Vec<PathStep<'static>>, &'static str)> {
    locate::sections(rule).into_iter().find_map(|section| {
        let mut conditions = section.conditions(rule).iter();
        let key = conditions.find_map(|condition| match condition {
            Condition::Hours(_) => Some("hours"),
            Condition::Days(_) => Some("days"),
            Condition::Dates(_) => Some("dates"),
            _ => None,
        })?;
        let mut path = section.steps(rule);
        path.push(PathStep::Key(key));
        Some((path, key))
    })
}
