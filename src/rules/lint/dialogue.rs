//! What followers see of a dialogue: the same as of any reply, found where it is written.

use std::collections::BTreeSet;

use crate::rules::Rule;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::lint::{Warning, replies};
use crate::rules::parsed::ParsedSources;
use crate::rules::template::Template;
use crate::rules::yaml::tree::Step;

pub(super) fn report<'r>(rules: &'r [Rule], found: &mut Vec<Warning<'r>>) {
    // A question is a part of several rules.
    let mut seen = BTreeSet::new();
    for rule in rules.iter().filter(|rule| rule.part.is_some()) {
        for template in rule.answer.templates() {
            for (message, help) in replies::spoilt_text(template, false) {
                let origin = rule.origin;
                let text = longest_literal(template);
                if !seen.insert((origin.file, origin.entry, text, message.to_string())) {
                    continue;
                }
                found.push(Warning::new(origin, move |sources| {
                    Diagnostic::warning(place(rule, text, sources), message).help(help)
                }));
            }
        }
    }
}

fn longest_literal(template: &Template) -> &str {
    let longest = template.literals().max_by_key(|text| text.len());
    longest.unwrap_or_default()
}

fn place(rule: &Rule, text: &str, sources: &ParsedSources) -> Place {
    // In its file a text may have escapes and line breaks.
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    let keys = ["dialogue", "reply"].into_iter();
    let mut texts = keys.flat_map(|key| sources.texts_in(rule.origin, key));
    let written = texts.find(|(_, written)| first.is_some_and(|line| written.contains(line)));
    match written {
        Some((range, _)) => sources.place_of(rule.origin, range),
        None => sources.place_in(rule.origin, &[Step::Key("dialogue")]),
    }
}
