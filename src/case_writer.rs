//! Writes a trial as a passing test of a rule file. Knows neither files nor HTTP.

mod json;

use std::time::Duration;

use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::conversation::{Conversation, Exchange};
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::scalar::{inline, lines, printable};
use crate::rules::trial::{Trial, TrialError, TrialStep};
use crate::rules::{Canned, RuleSet, TEST_TIME, length_of_time};
use crate::service::{Question, ServiceError};
use crate::user::{Stored, User};

/// The line length, unless a single value is longer.
const WIDTH: usize = 96;

/// The outcome of one step as in a test, with the random choices of tests.
struct Played {
    moment: Moment,
    exchange: Exchange,
    by_chance: bool,
    /// The service that was asked, and what it answers in the test.
    answer: Option<(String, Value)>,
}

/// The test, as an item of the list `tests`. A time that was not chosen is included only if another
/// rule would answer at the default time of tests.
pub(crate) fn write(rules: &RuleSet, attempt: &Trial, now: DateTime) -> Result<String, TrialError> {
    let answered = |played: &[Played]| -> Vec<_> {
        let decisions = played.iter().map(|step| step.exchange.decision.rule);
        decisions.collect()
    };
    let mut played = play(rules, attempt, TEST_TIME)?;
    let today = play(rules, attempt, now)?;
    if answered(&played) != answered(&today) {
        played = today;
    }
    let mut text = format!("  - name: {}\n", inline(&name(rules, attempt, &played)));
    if !attempt.user.is_empty() {
        text.push_str(&format!("    user: {}\n", user(attempt.user.iter())));
    }
    let zone = &rules.settings.zone;
    let mut clock = Moment::local(TEST_TIME, zone).ok_or_else(TrialError::far_time)?;
    let steps = attempt.steps.iter().zip(&played);
    match attempt.steps.len() {
        1 => steps.for_each(|(step, played)| {
            turn(&mut text, rules, ["    ", "    "], step, played, &mut clock);
        }),
        _ => {
            text.push_str("    talk:\n");
            for (step, played) in steps {
                let margins = ["      - ", "        "];
                turn(&mut text, rules, margins, step, played, &mut clock);
            }
        }
    }
    Ok(text)
}

fn play(rules: &RuleSet, attempt: &Trial, otherwise: DateTime) -> Result<Vec<Played>, TrialError> {
    let zone = &rules.settings.zone;
    let mut talk = Conversation::new(rules, attempt.user.clone());
    let mut clock = Moment::local(otherwise, zone).ok_or_else(TrialError::far_time)?;
    let step = |step: &TrialStep| {
        let moment = step.moment(Some(clock.clone()), zone)?;
        clock = moment.clone();
        let now = moment.unix_seconds();
        let message = step.message.clone().with("CreateTime", &now.to_string());
        let mut by_chance = false;
        let mut choose = |_| {
            by_chance = true;
            0
        };
        let mut canned = step.canned(rules)?;
        let mut exchange = talk.send(&message, &moment, &canned, &mut choose);
        if let Some(service) = &exchange.unanswerable {
            // Nobody knows here what it answers, so that it fails in the test.
            canned.push(Canned {
                service: service.as_str().into(),
                answer: Err(ServiceError::Timeout),
                after: Duration::ZERO,
            });
            exchange = talk.send(&message, &moment, &canned, &mut choose);
        }
        let answer = exchange.question.as_ref().and_then(|question| {
            let service = &question.service;
            let canned = canned.iter().find(|it| *it.service == *service.name)?;
            Some((service.name.to_string(), canned.written(service)))
        });
        Ok(Played {
            moment,
            exchange,
            by_chance,
            answer,
        })
    };
    attempt.steps.iter().map(step).collect()
}

fn name(rules: &RuleSet, attempt: &Trial, played: &[Played]) -> String {
    if let Some(name) = &attempt.name {
        return name.clone();
    }
    let sent = attempt.steps.iter().map(|step| match &step.sent[..] {
        [(_, only)] => only.as_str(),
        several => {
            let telling = |name: &&str| several.iter().find(|(key, _)| key == name);
            let telling = ["content", "key", "scene", "event", "type"]
                .iter()
                .find_map(telling);
            telling.map_or("", |(_, value)| value)
        }
    });
    let sent: Vec<String> = sent.map(printable).collect();
    let mut sent = sent.join("，");
    if let Some((end, _)) = sent.char_indices().nth(40) {
        sent.truncate(end);
        sent.push('…');
    }
    let last = played.last().and_then(|played| rule(rules, played));
    format!("{sent} → {}", last.unwrap_or("none"))
}

fn rule<'r>(rules: &'r RuleSet, played: &Played) -> Option<&'r str> {
    let rule = rules.rule(played.exchange.decision.rule?)?;
    Some(&rule.name)
}

/// `margins` precede the first line and all others.
fn turn(
    text: &mut String,
    rules: &RuleSet,
    margins: [&str; 2],
    step: &TrialStep,
    played: &Played,
    clock: &mut Moment,
) {
    let [first, margin] = margins;
    text.push_str(&format!("{first}send: {}\n", sent(&step.sent)));
    let later = step.later.filter(|later| {
        let after = clock.later(*later);
        step.at.is_none()
            && after.is_some_and(|after| after.unix_seconds() == played.moment.unix_seconds())
    });
    if let Some(later) = later {
        text.push_str(&format!("{margin}later: {}\n", length_of_time(later)));
    } else if played.moment.unix_seconds() != clock.unix_seconds() {
        text.push_str(&format!("{margin}at: {}\n", inline(played.moment.text())));
    }
    *clock = played.moment.clone();
    if let Some((service, answer)) = &played.answer {
        let answers = json!({ service: answer });
        text.push_str(&json::under(margin, "answers", &answers));
    }
    text.push_str(&expect(rules, played, margin));
}

fn sent(pairs: &[(String, String)]) -> String {
    match pairs {
        [(name, text)] if name == "content" => inline(text),
        pairs => mapping(pairs.iter().map(|(name, value)| (&**name, inline(value)))),
    }
}

fn expect(rules: &RuleSet, played: &Played, margin: &str) -> String {
    let Exchange {
        decision, question, ..
    } = &played.exchange;
    let reply = &decision.reply;
    let mut parts = match rule(rules, played) {
        None => vec![("rule", "none".to_owned())],
        Some(name) => vec![("rule", inline(name))],
    };
    let asked = question
        .as_ref()
        .map(|question| asked(rules, played, question));
    if let Some(asked) = &asked {
        parts.push(("asked", json::flow(asked)));
    }
    if decision.rule.is_some() && !played.by_chance {
        parts.push(("reply", self::reply(reply)));
    }
    let changed = changed(&played.exchange.before, &played.exchange.after);
    if !changed.is_empty() {
        parts.push(("user", mapping(changed.into_iter())));
    }
    let line = format!("{margin}expect: {}\n", mapping(parts.iter().cloned()));
    let block = match reply {
        Reply::Text(text) => Some(lines(text, margin.len() + 4)),
        _ => None,
    };
    let block = block.filter(|text| text.contains('\n') && !played.by_chance);
    if line.chars().count() <= WIDTH && block.is_none() {
        return line;
    }
    let mut text = format!("{margin}expect:\n");
    let deeper = format!("{margin}  ");
    for (key, value) in parts {
        match (key, &block, &asked) {
            ("reply", Some(block), _) => text.push_str(&format!("{deeper}reply: {block}\n")),
            ("asked", _, Some(asked)) => text.push_str(&json::under(&deeper, "asked", asked)),
            _ => text.push_str(&format!("{deeper}{key}: {value}\n")),
        }
    }
    text
}

/// The service, and what it is asked if that is more than the message itself.
fn asked(rules: &RuleSet, played: &Played, question: &Question) -> Value {
    let rule = played.exchange.decision.rule.and_then(|id| rules.rule(id));
    let ask = rule.and_then(|rule| rule.ask.as_deref());
    match ask.is_none_or(|ask| ask.sends_the_message()) {
        true => json!(*question.service.name),
        false => json!({ &*question.service.name: question.request }),
    }
}

/// The keys whose values change.
fn changed<'a>(before: &'a User, after: &'a User) -> Vec<(&'a str, String)> {
    let now = after
        .iter()
        .filter(|(key, stored)| before.get(key) != Some(stored))
        .map(|(key, stored)| (key, kept(stored)));
    let gone = before
        .iter()
        .filter(|(key, _)| after.get(key).is_none())
        .map(|(key, _)| (key, "null".to_owned()));
    now.chain(gone).collect()
}

fn user<'a>(stored: impl Iterator<Item = (&'a str, &'a Stored)>) -> String {
    mapping(stored.map(|(key, stored)| (key, kept(stored))))
}

fn kept(stored: &Stored) -> String {
    match stored {
        Stored::Value(value) => inline(value),
        Stored::List(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// A finished reply on one line; nothing in it is a placeholder.
fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Text(text) if !["success", "transfer_customer_service"].contains(&&**text) => {
            inline(text)
        }
        reply => json::flow(&reply.written()),
    }
}

/// Values that are YAML already, each under its key, on one line.
fn mapping<'a>(pairs: impl Iterator<Item = (&'a str, String)>) -> String {
    let pairs: Vec<String> = pairs
        .map(|(key, value)| format!("{}: {value}", inline(key)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

#[cfg(test)]
mod tests;
