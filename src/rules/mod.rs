//! The rule file: its types, checks, conditions and templates. A [`RuleSet`] has passed all checks
//! and never changes.
//!
//! [`compile`] turns the text of a rule file into a [`RuleSet`], or reports every error in it.
//! [`lint::warnings`] finds what is valid but probably a mistake:
//!
//! ```
//! use jiff::tz::TimeZone;
//! use wxreply::rules::parsed::ParsedSources;
//! use wxreply::rules::{compile, lint};
//!
//! let text = "rules:\n  - { name: 你好, when: { contian: 你好 }, reply: 您好 }\n";
//! let sources = ParsedSources::of_text("rules.yaml", text);
//! let errors = compile(&sources, &TimeZone::UTC, None).unwrap_err();
//! assert_eq!(errors[0].code(), "unknown-key");
//! assert!(errors[0].render(false).contains("did you mean `contains`?"));
//!
//! let text = text.replace("contian", "contains");
//! let sources = ParsedSources::of_text("rules.yaml", text);
//! let rules = compile(&sources, &TimeZone::UTC, None).unwrap();
//! assert_eq!(&*rules.rules[0].name, "你好");
//! assert!(lint::warnings(&rules, &sources).is_empty());
//! ```
//!
//! `live_rules::files::read_now` reads a file with everything it includes, `engine::decide` answers
//! a message, and `case_runner::run` runs the tests of the file.

pub mod answer;
pub mod ask;
pub mod budget;
mod canned;
mod compile;
pub mod condition;
pub mod dates;
pub mod diagnostic;
pub mod dialogue;
pub(crate) mod document;
pub mod elements;
pub mod explain;
pub mod expression;
mod file;
pub mod fold;
pub mod format;
pub mod hours;
mod index;
mod line_starts;
pub mod lint;
pub mod media;
pub(crate) mod nearest;
pub mod number;
pub mod parsed;
mod placeholder;
pub(crate) mod reading;
pub mod scalar;
pub(crate) mod service_reply;
pub mod sources;
pub mod template;
mod time_dependence;
pub mod trial;
pub(crate) mod untrusted_text;
pub mod values;
mod yaml;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::media::MediaKind;
use crate::menu::Menu;
use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::answer::Answer;
use crate::rules::ask::{Ask, KnownService};
use crate::rules::condition::{Condition, MatchContext};
use crate::rules::dialogue::DialoguePart;
use crate::rules::fold::Folding;
use crate::rules::index::RuleIndex;
use crate::rules::media::MediaFile;
use crate::rules::sources::Origin;
use crate::rules::template::Template;
use crate::service::Service;
use crate::user::{Stored, User};
use crate::waiting;

pub use crate::rules::canned::Canned;
pub use crate::rules::compile::cases::{TEST_TIME, message_of, read_time};
pub use crate::rules::compile::compile;
pub(crate) use crate::rules::compile::options::duration as read_length_of_time;
pub(crate) use crate::rules::compile::options::in_words as length_of_time;
pub use crate::rules::file::schema::json_schema;
use crate::rules::placeholder::is_user_key;
#[cfg(any(test, fuzzing))]
pub(crate) use crate::rules::yaml::agreement::both_readers_agree;

/// Names and keys reach databases, metrics and logs; there, longer ones only do harm.
const MAX_NAME_CHARS: usize = 64;

/// Whether a rule may store something under a key.
pub(crate) fn is_stored_key(key: &str) -> bool {
    let fits = key.chars().count() <= MAX_NAME_CHARS;
    is_user_key(key) && fits && key != "all" && key != dialogue::KEY
}

/// All rules of a file and its includes, in the order in which they are checked.
#[derive(Debug)]
pub struct RuleSet {
    pub rules: Vec<Rule>,
    pub cases: Vec<Case>,
    pub settings: Settings,
    /// What rules may ask, in the order of the file.
    pub services: Vec<KnownService>,
    /// The menu of the account, where the file says it.
    pub menu: Option<Menu>,
    /// What they show that stands beside them.
    pub media: MediaFiles,
    /// `None` for few rules, which are all checked.
    index: Option<RuleIndex>,
}

/// Files by the kind that they are shown as, and by their names.
pub type MediaFiles = BTreeMap<(MediaKind, Box<str>), MediaFile>;

/// The settings under `options`.
#[derive(Clone, Debug)]
pub struct Settings {
    pub folding: Folding,
    pub zone: TimeZone,
    /// The reply if a rule fails.
    pub on_error: Reply,
    /// What a follower gets while an answer is not there.
    pub slow: Reply,
    /// Whether it may reach them by itself, where the account can do that.
    pub pushes: bool,
    /// What they write to get it, folded as texts are.
    pub fetch: Vec<Box<str>>,
    /// What stands below a part of an answer of which there is more.
    pub more: String,
}

impl Settings {
    /// Whether a message fetches an answer, if one is waiting for this follower.
    pub fn fetches(&self, message: &Message) -> bool {
        let is_word = |text: &str| {
            let folded = self.folding.folded(text);
            let mut words = self.fetch.iter();
            words.any(|word| **word == *folded.text())
        };
        waiting::is_fetch_tap(message) || message.content().is_some_and(is_word)
    }
}

/// The index of a rule in its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub usize);

#[derive(Debug)]
pub struct Rule {
    pub name: Box<str>,
    /// Which part of a dialogue it is.
    pub part: Option<Box<DialoguePart>>,
    /// A disabled rule is checked but never answers.
    pub enabled: bool,
    /// All of them must hold.
    pub when: Vec<Condition>,
    /// Must not all hold at once; empty without `unless`.
    pub unless: Vec<Condition>,
    pub answer: Answer,
    /// What is asked of a service before there is an answer.
    pub ask: Option<Box<Ask>>,
    pub changes: Vec<ChangeTemplate>,
    /// What a dialogue keeps of the message, and under which name.
    pub keeps: Option<Box<(Box<str>, Template)>>,
    /// Whether the answer or a change depends on stored values.
    pub shows_user: bool,
    /// Whether they depend on what earlier changes of the rule have stored.
    pub shows_changes: bool,
    /// Whether they use captures of one of its regexes.
    pub shows_match: bool,
    /// How many named groups its regexes have.
    pub names: usize,
    pub origin: Origin,
}

impl Rule {
    /// Whether another rule answers the same messages in the same way, wherever it is.
    pub fn says_the_same(&self, other: &Rule) -> bool {
        self.enabled == other.enabled
            && self.when == other.when
            && self.unless == other.unless
            && self.answer == other.answer
            && self.ask == other.ask
            && self.changes == other.changes
            && self.keeps == other.keeps
    }

    /// Whether it counts as a rule to its author: of a dialogue, only the part that starts it does.
    pub(crate) fn is_whole(&self) -> bool {
        !self.skips() && self.part_name().is_empty()
    }

    /// Whether it is the same part of a dialogue as the rule before it, for followers of whom the
    /// next answer is known.
    pub(crate) fn skips(&self) -> bool {
        let mut conditions = self.when.iter();
        conditions.any(|condition| matches!(condition, Condition::Answered(_, true)))
    }

    /// Empty unless it is part of a dialogue, and for the part that begins it.
    pub fn part_name(&self) -> &str {
        self.part.as_ref().map_or("", |part| &*part.name)
    }

    /// The name, and the part of a dialogue.
    pub fn title(&self) -> Cow<'_, str> {
        match self.part_name() {
            "" => Cow::Borrowed(&self.name),
            part => format!("{} › {part}", self.name).into(),
        }
    }

    /// Works out what its texts depend on.
    fn with_what_it_shows(mut self) -> Rule {
        let changed = self.changes.iter().filter_map(ChangeTemplate::template);
        let kept = self.keeps.iter().map(|keeps| &keeps.1);
        let asked = self.ask.iter().flat_map(|ask| ask.templates());
        let all = || {
            self.answer
                .templates()
                .into_iter()
                .chain(asked.clone())
                .chain(changed.clone())
                .chain(kept.clone())
        };
        let of_user =
            |template: &Template| template.user_keys().next().is_some() || template.shows_answers();
        let shows_changes = all().any(Template::shows_changes)
            || self
                .changes
                .iter()
                .any(|change| matches!(change, ChangeTemplate::Increase { .. }));
        let goes_on =
            |change: &ChangeTemplate| matches!(change, ChangeTemplate::Step { begins: false, .. });
        let shows_user = shows_changes || all().any(of_user) || self.changes.iter().any(goes_on);
        let shows_match = all().any(Template::shows_match);
        (self.shows_user, self.shows_changes, self.shows_match) =
            (shows_user, shows_changes, shows_match);
        self
    }
}

/// A change with templates that are not rendered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeTemplate {
    Set {
        key: Box<str>,
        value: Template,
        expires: Option<Expiry>,
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
    /// Adds to a number; a missing value counts as 0.
    Increase {
        key: Box<str>,
        by: Template,
        expires: Option<Expiry>,
    },
    /// Moves the follower to this step of a dialogue.
    Step {
        rule: Box<str>,
        step: Box<str>,
        /// Discards earlier answers.
        begins: bool,
        /// Counts an invalid answer.
        counts: bool,
        expires: Expiry,
    },
}

impl ChangeTemplate {
    /// Its template.
    pub(crate) fn template(&self) -> Option<&Template> {
        match self {
            ChangeTemplate::Set { value, .. } => Some(value),
            ChangeTemplate::Add { item, .. } | ChangeTemplate::Remove { item, .. } => Some(item),
            ChangeTemplate::Increase { by, .. } => Some(by),
            ChangeTemplate::Clear { .. }
            | ChangeTemplate::ClearAll
            | ChangeTemplate::Step { .. } => None,
        }
    }
}

/// How long a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    After(Duration),
    /// Until the next local midnight.
    EndOfDay,
}

impl Expiry {
    pub(crate) fn duration_at(self, moment: &Moment) -> Duration {
        match self {
            Expiry::After(duration) => duration,
            Expiry::EndOfDay => moment.until_midnight(),
        }
    }
}

/// A test: the messages of a follower and the expected outcome of each.
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
    /// Whether the author set the time.
    pub has_time: bool,
    pub answers: Vec<Canned>,
    pub expected: Expected,
}

#[derive(Debug, Default)]
pub struct Expected {
    pub rule: Option<ExpectedRule>,
    pub reply: Option<Reply>,
    /// Each key with the expected value; `None` for no value.
    pub user: Vec<(String, Option<Stored>)>,
    /// The expected step of a dialogue afterwards, if any.
    pub step: Option<Option<String>>,
    pub asked: Option<ExpectedQuestion>,
}

/// What a service must have been asked.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpectedQuestion {
    None,
    Of {
        service: Box<str>,
        /// Of mappings, what is not in it is not compared.
        request: Option<Value>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedRule {
    None,
    Named(String),
}

impl RuleSet {
    pub(crate) fn new(
        mut rules: Vec<Rule>,
        cases: Vec<Case>,
        settings: Settings,
        services: Vec<KnownService>,
        menu: Option<Menu>,
    ) -> RuleSet {
        rules.shrink_to_fit();
        let index = RuleIndex::of(&rules, settings.folding);
        RuleSet {
            rules,
            cases,
            settings,
            services,
            menu,
            media: MediaFiles::new(),
            index,
        }
    }

    /// What rules may ask by this name.
    pub(crate) fn service(&self, name: &str) -> Option<&Service> {
        let mut known = self.services.iter().map(|known| &*known.service);
        known.find(|service| *service.name == *name)
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

    /// Calls the function with each rule, in the order of the file, until it returns an answer.
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

    /// How many rules there are as authors count them: a dialogue is one.
    pub fn count(&self) -> usize {
        self.rules.iter().filter(|rule| rule.is_whole()).count()
    }

    /// Whether any rule asks a service.
    pub fn asks(&self) -> bool {
        self.rules.iter().any(|rule| rule.ask.is_some())
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
        !self.changes.is_empty() || self.ask.is_some() || self.reads_user()
    }
}
