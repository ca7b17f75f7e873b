//! The rule file, its tests, and the time zone of its rules.

use std::path::Path;

use crate::cli::doctor::finding::Finding;
use crate::cli::{RulesFileError, load, serve};
use crate::rules::condition::Condition;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::parsed::ParsedSources;
use crate::rules::{Rule, RuleSet, lint};
use crate::{case_runner, report};

/// What is said of a rule file, and its rules if it has any that answer.
pub(super) fn findings(path: &Path, require_tests: bool) -> (Option<RuleSet>, Vec<Finding>) {
    let shown = path.display();
    let (rules, sources) = match load(path) {
        Ok(loaded) => loaded,
        Err(RulesFileError::Unreadable(error)) => {
            let remedy = serve::rules_remedy(path);
            let finding = Finding::wrong("rules", error.to_string(), remedy);
            return (None, vec![finding]);
        }
        Err(RulesFileError::Wrong(diagnostics)) => {
            let errors = report::count(Diagnostic::count(&diagnostics), "error");
            let remedy = format!("`wxreply check {shown}` shows each, and how to mend it");
            let finding = Finding::wrong("rules", format!("{shown}: {errors}"), remedy);
            return (None, vec![finding]);
        }
    };
    let number = report::count(rules.count(), "rule");
    let about_rules = match lint::warnings(&rules, &sources).len() {
        0 => Finding::fine("rules", format!("{shown}: {number}, no mistakes")),
        warnings => {
            let warnings = report::count(warnings, "warning");
            let remedy = format!("`wxreply check {shown}` shows each");
            Finding::doubtful("rules", format!("{shown}: {number}, {warnings}"), remedy)
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
    let shown = path.display();
    let outcome = case_runner::run(rules);
    let failed = outcome.failures.len();
    let (said, remedy) = match (outcome.passed, failed) {
        (0, 0) => (
            "there is no test".to_owned(),
            format!("write some under `tests:` in {shown}; docs/rules.md says how"),
        ),
        (passed, 0) => return Finding::fine("tests", format!("{passed} passed")),
        (passed, failed) => (
            format!(
                "{failed} of {} failed",
                report::count(passed + failed, "test")
            ),
            format!("`wxreply test {shown}` shows what each wanted and got"),
        ),
    };
    match require_tests {
        true => Finding::wrong("tests", said, remedy),
        false => Finding::doubtful("tests", said, remedy),
    }
}

fn zone(rules: &RuleSet, sources: &ParsedSources, path: &Path) -> Finding {
    let zone = &rules.settings.zone;
    let remedy = format!(
        "write `options: {{ timezone: Asia/Shanghai }}` into {}",
        path.display()
    );
    if zone.is_unknown() {
        let said = "the time zone of this machine is unknown, so times are UTC";
        return Finding::doubtful("time zone", said, remedy);
    }
    let name = zone.iana_name().unwrap_or("that of this machine");
    let is_utc = matches!(name, "UTC" | "Etc/UTC");
    let shows_time = sources
        .sources
        .files
        .iter()
        .any(|file| file.text.text.contains("<time"));
    match shows_time || rules.rules.iter().any(asks_for_the_time) {
        true if is_utc => {
            let said = "times are UTC, and rules show the time or ask for it";
            Finding::doubtful("time zone", said, remedy)
        }
        _ => Finding::fine("time zone", name),
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
