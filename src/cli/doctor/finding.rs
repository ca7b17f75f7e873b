//! What one look has found, and how that looks as text and as JSON.

use std::fmt::Display;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::cli::paint::{Ink, paint};
use crate::i18n::{Language, Phrase, phrase};

pub(super) struct Finding {
    /// What was looked at, in a word.
    pub about: Phrase,
    pub state: FindingState,
    pub said: String,
    pub remedy: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FindingState {
    Fine,
    /// It may be meant so.
    Doubtful,
    Wrong,
}

impl FindingState {
    fn word(self) -> Phrase {
        match self {
            FindingState::Fine => phrase!(state_fine),
            FindingState::Doubtful => phrase!(level_warning),
            FindingState::Wrong => phrase!(level_error),
        }
    }
}

impl Finding {
    pub(super) fn fine(about: Phrase, said: impl Display) -> Finding {
        Finding {
            about,
            state: FindingState::Fine,
            said: said.to_string(),
            remedy: None,
        }
    }

    pub(super) fn doubtful(about: Phrase, said: impl Display, remedy: impl Display) -> Finding {
        Finding {
            state: FindingState::Doubtful,
            remedy: Some(remedy.to_string()),
            ..Finding::fine(about, said)
        }
    }

    pub(super) fn wrong(about: Phrase, said: impl Display, remedy: impl Display) -> Finding {
        Finding {
            state: FindingState::Wrong,
            ..Finding::doubtful(about, said, remedy)
        }
    }

    /// Of an error that says what is wrong and, behind a semicolon, what to do.
    pub(super) fn error(about: Phrase, error: impl Display) -> Finding {
        let text = error.to_string();
        let parts = text.split_once("; ").or_else(|| text.split_once('；'));
        match parts {
            Some((said, remedy)) => Finding::wrong(about, said, remedy),
            None => Finding {
                state: FindingState::Wrong,
                ..Finding::fine(about, text)
            },
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "check": self.about.text(Language::English),
            "state": self.state.word().text(Language::English),
            "said": self.said,
            "remedy": self.remedy,
        })
    }
}

/// One line for each, and its remedy beneath.
pub(super) fn shown(findings: &[Finding], colored: bool) -> String {
    let line = |finding: &Finding| {
        let ink = match finding.state {
            FindingState::Fine => Ink::Good,
            FindingState::Doubtful => Ink::Doubtful,
            FindingState::Wrong => Ink::Bad,
        };
        // No colour may count as width.
        let word = padded(&finding.state.word().to_string(), 7);
        let about = padded(&finding.about.to_string(), 9);
        let word = paint(colored, ink, &word);
        let mut line = format!("{word}  {about}  {}\n", finding.said);
        if let Some(remedy) = &finding.remedy {
            line.push_str(&format!("{:20}{remedy}\n", ""));
        }
        line
    };
    findings.iter().map(line).collect()
}

/// A Chinese character takes two columns of a terminal.
fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(text.width());
    format!("{text}{:missing$}", "")
}
