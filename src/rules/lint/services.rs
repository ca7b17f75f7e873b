//! Services that work and should not be used as they stand: without encryption, without a label
//! or limits; and answers that can be late without a way to get them.

use crate::i18n::{Phrase, phrase};
use crate::reply::Reply;
use crate::rules::RuleSet;
use crate::rules::ask::KnownService;
use crate::rules::compile::web_address;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::Step;
use crate::service::{LanguageModel, ServiceKind};

/// Each with its place among the sources: the main file.
pub(super) fn warnings(rules: &RuleSet, sources: &ParsedSources) -> Vec<(usize, Diagnostic)> {
    let mut found = Vec::new();
    for known in &rules.services {
        let name = &*known.service.name;
        let mut warn = |key: &str, message: Phrase, help: Phrase| {
            let path = [Step::Key("services"), Step::Key(name), Step::Key(key)];
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
    let settings = &rules.settings;
    let can_be_late = rules.rules.iter().any(|rule| rule.ask.is_some());
    let has_no_way = settings.fetch.is_empty() && settings.more.is_empty();
    if can_be_late && settings.slow != Reply::Silence && has_no_way {
        let place = sources.place_at(0, &[Step::Key("options"), Step::Key("slow")]);
        let warning = Diagnostic::warning(place, phrase!(slow_without_fetch));
        found.push((0, warning.help(phrase!(help_slow_without_fetch))));
    }
    found
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
