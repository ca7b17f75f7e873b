//! Why a rule did not answer, in English.

use crate::rules::condition::{Condition, MatchContext, Subject, Test};
use crate::rules::dialogue::{Position, Progress};
use crate::rules::explain;
use crate::rules::explain::{Reason, quoted};

const OR: &str = " or ";

pub(super) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Failed(condition, asked) => failed(condition, asked),
        Reason::Disabled => "it is switched off: enabled: false".to_owned(),
        Reason::Unless(conditions) => format!("unless: {}", together(conditions)),
        Reason::NeedsUser => "depends on what is stored of the follower".to_owned(),
    }
}

fn failed(condition: &Condition, asked: &MatchContext) -> String {
    let message = asked.message;
    match condition {
        Condition::Type(types) => {
            let found = quoted(message.msg_type());
            format!("type is {found}, not {}", any_of(types))
        }
        Condition::Event(events) => match message.event() {
            Some(event) => format!("event is {}, not {}", quoted(event), any_of(events)),
            None => format!("not an event, so not {}", any_of(events)),
        },
        Condition::Hours(hours) => {
            let now = explain::time(asked);
            format!("it is {now}, not within {}", explain::joined(hours, OR))
        }
        Condition::Days(days) => format!("it is {:?}, not {days}", asked.moment.weekday()),
        Condition::Dates(dates) => {
            let today = asked.moment.date();
            format!("it is {today}, not within {}", explain::joined(dates, OR))
        }
        Condition::Any(alternatives) => {
            let failed = explain::first_failed(alternatives, asked);
            let failed: Vec<_> = failed
                .map(|condition| self::failed(condition, asked))
                .collect();
            format!("none of any: {}", failed.join("; "))
        }
        Condition::Stored(key) => format!("nothing is stored under {key}"),
        Condition::At(position) => match asked.progress() {
            Some(Progress { rule, step, .. }) => {
                format!("at step {step} of {rule}, not {}", place(position))
            }
            None => format!("not {}", place(position)),
        },
        Condition::NotStored(key) => format!("something is stored under {key}"),
        Condition::Text(subject, test) => {
            let name = name(subject);
            match explain::value(subject, test, asked) {
                Some(value) => format!("{name} {} {}", quoted(&value), does_not(test)),
                None => format!("there is no {name}"),
            }
        }
    }
}

/// Where in a dialogue.
fn place(position: &Position) -> String {
    let Position { rule, step, tries } = position;
    let step = match step {
        Some(step) => format!("at step {step} of {rule}"),
        None => format!("within {rule}"),
    };
    match tries {
        0 => step,
        tries => format!("{step} after {tries} tries"),
    }
}

fn together(conditions: &[Condition]) -> String {
    let conditions: Vec<_> = conditions.iter().map(wanted).collect();
    conditions.join(" and ")
}

/// A condition as it was meant: `text begins with "设置"`.
fn wanted(condition: &Condition) -> String {
    match condition {
        Condition::Type(types) => format!("type is {}", any_of(types)),
        Condition::Event(events) => format!("event is {}", any_of(events)),
        Condition::Hours(hours) => format!("the time is within {}", explain::joined(hours, OR)),
        Condition::Days(days) => format!("the day is {days}"),
        Condition::Dates(dates) => format!("the date is within {}", explain::joined(dates, OR)),
        Condition::Any(alternatives) => {
            let each: Vec<_> = alternatives.iter().map(|one| together(one)).collect();
            format!("one of ({})", each.join("; "))
        }
        Condition::Stored(key) => format!("something is stored under {key}"),
        Condition::At(position) => place(position),
        Condition::NotStored(key) => format!("nothing is stored under {key}"),
        Condition::Text(subject, test) => format!("{} {}", name(subject), does(test)),
    }
}

fn name(subject: &Subject) -> String {
    match subject {
        Subject::Content => "text".to_owned(),
        Subject::Key => "key".to_owned(),
        Subject::Scene => "scene".to_owned(),
        Subject::Menu => "menu".to_owned(),
        Subject::Field(name) => name.to_string(),
        Subject::Stored(key) => format!("stored {key}"),
    }
}

fn does(test: &Test) -> String {
    match test {
        Test::Equals(values) => format!("is {}", any_of(values)),
        Test::Prefix(values) => format!("begins with {}", any_of(values)),
        Test::Suffix(values) => format!("ends with {}", any_of(values)),
        Test::Contains(values) => format!("contains {}", any_of(values)),
        Test::AtLeast(number) => format!("is at least {number}"),
        Test::Below(number) => format!("is below {number}"),
        Test::Regex(patterns) => format!("matches {}", explain::patterns(patterns, OR)),
    }
}

fn does_not(test: &Test) -> String {
    match test {
        Test::Equals(values) => format!("is not {}", any_of(values)),
        Test::Prefix(values) => format!("does not begin with {}", any_of(values)),
        Test::Suffix(values) => format!("does not end with {}", any_of(values)),
        Test::Contains(values) => format!("does not contain {}", any_of(values)),
        Test::AtLeast(number) => format!("is not at least {number}"),
        Test::Below(number) => format!("is not below {number}"),
        Test::Regex(patterns) => format!("does not match {}", explain::patterns(patterns, OR)),
    }
}

fn any_of(values: &[Box<str>]) -> String {
    let (mut shown, more) = explain::first_of(values);
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(OR)
}
