//! `wxreply check`: every mistake of rule files.

use serde_json::json;

use crate::cli::Exit;
use crate::cli::Files;
use crate::cli::Format;
use crate::cli::NoRules;
use crate::cli::load;
use crate::cli::report;
use crate::cli::stdout_is_colored;
use crate::cli::unreadable;
use crate::rules::RuleSet;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::diagnostic::Severity;
use crate::rules::lint;

/// Tell every mistake in rule files
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    files: Files,
    /// Warnings are failures too
    #[arg(long)]
    deny_warnings: bool,
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> Exit {
    let mut exit = Exit::Fine;
    let mut results = Vec::new();
    for path in &arguments.files.files {
        let (rules, diagnostics) = match load(path) {
            Ok((rules, sources)) => {
                let warnings = lint::warnings(&rules, &sources);
                (Some(rules), warnings)
            }
            Err(NoRules::Wrong(diagnostics)) => (None, diagnostics),
            Err(NoRules::Unreadable(error)) => {
                exit = unreadable(&error);
                results.push(json!({ "file": path, "ok": false, "error": error.to_string() }));
                continue;
            }
        };
        let failed = rules.is_none() || (arguments.deny_warnings && !diagnostics.is_empty());
        if failed {
            exit = exit.max(Exit::Wrong);
        }
        match arguments.format {
            Format::Human => {
                let colored = stdout_is_colored();
                for diagnostic in &diagnostics {
                    println!("{}\n", diagnostic.render(colored));
                }
                println!(
                    "{}: {}",
                    path.display(),
                    summary(rules.as_ref(), &diagnostics)
                );
            }
            Format::Json => results.push(json!({
                "file": path,
                "ok": !failed,
                "rules": rules.as_ref().map(|rules| rules.rules.len()),
                "tests": rules.as_ref().map(|rules| rules.cases.len()),
                "diagnostics": diagnostics.iter().map(report::diagnostic).collect::<Vec<_>>(),
            })),
        }
    }
    if arguments.format == Format::Json {
        report::print(&json!({ "ok": exit == Exit::Fine, "files": results }));
    }
    exit
}

fn summary(rules: Option<&RuleSet>, diagnostics: &[Diagnostic]) -> String {
    let of = |severity| {
        let same = diagnostics.iter();
        same.filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    match rules {
        None => report::count(errors, "error"),
        Some(rules) => format!(
            "{}, {}, {}",
            report::count(rules.rules.len(), "rule"),
            report::count(rules.cases.len(), "test"),
            match warnings {
                0 => "no mistakes".to_owned(),
                warnings => report::count(warnings, "warning"),
            }
        ),
    }
}
