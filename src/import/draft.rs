//! Auto-replies on their way to a rule file, independent of their source. Knows neither JSON, CSV
//! nor YAML.

use crate::i18n::Phrase;
use crate::reply::Reply;
use crate::rules::fold::Folding;

#[derive(Debug)]
pub(super) struct Draft {
    /// Says in the first line of the file where it came from.
    pub origin: Phrase,
    /// In the order in which they are checked.
    pub rules: Vec<DraftRule>,
    /// What could not be kept and does not belong to a rule.
    pub notes: Vec<Phrase>,
}

#[derive(Clone, Debug)]
pub(super) struct DraftRule {
    pub name: String,
    pub when: DraftWhen,
    /// One of these is the answer.
    pub replies: Vec<Reply>,
    /// Further answers, which cannot be sent with the first; the file keeps them as comments.
    pub lost: Vec<Reply>,
    /// What could not be kept as it was.
    pub notes: Vec<Phrase>,
    /// Written as a comment: it cannot answer, or was disabled in the account.
    pub off: bool,
    /// The other half of the rule before it, with the same answer.
    pub repeats: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DraftWhen {
    Follows,
    Says(Vec<Keyword>),
    /// Any message, but not an event, that no earlier rule answered.
    Otherwise,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keyword {
    pub text: String,
    pub mode: DraftMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DraftMode {
    Equal,
    Contain,
}

impl DraftRule {
    pub(super) fn new(name: &str, when: DraftWhen) -> DraftRule {
        DraftRule {
            name: name.to_owned(),
            when,
            replies: Vec::new(),
            lost: Vec::new(),
            notes: Vec::new(),
            off: false,
            repeats: false,
        }
    }

    pub(super) fn keywords(&self) -> &[Keyword] {
        match &self.when {
            DraftWhen::Says(keywords) => keywords,
            DraftWhen::Follows | DraftWhen::Otherwise => &[],
        }
    }

    /// How many articles WeChat shows in an answer of this rule.
    pub(super) fn max_articles(&self) -> usize {
        match self.when {
            DraftWhen::Follows => 8,
            DraftWhen::Says(_) | DraftWhen::Otherwise => 1,
        }
    }
}

impl Keyword {
    /// The keyword without invisible characters, which comparisons ignore; `None` if nothing is
    /// left.
    pub(super) fn new(text: &str, mode: DraftMode) -> Option<Keyword> {
        let text = Folding::default().fold(text).into_owned();
        (!text.trim().is_empty()).then_some(Keyword { text, mode })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self.mode {
            DraftMode::Equal => self.text == text,
            DraftMode::Contain => text.contains(&self.text),
        }
    }

    /// Whether every text that matches the other keyword also matches this one.
    pub(super) fn covers(&self, other: &Keyword) -> bool {
        match self.mode {
            DraftMode::Equal => self == other,
            DraftMode::Contain => other.text.contains(&self.text),
        }
    }
}
