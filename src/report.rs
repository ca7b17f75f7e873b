//! Formats decisions, failures and diagnostics as text and JSON. Prints nothing.

pub mod decision;
mod difference;

use std::borrow::Cow;
use std::cmp::Reverse;

use serde_json::{Value, json};

use crate::case_runner::Failure;
use crate::engine::{Decision, SkippedRule};
use crate::i18n::{Phrase, phrase};
use crate::reply::Reply;
use crate::rules::condition::MatchContext;
use crate::rules::diagnostic::{Diagnostic, Place, Severity};
use crate::rules::dialogue;
use crate::rules::explain::Reason;
use crate::rules::parsed::ParsedSources;
use crate::rules::{ExpectedQuestion, ExpectedRule, RuleSet, explain};
use crate::service::ServiceError;
use crate::user::{Change, Stored};

pub fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let other = diagnostic.other.as_ref().map(|(place_of, label)| {
        let mut other = place(place_of);
        other["label"] = json!(label.to_string());
        other
    });
    let mut value = place(&diagnostic.place);
    value["severity"] = json!(match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    });
    value["code"] = json!(diagnostic.code());
    value["message"] = json!(diagnostic.message.to_string());
    value["notes"] = diagnostic.notes.iter().map(Phrase::to_string).collect();
    value["help"] = json!(diagnostic.help.as_ref().map(Phrase::to_string));
    value["other"] = json!(other);
    value
}

pub fn place(place: &Place) -> Value {
    json!({ "file": place.path, "line": place.line, "column": place.column })
}

/// A reply as a rule file would write it, on one line.
pub fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Silence => "success".to_owned(),
        Reply::Text(text) => format!("{text:?}"),
        Reply::CustomerService { account: None } => "transfer_customer_service".to_owned(),
        reply => reply.written().to_string(),
    }
}

/// `set threshold = "10"`
pub fn change(change: &Change) -> Phrase {
    match change {
        Change::Set {
            key,
            value,
            expires,
        } => {
            let shown = dialogue::described(value).filter(|_| key == dialogue::KEY);
            let value = format!("{value:?}");
            match (shown, expires) {
                (Some(step), None) => step,
                (Some(step), Some(expires)) => {
                    phrase!(step_for, step, seconds = expires.as_secs())
                }
                (None, Some(expires)) => {
                    phrase!(change_set_for, key, value, seconds = expires.as_secs())
                }
                (None, None) => phrase!(change_set, key, value),
            }
        }
        Change::Add { key, item } => phrase!(change_add, key, item = format!("{item:?}")),
        Change::Remove { key, item } => phrase!(change_remove, key, item = format!("{item:?}")),
        Change::Clear { key } => phrase!(change_clear, key),
        Change::ClearAll => phrase!(change_clear_all),
    }
}

/// A service and what it is asked, as `asked` of a test has it.
pub fn question(service: &str, request: Option<&Value>) -> Phrase {
    Phrase::verbatim(match request {
        Some(request) => format!("{service} {request}"),
        None => service.to_owned(),
    })
}

pub fn stored(stored: Option<&Stored>) -> Phrase {
    match stored {
        None => phrase!(stored_nothing),
        Some(Stored::Value(value)) => Phrase::verbatim(format!("{value:?}")),
        Some(Stored::List(items)) => Phrase::verbatim(format!("{items:?}")),
    }
}

/// Every skipped rule by name, with the reason.
pub fn why_not<'a>(
    rules: &'a RuleSet,
    passed_over: &'a [SkippedRule],
    asked: &'a MatchContext<'a>,
) -> impl Iterator<Item = (Cow<'a, str>, Reason<'a>)> {
    passed_over.iter().filter_map(|passed| {
        let rule = rules.rule(passed.rule)?;
        let reason = explain::why_not(rule, passed.miss, asked)?;
        Some((rule.title(), reason))
    })
}

/// The same as rows for [`columns`].
pub fn passed_over(
    rules: &RuleSet,
    passed_over: &[SkippedRule],
    asked: &MatchContext,
) -> Vec<(String, String)> {
    let reasons = why_not(rules, passed_over, asked);
    let rows = reasons.map(|(rule, reason)| (rule.into_owned(), reason.phrase().to_string()));
    rows.collect()
}

/// Everything about a failed test: what was sent, expected and decided, and why earlier rules did
/// not match.
pub fn failure(failure: &Failure, rules: &RuleSet, sources: &ParsedSources) -> String {
    let place = sources.place(failure.case.origin);
    let mut text = format!(
        "{place}: {}\n{}",
        phrase!(test_failed, name = &failure.case.name),
        columns(&marked_outcome(failure, rules), 2, str::to_owned)
    );
    let nearest = nearest_first(failure, rules);
    if nearest.is_empty() {
        return text;
    }
    let (shown, more) = nearest.split_at(nearest.len().min(MAX_PASSED_OVER));
    text.push_str(&format!("  {}\n", phrase!(passed_over)));
    text.push_str(&columns(&reasons(failure, rules, shown), 4, str::to_owned));
    if !more.is_empty() {
        let count = phrase!(passed_over_more, count = more.len());
        text.push_str(&format!("    {count}\n"));
    }
    text
}

/// So many rules that did not answer are shown with a failed test.
const MAX_PASSED_OVER: usize = 5;

/// Wider lines are broken by most terminals, so that no mark would stand where it belongs.
const MAX_MARKED_COLUMNS: usize = 100;

/// What was sent, wanted and got, with marks where the reply is another one.
fn marked_outcome(failure: &Failure, rules: &RuleSet) -> Vec<(String, String)> {
    let mut rows = said(failure, rules);
    if let Some(wanted) = failure.turn.expected.reply.as_ref().map(reply) {
        let got = reply(&failure.decision.reply);
        let too_wide = |(_, line): &(String, String)| display_width(line) > MAX_MARKED_COLUMNS;
        let marked = match rows.iter().any(too_wide) {
            true => {
                let (wanted, got) = difference::excerpts(&wanted, &got).unwrap_or_default();
                let marks = difference::marks(&wanted, &got);
                rows.push((phrase!(test_wanted).to_string(), wanted));
                rows.push((phrase!(test_got).to_string(), got));
                marks
            }
            // The reply is last on its line.
            false => difference::marks(&wanted, &got).map(|marks| {
                let line = rows.last().map_or(0, |(_, line)| display_width(line));
                " ".repeat(line.saturating_sub(display_width(&got))) + &marks
            }),
        };
        rows.extend(marked.map(|marks| (String::new(), marks)));
    }
    rows.extend(left(failure));
    rows
}

/// The rules that were passed over: the one that the test wants, then those that came nearest to
/// answering.
fn nearest_first(failure: &Failure, rules: &RuleSet) -> Vec<SkippedRule> {
    let asked = asked(failure, rules);
    let wanted = match &failure.turn.expected.rule {
        Some(ExpectedRule::Named(name)) => Some(name.as_str()),
        _ => None,
    };
    let mut passed_over = failure.passed_over.clone();
    passed_over.sort_by_cached_key(|skipped| {
        let rule = rules.rule(skipped.rule);
        let is_wanted = rule.is_some_and(|rule| Some(&*rule.name) == wanted);
        let nearness = rule.map(|rule| explain::nearness(rule, skipped.miss, &asked));
        Reverse((is_wanted, nearness))
    });
    passed_over
}

fn asked<'a>(failure: &'a Failure, rules: &RuleSet) -> MatchContext<'a> {
    let turn = failure.turn;
    let folding = rules.settings.folding;
    MatchContext::new(&turn.message, &turn.moment, Some(&failure.before), folding)
}

/// The same as a diagnostic, without the rules that were passed over.
pub fn failure_diagnostic(
    failure: &Failure,
    rules: &RuleSet,
    sources: &ParsedSources,
) -> Diagnostic {
    let place = sources.place(failure.case.origin);
    let message = phrase!(test_failed, name = failure.case.name.as_str());
    let rows = said(failure, rules).into_iter().chain(left(failure));
    rows.fold(
        Diagnostic::error(place, message),
        |diagnostic, (what, text)| diagnostic.note(Phrase::verbatim(format!("{what} {text}"))),
    )
}

/// What was sent, wanted and got.
fn said(failure: &Failure, rules: &RuleSet) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    if failure.number > 0 {
        rows.push((phrase!(test_turn).to_string(), failure.number.to_string()));
    }
    rows.push((phrase!(test_sent).to_string(), failure.turn.sent.clone()));
    rows.push((phrase!(test_wanted).to_string(), wanted(failure)));
    rows.push((phrase!(test_got).to_string(), got(rules, &failure.decision)));
    rows
}

/// Why the follower gets `on_error` or `failed`, and not what the rule replies.
pub fn why_failed(decision: &Decision) -> Option<String> {
    let service = |error| match error {
        ServiceError::Status(status) => status.to_string(),
        error => error.word().to_owned(),
    };
    let rule = decision.failure.as_ref().map(ToString::to_string);
    rule.or_else(|| decision.unanswered.map(service))
}

/// What failed, what was asked of services and is stored of the follower afterwards, where it is
/// not what was wanted.
fn left(failure: &Failure) -> Vec<(String, String)> {
    let turn = failure.turn;
    let mut rows = Vec::new();
    rows.extend(why_failed(&failure.decision).map(|why| (phrase!(try_failed).to_string(), why)));
    if !turn.question_is_met(failure.question.as_deref()) {
        let wanted = match &turn.expected.asked {
            Some(ExpectedQuestion::Of { service, request }) => question(service, request.as_ref()),
            _ => phrase!(asked_nothing),
        };
        let got = match &failure.question {
            Some(asked) => question(&asked.service.name, Some(&asked.request)),
            None => phrase!(asked_nothing),
        };
        let difference = phrase!(test_asked_difference, wanted, got);
        rows.push((phrase!(test_asked).to_string(), difference.to_string()));
    }
    if let Some(service) = &failure.unanswerable {
        let why = phrase!(test_unanswerable, service);
        rows.push((phrase!(test_asked).to_string(), why.to_string()));
    }
    if let Some((key, wanted)) = turn.unmet_user(&failure.after) {
        let wanted = stored(wanted.as_ref());
        let got = stored(failure.after.get(key));
        let difference = phrase!(test_stored_difference, key, wanted, got);
        rows.push((phrase!(test_stored).to_string(), difference.to_string()));
    }
    if let Some((wanted, found)) = turn.unmet_step(&failure.after) {
        let named = |step: Option<&str>| match step {
            Some(step) => phrase!(step_named, step),
            None => phrase!(no_step),
        };
        let (wanted, got) = (named(wanted), named(found.as_deref()));
        let difference = phrase!(test_step_difference, wanted, got);
        rows.push((phrase!(test_step).to_string(), difference.to_string()));
    }
    rows
}

/// Why these rules did not answer.
fn reasons(failure: &Failure, rules: &RuleSet, skipped: &[SkippedRule]) -> Vec<(String, String)> {
    passed_over(rules, skipped, &asked(failure, rules))
}

/// Why none of the rules that were passed over answered, the nearest first.
pub fn all_reasons(failure: &Failure, rules: &RuleSet) -> Vec<(String, String)> {
    reasons(failure, rules, &nearest_first(failure, rules))
}

pub fn wanted(failure: &Failure) -> String {
    let expected = &failure.turn.expected;
    let rule = expected.rule.as_ref().map(|rule| match rule {
        ExpectedRule::None => phrase!(no_rule),
        ExpectedRule::Named(rule) => phrase!(rule_named, rule),
    });
    let reply = expected.reply.as_ref().map(reply);
    let wanted = match (rule, reply) {
        (None, None) => phrase!(any_rule),
        (Some(rule), None) => rule,
        (None, Some(reply)) => Phrase::verbatim(reply),
        (Some(rule), Some(reply)) => phrase!(rule_and_reply, rule, reply),
    };
    wanted.to_string()
}

fn got(rules: &RuleSet, decision: &Decision) -> String {
    let rule = match decision.rule.and_then(|id| rules.rule(id)) {
        Some(rule) => phrase!(rule_named, rule = &*rule.title()),
        None => phrase!(no_rule),
    };
    phrase!(rule_and_reply, rule, reply = reply(&decision.reply)).to_string()
}

/// Pairs of a name and a reason as two columns, indented. Colours are added once the width is
/// known.
pub fn columns(rows: &[(String, String)], indent: usize, color: impl Fn(&str) -> String) -> String {
    let width = rows
        .iter()
        .map(|(name, _)| display_width(name))
        .max()
        .unwrap_or(0);
    let lines = rows.iter().map(|(name, why)| {
        let padding = " ".repeat(indent + width - display_width(name) + 2);
        let (start, gap) = padding.split_at(indent);
        format!("{start}{}{gap}{why}\n", color(name))
    });
    lines.collect()
}

/// The width of a text on a terminal: a Chinese character takes two columns.
pub(crate) fn display_width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
