//! `wxreply doctor`: finds common setup problems, and suggests fixes.

mod account;
mod address;
mod api;
mod certificate;
mod database;
mod examined_account;
mod finding;
mod machine;
mod replies;
mod secret_file;
mod services;

use std::path::PathBuf;

use serde_json::json;

use crate::cli::doctor::examined_account::ExaminedAccount;
use crate::cli::doctor::finding::{Finding, FindingState};
use crate::cli::http_client::HANGS_UP_AFTER;
use crate::cli::{Exit, OutputFormat, fail, http_client, paint, print_json, serve};
use crate::i18n::{Phrase, phrase};

/// Check token, keys, rules, database, ports and, with --url, the public URL; takes the flags and
/// variables of serve
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// The URL in WeChat's console, now or later; it is called as WeChat calls it
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Trust only the certificates in this file (PEM), not the usual authorities
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Output for people or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
    /// The account of the accounts file that is meant
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    #[command(flatten)]
    serve: serve::Arguments,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let serve = &arguments.serve;
    let agent = match http_client::agent(arguments.cacert.as_deref(), HANGS_UP_AFTER) {
        Ok(agent) => agent,
        Err(why) => return fail(&why),
    };
    let examined = match ExaminedAccount::of(serve, arguments.account.as_deref()) {
        Ok(examined) => examined,
        Err(error) => return error.tell(),
    };
    let (path, credentials) = (examined.path, examined.credentials);
    let mut findings = examined.findings;
    findings.push(machine::clock());
    findings.extend(machine::ports(serve, &path, credentials.as_ref()));
    findings.extend(certificate::finding(serve));
    if let Some((rules, database)) = examined.replies {
        let (rules, about_rules) = replies::findings(&rules, serve.require_tests);
        findings.extend(about_rules);
        findings.push(database::finding(database, rules.as_ref()));
        // With an accounts file, secrets and addresses are not those of the flags.
        if serve.accounts.is_none() {
            findings.extend(services::findings(serve.outside.outside(), rules.as_ref()));
        }
        match examined.app {
            Ok(Some(app)) => findings.extend(api::findings(&serve.api.hosts, app, rules.as_ref())),
            Ok(None) => {}
            Err(error) => findings.push(Finding::error(phrase!(about_api), error)),
        }
    }
    if let Some(url) = &arguments.url {
        let found = address::findings(&agent, url, &path, credentials.as_ref());
        findings.extend(found);
    }
    let of = |state| findings.iter().filter(|one| one.state == state).count();
    let (errors, warnings) = (of(FindingState::Wrong), of(FindingState::Doubtful));
    match arguments.format {
        OutputFormat::Human => {
            print!("{}", finding::shown(&findings, paint::stdout_is_colored()));
            println!("{}", summary(errors, warnings));
        }
        OutputFormat::Json => print_json(&json!({
            "ok": errors == 0,
            "checks": findings.iter().map(Finding::json).collect::<Vec<_>>(),
        })),
    }
    match errors {
        0 => Exit::Success,
        _ => Exit::RulesInvalid,
    }
}

fn summary(errors: usize, warnings: usize) -> Phrase {
    let of_errors = phrase!(count_errors, count = errors);
    let of_warnings = phrase!(count_warnings, count = warnings);
    match (errors, warnings) {
        (0, 0) => phrase!(doctor_all_fine),
        (0, _) => of_warnings,
        (_, 0) => of_errors,
        _ => phrase!(doctor_summary, errors = of_errors, warnings = of_warnings),
    }
}
