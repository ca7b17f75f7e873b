//! `wxreply test`: runs the tests of rule files and tells which rules none of them reached.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::case_runner::Failure;
use crate::cli::checked_files::{CheckedFiles, CheckedItem, Depth};
use crate::cli::paint::stdout_is_colored;
use crate::cli::{Exit, OutputFormat, RulesFileError, compiled, fail};
use crate::i18n::phrase;
use crate::reply::Reply;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::parsed::ParsedSources;
use crate::rules::{ExpectedRule, Rule, RuleId, RuleSet};
use crate::user::Stored;
use crate::{case_runner, report};

/// Run the tests in rule files, and in all rule files of accounts files
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) files: CheckedFiles,
    /// Also fail for untested rules, and for tests that should set a time
    #[arg(long)]
    deny_warnings: bool,
    /// Output for people or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let files = &arguments.files;
    files.each_time(Depth::WithoutSecrets, |items| once(arguments, items))
}

fn once(arguments: &Arguments, items: &mut dyn Iterator<Item = CheckedItem>) -> Exit {
    let mut exit = Exit::Success;
    let mut results = Vec::new();
    for item in items {
        let item = match item {
            CheckedItem::Rules(item) => item,
            CheckedItem::Accounts(item) if item.count.is_some() => continue,
            CheckedItem::Accounts(item) => {
                exit = exit.max(Exit::RulesInvalid);
                wrong(
                    arguments.format,
                    &item.path,
                    &item.diagnostics,
                    &mut results,
                );
                if arguments.format == OutputFormat::Human {
                    let count = Diagnostic::count(&item.diagnostics);
                    let errors = phrase!(count_errors, count);
                    println!("{}: {}", item.path.display(), phrase!(test_not_run, errors));
                }
                continue;
            }
        };
        let (path, shown) = (&item.path, item.title());
        let accounts = item.accounts;
        let (rules, sources) = match compiled(item.sources) {
            Ok(loaded) => loaded,
            Err(RulesFileError::Unreadable(error)) => {
                exit = fail(&error);
                results.push(json!({
                    "file": path,
                    "accounts": accounts,
                    "ok": false,
                    "error": error.to_string(),
                }));
                continue;
            }
            Err(RulesFileError::Wrong(diagnostics)) => {
                exit = exit.max(Exit::RulesInvalid);
                wrong(arguments.format, path, &diagnostics, &mut results);
                if arguments.format == OutputFormat::Human {
                    let errors = phrase!(count_errors, count = Diagnostic::count(&diagnostics));
                    println!("{shown}: {}", phrase!(test_not_run, errors));
                }
                continue;
            }
        };
        let outcome = case_runner::run(&rules);
        let unreached = unreached(&rules, &outcome.reached);
        let is_asked = |rule: &&Rule| rule.enabled && rule.is_whole();
        let enabled = rules.rules.iter().filter(is_asked).count();
        // Of a dialogue, some of which answered.
        let reached = outcome.reached.iter();
        let reached: BTreeSet<&str> = reached
            .filter_map(|id| Some(&*rules.rule(*id)?.name))
            .collect();
        let failed = !outcome.failures.is_empty()
            || rules.cases.is_empty()
            || (arguments.deny_warnings && !(unreached.is_empty() && outcome.untimed.is_empty()));
        if failed {
            exit = exit.max(Exit::RulesInvalid);
        }
        match arguments.format {
            OutputFormat::Human => {
                for failure in &outcome.failures {
                    println!("{}", report::failure(failure, &rules, &sources));
                }
                for id in &unreached {
                    let Some(rule) = rules.rule(*id) else {
                        continue;
                    };
                    let place = sources.place(rule.origin);
                    let warning = phrase!(test_unreached, rule = &*rule.title());
                    println!("{place}: {}: {warning}", phrase!(level_warning));
                }
                for (case, id) in &outcome.untimed {
                    let Some(rule) = rules.rule(*id) else {
                        continue;
                    };
                    let place = sources.place(case.origin);
                    let warning = phrase!(test_untimed, test = &case.name, rule = &*rule.title());
                    println!("{place}: {}: {warning}", phrase!(level_warning));
                }
                if rules.cases.is_empty() {
                    println!("{shown}: {}", phrase!(test_none));
                }
                let summary = phrase!(
                    test_summary,
                    passed = outcome.passed,
                    failed = outcome.failures.len(),
                    skipped = outcome.skipped,
                    reached = reached.len(),
                    rules = phrase!(count_rules, count = enabled),
                );
                println!("{shown}: {summary}");
            }
            OutputFormat::Json => results.push(json!({
                "file": path,
                "accounts": accounts,
                "ok": !failed,
                "passed": outcome.passed,
                "failed": outcome.failures.len(),
                "skipped": outcome.skipped,
                "failures": outcome
                    .failures
                    .iter()
                    .map(|failure| failure_json(failure, &rules, &sources))
                    .collect::<Vec<_>>(),
                "rules": rules.count(),
                "unreached": unreached
                    .iter()
                    .filter_map(|id| Some(rules.rule(*id)?.title()))
                    .collect::<Vec<_>>(),
                "untimed": outcome.untimed.iter().map(|(case, _)| &case.name).collect::<Vec<_>>(),
            })),
        }
    }
    if arguments.format == OutputFormat::Json {
        let fields = json!({
            "file": null,
            "accounts": [],
            "ok": false,
            "error": null,
            "passed": null,
            "failed": null,
            "skipped": null,
            "failures": [],
            "rules": null,
            "unreached": [],
            "untimed": [],
            "diagnostics": [],
        });
        arguments.files.print_results(exit, &fields, results);
    }
    exit
}

fn wrong(format: OutputFormat, path: &Path, diagnostics: &[Diagnostic], results: &mut Vec<Value>) {
    match format {
        OutputFormat::Human => {
            let colored = stdout_is_colored();
            for diagnostic in diagnostics {
                println!("{}\n", diagnostic.render(colored));
            }
        }
        OutputFormat::Json => results.push(json!({
            "file": path,
            "ok": false,
            "diagnostics": diagnostics.iter().map(report::diagnostic).collect::<Vec<_>>(),
        })),
    }
}

/// Rules that could have answered in a test and did in none.
fn unreached(rules: &RuleSet, reached: &BTreeSet<RuleId>) -> Vec<RuleId> {
    let rules = rules.rules.iter().enumerate();
    rules
        .filter(|(_, rule)| rule.enabled)
        .map(|(id, _)| RuleId(id))
        .filter(|id| !reached.contains(id))
        .collect()
}

fn failure_json(failure: &Failure, rules: &RuleSet, sources: &ParsedSources) -> Value {
    let rule = failure.decision.rule.and_then(|id| rules.rule(id));
    let reasons = report::all_reasons(failure, rules);
    let mut value = report::place(&sources.place(failure.case.origin));
    value["test"] = json!(failure.case.name);
    value["turn"] = json!((failure.number > 0).then_some(failure.number));
    value["sent"] = json!(failure.turn.sent);
    let expected = &failure.turn.expected;
    value["wanted"] = json!({
        "rule": expected.rule.as_ref().map(|rule| match rule {
            ExpectedRule::None => "none",
            ExpectedRule::Named(name) => name,
        }),
        "reply": expected.reply.as_ref().map(Reply::written),
    });
    value["got"] = json!({
        "rule": rule.map(|rule| &rule.name),
        "reply": failure.decision.reply.written(),
    });
    value["stored"] = json!(
        failure
            .turn
            .unmet_user(&failure.after)
            .map(|(key, wanted)| {
                json!({
                    "key": key,
                    "wanted": wanted.as_ref().map(Stored::texts),
                    "got": failure.after.get(key).map(Stored::texts),
                })
            })
    );
    value["passed_over"] = reasons
        .into_iter()
        .map(|(rule, why)| json!({ "rule": rule, "why": why }))
        .collect();
    value
}
