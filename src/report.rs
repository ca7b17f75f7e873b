//! How decisions, failures and diagnostics look as text and as JSON. Prints nothing.

pub mod decision;

use std::borrow::Cow;

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
use crate::rules::{ExpectedRule, RuleSet, explain};
use crate::user::{Change, Stored};

pub fn count(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

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
        reply => reply_json(reply).to_string(),
    }
}

/// A reply as a rule file would write it.
pub fn reply_json(reply: &Reply) -> Value {
    match reply {
        Reply::Silence => json!("success"),
        Reply::Text(text) => json!({ "text": text }),
        Reply::Image { media_id } => json!({ "image": media_id }),
        Reply::Voice { media_id } => json!({ "voice": media_id }),
        Reply::Video(video) => json!({ "video": video }),
        Reply::Music(music) => json!({ "music": music }),
        Reply::News(articles) => json!({ "news": articles }),
        Reply::CustomerService { account: None } => json!("transfer_customer_service"),
        Reply::CustomerService { account } => json!({ "transfer_customer_service": account }),
    }
}

/// `set threshold = "10"`
pub fn change(change: &Change) -> String {
    match change {
        Change::Set {
            key,
            value,
            expires,
        } => {
            let expires = expires.map(|expires| format!(", for {} s", expires.as_secs()));
            let expires = expires.unwrap_or_default();
            match dialogue::described(value).filter(|_| key == dialogue::KEY) {
                Some(step) => format!("{step}{expires}"),
                None => format!("set {key} = {value:?}{expires}"),
            }
        }
        Change::Add { key, item } => format!("add {item:?} to {key}"),
        Change::Remove { key, item } => format!("remove {item:?} from {key}"),
        Change::Clear { key } => format!("clear {key}"),
        Change::ClearAll => "clear all".to_owned(),
    }
}

pub fn stored(stored: Option<&Stored>) -> String {
    match stored {
        None => "nothing".to_owned(),
        Some(Stored::Value(value)) => format!("{value:?}"),
        Some(Stored::List(items)) => format!("{items:?}"),
    }
}

/// Every rule that was passed over, by its name, with its reason.
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
    let rows = reasons.map(|(rule, reason)| (rule.into_owned(), reason.in_english()));
    rows.collect()
}

/// Everything about a failed test: what was sent, wanted and got, and why earlier rules passed.
pub fn failure(failure: &Failure, rules: &RuleSet, sources: &ParsedSources) -> String {
    let place = sources.place(failure.case.origin);
    let mut text = format!(
        "{place}: test failed: {}\n{}",
        failure.case.name,
        columns(&outcome(failure, rules), 2, str::to_owned)
    );
    let reasons = reasons(failure, rules);
    if !reasons.is_empty() {
        text.push_str("  passed over:\n");
        text.push_str(&columns(&reasons, 4, str::to_owned));
    }
    text
}

/// The same as a diagnostic, without the rules that were passed over.
pub fn failure_diagnostic(
    failure: &Failure,
    rules: &RuleSet,
    sources: &ParsedSources,
) -> Diagnostic {
    let place = sources.place(failure.case.origin);
    let message = phrase!(test_failed, name = failure.case.name.as_str());
    let rows = outcome(failure, rules).into_iter();
    rows.fold(
        Diagnostic::error(place, message),
        |diagnostic, (what, text)| diagnostic.note(format!("{what} {text}")),
    )
}

/// What was sent, wanted and got.
fn outcome(failure: &Failure, rules: &RuleSet) -> Vec<(String, String)> {
    let turn = failure.turn;
    let mut rows = Vec::new();
    if failure.number > 0 {
        rows.push(("turn".to_owned(), failure.number.to_string()));
    }
    rows.push(("sent".to_owned(), turn.sent.clone()));
    rows.push(("wanted".to_owned(), wanted(failure)));
    rows.push(("got".to_owned(), got(rules, &failure.decision)));
    if let Some((key, wanted)) = turn.unmet_user(&failure.after) {
        let wanted = stored(wanted.as_ref());
        let found = stored(failure.after.get(key));
        rows.push((
            "stored".to_owned(),
            format!("{key}: wanted {wanted}, got {found}"),
        ));
    }
    if let Some((wanted, found)) = turn.unmet_step(&failure.after) {
        let named =
            |step: Option<&str>| step.map_or("no step".to_owned(), |step| format!("step {step}"));
        let (wanted, found) = (named(wanted), named(found.as_deref()));
        rows.push(("step".to_owned(), format!("wanted {wanted}, got {found}")));
    }
    rows
}

pub fn reasons(failure: &Failure, rules: &RuleSet) -> Vec<(String, String)> {
    let turn = failure.turn;
    let folding = rules.settings.folding;
    let asked = MatchContext::new(&turn.message, &turn.moment, Some(&failure.before), folding);
    passed_over(rules, &failure.passed_over, &asked)
}

pub fn wanted(failure: &Failure) -> String {
    let expected = &failure.turn.expected;
    let rule = expected.rule.as_ref().map(|rule| match rule {
        ExpectedRule::None => "no rule".to_owned(),
        ExpectedRule::Named(name) => format!("rule {name}"),
    });
    let reply = expected.reply.as_ref().map(reply);
    let parts: Vec<String> = rule.into_iter().chain(reply).collect();
    match parts.as_slice() {
        [] => "any rule".to_owned(),
        parts => parts.join(", "),
    }
}

fn got(rules: &RuleSet, decision: &Decision) -> String {
    match decision.rule.and_then(|id| rules.rule(id)) {
        Some(rule) => format!("rule {}, {}", rule.title(), reply(&decision.reply)),
        None => "no rule, success".to_owned(),
    }
}

/// Pairs of a name and a reason as two columns, indented. The names are coloured, or not, once
/// it is known how wide they are.
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

/// How many columns a terminal gives a text: Chinese letters take two.
fn display_width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
