//! The conditions of a rule, and the only place that decides whether they hold.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use crate::message::Message;
use crate::moment::Moment;
use crate::rules::Rule;
use crate::rules::budget::DecisionBudget;
use crate::rules::dates::Dates;
use crate::rules::dialogue::{DialogueProgress, Position};
use crate::rules::expression::Expression;
use crate::rules::fold::{Folded, Folding};
use crate::rules::hours::{Days, Hours};
use crate::rules::number::Number;
use crate::user::User;

/// What conditions examine: a message at a moment, and the user once they are known.
pub struct MatchContext<'a> {
    pub message: &'a Message,
    pub moment: &'a Moment,
    /// `None` until the user has been looked up.
    pub user: Option<&'a User>,
    /// The budget of the decision, if there is one.
    pub(crate) budget: Option<&'a DecisionBudget<'a>>,
    /// What the options ignore.
    pub(crate) folding: Folding,
    /// The text in the form that literals are compared with.
    text: Option<Folded<'a>>,
    /// The text in the form that regexes search, if that may differ.
    searched: Option<Folded<'a>>,
    /// Parsed when first needed.
    progress: OnceCell<Option<DialogueProgress>>,
}

/// Every condition of a rule must hold; a list inside a condition means any of.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// MsgType is one of these, in any case.
    Type(SharedWords),
    /// Event is one of these, in any case. A message that is not an event has none.
    Event(SharedWords),
    /// The value of the subject passes the test. A missing element fails it.
    Text(Subject, Test),
    /// Nothing is stored under the key.
    NotStored(Box<str>),
    /// Whether something is stored already of what a step of a dialogue asks, so that it is skipped.
    Answered(Box<str>, bool),
    /// The follower is at this place of a dialogue.
    At(Box<Position>),
    /// The local time is within one of these.
    Hours(Vec<Hours>),
    /// Today, by the local calendar, is one of these.
    Days(Days),
    /// The same for dates.
    Dates(Vec<Dates>),
    /// All conditions of at least one of these hold. Captures come from the first such alternative.
    Any(Vec<Vec<Condition>>),
}

/// Words that many rules share: `type: text` in a hundred thousand rules is a single list, which
/// stays in the cache.
pub type SharedWords = Arc<[Box<str>]>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The text, folded as the options say. Events have none.
    Content,
    /// EventKey, as it came.
    Key,
    Scene,
    Menu,
    /// Any element by name; a repeated element passes if any of its values does.
    Field(Box<str>),
    /// A stored value; a list passes if any of its items does.
    Stored(Box<str>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// One of these texts.
    Literal(Shape, Vec<Box<str>>),
    /// Searched anywhere unless anchored.
    Regex(Vec<Pattern>),
    /// It is a number, and not less than this.
    AtLeast(Number),
    /// It is a number, and less than this.
    Below(Number),
}

/// How a text stands in the one that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    Equals,
    Prefix,
    Suffix,
    Contains,
}

#[derive(Clone, Debug)]
pub struct Pattern {
    pub regex: Arc<Expression>,
    /// For each named group: its number, and its place among all names of the rule.
    pub names: Vec<(usize, usize)>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.regex.as_str() == other.regex.as_str()
    }
}

/// Whether a condition holds, as far as can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    Fails,
    /// It depends on stored values of the user, who has not been looked up.
    NeedsUser,
}

/// Why a rule does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It says `enabled: false`.
    Disabled,
    /// This condition of `when` does not hold.
    When(usize),
    /// All of `unless` holds.
    Unless,
    /// Unknown until the user is looked up.
    NeedsUser,
}

impl Rule {
    /// Whether this rule answers. This is the only place that decides it.
    ///
    /// Conditions that need no user come first, so that a message they exclude costs no look-up.
    pub fn check(&self, context: &MatchContext) -> Result<(), Mismatch> {
        if !self.enabled {
            return Err(Mismatch::Disabled);
        }
        let when = all(&self.when, context).map_err(Mismatch::When)?;
        let unless = match all(&self.unless, context) {
            _ if self.unless.is_empty() => Certainty::Yes,
            Err(_) => Certainty::Yes,
            Ok(Certainty::Yes) => return Err(Mismatch::Unless),
            Ok(Certainty::OnlyWithUser) => Certainty::OnlyWithUser,
        };
        match (when, unless) {
            (Certainty::Yes, Certainty::Yes) => Ok(()),
            _ => Err(Mismatch::NeedsUser),
        }
    }

    /// The conditions of `when` that hold for a message that this rule answers: of alternatives
    /// those of the first that does.
    pub(crate) fn held<'r>(&'r self, asked: &MatchContext) -> impl Iterator<Item = &'r Condition> {
        self.when.iter().flat_map(|condition| condition.held(asked))
    }

    /// Every condition of `when` and `unless`, those of alternatives in place of them.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let conditions = self.when.iter().chain(&self.unless);
        conditions.flat_map(Condition::each)
    }
}

/// Whether what has not failed holds for certain.
enum Certainty {
    Yes,
    OnlyWithUser,
}

/// Whether all of these hold, as far as can be said; else the first that fails.
fn all(conditions: &[Condition], context: &MatchContext) -> Result<Certainty, usize> {
    let mut known = Certainty::Yes;
    for (index, condition) in conditions.iter().enumerate() {
        match condition.check(context) {
            Verdict::Holds => {}
            Verdict::Fails => return Err(index),
            Verdict::NeedsUser => known = Certainty::OnlyWithUser,
        }
    }
    Ok(known)
}

impl<'a> MatchContext<'a> {
    pub fn new(
        message: &'a Message,
        moment: &'a Moment,
        user: Option<&'a User>,
        folding: Folding,
    ) -> MatchContext<'a> {
        let content = message.content();
        let searched = content.filter(|_| folding.has_two_texts());
        MatchContext {
            message,
            moment,
            user,
            budget: None,
            folding,
            text: content.map(|content| folding.folded(content)),
            searched: searched.map(|content| folding.for_regexes(content)),
            progress: OnceCell::new(),
        }
    }

    /// The same, but nothing matches once the budget is spent.
    pub(crate) fn within(mut self, budget: &'a DecisionBudget<'a>) -> MatchContext<'a> {
        self.budget = Some(budget);
        self
    }

    /// Whether a folded text passes, within the budget.
    fn passes(&self, test: &Test, text: &str) -> bool {
        let pay = |bytes| self.budget.is_none_or(|budget| budget.pay(bytes));
        match test {
            Test::Regex(patterns) => patterns
                .iter()
                .any(|pattern| pay(pattern.regex.cost(text)) && pattern.regex.is_match(text)),
            test => pay(test.cost(text)) && test.passes(text),
        }
    }

    /// The text that literals are compared with.
    pub fn text(&self) -> Option<&Folded<'a>> {
        self.text.as_ref()
    }

    /// The follower's place in a dialogue.
    pub(crate) fn progress(&self) -> Option<&DialogueProgress> {
        let progress = self
            .progress
            .get_or_init(|| DialogueProgress::of(self.user?));
        progress.as_ref()
    }

    /// The text that regexes search.
    pub(crate) fn searched(&self) -> Option<&Folded<'a>> {
        self.searched.as_ref().or(self.text.as_ref())
    }
}

impl Condition {
    pub fn check(&self, asked: &MatchContext) -> Verdict {
        let holds = match self {
            Condition::Type(types) => is_any(asked.message.msg_type(), types),
            Condition::Event(events) => asked
                .message
                .event()
                .is_some_and(|event| is_any(event, events)),
            Condition::Hours(hours) => {
                let minute = asked.moment.minute_of_day();
                hours.iter().any(|hours| hours.contains(minute))
            }
            Condition::Days(days) => days.contains(asked.moment.weekday()),
            Condition::Dates(dates) => {
                let today = asked.moment.date();
                dates.iter().any(|dates| dates.contains(today))
            }
            Condition::Any(alternatives) => {
                // Captures come from the first that holds, so the order must be kept.
                let mut known = alternatives.iter().map(|one| all(one, asked));
                return match known.find_map(Result::ok) {
                    Some(Certainty::Yes) => Verdict::Holds,
                    Some(Certainty::OnlyWithUser) => Verdict::NeedsUser,
                    None => Verdict::Fails,
                };
            }
            Condition::Answered(key, already) => match asked.user {
                Some(user) => user.get(key).is_some() == *already,
                None => return Verdict::NeedsUser,
            },
            Condition::At(position) => match asked.user {
                Some(_) => asked
                    .progress()
                    .is_some_and(|progress| progress.is_at(position)),
                None => return Verdict::NeedsUser,
            },
            Condition::NotStored(key) => match asked.user {
                Some(user) => user.get(key).is_none(),
                None => return Verdict::NeedsUser,
            },
            Condition::Text(subject, test) => {
                if matches!(subject, Subject::Stored(_)) && asked.user.is_none() {
                    return Verdict::NeedsUser;
                }
                subject.any_text(test, asked)
            }
        };
        if holds {
            Verdict::Holds
        } else {
            Verdict::Fails
        }
    }

    /// Itself; of alternatives the conditions of the first that holds.
    fn held(&self, asked: &MatchContext) -> &[Condition] {
        match self {
            Condition::Any(alternatives) => {
                let mut alternatives = alternatives.iter();
                let held = alternatives.find(|one| matches!(all(one, asked), Ok(Certainty::Yes)));
                held.map(Vec::as_slice).unwrap_or_default()
            }
            condition => std::slice::from_ref(condition),
        }
    }

    /// Itself, or all conditions of its alternatives.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Condition> {
        let (alternatives, alone) = match self {
            Condition::Any(alternatives) => (alternatives.as_slice(), None),
            condition => (Default::default(), Some(condition)),
        };
        alternatives.iter().flatten().chain(alone)
    }

    pub(crate) fn reads_user(&self) -> bool {
        self.each().any(|condition| {
            matches!(
                condition,
                Condition::NotStored(_)
                    | Condition::Answered(..)
                    | Condition::At(_)
                    | Condition::Text(Subject::Stored(_), _)
            )
        })
    }
}

impl Subject {
    fn any_text(&self, test: &Test, asked: &MatchContext) -> bool {
        match self {
            Subject::Content => {
                let text = match test {
                    Test::Regex(_) => asked.searched(),
                    _ => asked.text(),
                };
                text.is_some_and(|text| asked.passes(test, text.text()))
            }
            other => {
                let passes = |text: &str| asked.passes(test, &Folding::default().fold(text));
                other.first(test, asked, passes).is_some()
            }
        }
    }

    /// The first text of the subject that passes, as it came. The text of the message is found in
    /// `MatchContext`, where it is folded.
    pub(crate) fn find<'a>(&self, test: &Test, asked: &MatchContext<'a>) -> Option<&'a str> {
        self.first(test, asked, |text| test.accepts(text))
    }

    fn first<'a>(
        &self,
        test: &Test,
        asked: &MatchContext<'a>,
        passes: impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        let message = asked.message;
        let single = match self {
            Subject::Content => None,
            Subject::Key => message.key(),
            Subject::Scene => message.scene(),
            Subject::Menu => message.menu(),
            Subject::Field(name) => {
                let mut values = message.fields(name);
                return values.find(|value| passes(value));
            }
            Subject::Stored(key) => {
                let Some(stored) = asked.user?.get(key) else {
                    let zero = test.is_of_numbers().then_some("0");
                    return zero.filter(|zero| passes(zero));
                };
                let texts = stored.texts().iter();
                return texts.map(String::as_str).find(|text| passes(text));
            }
        };
        single.filter(|text| passes(text))
    }

    /// The text in which a test has matched.
    pub(crate) fn tested<'a>(&self, test: &Test, asked: &MatchContext<'a>) -> Option<Folded<'a>> {
        match (self, test) {
            (Subject::Content, Test::Regex(_)) => asked.searched().cloned(),
            (Subject::Content, _) => asked.text().cloned(),
            (other, test) => Some(Folding::default().folded(other.find(test, asked)?)),
        }
    }
}

impl Shape {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Shape::Equals => "equals",
            Shape::Prefix => "prefix",
            Shape::Suffix => "suffix",
            Shape::Contains => "contains",
        }
    }

    pub(crate) fn holds(self, text: &str, value: &str) -> bool {
        match self {
            Shape::Equals => text == value,
            Shape::Prefix => text.starts_with(value),
            Shape::Suffix => text.ends_with(value),
            Shape::Contains => text.contains(value),
        }
    }

    /// Where a value stands in a text.
    pub(crate) fn find(self, text: &str, value: &str) -> Option<Range<usize>> {
        let start = match self {
            Shape::Equals | Shape::Prefix => 0,
            Shape::Suffix => text.len().checked_sub(value.len())?,
            Shape::Contains => text.find(value)?,
        };
        self.holds(text, value).then(|| start..start + value.len())
    }
}

impl Test {
    /// Its key in a rule file. Several texts that must all be there are as many tests.
    pub(crate) fn operator(&self) -> &'static str {
        match self {
            Test::Literal(shape, _) => shape.key(),
            Test::Regex(_) => "regex",
            Test::AtLeast(_) => "at_least",
            Test::Below(_) => "below",
        }
    }

    /// The texts and the regexes in it as they are written.
    pub(crate) fn texts(&self) -> (&[Box<str>], &[Pattern]) {
        match self {
            Test::Literal(_, texts) => (texts, &[]),
            Test::Regex(patterns) => (&[], patterns),
            Test::AtLeast(_) | Test::Below(_) => (&[], &[]),
        }
    }

    /// The cost of the test, in bytes processed.
    fn cost(&self, text: &str) -> usize {
        match self {
            Test::Literal(Shape::Contains, values) => values.len() * (8 + text.len() / 8),
            Test::Literal(_, values) => values.len() * 8,
            Test::AtLeast(_) | Test::Below(_) => text.len(),
            Test::Regex(patterns) => patterns
                .iter()
                .map(|pattern| pattern.regex.cost(text))
                .sum(),
        }
    }

    /// Whether a folded text passes.
    pub(crate) fn passes(&self, text: &str) -> bool {
        match self {
            Test::Literal(shape, values) => values.iter().any(|value| shape.holds(text, value)),
            Test::Regex(patterns) => patterns.iter().any(|pattern| pattern.regex.is_match(text)),
            Test::AtLeast(least) => Number::read(text).is_some_and(|number| number >= *least),
            Test::Below(limit) => Number::read(text).is_some_and(|number| number < *limit),
        }
    }

    /// A missing value counts as 0 for it.
    pub(crate) fn is_of_numbers(&self) -> bool {
        matches!(self, Test::AtLeast(_) | Test::Below(_))
    }

    /// Whether a text that options do not apply to passes.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        self.passes(&Folding::default().fold(text))
    }
}

fn is_any(word: &str, words: &[Box<str>]) -> bool {
    words
        .iter()
        .any(|candidate| candidate.eq_ignore_ascii_case(word))
}
