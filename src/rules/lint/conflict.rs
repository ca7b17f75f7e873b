//! Rules whose own conditions never hold together.

use crate::i18n::{Phrase, phrase};
use crate::rules::Rule;
use crate::rules::condition::Condition;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::lint::facts::{Conflict, Facts};
use crate::rules::lint::locate::ConditionList;
use crate::rules::lint::never::Never;
use crate::rules::lint::{Warning, locate};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::PathStep;

pub(super) fn report<'r>(rule: &'r Rule, facts: &Facts<'r>, found: &mut Vec<Warning<'r>>) {
    if let Some(conflict) = facts.conflict.clone() {
        found.push(Warning::new(rule.origin, move |sources| {
            diagnostic(rule, &conflict, sources)
        }));
    }
}

fn diagnostic(rule: &Rule, conflict: &Conflict, sources: &ParsedSources) -> Diagnostic {
    let place = |condition| locate::text(rule, ConditionList::When, condition, None, sources);
    let never = |place: Place, reason: Phrase| {
        let message = phrase!(never_answers, rule = &*rule.title(), reason);
        Diagnostic::warning(place, message)
    };
    match conflict {
        Conflict::Types {
            condition,
            never: what,
        } => {
            let (against, who) = against(rule, *what);
            let mut diagnostic = never(
                place(*condition),
                phrase!(never_lacks, who, lacks = what.missing()),
            );
            if let Some(against) = against {
                diagnostic = diagnostic.other(place(against), phrase!(label_asked_here));
            }
            diagnostic.help(what.help())
        }
        Conflict::Scene { condition } => {
            never(place(*condition), phrase!(never_no_scene)).help(phrase!(help_no_scene))
        }
        Conflict::Texts { condition } => never(place(*condition), phrase!(never_no_text_passes))
            .help(phrase!(help_no_text_passes)),
        Conflict::Stored { condition } => never(place(*condition), phrase!(never_stored_and_not))
            .help(phrase!(help_keep_one_of_two)),
        Conflict::Unless => never(
            sources.place_in(rule.origin, &[PathStep::Key("unless")]),
            phrase!(never_unless),
        )
        .help(phrase!(help_unless)),
    }
}

/// The condition that leaves none of the messages that are asked for, and those it does leave.
fn against(rule: &Rule, never: Never) -> (Option<usize>, Phrase) {
    let conditions = || rule.when.iter().enumerate();
    let types = conditions().find_map(|(index, condition)| match condition {
        Condition::Type(types) => Some((index, types)),
        _ => None,
    });
    if let Some((index, types)) = types
        && !types
            .iter()
            .any(|name| never.allows(&name.to_ascii_lowercase()))
    {
        let who = match &**types {
            [name] if name.eq_ignore_ascii_case("event") => phrase!(who_event),
            [name] => phrase!(who_type, name = &**name),
            _ => phrase!(who_types),
        };
        return (Some(index), who);
    }
    let other = conditions().find(|(_, condition)| {
        Never::of(condition).is_some_and(|other| other.is_event() != never.is_event())
    });
    let who = match never.is_event() {
        true => phrase!(who_text),
        false => phrase!(who_event),
    };
    (other.map(|(index, _)| index), who)
}

impl Never {
    fn missing(self) -> Phrase {
        match self {
            Never::Text => phrase!(lacks_text),
            Never::Menu => phrase!(lacks_menu),
            Never::Event => phrase!(lacks_event),
            Never::Key => phrase!(lacks_key),
            Never::Scene => phrase!(lacks_scene),
        }
    }

    fn help(self) -> Phrase {
        match self {
            Never::Text => {
                phrase!(help_lacks_text)
            }
            Never::Menu => {
                phrase!(help_lacks_menu)
            }
            Never::Event => phrase!(help_lacks_event),
            Never::Key => phrase!(help_lacks_key),
            Never::Scene => phrase!(help_lacks_scene),
        }
    }
}
