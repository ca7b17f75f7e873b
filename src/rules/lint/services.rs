//! Services that work and should not be used as they stand: without encryption, without a label
//! or limits; and answers that nobody can fetch.

use serde_json::Value;

use crate::i18n::{Phrase, phrase};
use crate::reply::Reply;
use crate::rules::ask::{Ask, KnownService};
use crate::rules::compile::web_address;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::file::Text;
use crate::rules::lint::Warning;
use crate::rules::lint::rule_texts::RuleTexts;
use crate::rules::parsed::ParsedSources;
use crate::rules::values::step_through;
use crate::rules::yaml::tree::PathStep;
use crate::rules::{Case, RuleSet};
use crate::service::{LanguageModel, ServiceAnswer, ServiceKind};
use crate::waiting;

/// Each with its place among the sources: the main file.
pub(super) fn warnings(rules: &RuleSet, sources: &ParsedSources) -> Vec<(usize, Diagnostic)> {
    let mut found = Vec::new();
    for known in &rules.services {
        let name = &*known.service.name;
        let mut warn = |key: &str, message: Phrase, help: Phrase| {
            let path = [
                PathStep::Key("services"),
                PathStep::Key(name),
                PathStep::Key(key),
            ];
            let place = sources.place_at(0, &path);
            found.push((0, Diagnostic::warning(place, message).help(help)));
        };
        let (key, address) = address(known);
        if web_address::is_public_and_plain(address) {
            let message = phrase!(service_without_encryption);
            warn(key, message, phrase!(help_service_without_encryption));
        }
        if let ServiceKind::LanguageModel(model) = &known.service.kind {
            for (key, message, help) in of_model(model) {
                warn(key, message, help);
            }
        }
    }
    found.extend(keys(sources));
    found.extend(unfetchable(rules, sources));
    found
}

/// What makes or speaks of an answer that nobody can fetch.
fn unfetchable(rules: &RuleSet, sources: &ParsedSources) -> Option<(usize, Diagnostic)> {
    let settings = &rules.settings;
    let options = &sources.files.first()?.file.options;
    let has_link = |text: Option<&Text>| text.is_some_and(|Text(text)| text.contains("<fetch:"));
    let (slow, more) = (options.slow.as_ref(), options.more.as_ref());
    let has_no_word = settings.fetch.is_empty();
    // A link below the parts of a long answer is no way to one that is late.
    let is_late_lost = has_no_word && !has_link(slow);
    let mut asked = rules.rules.iter().filter_map(|rule| rule.ask.as_deref());
    let first = asked.next()?;
    let option = |key| {
        let path = [PathStep::Key("options"), PathStep::Key(key)];
        (path.to_vec(), phrase!(help_slow_without_fetch))
    };
    let (path, help) = if is_late_lost && settings.slow != Reply::Silence {
        option("slow")
    } else if has_no_word && more.is_some() && !has_link(more) {
        option("more")
    } else {
        let is_late = |ask: &&Ask| ask.of.service.timeout > waiting::LATE_AFTER;
        let late = Some(first).into_iter().chain(asked).find(is_late);
        let name = &*late.filter(|_| is_late_lost)?.of.service.name;
        let path = ["services", name, "timeout"].map(PathStep::Key);
        let limit = waiting::LATE_AFTER.as_secs();
        (path.to_vec(), phrase!(help_late_without_fetch, limit))
    };
    let warning = Diagnostic::warning(sources.place_at(0, &path), phrase!(slow_without_fetch));
    Some((0, warning.help(help)))
}

/// Language models that cost money, where an account with these rules is in plain mode: whoever
/// can write as WeChat spends it.
pub(crate) fn in_plain_mode(
    rules: &RuleSet,
    sources: &ParsedSources,
    account: &str,
) -> Vec<Diagnostic> {
    let costly = rules.services.iter().filter(|known| {
        matches!(&known.service.kind, ServiceKind::LanguageModel(model) if model.key.is_some())
    });
    let warning = |known: &KnownService| {
        let path = [
            PathStep::Key("services"),
            PathStep::Key(&known.service.name),
            PathStep::Key("key"),
        ];
        let message = phrase!(plain_mode_with_model, account);
        let help = phrase!(help_plain_mode_with_model);
        Diagnostic::warning(sources.place_at(0, &path), message).help(help)
    };
    costly.map(warning).collect()
}

/// What looks like a key, wherever it stands. It is not shown again.
fn keys(sources: &ParsedSources) -> Vec<(usize, Diagnostic)> {
    let mut found = Vec::new();
    for (file, source) in sources.files.iter().enumerate() {
        let text = &source.document.source.text;
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        let words = text.split(|letter: char| !is_part(letter));
        for word in words.filter(|word| web_address::looks_like_a_key(word)) {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            let place = source.document.place(start..start + word.len());
            let warning = Diagnostic::warning(place.without_text(), phrase!(key_in_file));
            found.push((file, warning.help(phrase!(help_key_in_file))));
        }
    }
    found
}

/// Placeholders for what no answer in any test has, where there are answers to compare with.
pub(super) fn never_there<'r>(
    said: &RuleTexts<'r>,
    cases: &'r [Case],
    found: &mut Vec<Warning<'r>>,
) {
    let rule = said.rule;
    let Some(ask) = rule.ask.as_deref().filter(|ask| !ask.is_of_model()) else {
        return;
    };
    let turns = cases.iter().flat_map(|case| &case.turns);
    let canned = turns.flat_map(|turn| &turn.answers);
    let answers: Vec<&Value> = canned
        .filter(|canned| *canned.service == *ask.of.service.name)
        .filter_map(|canned| canned.answer.as_ref().ok())
        .map(|ServiceAnswer(value)| value)
        .collect();
    if answers.is_empty() {
        return;
    }
    for (at, template) in said.templates() {
        for path in template.answer_paths() {
            if path.is_empty()
                || answers
                    .iter()
                    .any(|answer| step_through(answer, path).is_some())
            {
                continue;
            }
            let (name, at) = (format!("answer.{}", path.join(".")), at.clone());
            found.push(Warning::new(rule.origin, move |sources| {
                let place = sources.place_in(rule.origin, &at);
                let warning = Diagnostic::warning(place, phrase!(answer_never_there, name));
                warning.help(phrase!(help_answer_never_there))
            }));
        }
    }
}

fn address(known: &KnownService) -> (&'static str, &str) {
    match &known.service.kind {
        ServiceKind::Webhook(_) => ("url", known.url.literals().next().unwrap_or_default()),
        ServiceKind::LanguageModel(model) => ("llm", &model.base_url),
    }
}

fn of_model(model: &LanguageModel) -> Vec<(&'static str, Phrase, Phrase)> {
    let mut found = Vec::new();
    if model.label.is_none() {
        found.push((
            "llm",
            phrase!(model_without_label),
            phrase!(help_model_without_label),
        ));
    }
    let limits = model.limits;
    if limits.follower.is_none() && limits.day.is_none() {
        found.push((
            "llm",
            phrase!(model_without_limits),
            phrase!(help_model_without_limits),
        ));
    }
    if limits.tokens.is_none() {
        found.push((
            "llm",
            phrase!(model_without_tokens),
            phrase!(help_model_without_tokens),
        ));
    }
    found
}
