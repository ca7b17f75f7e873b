//! Why a rule did not answer, in words that its author wrote or the follower sent.

use std::fmt::Write;
use std::ops::Range;

use crate::rules::Rule;
use crate::rules::condition::Asked;
use crate::rules::condition::Condition;
use crate::rules::condition::Miss;
use crate::rules::condition::Subject;
use crate::rules::condition::Test;

/// One line: the first condition that failed, and on what.
pub fn why_not(rule: &Rule, miss: Miss, asked: &Asked) -> String {
    match miss {
        Miss::When(index) => match rule.when.get(index) {
            Some(condition) => failed(condition, asked),
            None => String::new(),
        },
        Miss::Unless => {
            let conditions: Vec<_> = rule.unless.iter().map(wanted).collect();
            format!("unless: {}", conditions.join(" and "))
        }
        Miss::NeedsUser => "depends on what is stored of the follower".to_owned(),
    }
}

/// The text that was sent, and where in it a rule that answers found what it asked for, from left
/// to right. Nothing when it asked nothing of the text.
pub fn found<'a>(rule: &Rule, asked: &Asked<'a>) -> Option<(&'a str, Vec<Range<usize>>)> {
    let folded = asked.text()?;
    let mut found: Vec<Range<usize>> = rule
        .when
        .iter()
        .filter_map(|condition| match condition {
            Condition::Says(Subject::Content, test) => place(test, asked),
            _ => None,
        })
        .collect();
    found.sort_by_key(|range| (range.start, range.end));
    (!found.is_empty()).then(|| (folded.original_of(0..folded.text().len()), found))
}

fn place(test: &Test, asked: &Asked) -> Option<Range<usize>> {
    let folded = match test {
        Test::Regex(_) => asked.cased(),
        _ => asked.text(),
    }?;
    let text = folded.text();
    let range = match test {
        Test::Equals(_) => 0..text.len(),
        Test::Prefix(values) => {
            let value = values.iter().find(|value| text.starts_with(&***value))?;
            0..value.len()
        }
        Test::Suffix(values) => {
            let value = values.iter().find(|value| text.ends_with(&***value))?;
            text.len() - value.len()..text.len()
        }
        Test::Contains(values) => {
            let mut places = values.iter().filter_map(|value| {
                let start = text.find(&**value)?;
                Some(start..start + value.len())
            });
            places.next()?
        }
        Test::Regex(patterns) => {
            let mut matches = patterns.iter().filter_map(|one| one.regex.find(text));
            matches.next()?.group(0)?
        }
    };
    // Letters are folded one for one, so that lengths tell the place in what was typed.
    let typed = |end| folded.original_of(0..end).len();
    Some(typed(range.start)..typed(range.end))
}

fn failed(condition: &Condition, asked: &Asked) -> String {
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
            let minute = asked.moment.minute_of_day();
            let hours: Vec<_> = hours.iter().map(ToString::to_string).collect();
            format!(
                "it is {:02}:{:02}, not within {}",
                minute / 60,
                minute % 60,
                hours.join(" or ")
            )
        }
        Condition::Days(days) => format!("it is {:?}, not {days}", asked.moment.weekday()),
        Condition::NotStored(key) => format!("something is stored under {key}"),
        Condition::Says(subject, test) => {
            let name = name(subject);
            match value(subject, asked) {
                Some(value) => format!("{name} {} {}", quoted(&value), does_not(test)),
                None => format!("there is no {name}"),
            }
        }
    }
}

/// A condition as it was meant: `text begins with "设置"`.
fn wanted(condition: &Condition) -> String {
    match condition {
        Condition::Type(types) => format!("type is {}", any_of(types)),
        Condition::Event(events) => format!("event is {}", any_of(events)),
        Condition::Hours(hours) => {
            let hours: Vec<_> = hours.iter().map(ToString::to_string).collect();
            format!("the time is within {}", hours.join(" or "))
        }
        Condition::Days(days) => format!("the day is {days}"),
        Condition::NotStored(key) => format!("nothing is stored under {key}"),
        Condition::Says(subject, test) => format!("{} {}", name(subject), does(test)),
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

fn value(subject: &Subject, asked: &Asked) -> Option<String> {
    let message = asked.message;
    match subject {
        Subject::Content => asked.text().map(|text| text.text().to_owned()),
        Subject::Key => message.key().map(str::to_owned),
        Subject::Scene => message.scene().map(str::to_owned),
        Subject::Menu => message.menu().map(str::to_owned),
        Subject::Field(name) => {
            let values: Vec<_> = message.fields(name).collect();
            (!values.is_empty()).then(|| values.join("、"))
        }
        Subject::Stored(key) => Some(asked.user?.get(key)?.text()),
    }
}

fn does(test: &Test) -> String {
    match test {
        Test::Equals(values) => format!("is {}", any_of(values)),
        Test::Prefix(values) => format!("begins with {}", any_of(values)),
        Test::Suffix(values) => format!("ends with {}", any_of(values)),
        Test::Contains(values) => format!("contains {}", any_of(values)),
        Test::Regex(_) => format!("matches {}", patterns(test)),
    }
}

fn does_not(test: &Test) -> String {
    match test {
        Test::Equals(values) => format!("is not {}", any_of(values)),
        Test::Prefix(values) => format!("does not begin with {}", any_of(values)),
        Test::Suffix(values) => format!("does not end with {}", any_of(values)),
        Test::Contains(values) => format!("does not contain {}", any_of(values)),
        Test::Regex(_) => format!("does not match {}", patterns(test)),
    }
}

fn patterns(test: &Test) -> String {
    match test {
        Test::Regex(patterns) => {
            let patterns: Vec<_> = patterns
                .iter()
                .map(|pattern| pattern.regex.as_str())
                .collect();
            patterns.join(" or ")
        }
        _ => String::new(),
    }
}

/// The first few of a list; a rule may have hundreds of keywords.
fn any_of(values: &[Box<str>]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = values
        .iter()
        .take(SHOWN)
        .map(|value| quoted(value))
        .collect();
    let mut text = shown.join(" or ");
    if values.len() > SHOWN {
        let _ = write!(text, " or {} more", values.len() - SHOWN);
    }
    text
}

/// In quotes, shortened, with line breaks and invisible letters made visible.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}
