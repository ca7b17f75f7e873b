//! `wxreply import`: what answers an account already, as a rule file.

use std::path::{Path, PathBuf};

use crate::cli::api_account::ApiAccountArguments;
use crate::cli::{Exit, fail};
use crate::i18n::{Phrase, phrase};
use crate::import;
use crate::import::{ImportError, Imported};
use crate::live_rules::bytes;

/// Convert the account's auto-replies to a rule file; what cannot be kept is reported on standard
/// error
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The JSON from get_current_autoreply_info; - for standard input
    #[arg(required_unless_present = "live")]
    file: Option<PathBuf>,
    /// Ask WeChat for the auto-replies of the account
    #[arg(long, conflicts_with_all = ["file", "csv"])]
    live: bool,
    /// FILE is a spreadsheet saved as CSV, with the columns keyword (关键词), answer (回复) and
    /// optionally match (匹配): contain (包含) or equal (完全)
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    account: ApiAccountArguments,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let Some(path) = &arguments.file else {
        return live(&arguments.account);
    };
    let bytes = match bytes::of_argument(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let path = path.display();
            return fail(&phrase!(cannot_read, path, reason = &error));
        }
    };
    let imported = match arguments.csv {
        true => import::sheet(&bytes),
        false => import::console(&bytes),
    };
    print(imported, path, arguments.csv)
}

fn live(account: &ApiAccountArguments) -> Exit {
    let connection = match account.connect() {
        Ok(connection) => connection,
        Err(error) => return error.tell(),
    };
    match connection.wait(|api| async move { api.autoreply_info().await }) {
        Ok(info) => {
            let imported = import::console(info.to_string().as_bytes());
            print(imported, Path::new("get_current_autoreply_info"), false)
        }
        Err(error) => fail(&error),
    }
}

fn print(imported: Result<Imported, ImportError>, path: &Path, csv: bool) -> Exit {
    match imported {
        Ok(imported) => {
            for note in &imported.notes {
                eprintln!("{}: {note}", phrase!(level_note));
            }
            print!("{}", imported.rules);
            Exit::Success
        }
        Err(error) => {
            let exit = fail(&format_args!("{}: {error}", path.display()));
            if let Some(help) = help(path, csv) {
                eprintln!("{}: {help}", phrase!(level_help));
            }
            exit
        }
    }
}

/// For whoever has a spreadsheet and did not say so, or did not save it as CSV.
fn help(path: &Path, csv: bool) -> Option<Phrase> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "csv" if !csv => Some(phrase!(import_help_add_csv)),
        "xlsx" | "xls" | "et" | "ods" => Some(phrase!(import_help_save_as_csv)),
        _ => None,
    }
}
