//! What one look has found, and how that looks as text and as JSON.

use serde_json::{Value, json};

use crate::cli::paint::{Ink, paint};

pub(super) struct Finding {
    /// What was looked at, in a word.
    pub about: &'static str,
    pub state: State,
    pub said: String,
    pub remedy: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Fine,
    /// It may be meant so.
    Doubtful,
    Wrong,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Fine => "ok",
            State::Doubtful => "warning",
            State::Wrong => "error",
        }
    }
}

impl Finding {
    pub(super) fn fine(about: &'static str, said: impl Into<String>) -> Finding {
        Finding {
            about,
            state: State::Fine,
            said: said.into(),
            remedy: None,
        }
    }

    pub(super) fn doubtful(
        about: &'static str,
        said: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        Finding {
            state: State::Doubtful,
            remedy: Some(remedy.into()),
            ..Finding::fine(about, said)
        }
    }

    pub(super) fn wrong(
        about: &'static str,
        said: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        Finding {
            state: State::Wrong,
            ..Finding::doubtful(about, said, remedy)
        }
    }

    /// Of an error that says what is wrong and, behind a semicolon, what to do.
    pub(super) fn error(about: &'static str, error: impl ToString) -> Finding {
        let text = error.to_string();
        match text.split_once("; ") {
            Some((said, remedy)) => Finding::wrong(about, said, remedy),
            None => Finding {
                state: State::Wrong,
                ..Finding::fine(about, text)
            },
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "check": self.about,
            "state": self.state.word(),
            "said": self.said,
            "remedy": self.remedy,
        })
    }
}

/// One line for each, and its remedy beneath.
pub(super) fn shown(findings: &[Finding], colored: bool) -> String {
    let line = |finding: &Finding| {
        let ink = match finding.state {
            State::Fine => Ink::Good,
            State::Doubtful => Ink::Doubtful,
            State::Wrong => Ink::Bad,
        };
        // No colour may count as width.
        let word = format!("{:7}", finding.state.word());
        let mut line = format!(
            "{}  {:9}  {}\n",
            paint(colored, ink, &word),
            finding.about,
            finding.said
        );
        if let Some(remedy) = &finding.remedy {
            line.push_str(&format!("{:20}{remedy}\n", ""));
        }
        line
    };
    findings.iter().map(line).collect()
}
