//! What already answers an account, made into a rule file: the web console's auto-replies, or a
//! spreadsheet. Takes and gives texts; knows no files and nothing of followers.

mod console;
mod draft;
mod normalize;
mod reach;
mod sheet;
mod write;

use crate::import::draft::Draft;

/// A rule file that checks and passes its own tests.
#[derive(Debug)]
pub struct Imported {
    pub rules: String,
    /// What could not be kept as it was, each a line; it stands in the file as well.
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
    #[error("this sheet cannot be read: {0}")]
    Sheet(String),
    #[error(
        "the first row must name a column keyword (关键词) and a column answer (回复); it has {found}; \
         columns are separated by commas"
    )]
    NoColumn { found: String },
    #[error(
        "row {row} says {found} under match; write contain (包含), equal (完全), or nothing for contain"
    )]
    UnknownMatch { row: u64, found: String },
}

/// The JSON that `get_current_autoreply_info` answers.
pub fn console(bytes: &[u8]) -> Result<Imported, ImportError> {
    console::read(text(bytes)?).map(finish)
}

/// A sheet as CSV, with a column of keywords and one of answers.
pub fn sheet(bytes: &[u8]) -> Result<Imported, ImportError> {
    sheet::read(text(bytes)?).map(finish)
}

/// Programs on Windows begin a text with a mark of its encoding.
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
