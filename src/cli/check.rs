//! `wxreply check`: every mistake of rule files and accounts files.

use serde_json::json;

use crate::cli::checked_files::{AccountsItem, CheckedFiles, CheckedItem, Depth};
use crate::cli::paint::stdout_is_colored;
use crate::cli::{Exit, OutputFormat, RulesFileError, compiled, fail};
use crate::i18n::{phrase, shown};
use crate::report;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::{RuleSet, lint};

/// Report every error in rule files, and in accounts files with all of their rule files
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) files: CheckedFiles,
    /// Also fail for warnings
    #[arg(long)]
    deny_warnings: bool,
    /// Output for people or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let files = &arguments.files;
    files.each_time(Depth::WithSecrets, |items| once(arguments, items))
}

fn once(arguments: &Arguments, items: &mut dyn Iterator<Item = CheckedItem>) -> Exit {
    let mut exit = Exit::Success;
    let mut results = Vec::new();
    for item in items {
        let item = match item {
            CheckedItem::Rules(item) => item,
            CheckedItem::Accounts(item) => {
                let failed = item.count.is_none()
                    || (arguments.deny_warnings && !item.diagnostics.is_empty());
                if failed {
                    exit = exit.max(Exit::RulesInvalid);
                }
                match arguments.format {
                    OutputFormat::Human => println!("{}", of_accounts(&item, stdout_is_colored())),
                    OutputFormat::Json => results.push(json!({
                        "file": item.path,
                        "ok": !failed,
                        "diagnostics": item.diagnostics.iter().map(report::diagnostic).collect::<Vec<_>>(),
                    })),
                }
                continue;
            }
        };
        let (path, title) = (&item.path, item.title());
        let (rules, diagnostics) = match compiled(item.sources) {
            Ok((rules, sources)) => {
                let mut warnings = lint::warnings(&rules, &sources);
                if let Some(account) = &item.in_plain_mode {
                    warnings.extend(lint::in_plain_mode(&rules, &sources, account));
                }
                let refused = item.without_app_secret.and_then(|account| {
                    let error = lint::without_app_secret(&rules, &sources.sources)?;
                    Some(error.other(account, phrase!(label_account)))
                });
                match refused {
                    Some(error) => (None, vec![error]),
                    None => (Some(rules), warnings),
                }
            }
            Err(RulesFileError::Wrong(diagnostics)) => (None, diagnostics),
            Err(RulesFileError::Unreadable(error)) => {
                exit = fail(&error);
                results.push(json!({
                    "file": path,
                    "accounts": item.accounts,
                    "ok": false,
                    "error": error.to_string(),
                }));
                continue;
            }
        };
        let failed = rules.is_none() || (arguments.deny_warnings && !diagnostics.is_empty());
        if failed {
            exit = exit.max(Exit::RulesInvalid);
        }
        match arguments.format {
            OutputFormat::Human => {
                let colored = stdout_is_colored();
                println!("{}", human(&title, rules.as_ref(), &diagnostics, colored));
            }
            OutputFormat::Json => results.push(json!({
                "file": path,
                "accounts": item.accounts,
                "ok": !failed,
                "rules": rules.as_ref().map(|rules| rules.count()),
                "tests": rules.as_ref().map(|rules| rules.cases.len()),
                "diagnostics": diagnostics.iter().map(report::diagnostic).collect::<Vec<_>>(),
            })),
        }
    }
    if arguments.format == OutputFormat::Json {
        let fields = json!({
            "file": null,
            "accounts": [],
            "ok": false,
            "error": null,
            "rules": null,
            "tests": null,
            "diagnostics": [],
        });
        arguments.files.print_results(exit, &fields, results);
    }
    exit
}

/// Every diagnostic, then one line about the file.
fn human(
    title: &str,
    rules: Option<&RuleSet>,
    diagnostics: &[Diagnostic],
    colored: bool,
) -> String {
    let (told, summary) = (told(diagnostics, colored), summary(rules, diagnostics));
    format!("{told}{title}: {summary}")
}

fn of_accounts(item: &AccountsItem, colored: bool) -> String {
    let count = Diagnostic::count(&item.diagnostics);
    let summary = match item.count {
        None => phrase!(count_errors, count),
        Some(accounts) => phrase!(
            accounts_summary,
            accounts = phrase!(count_accounts, count = accounts),
            warnings = phrase!(count_warnings, count),
        ),
    };
    let told = told(&item.diagnostics, colored);
    format!("{told}{}: {summary}", shown(&item.path))
}

fn told(diagnostics: &[Diagnostic], colored: bool) -> String {
    let told = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.render(colored) + "\n\n");
    told.collect()
}

fn summary(rules: Option<&RuleSet>, diagnostics: &[Diagnostic]) -> String {
    let summary = match rules {
        None => phrase!(count_errors, count = Diagnostic::count(diagnostics)),
        Some(rules) => phrase!(
            check_summary,
            rules = phrase!(count_rules, count = rules.count()),
            tests = phrase!(count_tests, count = rules.cases.len()),
            warnings = phrase!(count_warnings, count = Diagnostic::count(diagnostics)),
        ),
    };
    summary.to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::cli::load;

    /// What `check` says of a file, and how many warnings that is.
    fn said(path: &Path) -> (String, usize) {
        let Ok((rules, sources)) = load(path) else {
            panic!("{} does not compile", path.display());
        };
        let warnings = lint::warnings(&rules, &sources);
        let title = path.display().to_string();
        (
            human(&title, Some(&rules), &warnings, false),
            warnings.len(),
        )
    }

    #[test]
    fn every_file_of_warnings_gets_just_the_warnings_beside_it() {
        let mut files = 0;
        for entry in fs::read_dir("tests/data/rules/warnings").unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let (text, said) = (path.with_extension("txt"), said(&path).0);
            if std::env::var_os("UPDATE_EXPECTED").is_some() {
                fs::write(&text, &said).unwrap();
            }
            assert_eq!(said, fs::read_to_string(text).unwrap());
            files += 1;
        }
        assert_eq!(files, 39);
    }

    #[test]
    fn the_shipped_rules_have_no_warning() {
        let (said, warnings) = said(Path::new("tests/data/shipped.yaml"));
        assert_eq!(warnings, 0, "{said}");
    }
}
