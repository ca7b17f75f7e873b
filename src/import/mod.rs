//! Converts the web console's auto-replies, or a spreadsheet, to a rule file. Takes and returns
//! texts; knows no files.

mod console;
mod csv;
mod draft;
mod menu;
mod normalize;
mod reachability;
mod sheet;
mod spreadsheet_cells;
mod write;

use serde_json::Value;

use crate::i18n::{Phrase, phrase};
use crate::import::draft::Draft;
use crate::menu::Menu;

/// A rule file that passes all checks and its own tests.
#[derive(Debug)]
pub struct Imported {
    pub rules: String,
    /// What could not be kept as it was, one line each; the file has it, too.
    pub notes: Vec<Phrase>,
}

/// Why there is nothing to import.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{}", phrase!(import_not_utf8))]
    NotUtf8,
    #[error("{}", phrase!(import_not_the_answer, reason = .0.to_string()))]
    NotTheAnswer(serde_json::Error),
    #[error("{}", phrase!(import_refused, code = .code.to_string(), message, help = .help.clone()))]
    Refused {
        code: i64,
        message: String,
        help: Phrase,
    },
    #[error("{}", phrase!(import_no_replies))]
    NoReplies,
    #[error("{}", phrase!(import_quote_never_closed, row = *.row, column = *.column))]
    QuoteNeverClosed { row: usize, column: usize },
    #[error("{}", phrase!(import_text_after_quote, row = *.row, column = *.column))]
    TextAfterQuote { row: usize, column: usize },
    #[error("{}", phrase!(import_cells_beyond_header, rows = listed(.rows), named = *.named))]
    CellsBeyondHeader { rows: Vec<usize>, named: usize },
    #[error("{}", phrase!(import_empty_header))]
    EmptyHeader,
    #[error("{}", phrase!(import_no_column, found))]
    NoColumn { found: String },
    #[error("{}", phrase!(import_column_twice, header))]
    ColumnTwice { header: String },
    #[error("{}", phrase!(import_unknown_match, row = *.row, found))]
    UnknownMatch { row: usize, found: String },
}

/// The maximum number of rows that a message lists.
const MAX_ROWS_SHOWN: usize = 20;

/// `rows 2, 5 and 7`
fn listed(rows: &[usize]) -> Phrase {
    let number = |row: &usize| Phrase::verbatim(row.to_string());
    let joined = |rows: &[usize]| {
        let numbers = rows.iter().map(number);
        let join = |first, next| phrase!(import_rows_joined, first, next);
        numbers.reduce(join).unwrap_or_else(|| number(&0))
    };
    match rows {
        [row] => phrase!(import_row, row = *row),
        [first @ .., last] if rows.len() <= MAX_ROWS_SHOWN => {
            phrase!(import_rows, first = joined(first), last = *last)
        }
        rows => {
            let (shown, others) = rows.split_at(rows.len().min(MAX_ROWS_SHOWN));
            phrase!(
                import_rows_and_others,
                shown = joined(shown),
                count = others.len()
            )
        }
    }
}

/// The JSON returned by `get_current_autoreply_info`.
pub fn console(bytes: &[u8]) -> Result<Imported, ImportError> {
    console::read(text(bytes)?).map(finish)
}

/// The menu as it is, and as WeChat says it, which has what the console's buttons send. It is part
/// of a rule file.
pub(crate) fn menu(menu: &Menu, said: &Value) -> Imported {
    menu::read(menu, said)
}

/// A sheet as CSV, with a column of keywords and one of answers.
pub fn sheet(bytes: &[u8]) -> Result<Imported, ImportError> {
    sheet::read(text(bytes)?).map(finish)
}

/// Windows programs start a text with a byte order mark.
fn text(bytes: &[u8]) -> Result<&str, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ImportError::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn finish(draft: Draft) -> Imported {
    let settled = normalize::normalize(draft);
    let of_rules = settled.rules.iter().flat_map(|rule| {
        let notes = rule.notes.iter();
        notes.map(|note| phrase!(import_note_of_rule, rule = &rule.name, note = note.clone()))
    });
    Imported {
        rules: write::file(&settled),
        notes: settled.notes.iter().cloned().chain(of_rules).collect(),
    }
}
