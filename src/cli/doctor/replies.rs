//! The rule file, its tests, and the time zone of its rules.

use std::path::Path;

use crate::case_runner;
use crate::cli::doctor::finding::Finding;
use crate::cli::{RulesFileError, load, serve};
use crate::i18n::phrase;
use crate::rules::condition::Condition;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::parsed::ParsedSources;
use crate::rules::{Rule, RuleSet, lint};

/// What is said of a rule file, and its rules if it has any that answer.
pub(super) fn findings(path: &Path, require_tests: bool) -> (Option<RuleSet>, Vec<Finding>) {
    let (rules, sources) = match load(path) {
        Ok(loaded) => loaded,
        Err(RulesFileError::Unreadable(error)) => {
            let remedy = serve::rules_remedy(path);
            let finding = Finding::wrong(phrase!(about_rules), error, remedy);
            return (None, vec![finding]);
        }
        Err(RulesFileError::Wrong(diagnostics)) => {
            let said = phrase!(count_errors, count = Diagnostic::count(&diagnostics));
            let said = phrase!(about_file, path = path.display(), said);
            let remedy = phrase!(help_check_errors, path = path.display());
            let finding = Finding::wrong(phrase!(about_rules), said, remedy);
            return (None, vec![finding]);
        }
    };
    let warnings = lint::warnings(&rules, &sources).len();
    let said = phrase!(
        rules_and_warnings,
        path = path.display(),
        rules = phrase!(count_rules, count = rules.count()),
        warnings = phrase!(count_warnings, count = warnings),
    );
    let about_rules = match warnings {
        0 => Finding::fine(phrase!(about_rules), said),
        _ => {
            let remedy = phrase!(help_check_warnings, path = path.display());
            Finding::doubtful(phrase!(about_rules), said, remedy)
        }
    };
    let findings = vec![
        about_rules,
        tests(&rules, path, require_tests),
        zone(&rules, &sources, path),
    ];
    (Some(rules), findings)
}

fn tests(rules: &RuleSet, path: &Path, require_tests: bool) -> Finding {
    let outcome = case_runner::run(rules);
    let failed = outcome.failures.len();
    let (said, remedy) = match (outcome.passed, failed) {
        (0, 0) => (
            phrase!(no_test),
            phrase!(help_no_test, path = path.display()),
        ),
        (passed, 0) => return Finding::fine(phrase!(about_tests), phrase!(tests_passed, passed)),
        (passed, failed) => (
            phrase!(
                tests_failed,
                failed,
                tests = phrase!(count_tests, count = passed + failed)
            ),
            phrase!(help_tests_failed, path = path.display()),
        ),
    };
    match require_tests {
        true => Finding::wrong(phrase!(about_tests), said, remedy),
        false => Finding::doubtful(phrase!(about_tests), said, remedy),
    }
}

fn zone(rules: &RuleSet, sources: &ParsedSources, path: &Path) -> Finding {
    let zone = &rules.settings.zone;
    let remedy = phrase!(help_zone, path = path.display());
    if zone.is_unknown() {
        return Finding::doubtful(phrase!(about_zone), phrase!(zone_unknown), remedy);
    }
    let is_utc = matches!(zone.iana_name(), Some("UTC" | "Etc/UTC"));
    let shows_time = sources
        .sources
        .files
        .iter()
        .any(|file| file.text.text.contains("<time"));
    match shows_time || rules.rules.iter().any(asks_for_the_time) {
        true if is_utc => Finding::doubtful(phrase!(about_zone), phrase!(zone_utc), remedy),
        _ => match zone.iana_name() {
            Some(name) => Finding::fine(phrase!(about_zone), name),
            None => Finding::fine(phrase!(about_zone), phrase!(zone_of_machine)),
        },
    }
}

fn asks_for_the_time(rule: &Rule) -> bool {
    rule.conditions().any(|condition| {
        matches!(
            condition,
            Condition::Hours(_) | Condition::Days(_) | Condition::Dates(_)
        )
    })
}
