//! Converts the web console's auto-replies, or a spreadsheet, to a rule file. Takes and returns
//! texts; knows no files.

mod console;
mod csv;
mod draft;
mod normalize;
mod reach;
mod rewritten;
mod sheet;
mod write;

use crate::import::draft::Draft;

/// A rule file that passes all checks and its own tests.
#[derive(Debug)]
pub struct Imported {
    pub rules: String,
    /// What could not be kept as it was, one line each; the file has it, too.
    pub notes: Vec<String>,
}

/// Why there is nothing to import.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(
        "this is not text in UTF-8; save it as UTF-8 (in a spreadsheet program: CSV UTF-8) and import it again"
    )]
    NotUtf8,
    #[error(
        "this is not what get_current_autoreply_info answers: {0}; save WeChat's answer exactly as \
         it came (the sample in WeChat's documentation is no JSON: it has // comments and broken lines)"
    )]
    NotTheAnswer(serde_json::Error),
    #[error("WeChat refused with errcode {code} {message}: {help}")]
    Refused {
        code: i64,
        message: String,
        help: &'static str,
    },
    #[error(
        "this JSON has no auto-replies in it: import the whole answer of get_current_autoreply_info, \
         with keyword_autoreply_info and the fields beside it"
    )]
    NoReplies,
    #[error(
        "row {row}: the quote that opens column {column} is never closed, so that all rows below \
         would belong to this cell; close it, or take it out"
    )]
    QuoteNeverClosed { row: usize, column: usize },
    #[error(
        "row {row}: text follows the closing quote in column {column}; put the whole cell in \
         quotes, and write each quote within it twice"
    )]
    TextAfterQuote { row: usize, column: usize },
    #[error(
        "{} more cells than the first row names, which are {named}; a cell with a comma in it needs \
         quotes: \"Monday to Friday, 9 to 18\"", have(.rows)
    )]
    CellsBeyondHeader { rows: Vec<usize>, named: usize },
    #[error(
        "the first row must name a column keyword (关键词) and a column answer (回复); it has {found}; \
         columns are separated by commas"
    )]
    NoColumn { found: String },
    #[error(
        "row {row} says {found} under match; write contain (包含), equal (完全), or nothing for contain"
    )]
    UnknownMatch { row: usize, found: String },
}

/// The maximum number of rows that a message lists.
const MAX_ROWS_SHOWN: usize = 20;

/// `rows 2, 5 and 7`
fn listed(rows: &[usize]) -> String {
    let number = |row: &usize| row.to_string();
    match rows {
        [] => "no row".to_owned(),
        [row] => format!("row {row}"),
        rows if rows.len() > MAX_ROWS_SHOWN => {
            let shown: Vec<_> = rows.iter().take(MAX_ROWS_SHOWN).map(number).collect();
            let others = rows.len() - MAX_ROWS_SHOWN;
            format!("rows {} and {others} others", shown.join(", "))
        }
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(number).collect();
            format!("rows {} and {last}", first.join(", "))
        }
    }
}

fn have(rows: &[usize]) -> String {
    let verb = if rows.len() == 1 { "has" } else { "have" };
    format!("{} {verb}", listed(rows))
}

/// The JSON returned by `get_current_autoreply_info`.
pub fn console(bytes: &[u8]) -> Result<Imported, ImportError> {
    console::read(text(bytes)?).map(finish)
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
        notes.map(|note| format!("rule {}: {note}", rule.name))
    });
    Imported {
        rules: write::file(&settled),
        notes: settled.notes.iter().cloned().chain(of_rules).collect(),
    }
}
