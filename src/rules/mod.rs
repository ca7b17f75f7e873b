//! The rules as they were checked: a `RuleSet` never changes and is never wrong.

pub mod answer;
mod compile;
pub mod condition;
pub mod dates;
pub mod diagnostic;
pub mod elements;
pub mod explain;
pub mod expression;
mod file;
pub mod fold;
pub mod format;
pub mod hours;
mod index;
mod lines;
pub mod lint;
mod literals;
mod nearest;
pub mod parsed;
mod placeholder;
pub mod scalar;
pub mod sources;
pub mod template;
mod timing;
pub mod trial;
pub mod values;
mod yaml;

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::answer::Answer;
use crate::rules::condition::{Condition, MatchContext};
use crate::rules::fold::Folding;
use crate::rules::index::Index;
use crate::rules::sources::Origin;
use crate::rules::template::Template;
use crate::user::{Stored, User};

pub use crate::rules::compile::cases::{TEST_TIME, message_of, read_time};
pub use crate::rules::compile::compile;
pub use crate::rules::file::schema::json_schema;

/// All rules of a file and its includes, in the order in which they are asked.
#[derive(Debug)]
pub struct RuleSet {
    pub rules: Vec<Rule>,
    pub cases: Vec<Case>,
    pub settings: Settings,
    /// None for a few rules, of which each is asked.
    index: Option<Index>,
}

/// What `options` says.
#[derive(Clone, Debug)]
pub struct Settings {
    pub folding: Folding,
    pub zone: TimeZone,
    /// What a follower gets when a rule cannot be carried out.
    pub on_error: Reply,
}

/// The place of a rule in its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub usize);

#[derive(Debug)]
pub struct Rule {
    pub name: Box<str>,
    /// One that is not is checked, and never answers.
    pub enabled: bool,
    /// All must hold.
    pub when: Vec<Condition>,
    /// Must not hold all together; empty when there is no `unless`.
    pub unless: Vec<Condition>,
    pub answer: Answer,
    pub changes: Vec<ChangeTemplate>,
    /// Whether the answer or a change shows what is stored of the follower.
    pub shows_user: bool,
    /// Whether they show what one of its regexes found.
    pub shows_match: bool,
    /// How many named groups its regexes have.
    pub names: usize,
    pub origin: Origin,
}

impl Rule {
    /// Whether another rule answers the same messages with the same, wherever it stands.
    pub fn says_the_same(&self, other: &Rule) -> bool {
        self.enabled == other.enabled
            && self.when == other.when
            && self.unless == other.unless
            && self.answer == other.answer
            && self.changes == other.changes
    }
}

/// A step of remembering whose texts are still to be filled in.
#[derive(Debug, PartialEq, Eq)]
pub enum ChangeTemplate {
    Set {
        key: Box<str>,
        value: Template,
        expires: Option<Duration>,
    },
    Add {
        key: Box<str>,
        item: Template,
    },
    Remove {
        key: Box<str>,
        item: Template,
    },
    Clear {
        key: Box<str>,
    },
    ClearAll,
}

/// One test: what one follower sends in turn, and what must come of it.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    pub user: User,
    pub turns: Vec<Turn>,
    pub origin: Origin,
}

#[derive(Debug)]
pub struct Turn {
    pub message: Message,
    /// As the author wrote it, for reports.
    pub sent: String,
    pub moment: Moment,
    /// Whether the author said which moment is meant.
    pub has_time: bool,
    pub expected: Expected,
}

#[derive(Debug, Default)]
pub struct Expected {
    pub rule: Option<ExpectedRule>,
    pub reply: Option<Reply>,
    /// Each key with what must be stored under it; nothing for none.
    pub user: Vec<(String, Option<Stored>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedRule {
    None,
    Named(String),
}

impl RuleSet {
    pub(crate) fn new(mut rules: Vec<Rule>, cases: Vec<Case>, settings: Settings) -> RuleSet {
        rules.shrink_to_fit();
        let index = Index::of(&rules, settings.folding);
        RuleSet {
            rules,
            cases,
            settings,
            index,
        }
    }

    /// Calls with each rule that may match, in the order of the file, until it gets an answer.
    /// Rules that cannot match may be left out.
    pub fn first_match<R>(
        &self,
        asked: &MatchContext,
        mut ask: impl FnMut(RuleId, &Rule) -> Option<R>,
    ) -> Option<R> {
        match &self.index {
            Some(index) => index.candidates(asked, |id| ask(RuleId(id), self.rules.get(id)?)),
            None => self.first_match_linear(ask),
        }
    }

    /// Calls with each rule, in the order of the file, until it gets an answer.
    pub fn first_match_linear<R>(
        &self,
        mut ask: impl FnMut(RuleId, &Rule) -> Option<R>,
    ) -> Option<R> {
        let mut rules = self.rules.iter().enumerate();
        rules.find_map(|(id, rule)| ask(RuleId(id), rule))
    }

    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(id.0)
    }

    /// Whether any rule needs a database at all.
    pub fn remembers(&self) -> bool {
        self.rules.iter().any(Rule::touches_user)
    }
}

impl Rule {
    pub fn reads_user(&self) -> bool {
        let conditions = self.when.iter().chain(&self.unless);
        self.shows_user || conditions.into_iter().any(Condition::reads_user)
    }

    pub fn touches_user(&self) -> bool {
        !self.changes.is_empty() || self.reads_user()
    }
}
