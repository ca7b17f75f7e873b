//! Why a rule did not answer, in Chinese.

use jiff::civil::Weekday;

use crate::rules::condition::{Condition, MatchContext, Subject, Test};
use crate::rules::dialogue::{Position, Progress};
use crate::rules::explain;
use crate::rules::explain::{Reason, quoted};

const OR: &str = " 或 ";

pub(super) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Failed(condition, asked) => failed(condition, asked),
        Reason::Disabled => "规则已停用（enabled: false）".to_owned(),
        Reason::Unless(conditions) => {
            format!("unless 的条件全部成立：{}", together(conditions))
        }
        Reason::NeedsUser => "要看该关注者已存储的值".to_owned(),
    }
}

fn failed(condition: &Condition, asked: &MatchContext) -> String {
    let message = asked.message;
    match condition {
        Condition::Type(types) => {
            let found = quoted(message.msg_type());
            format!("类型是 {found}，不是 {}", any_of(types))
        }
        Condition::Event(events) => match message.event() {
            Some(event) => format!("事件是 {}，不是 {}", quoted(event), any_of(events)),
            None => format!("不是事件，规则要求的事件是 {}", any_of(events)),
        },
        Condition::Hours(hours) => {
            let now = explain::time(asked);
            format!("现在 {now}，不在 {} 之内", explain::joined(hours, OR))
        }
        Condition::Days(days) => {
            format!("今天是{}，不是 {days}", day(asked.moment.weekday()))
        }
        Condition::Dates(dates) => {
            let today = asked.moment.date();
            format!("今天是 {today}，不在 {} 之内", explain::joined(dates, OR))
        }
        Condition::Any(alternatives) => {
            let failed = explain::first_failed(alternatives, asked);
            let failed: Vec<_> = failed
                .map(|condition| self::failed(condition, asked))
                .collect();
            format!("any 的条件都不成立：{}", failed.join("；"))
        }
        Condition::Stored(key) => format!("没有存储 {key}"),
        Condition::At(position) => match asked.progress() {
            Some(Progress { rule, step, .. }) => {
                format!("在对话 {rule} 的步骤 {step}，不{}", place(position))
            }
            None => format!("不{}", place(position)),
        },
        Condition::NotStored(key) => format!("已存储 {key}，规则要求没有存储"),
        Condition::Text(subject, test) => {
            let name = name(subject);
            match explain::value(subject, test, asked) {
                Some(value) => format!("{name} {} {}", quoted(&value), does_not(test)),
                None => match subject {
                    Subject::Stored(key) => format!("没有存储 {key}"),
                    Subject::Content => "没有文本".to_owned(),
                    _ => format!("没有 {name}"),
                },
            }
        }
    }
}

/// Where in a dialogue.
fn place(position: &Position) -> String {
    let Position { rule, step, tries } = position;
    let step = match step {
        Some(step) => format!("在对话 {rule} 的步骤 {step}"),
        None => format!("在对话 {rule} 里"),
    };
    match tries {
        0 => step,
        tries => format!("{step}，且答错 {tries} 次"),
    }
}

fn together(conditions: &[Condition]) -> String {
    let conditions: Vec<_> = conditions.iter().map(wanted).collect();
    conditions.join("，并且")
}

/// A condition as it was meant: `文本以 "设置" 开头`.
fn wanted(condition: &Condition) -> String {
    match condition {
        Condition::Type(types) => format!("类型是 {}", any_of(types)),
        Condition::Event(events) => format!("事件是 {}", any_of(events)),
        Condition::Hours(hours) => format!("时间在 {} 之内", explain::joined(hours, OR)),
        Condition::Days(days) => format!("今天是 {days}"),
        Condition::Dates(dates) => format!("日期在 {} 之内", explain::joined(dates, OR)),
        Condition::Any(alternatives) => {
            let each: Vec<_> = alternatives.iter().map(|one| together(one)).collect();
            format!("以下之一成立（{}）", each.join("；"))
        }
        Condition::Stored(key) => format!("已存储 {key}"),
        Condition::At(position) => place(position),
        Condition::NotStored(key) => format!("没有存储 {key}"),
        Condition::Text(subject, test) => {
            let name = name(subject);
            let gap = if name.ends_with(is_latin) { " " } else { "" };
            format!("{name}{gap}{}", does(test))
        }
    }
}

/// What comes from the rule file or the message stays as it is there.
fn name(subject: &Subject) -> String {
    match subject {
        Subject::Content => "文本".to_owned(),
        Subject::Key => "key".to_owned(),
        Subject::Scene => "scene".to_owned(),
        Subject::Menu => "menu".to_owned(),
        Subject::Field(name) => name.to_string(),
        Subject::Stored(key) => format!("存储的 {key}"),
    }
}

/// Latin letters stand apart from Chinese ones.
fn is_latin(letter: char) -> bool {
    letter.is_ascii()
}

fn does(test: &Test) -> String {
    match test {
        Test::Equals(values) => format!("是 {}", any_of(values)),
        Test::Prefix(values) => format!("以 {} 开头", any_of(values)),
        Test::Suffix(values) => format!("以 {} 结尾", any_of(values)),
        Test::Contains(values) => format!("包含 {}", any_of(values)),
        Test::AtLeast(number) => format!("至少是 {number}"),
        Test::Below(number) => format!("小于 {number}"),
        Test::Regex(patterns) => format!("匹配 {}", explain::patterns(patterns, OR)),
    }
}

fn does_not(test: &Test) -> String {
    format!("不{}", does(test))
}

fn any_of(values: &[Box<str>]) -> String {
    let (shown, more) = explain::first_of(values);
    let shown = shown.join(OR);
    match more {
        0 => shown,
        more => format!("{shown} 或另外 {more} 个"),
    }
}

fn day(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "周一",
        Weekday::Tuesday => "周二",
        Weekday::Wednesday => "周三",
        Weekday::Thursday => "周四",
        Weekday::Friday => "周五",
        Weekday::Saturday => "周六",
        Weekday::Sunday => "周日",
    }
}
