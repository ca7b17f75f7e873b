//! `wxreply import`: what answers an account already, as a rule file.

use std::path::{Path, PathBuf};

use crate::cli::{Exit, fail};
use crate::i18n::{Phrase, phrase};
use crate::import;
use crate::live_rules::bytes;

/// Convert the account's auto-replies to a rule file; what cannot be kept is reported on standard
/// error
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The JSON from get_current_autoreply_info; - for standard input
    file: PathBuf,
    /// FILE is a spreadsheet saved as CSV, with the columns keyword (关键词), answer (回复) and
    /// optionally match (匹配): contain (包含) or equal (完全)
    #[arg(long)]
    csv: bool,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let path = &arguments.file;
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
            if let Some(help) = help(path, arguments.csv) {
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
