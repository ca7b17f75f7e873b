//! A decision with its explanation as JSON, for `try` and the playground.

use serde_json::{Map, Value, json};

use crate::engine::{Decision, SkippedRule};
use crate::i18n::Language::{Chinese, English};
use crate::i18n::Phrase;
use crate::rules::condition::MatchContext;
use crate::rules::diagnostic::Place;
use crate::rules::{Rule, RuleSet};
use crate::service::Question;
use crate::user::{Stored, User};
use crate::wechat::Degradation;
use crate::{engine, report, wechat};

/// `place` is that of the rule that answers.
pub fn json(
    rules: &RuleSet,
    place: Option<&Place>,
    asked: &MatchContext,
    decision: &Decision,
    passed_over: &[SkippedRule],
) -> Value {
    let rule = decision.rule.and_then(|id| rules.rule(id));
    let found = rule.map(|rule| engine::captured(rule, asked));
    let found = found.unwrap_or_default().into_iter();
    let sent = wechat::as_delivered(&decision.reply, asked.message);
    let degradation = sent.degradation.map(Degradation::phrase);
    let before = asked.user.cloned().unwrap_or_default();
    let mut after = before.clone();
    decision
        .changes
        .iter()
        .for_each(|change| after.apply(change));
    let changes: Vec<Phrase> = decision.changes.iter().map(report::change).collect();
    let reasons = report::why_not(rules, passed_over, asked);
    let reasons = reasons.map(|(rule, reason)| {
        let why = reason.phrase();
        json!({ "rule": rule, "why": why.text(English), "why_zh": why.text(Chinese) })
    });
    json!({
        "rule": rule.map(|rule| &rule.name),
        "part": rule.map(Rule::part_name).filter(|part| !part.is_empty()),
        "place": place.map(report::place),
        "at": asked.moment.text(),
        "captures": found.map(|(name, text)| (name, json!(text))).collect::<Map<_, _>>(),
        "reply": decision.reply.written(),
        "sent": sent.reply.written(),
        "shortfall": degradation.as_ref().map(|why| why.text(English)),
        "shortfall_zh": degradation.as_ref().map(|why| why.text(Chinese)),
        "question": decision.question.as_deref().map(question),
        "failure": decision.failure.as_ref().map(ToString::to_string),
        "changes": changes.iter().map(|change| change.text(English)).collect::<Vec<_>>(),
        "changes_zh": changes.iter().map(|change| change.text(Chinese)).collect::<Vec<_>>(),
        "user": { "before": user(&before), "after": user(&after) },
        "passed_over": reasons.collect::<Vec<_>>(),
    })
}

/// What would be asked, and where.
fn question(question: &Question) -> Value {
    json!({
        "service": &*question.service.name,
        "url": Some(&question.url).filter(|url| !url.is_empty()),
        "request": &question.request,
    })
}

fn user(user: &User) -> Map<String, Value> {
    let stored = user.iter().map(|(key, stored)| {
        let value = match stored {
            Stored::Value(value) => json!(value),
            Stored::List(items) => json!(items),
        };
        (key.to_owned(), value)
    });
    stored.collect()
}
