//! Why a rule did not answer, as messages.

use crate::i18n::{Phrase, phrase};
use crate::rules::condition::{Condition, MatchContext, Pattern, Shape, Subject, Test};
use crate::rules::dialogue::{DialogueProgress, Position};
use crate::rules::explain;
use crate::rules::explain::Reason;

pub(super) fn phrase(reason: &Reason) -> Phrase {
    match reason {
        Reason::Failed(condition, asked) => failed(condition, asked),
        Reason::Disabled => phrase!(reason_disabled),
        Reason::Unless(conditions) => phrase!(reason_unless, conditions = together(conditions)),
        Reason::NeedsUser => phrase!(reason_needs_user),
    }
}

fn failed(condition: &Condition, asked: &MatchContext) -> Phrase {
    let message = asked.message;
    match condition {
        Condition::Type(types) => {
            let found = quoted(message.msg_type());
            phrase!(reason_type, found, wanted = any_of(types))
        }
        Condition::Event(events) => match message.event() {
            Some(event) => phrase!(reason_event, found = quoted(event), wanted = any_of(events)),
            None => phrase!(reason_no_event, wanted = any_of(events)),
        },
        Condition::Hours(hours) => {
            let now = explain::time(asked);
            phrase!(reason_hours, now, wanted = either(shown(hours)))
        }
        Condition::Days(days) => {
            let day = usize::try_from(asked.moment.weekday().to_monday_one_offset());
            let today = phrase!(weekday, day = day.unwrap_or_default());
            phrase!(reason_days, today, wanted = days.to_string())
        }
        Condition::Dates(dates) => {
            let today = asked.moment.date().to_string();
            phrase!(reason_dates, today, wanted = either(shown(dates)))
        }
        Condition::Any(alternatives) => {
            let each = explain::first_failed(alternatives, asked);
            let each = each.map(|condition| failed(condition, asked));
            phrase!(reason_any, each = listed(each))
        }
        Condition::NotStored(key) | Condition::Answered(key, false) => {
            phrase!(reason_stored, key = &**key)
        }
        Condition::Answered(key, true) => phrase!(reason_not_stored, key = &**key),
        Condition::At(position) => match asked.progress() {
            Some(DialogueProgress { rule, step, .. }) => {
                phrase!(reason_elsewhere, rule, step, wanted = place(position))
            }
            None => phrase!(reason_not_at, wanted = place(position)),
        },
        Condition::Text(subject, test) => match (explain::value(subject, test, asked), subject) {
            (Some(value), _) => phrase!(
                reason_text,
                subject = name(subject),
                value = quoted(&value),
                test = does_not(test),
            ),
            (None, Subject::Content) => phrase!(reason_no_text),
            (None, Subject::Stored(key)) => phrase!(reason_not_stored, key = &**key),
            (None, _) => phrase!(reason_missing, name = name(subject)),
        },
    }
}

fn together(conditions: &[Condition]) -> Phrase {
    let conditions = conditions.iter().map(wanted);
    let all = conditions.reduce(|first, second| phrase!(both, first, second));
    all.unwrap_or_else(|| Phrase::verbatim(""))
}

/// A condition as it was meant: `text begins with "设置"`.
fn wanted(condition: &Condition) -> Phrase {
    match condition {
        Condition::Type(types) => phrase!(condition_type, wanted = any_of(types)),
        Condition::Event(events) => phrase!(condition_event, wanted = any_of(events)),
        Condition::Hours(hours) => phrase!(condition_hours, wanted = either(shown(hours))),
        Condition::Days(days) => phrase!(condition_days, wanted = days.to_string()),
        Condition::Dates(dates) => phrase!(condition_dates, wanted = either(shown(dates))),
        Condition::Any(alternatives) => {
            let each = alternatives.iter().map(|one| together(one));
            phrase!(condition_any, each = listed(each))
        }
        Condition::NotStored(key) | Condition::Answered(key, false) => {
            phrase!(condition_not_stored, key = &**key)
        }
        Condition::Answered(key, true) => phrase!(condition_stored, key = &**key),
        Condition::At(position) => place(position),
        Condition::Text(Subject::Content, test) => phrase!(condition_content, test = does(test)),
        Condition::Text(subject, test) => {
            phrase!(condition_text, subject = name(subject), test = does(test))
        }
    }
}

/// Where in a dialogue.
fn place(position: &Position) -> Phrase {
    let Position { rule, step, tries } = position;
    let place = match step {
        Some(step) => phrase!(at_step, rule = &**rule, step = &**step),
        None => phrase!(within_dialogue, rule = &**rule),
    };
    match tries {
        0 => place,
        tries => phrase!(after_tries, place, tries = tries.to_string()),
    }
}

/// What comes from the rule file or the message stays as it is there.
fn name(subject: &Subject) -> Phrase {
    match subject {
        Subject::Content => phrase!(subject_content),
        Subject::Key => Phrase::verbatim("key"),
        Subject::Scene => Phrase::verbatim("scene"),
        Subject::Menu => Phrase::verbatim("menu"),
        Subject::Field(name) => Phrase::verbatim(&**name),
        Subject::Stored(key) => phrase!(subject_stored, key = &**key),
    }
}

fn does(test: &Test) -> Phrase {
    match test {
        Test::Literal(shape, values) => {
            let wanted = any_of(values);
            match shape {
                Shape::Equals => phrase!(does_equal, wanted),
                Shape::Prefix => phrase!(does_begin, wanted),
                Shape::Suffix => phrase!(does_end, wanted),
                Shape::Contains => phrase!(does_contain, wanted),
            }
        }
        Test::Regex(all) => phrase!(does_match, wanted = either(patterns(all))),
        Test::AtLeast(number) => phrase!(at_least, number = number.to_string()),
        Test::Below(number) => phrase!(below, number = number.to_string()),
    }
}

fn does_not(test: &Test) -> Phrase {
    match test {
        Test::Literal(shape, values) => {
            let wanted = any_of(values);
            match shape {
                Shape::Equals => phrase!(does_not_equal, wanted),
                Shape::Prefix => phrase!(does_not_begin, wanted),
                Shape::Suffix => phrase!(does_not_end, wanted),
                Shape::Contains => phrase!(does_not_contain, wanted),
            }
        }
        Test::Regex(all) => phrase!(does_not_match, wanted = either(patterns(all))),
        Test::AtLeast(number) => phrase!(not_at_least, number = number.to_string()),
        Test::Below(number) => phrase!(not_below, number = number.to_string()),
    }
}

/// So many of a list are shown; a rule may have hundreds of keywords.
const MAX_SHOWN: usize = 5;

fn any_of(values: &[Box<str>]) -> Phrase {
    let first = values.iter().take(MAX_SHOWN);
    let first = first.map(|value| Phrase::verbatim(quoted(value)));
    let more = values.len().saturating_sub(MAX_SHOWN);
    let more = (more > 0).then(|| phrase!(count_more, count = more));
    either(first.chain(more))
}

fn either(each: impl Iterator<Item = Phrase>) -> Phrase {
    let all = each.reduce(|first, second| phrase!(either, first, second));
    all.unwrap_or_else(|| Phrase::verbatim(""))
}

fn listed(each: impl Iterator<Item = Phrase>) -> Phrase {
    let all = each.reduce(|first, second| phrase!(listed, first, second));
    all.unwrap_or_else(|| Phrase::verbatim(""))
}

fn shown<T: ToString>(values: &[T]) -> impl Iterator<Item = Phrase> {
    values
        .iter()
        .map(|value| Phrase::verbatim(value.to_string()))
}

fn patterns(patterns: &[Pattern]) -> impl Iterator<Item = Phrase> {
    patterns
        .iter()
        .map(|one| Phrase::verbatim(one.regex.as_str()))
}

/// In quotes, shortened, with line breaks and invisible letters made visible.
fn quoted(text: &str) -> String {
    const MAX_SHOWN: usize = 40;
    let mut shown: String = text.chars().take(MAX_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}
