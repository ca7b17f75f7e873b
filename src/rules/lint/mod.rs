//! What can be compiled and is still likely a mistake. Decides nothing about messages itself.

mod brackets;
mod budget;
mod catch_all;
mod comma;
mod comment;
mod conflict;
mod facts;
mod foreign_habits;
mod handmade_steps;
mod index;
mod line_breaks;
mod locate;
mod media;
mod menu;
mod never;
mod quoting;
mod replies;
mod rule_texts;
mod services;
mod shadow;
mod single_words;
#[cfg(test)]
mod soundness;
mod stored_values;
#[cfg(test)]
mod tests;
mod text_predicate;
mod wechat_catalog;
mod zone;

use crate::i18n::phrase;
use crate::rules::RuleSet;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::lint::budget::LintBudget;
use crate::rules::lint::facts::Facts;
pub(crate) use crate::rules::lint::media::without_app_secret;
pub(crate) use crate::rules::lint::replies::is_or_nearly_a_reply_word;
pub(crate) use crate::rules::lint::services::in_plain_mode;
use crate::rules::lint::stored_values::Keys;
use crate::rules::parsed::ParsedSources;
use crate::rules::sources::Origin;

/// Nobody reads more at once, and finding the places of each takes time.
const MAX_WARNINGS: usize = 200;

/// Every warning, in the order of the files.
///
/// What is said of a rule that never answers is certain, as far as WeChat sends what it documents
/// and no text is longer than a regex looks at. Not everything is found.
pub fn warnings(rules: &RuleSet, sources: &ParsedSources) -> Vec<Diagnostic> {
    let folding = rules.settings.folding;
    let budget = LintBudget::new();
    let facts: Vec<Facts> = rules
        .rules
        .iter()
        .map(|rule| Facts::of(rule, folding, &budget))
        .collect();
    let mut found = Vec::new();
    shadow::report(&rules.rules, &facts, &budget, &mut found);
    let keys = Keys::of(&rules.rules);
    for (rule, facts) in rules.rules.iter().zip(&facts) {
        // Its conditions are those of the rule before it.
        if rule.skips() {
            continue;
        }
        conflict::report(rule, facts, &mut found);
        single_words::report(rule, folding, &mut found);
        menu::keys_without_button(rules, rule, facts, &mut found);
        comma::report(rule, sources, &mut found);
        keys.report(rule, &mut found);
    }
    let said = rule_texts::all(&rules.rules, &facts);
    for said in &said {
        replies::report(said, sources, &mut found);
        keys.report_said(said, &mut found);
        services::never_there(said, &rules.cases, &mut found);
    }
    catch_all::report(rules, &mut found);
    zone::report(&rules.rules, sources, &mut found);
    handmade_steps::report(&rules.rules, &said, &mut found);
    line_breaks::report(&rules.rules, sources, &mut found);
    found.sort_by_key(|warning| (warning.origin.file, warning.origin.entry));
    let comments = comment::warnings(sources);
    let most = |warnings: usize| warnings.min(MAX_WARNINGS);
    let untold = found.len() + comments.len() - most(found.len()) - most(comments.len());
    found.truncate(MAX_WARNINGS);
    let mut told: Vec<(usize, Diagnostic)> = found
        .into_iter()
        .map(|warning| (warning.origin.file, (warning.tell)(sources)))
        .collect();
    told.extend(empty_files(sources));
    told.extend(services::warnings(rules, sources));
    told.extend(menu::warnings(rules, sources));
    told.extend(comments.into_iter().take(MAX_WARNINGS));
    told.sort_by_key(|(file, diagnostic)| (*file, diagnostic.place.line, diagnostic.place.column));
    let mut told: Vec<Diagnostic> = told.into_iter().map(|(_, diagnostic)| diagnostic).collect();
    if untold > 0 {
        let place = Place::file(sources.root());
        let message = phrase!(too_many_warnings, count = untold);
        told.push(Diagnostic::warning(place, message).help(phrase!(help_fix_those_first)));
    }
    told
}

/// Included files in which nothing stands any more, each with its place among the sources.
fn empty_files(sources: &ParsedSources) -> impl Iterator<Item = (usize, Diagnostic)> + '_ {
    let files = sources.files.iter().enumerate().skip(1);
    let empty = files.filter(|(_, source)| {
        let written = &source.file;
        written.rules.is_empty() && written.tests.is_empty()
    });
    empty.map(|(file, source)| {
        let place = Place::file(&source.document.source.path);
        let warning = Diagnostic::warning(place, phrase!(empty_included_file));
        (file, warning.help(phrase!(help_emptied_include)))
    })
}

/// A warning whose places have not been looked up yet.
struct Warning<'r> {
    origin: Origin,
    tell: Box<dyn FnOnce(&ParsedSources) -> Diagnostic + 'r>,
}

impl<'r> Warning<'r> {
    fn new(origin: Origin, tell: impl FnOnce(&ParsedSources) -> Diagnostic + 'r) -> Warning<'r> {
        let tell = Box::new(tell);
        Warning { origin, tell }
    }
}
