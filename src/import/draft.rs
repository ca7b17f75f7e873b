//! Auto-replies on their way into a rule file, wherever they came from. Knows neither JSON, CSV
//! nor YAML.

use crate::reply::Reply;
use crate::rules::fold::Folding;

#[derive(Debug)]
pub(super) struct Draft {
    /// Where it came from, for the first line of the file.
    pub origin: &'static str,
    /// In the order in which they are asked.
    pub rules: Vec<Rule>,
    /// What could not be kept and belongs to no rule.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub name: String,
    pub when: When,
    /// One of these is the answer.
    pub replies: Vec<Reply>,
    /// Answers that no message can get beside the others; they stay in the file as comments.
    pub lost: Vec<Reply>,
    /// What could not be kept as it was.
    pub notes: Vec<String>,
    /// Written as a comment: it cannot answer, or did not in the account.
    pub off: bool,
    /// Has the answer of the rule before it, of which it is the other half.
    pub repeats: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum When {
    Follows,
    Says(Vec<Keyword>),
    /// Any message, once nothing before has answered; never an event.
    Otherwise,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keyword {
    pub text: String,
    pub mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Equal,
    Contain,
}

impl Rule {
    pub(super) fn new(name: &str, when: When) -> Rule {
        Rule {
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
            When::Says(keywords) => keywords,
            When::Follows | When::Otherwise => &[],
        }
    }

    /// How many articles WeChat shows in an answer of this rule.
    pub(super) fn max_articles(&self) -> usize {
        match self.when {
            When::Follows => 8,
            When::Says(_) | When::Otherwise => 1,
        }
    }
}

impl Keyword {
    /// Without the invisible characters that copying brings along and no comparison sees; none if
    /// there is nothing else.
    pub(super) fn new(text: &str, mode: Mode) -> Option<Keyword> {
        let text = Folding::default().fold(text).into_owned();
        (!text.trim().is_empty()).then_some(Keyword { text, mode })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self.mode {
            Mode::Equal => self.text == text,
            Mode::Contain => text.contains(&self.text),
        }
    }

    /// Whether every text that has the other keyword has this one too.
    pub(super) fn covers(&self, other: &Keyword) -> bool {
        match self.mode {
            Mode::Equal => self == other,
            Mode::Contain => other.text.contains(&self.text),
        }
    }
}
