//! Whether what is said of rules that never answer is said, and only then.

use jiff::tz::TimeZone;

use crate::rules::lint::warnings;
use crate::rules::parsed::ParsedSources;
use crate::rules::{RuleSet, compile};

pub(super) fn rule_set(text: &str) -> (RuleSet, ParsedSources) {
    let sources = ParsedSources::of_text("rules.yaml", text);
    match compile(&sources, &TimeZone::UTC, None) {
        Ok(rules) => (rules, sources),
        Err(mistakes) => panic!("{text}\n{}", mistakes[0].render(false)),
    }
}

fn said(text: &str) -> Vec<String> {
    let (rules, sources) = rule_set(text);
    let warnings = warnings(&rules, &sources).into_iter();
    warnings
        .map(|warning| warning.message.to_string())
        .collect()
}

/// Two rules, each as what stands in it beside its name and reply.
#[track_caller]
fn check(options: &str, earlier: &str, later: &str, never: bool) {
    let text = format!(
        "options: {{ {options} }}\nrules:\n  - {{ name: earlier, {earlier} reply: success }}\n  \
         - {{ name: later, {later} reply: success }}\n"
    );
    let said = said(&text);
    let found = said
        .iter()
        .any(|message| message.starts_with("rule `later` never answers: "));
    assert_eq!(found, never, "{text}{said:?}");
}

#[test]
fn a_rule_is_shadowed_when_every_message_of_it_is_answered_before() {
    for (earlier, later, never) in [
        ("", "when: { equals: a },", true),
        ("when: { equals: a },", "when: { equals: a },", true),
        ("when: { equals: a },", "when: { equals: b },", false),
        (
            "when: { equals: [a, b] },",
            "when: { equals: [b, a] },",
            true,
        ),
        (
            "when: { equals: [a, b] },",
            "when: { equals: [b, c] },",
            false,
        ),
        ("when: { prefix: a },", "when: { equals: ab },", true),
        ("when: { prefix: b },", "when: { equals: ab },", false),
        ("when: { prefix: a },", "when: { prefix: ab },", true),
        ("when: { prefix: ab },", "when: { prefix: a },", false),
        ("when: { suffix: b },", "when: { suffix: [ab, bb] },", true),
        ("when: { suffix: a },", "when: { prefix: a },", false),
        ("when: { contains: b },", "when: { prefix: abc },", true),
        ("when: { contains: b },", "when: { contains: abc },", true),
        (
            "when: { contains: [x, b] },",
            "when: { suffix: [ab, x] },",
            true,
        ),
        (
            "when: { contains: ab },",
            "when: { prefix: a, suffix: b },",
            false,
        ),
        (
            "when: { prefix: a, suffix: b },",
            "when: { equals: [ab, axb] },",
            true,
        ),
        (
            "when: { prefix: a, suffix: b },",
            "when: { prefix: a },",
            false,
        ),
        (
            "when: { equals: a },",
            "when: { equals: [a, b], prefix: a },",
            true,
        ),
        (
            "when: { regex: '^a+$' },",
            "when: { equals: [a, aa] },",
            true,
        ),
        (
            "when: { regex: '^a+$' },",
            "when: { equals: [a, ab] },",
            false,
        ),
        (
            "when: { regex: '[0-9]+' },",
            "when: { regex: '[0-9]+' },",
            true,
        ),
        ("when: { regex: '^ab' },", "when: { prefix: abc },", true),
        ("when: { prefix: a },", "when: { regex: '^ab|^ac' },", true),
        ("when: { regex: '.*' },", "when: { prefix: a },", true),
        ("when: { regex: '.*' },", "when: { type: text },", true),
        ("when: { type: text },", "when: { prefix: a },", true),
        (
            "when: { type: [text, image] },",
            "when: { type: Image },",
            true,
        ),
        (
            "when: { type: image },",
            "when: { type: [text, image] },",
            false,
        ),
        (
            "when: { type: event },",
            "when: { event: subscribe },",
            true,
        ),
        ("when: { event: scan },", "when: { type: event },", false),
        (
            "when: { event: SCAN },",
            "when: { event: scan, key: 7 },",
            true,
        ),
        (
            "when: { event: [scan, subscribe] },",
            "when: { scene: 7 },",
            true,
        ),
        ("when: { scene: 7 },", "when: { scene: [7, 8] },", false),
        (
            "when: { key: { prefix: buy_ } },",
            "when: { key: [buy_1, buy_2] },",
            true,
        ),
        ("when: { key: buy },", "when: { key: BUY },", false),
        ("when: { menu: 1 },", "when: { menu: 1, equals: a },", true),
        ("when: { type: text },", "when: { menu: 1 },", true),
        (
            "when: { fields: { media_id: a } },",
            "when: { fields: { mediaid: a } },",
            true,
        ),
        (
            "when: { fields: { label: a } },",
            "when: { fields: { title: a } },",
            false,
        ),
        (
            "when: { user: { s: a } },",
            "when: { user: { s: a, t: b } },",
            true,
        ),
        (
            "when: { user: { s: null } },",
            "when: { user: { s: null, t: b } },",
            true,
        ),
        (
            "when: { user: { s: null } },",
            "when: { user: { s: a } },",
            false,
        ),
        (
            "when: { hours: '08:00-20:00' },",
            "when: { hours: '09:00-18:00' },",
            true,
        ),
        (
            "when: { hours: '08:00-20:00' },",
            "when: { hours: '19:00-21:00' },",
            false,
        ),
        (
            "when: { hours: ['00:00-12:00', '12:00-24:00'] },",
            "when: { type: text },",
            true,
        ),
        (
            "when: { hours: '22:00-06:00' },",
            "when: { hours: '23:00-24:00' },",
            true,
        ),
        (
            "when: { days: mon-fri },",
            "when: { days: [tue, wed] },",
            true,
        ),
        (
            "when: { days: mon-fri },",
            "when: { days: [fri, sat] },",
            false,
        ),
        ("when: { days: mon-sun },", "when: { type: text },", true),
        (
            "when: { prefix: a }, unless: { prefix: b },",
            "when: { prefix: a },",
            true,
        ),
        (
            "when: { prefix: a }, unless: { prefix: ab },",
            "when: { prefix: a },",
            false,
        ),
        (
            "when: { prefix: a }, unless: { days: mon },",
            "when: { prefix: a, days: tue },",
            true,
        ),
        (
            "when: { prefix: a }, unless: { prefix: ab },",
            "when: { prefix: a }, unless: { prefix: ab },",
            true,
        ),
        (
            "when: { prefix: a }, unless: { prefix: abc },",
            "when: { prefix: a }, unless: { prefix: ab },",
            true,
        ),
        (
            "when: { prefix: a }, unless: { prefix: ab, user: { s: x } },",
            "when: { prefix: a }, unless: { prefix: ab },",
            true,
        ),
        (
            "when: { prefix: a }, unless: { prefix: ab },",
            "when: { prefix: a }, unless: { prefix: ab, user: { s: x } },",
            false,
        ),
        (
            "when: { prefix: a }, unless: { user: { s: x } },",
            "when: { prefix: a },",
            false,
        ),
        (
            "when: { prefix: a }, unless: { user: { s: x } },",
            "when: { prefix: a, user: { s: null } },",
            true,
        ),
        (
            "when: { prefix: a }, unless: { user: { s: x } },",
            "when: { prefix: a, user: { s: y } },",
            false,
        ),
    ] {
        check("", earlier, later, never);
    }
}

#[test]
fn what_options_overlook_is_overlooked_here_too() {
    for (options, earlier, later, never) in [
        ("ignore_case: true", "equals: ABC", "equals: abc", true),
        ("", "equals: ABC", "equals: abc", false),
        ("ignore_width: true", "prefix: Ａ", "equals: ABC", true),
        ("trim: true", "equals: ' a '", "equals: a", true),
        ("ignore_case: true", "regex: ^AB", "equals: abc", true),
        (
            "ignore_case: true",
            "regex: '(?-i)^AB'",
            "equals: abc",
            false,
        ),
        ("ignore_case: true", "contains: s", "regex: s", false),
        ("ignore_case: true", "key: a", "key: A", false),
    ] {
        let when = |condition| format!("when: {{ {condition} }},");
        check(options, &when(earlier), &when(later), never);
    }
}

#[test]
fn conditions_that_exclude_each_other_are_found() {
    for (later, never) in [
        ("when: { type: event, prefix: a },", true),
        ("when: { type: [event, text], prefix: a },", false),
        ("when: { type: image, regex: a },", true),
        ("when: { type: hologram, regex: a },", false),
        ("when: { type: text, event: scan },", true),
        ("when: { type: EVENT, event: scan },", false),
        ("when: { event: scan, equals: a },", true),
        ("when: { event: scan, scene: a },", false),
        ("when: { event: click, scene: a },", true),
        ("when: { key: a, equals: a },", true),
        ("when: { menu: 1, event: click },", true),
        ("when: { equals: a, prefix: b },", true),
        ("when: { equals: [a, b], prefix: b },", false),
        ("when: { equals: [ab, cd], prefix: a, suffix: d },", true),
        ("when: { equals: a, regex: '[0-9]' },", true),
        ("when: { prefix: a, regex: '^b' },", true),
        (
            "when: { fields: { label: { equals: a, prefix: b } } },",
            false,
        ),
        ("when: { user: { s: { equals: a, prefix: b } } },", false),
        ("when: { equals: a }, unless: { prefix: a },", true),
        ("when: { prefix: a }, unless: { equals: a },", false),
        (
            "when: { equals: a }, unless: { prefix: a, days: mon },",
            false,
        ),
        ("unless: { type: text },", false),
    ] {
        check("", "when: { equals: never },", later, never);
    }
}

#[test]
fn many_rules_of_one_keyword_are_told_apart_by_what_else_they_ask() {
    let mut text = "rules:\n".to_owned();
    for step in 0..3000 {
        text += &format!(
            "- {{ name: r{step}, when: {{ equals: '1', user: {{ step: s{step} }} }}, reply: a }}\n"
        );
    }
    text += "- { name: last, when: { equals: '1', user: { step: s2999 } }, reply: b }\n";
    assert_eq!(
        said(&text),
        ["rule `last` never answers: `r2999` before it has the same conditions"]
    );
}

#[test]
fn more_warnings_than_anyone_reads_are_counted() {
    let mut text = "rules:\n- { name: all, when: { type: text }, reply: a }\n".to_owned();
    for number in 0..300 {
        text += &format!("- {{ name: r{number}, when: {{ equals: k{number} }}, reply: a }}\n");
    }
    let shadowed = said(&text);
    assert_eq!(shadowed.len(), 201);
    assert_eq!(shadowed[200], "100 more warnings are not shown");

    let mut text = "rules:\n".to_owned();
    for number in 0..250 {
        text += &format!("- name: r{number}\n  when: {{ type: text, equals: k{number} }}\n");
        text += &format!("  reply: 回复 #{number} 有惊喜\n");
    }
    assert_eq!(
        said(&text).last().unwrap(),
        "50 more warnings are not shown"
    );
}
