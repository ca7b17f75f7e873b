//! The command line: grammar, one short function per command, exit codes.

#[macro_use]
mod output;

mod accounts;
mod api;
mod api_account;
mod asking;
mod backup;
mod check;
mod checked_files;
mod completions;
mod database;
mod doctor;
mod explain;
mod export;
mod fmt;
mod forget;
mod healthcheck;
mod help;
mod http_client;
mod import;
mod init;
mod language;
mod list;
mod logging;
mod media;
mod menu;
mod message;
mod open_files;
mod paint;
mod qr;
mod schema;
mod secrets;
mod send;
mod serve;
mod service_flags;
mod signals;
mod stored_data;
mod supervisor;
mod test;
mod trust;
mod try_message;
mod usage_error;
mod watching;

use std::env;
use std::ffi::OsStr;
use std::fmt::Display;
use std::path::Path;

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::i18n::{Language, phrase};
use crate::live_rules::files::{FileError, read_now};
use crate::rules;
use crate::rules::RuleSet;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::parsed::ParsedSources;

/// How a command ended; the number is what the shell sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    Success = 0,
    /// The rules are wrong or a test failed.
    RulesInvalid = 1,
    /// Wrong usage, or it could not run.
    Error = 2,
}

/// Answers the messages of a WeChat Official Account by the rules of a YAML file
#[derive(Debug, Parser)]
#[command(name = "wxreply", version, max_term_width = 100)]
struct Arguments {
    /// The language of messages; default: the locale [env: WXREPLY_LANG]
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    lang: Option<language::Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Init(init::Arguments),
    Check(check::Arguments),
    Test(test::Arguments),
    Fmt(fmt::Arguments),
    Explain(explain::Arguments),
    Try(try_message::Arguments),
    Send(send::Arguments),
    Doctor(doctor::Arguments),
    Menu(menu::Arguments),
    Qr(qr::Arguments),
    Media(media::Arguments),
    List(list::Arguments),
    Export(export::Arguments),
    Forget(forget::Arguments),
    Backup(backup::Arguments),
    Healthcheck(healthcheck::Arguments),
    Import(import::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    #[default]
    Human,
    Json,
}

impl Command {
    fn watches(&self) -> bool {
        match self {
            Command::Check(arguments) => arguments.files.watch,
            Command::Test(arguments) => arguments.files.watch,
            _ => false,
        }
    }
}

/// Runs the program with the arguments of the process.
pub fn run() -> Exit {
    language::of_process().set_current();
    let mut command = without_empty_variables(Arguments::command());
    let is_chinese = Language::current() == Language::Chinese;
    if is_chinese {
        command = help::in_chinese(command);
    }
    let arguments = command.try_get_matches_from_mut(env::args_os());
    let arguments = arguments.and_then(|matches| {
        let arguments = Arguments::from_arg_matches(&matches);
        arguments.map_err(|error| error.format(&mut Arguments::command()))
    });
    let arguments = match arguments {
        Ok(arguments) => arguments,
        Err(error) => {
            end_with_the_reader();
            let shows_help = matches!(
                error.kind(),
                ErrorKind::DisplayHelp
                    | ErrorKind::DisplayVersion
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            );
            if is_chinese && !shows_help {
                let usage = error.get(ContextKind::Usage).map(ToString::to_string);
                eprint!(
                    "{}",
                    usage_error::in_chinese(&error, &usage.unwrap_or_default())
                );
                return Exit::Error;
            }
            // Help and version are results; everything else is talk and wrong usage.
            return match (error.print(), error.use_stderr()) {
                (_, true) => Exit::Error,
                (Ok(()), false) => Exit::Success,
                (Err(error), false) => output::fail(&error),
            };
        }
    };
    signals::outlive_limits_of_files();
    // A server must outlive whoever reads its log.
    if !matches!(arguments.command, Command::Serve(_)) {
        end_with_the_reader();
        if !arguments.command.watches() {
            signals::end_the_first_process();
        }
    }
    match arguments.command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Fmt(arguments) => fmt::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Try(arguments) => try_message::run(&arguments),
        Command::Send(arguments) => send::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Menu(arguments) => menu::run(&arguments),
        Command::Qr(arguments) => qr::run(&arguments),
        Command::Media(arguments) => media::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Forget(arguments) => forget::run(&arguments),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Healthcheck(arguments) => healthcheck::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}

/// A variable that is there and empty counts as not set, as with Compose's `WXREPLY_TOKEN=`.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|argument| match argument.get_env() {
            Some(name) if is_empty(name) => argument.env(None::<&'static str>),
            _ => argument,
        })
        .mut_subcommands(without_empty_variables)
}

/// Whoever reads our output may stop early, as `head` does; then there is nothing left to do.
fn end_with_the_reader() {
    let always = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let pipe = signal_hook::consts::SIGPIPE;
    // Without it a closed pipe is an error where the output is written.
    let _ = signal_hook::flag::register_conditional_default(pipe, always);
}

/// Why there are no rules to work with.
enum RulesFileError {
    Unreadable(FileError),
    Wrong(Vec<Diagnostic>),
}

fn load(path: &Path) -> Result<(RuleSet, ParsedSources), RulesFileError> {
    compiled(read_now(path))
}

fn compiled(
    sources: Result<ParsedSources, FileError>,
) -> Result<(RuleSet, ParsedSources), RulesFileError> {
    let sources = sources.map_err(RulesFileError::Unreadable)?;
    match rules::compile(&sources, &TimeZone::system(), None) {
        Ok(rules) => Ok((rules, sources)),
        Err(diagnostics) => Err(RulesFileError::Wrong(diagnostics)),
    }
}

/// Says why a command cannot do what it is asked for.
fn fail(why: &dyn Display) -> Exit {
    eprintln!("{}: {why}", phrase!(level_error));
    Exit::Error
}

fn print_json(value: &Value) {
    println!("{value:#}");
}
