//! Whether what is said of rules that never answer is true, and whether it is said.

use std::path::PathBuf;

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::Just;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::sample::select;
use proptest::sample::subsequence;

use crate::message::Message;
use crate::moment::Moment;
use crate::rules::RuleSet;
use crate::rules::compile;
use crate::rules::condition::Asked;
use crate::rules::lint::warnings;
use crate::rules::sources::Source;
use crate::rules::sources::Sources;
use crate::user::User;

fn rule_set(text: &str) -> (RuleSet, Sources) {
    let sources = Sources {
        files: vec![Source::new(PathBuf::from("rules.yaml"), text.to_owned())],
    };
    match compile(&sources, &TimeZone::UTC, None) {
        Ok(rules) => (rules, sources),
        Err(mistakes) => panic!("{text}\n{}", mistakes[0].render(false)),
    }
}

fn said(text: &str) -> Vec<String> {
    let (rules, sources) = rule_set(text);
    let warnings = warnings(&rules, &sources).into_iter();
    warnings.map(|warning| warning.message).collect()
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
        .any(|message| message.starts_with("rule `later` can never answer"));
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
        ["rule `last` can never answer: `r2999` asks for the same before it"]
    );
}

#[test]
fn more_warnings_than_anyone_reads_are_counted() {
    let mut text = "rules:\n- { name: all, when: { type: text }, reply: a }\n".to_owned();
    for number in 0..300 {
        text += &format!("- {{ name: r{number}, when: {{ equals: k{number} }}, reply: a }}\n");
    }
    let said = said(&text);
    assert_eq!(said.len(), 201);
    assert_eq!(said[200], "100 more warnings are not shown");
}

fn list(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    subsequence(words, 1..=words.len().min(2)).prop_map(|words| format!("[{}]", words.join(", ")))
}

const WORDS: &[&str] = &["a", "b", "ab", "ba", "aba", "A", "Ａ", "' a'", "s", "ſ"];

const REGEXES: &[&str] = &[
    "a",
    "^a",
    "'b$'",
    "'^ab$'",
    "a.b",
    "'[ab]+'",
    "'.*'",
    "'(?-i)A'",
    "'^(a|b)$'",
    "'\\bab\\b'",
    "'.*ab'",
    "s",
    "'^a*$'",
    "'^[^a]'",
];

fn text_test() -> impl Strategy<Value = String> {
    prop_oneof![
        list(WORDS).prop_map(|words| format!("equals: {words}")),
        list(WORDS).prop_map(|words| format!("prefix: {words}")),
        list(WORDS).prop_map(|words| format!("suffix: {words}")),
        list(WORDS).prop_map(|words| format!("contains: {words}")),
        list(REGEXES).prop_map(|regexes| format!("regex: {regexes}")),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let value = || {
        prop_oneof![
            list(WORDS),
            text_test().prop_map(|test| format!("{{ {test} }}"))
        ]
    };
    prop_oneof![
        4 => text_test(),
        2 => list(&["text", "image", "event"]).prop_map(|types| format!("type: {types}")),
        1 => list(&["subscribe", "Scan", "CLICK"]).prop_map(|events| format!("event: {events}")),
        1 => value().prop_map(|value| format!("key: {value}")),
        1 => list(&["a", "b"]).prop_map(|value| format!("scene: {value}")),
        1 => list(&["a", "b"]).prop_map(|value| format!("menu: {value}")),
        1 => value().prop_map(|value| format!("fields: {{ label: {value} }}")),
        1 => value().prop_map(|value| format!("user: {{ s: {value} }}")),
        1 => Just("user: { s: null }".to_owned()),
        1 => list(&["'00:00-12:00'", "'06:00-18:00'", "'20:00-07:00'", "'00:00-24:00'"])
            .prop_map(|hours| format!("hours: {hours}")),
        1 => list(&["mon-fri", "sat", "tue", "mon-sun"]).prop_map(|days| format!("days: {days}")),
    ]
}

/// Conditions in braces, each key once.
fn conditions(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(condition(), 1..=most).prop_map(|mut conditions| {
        let key = |condition: &String| condition.split(':').next().map(str::to_owned);
        conditions.sort_by_key(key);
        conditions.dedup_by_key(|condition| key(condition));
        format!("{{ {} }}", conditions.join(", "))
    })
}

fn rules() -> impl Strategy<Value = String> {
    let unless = prop_oneof![3 => Just(None), 1 => conditions(2).prop_map(Some)];
    let rule = (conditions(3), unless);
    let options = (any::<bool>(), any::<bool>(), any::<bool>());
    (options, proptest::collection::vec(rule, 2..5)).prop_map(|((trim, case, width), rules)| {
        let mut text = format!(
            "options: {{ trim: {trim}, ignore_case: {case}, ignore_width: {width} }}\nrules:\n"
        );
        for (number, (when, unless)) in rules.into_iter().enumerate() {
            let unless = unless.map(|unless| format!(" unless: {unless},"));
            text += &format!(
                "- {{ name: r{number}, when: {when},{} reply: success }}\n",
                unless.unwrap_or_default()
            );
        }
        text
    })
}

/// Messages of the kinds that WeChat documents.
fn message() -> impl Strategy<Value = Message> {
    let word = || "[abAＡsſ ]{0,4}";
    let text = (word(), select(vec!["", "a", "b"])).prop_map(|(content, menu)| {
        let message = Message::new("text").with("Content", &content);
        match menu {
            "" => message,
            menu => message.with("bizmsgmenuid", menu),
        }
    });
    let image = Just(Message::new("image"));
    let event = (select(vec!["subscribe", "SCAN", "CLICK", "VIEW"]), word());
    let event = event.prop_map(|(event, key)| {
        let key = match event {
            "subscribe" => format!("qrscene_{key}"),
            _ => key,
        };
        let message = Message::new("event").with("Event", event);
        message.with("EventKey", &key)
    });
    let message = prop_oneof![4 => text, 1 => image, 2 => event];
    (message, proptest::collection::vec(word(), 0..3)).prop_map(|(message, labels)| {
        let mut labels = labels.into_iter();
        labels
            .try_fold(message, |message, label| {
                Some(message.with("Label", &label))
            })
            .unwrap_or_default()
    })
}

fn user() -> impl Strategy<Value = User> {
    proptest::collection::vec("[abAs]{1,3}", 0..3).prop_map(|items| {
        let mut user = User::default();
        match items.as_slice() {
            [value] => user.set("s", value),
            items => items.iter().for_each(|item| user.add("s", item)),
        }
        user
    })
}

fn moment() -> impl Strategy<Value = Moment> {
    (1..8i8, 0..24i8).prop_map(|(day, hour)| {
        let time = date(2026, 3, day).at(hour, 30, 0, 0);
        Moment::local(time, &TimeZone::UTC).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_rule_that_is_said_never_to_answer_never_does(
        text in rules(),
        asked in proptest::collection::vec((message(), user(), moment()), 40),
    ) {
        let (rules, sources) = rule_set(&text);
        let said = warnings(&rules, &sources);
        for (message, user, moment) in &asked {
            let folding = rules.settings.folding;
            let asked = Asked::new(message, moment, Some(user), folding);
            let mut all = rules.rules.iter();
            let Some(first) = all.find(|rule| rule.check(&asked).is_ok()) else {
                continue;
            };
            let never = format!("rule `{}` can never answer", first.name);
            for warning in &said {
                prop_assert!(
                    !warning.message.starts_with(&never),
                    "{text}{}\n{:?} {user:?} {}",
                    warning.message,
                    message.elements().collect::<Vec<_>>(),
                    moment.text(),
                );
            }
        }
    }
}
