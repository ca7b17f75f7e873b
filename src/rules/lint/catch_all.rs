//! Rules for whatever followers write that also answer what their phones report: to followers, an
//! answer to nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::i18n::phrase;
use crate::message::Message;
use crate::moment::Moment;
use crate::rules::answer::Answer;
use crate::rules::condition::{Condition, MatchContext, Mismatch, Subject};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::{Warning, locate};
use crate::rules::{Rule, RuleSet};

/// Events that WeChat sends without the follower meaning to say anything.
const UNNOTICED: [&str; 3] = ["LOCATION", "VIEW", "unsubscribe"];

pub(super) fn report<'r>(rules: &'r RuleSet, found: &mut Vec<Warning<'r>>) {
    let mut answered: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for event in UNNOTICED {
        for place in answering(rules, event) {
            answered.entry(place).or_default().push(event);
        }
    }
    for (place, events) in answered {
        let Some(rule) = rules.rules.get(place) else {
            continue;
        };
        found.push(Warning::new(rule.origin, move |sources| {
            let message = phrase!(
                catch_all_answers_events,
                rule = &*rule.title(),
                events = events.join(", ")
            );
            Diagnostic::warning(locate::name(rule, sources), message)
                .help(phrase!(help_leave_out_events))
        }));
    }
}

/// The general rules that say something when such an event comes, whoever it is from.
fn answering(rules: &RuleSet, event: &str) -> Vec<usize> {
    let message = Message::new("event").with("Event", event);
    let moment = Moment::new(Timestamp::UNIX_EPOCH, &TimeZone::UTC);
    let asked = MatchContext::new(&message, &moment, None, rules.settings.folding);
    let mut answering = Vec::new();
    for (place, rule) in rules.rules.iter().enumerate() {
        let checked = rule.check(&asked);
        if !matches!(checked, Ok(()) | Err(Mismatch::NeedsUser)) {
            continue;
        }
        if !rule.skips() && rule.answer != Answer::SILENCE && is_general(rule) {
            answering.push(place);
        }
        if checked.is_ok() {
            break;
        }
    }
    answering
}

/// Whether a rule asks for nothing that tells one event from another.
fn is_general(rule: &Rule) -> bool {
    let mut conditions = rule.when.iter().flat_map(Condition::each);
    conditions.all(|condition| match condition {
        Condition::Event(_) => false,
        Condition::Text(subject, _) => matches!(subject, Subject::Stored(_)),
        _ => true,
    })
}
