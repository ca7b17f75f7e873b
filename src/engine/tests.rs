//! The index may skip rules and never decides: asking only the candidates comes to the same as
//! asking every rule, for any rules and any message.

use std::cell::Cell;
use std::fmt::Write;
use std::time::Duration;

use jiff::civil::datetime;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::*;
use crate::rules;
use crate::rules::parsed::ParsedSources;

/// Few letters, so that keywords are often found in each other and in messages.
const LETTERS: [&str; 16] = [
    "你", "好", "天", "气", "a", "A", "ａ", "1", "１", " ", "　", "b", "。", "😀", "\u{200B}", "-",
];

fn word(longest: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(&LETTERS[..]), 1..=longest)
        .prop_map(|letters| letters.concat())
        .prop_filter("of letters", |word| {
            !crate::rules::fold::is_punctuation_only(word)
        })
}

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec(word(6), 1..4).prop_map(|words| json!(words).to_string())
}

fn regex() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        word(4).prop_map(|word| regex::escape(&word)),
        word(3).prop_map(|word| format!("^{}", regex::escape(&word))),
        (word(2), word(2)).prop_map(|(one, other)| format!(
            "{}.*(?P<x>{})?",
            regex::escape(&one),
            regex::escape(&other)
        )),
        (word(2), word(2)).prop_map(|(one, other)| format!(
            "(?:{}|{})+",
            regex::escape(&one),
            regex::escape(&other)
        )),
        Just("[你好]1".to_owned()),
        Just("[。-]".to_owned()),
        Just("天。气|好-".to_owned()),
        Just("^.{2,3}$".to_owned()),
        Just("\\d|(?i)a".to_owned()),
    ];
    prop::collection::vec(one, 1..3).prop_map(|regexes| json!(regexes).to_string())
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => words().prop_map(|words| format!("equals: {words}")),
        1 => Just("equals: [。, \"-\", 😀]".to_owned()),
        4 => words().prop_map(|words| format!("prefix: {words}")),
        4 => words().prop_map(|words| format!("contains: {words}")),
        2 => words().prop_map(|words| format!("suffix: {words}")),
        4 => regex().prop_map(|regexes| format!("regex: {regexes}")),
        1 => Just("type: [text, IMAGE]".to_owned()),
        1 => Just("type: event".to_owned()),
        1 => Just("event: [click, SCAN]".to_owned()),
        1 => words().prop_map(|words| format!("key: {words}")),
        1 => words().prop_map(|words| format!("key: {{ prefix: {words} }}")),
        1 => words().prop_map(|words| format!("scene: {words}")),
        1 => words().prop_map(|words| format!("menu: {words}")),
        1 => words().prop_map(|words| format!("fields: {{ label: {{ contains: {words} }} }}")),
        1 => Just("user: { step: a }".to_owned()),
        1 => Just("user: { step: null }".to_owned()),
        1 => Just("hours: \"03:00-04:00\"".to_owned()),
        1 => Just("days: mon".to_owned()),
        1 => Just("dates: 01-05..01-06".to_owned()),
        2 => words().prop_map(|words| format!("contains_all: {words}")),
    ]
}

fn alternatives() -> impl Strategy<Value = String> {
    let alternative = condition().prop_map(|condition| format!("{{ {condition} }}"));
    prop::collection::vec(alternative, 1..4)
        .prop_map(|alternatives| format!("any: [{}]", alternatives.join(", ")))
}

fn rule_file() -> impl Strategy<Value = String> {
    let condition = || prop_oneof![10 => condition(), 2 => alternatives()];
    let conditions = prop::collection::btree_map("[a-e]", condition(), 1..4);
    let rule = (
        conditions,
        prop::option::weighted(0.2, condition()),
        prop::bool::weighted(0.9),
    );
    let rules = prop::collection::vec(rule, 33..60);
    let options = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (options, rules).prop_map(|((trim, ignore_case, ignore_width, ignore_punctuation), rules)| {
        let mut text = format!(
            "options: {{ trim: {trim}, ignore_case: {ignore_case}, ignore_width: {ignore_width}, \
             ignore_punctuation: {ignore_punctuation} }}\nrules:\n"
        );
        for (number, (conditions, unless, enabled)) in rules.iter().enumerate() {
            let mut keys = std::collections::HashSet::new();
            let conditions: Vec<&str> = conditions
                .values()
                .map(String::as_str)
                .filter(|condition| keys.insert(condition.split(':').next()))
                .collect();
            let _ = writeln!(text, "  - name: r{number}");
            let _ = writeln!(text, "    enabled: {enabled}");
            let _ = writeln!(text, "    when: {{ {} }}", conditions.join(", "));
            if let Some(unless) = unless {
                let _ = writeln!(text, "    unless: {{ {unless} }}");
            }
            let _ = writeln!(text, "    reply: r{number}");
        }
        text
    })
}

fn message() -> impl Strategy<Value = Message> {
    let text = prop::collection::vec(select(&LETTERS[..]), 0..12).prop_map(|text| text.concat());
    let kind = select(vec!["text", "text", "text", "image", "event", "EVENT"]);
    let event = select(vec!["CLICK", "scan", "subscribe"]);
    (kind, event, text.clone(), text.clone(), text).prop_map(
        |(kind, event, content, key, label)| {
            Message::new(kind)
                .with("Content", &content)
                .with("Event", event)
                .with("EventKey", &key)
                .with("bizmsgmenuid", &key)
                .with("Label", &label)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_index_never_decides(
        text in rule_file(),
        messages in prop::collection::vec(message(), 40),
        step in select(vec![None, Some("a"), Some("b")]),
    ) {
        let sources = ParsedSources::of_text("rules.yaml", &text);
        let rules = rules::compile(&sources, &TimeZone::UTC, None);
        let rules = rules.map_err(|mistakes| TestCaseError::fail(format!("{text}\n{}", mistakes[0].render(false))))?;
        let moment = Moment::local(datetime(2026, 1, 5, 3, 4, 5, 0), &TimeZone::UTC).unwrap();
        let mut user = User::default();
        if let Some(step) = step {
            user.set("step", step);
        }
        let mut answered = 0;
        for message in &messages {
            for user in [None, Some(&user)] {
                let asked = MatchContext::new(message, &moment, user, rules.settings.folding);
                let all = rules.first_match_linear(|id, rule| ask(id, rule, &asked, |_| ()));
                let candidates =
                    rules.first_match(&asked, |id, rule| ask(id, rule, &asked, |_| ()));
                prop_assert_eq!(candidates, all.clone(), "{:?}\n{}", message.content(), text);
                answered += usize::from(matches!(all, Some(Ok(_))));
            }
        }
        // Were nothing ever to match, nothing would be shown.
        prop_assert!(answered > 0);
    }
}

#[test]
fn what_needs_no_follower_decides_first() {
    let user = "user: { step: a }";
    let event = Message::new("event").with("Event", "subscribe");
    let text = Message::new("text").with("Content", "你好");
    for (rule, message, expected) in [
        (
            format!("when: {{ {user} }}, unless: {{ type: event }}"),
            &event,
            Ok(None),
        ),
        (
            format!("when: {{ {user} }}, unless: {{ type: event }}"),
            &text,
            Err(Undecided::NeedsUser),
        ),
        (format!("when: {{ {user}, prefix: 再见 }}"), &text, Ok(None)),
        (
            format!("when: {{ {user}, prefix: 你好 }}"),
            &text,
            Err(Undecided::NeedsUser),
        ),
        (
            format!("when: {{ type: text }}, unless: {{ {user}, prefix: 再见 }}"),
            &text,
            Ok(Some(RuleId(0))),
        ),
        (
            format!("when: {{ type: text }}, unless: {{ {user}, prefix: 你好 }}"),
            &text,
            Err(Undecided::NeedsUser),
        ),
        (
            format!("when: {{ {user} }}, unless: {{ {user}, prefix: 再见 }}"),
            &text,
            Err(Undecided::NeedsUser),
        ),
    ] {
        let text = format!("rules: [{{ name: r, {rule}, reply: r }}]");
        let sources = ParsedSources::of_text("rules.yaml", &text);
        let rules = rules::compile(&sources, &TimeZone::UTC, None).unwrap();
        let moment = Moment::local(datetime(2026, 1, 5, 3, 4, 5, 0), &TimeZone::UTC).unwrap();
        let decision = decide(
            &rules,
            message,
            &moment,
            None,
            &mut |_| 0,
            &DecisionBudget::unlimited(),
        );
        assert_eq!(decision.map(|decision| decision.rule), expected, "{rule}");
    }
}

#[test]
fn a_decision_ends_with_its_budget_and_names_the_rules_that_took_it() {
    let mut text = "rules:\n".to_owned();
    for (name, regexes) in [("quick", 1), ("slow", 40), ("never asked", 1)] {
        let regexes: Vec<String> = (1..=regexes).map(|n| format!("'.{{{n}}}天气'")).collect();
        let regexes = regexes.join(", ");
        writeln!(
            text,
            "- {{ name: {name}, when: {{ regex: [{regexes}] }}, reply: a }}"
        )
        .unwrap();
    }
    let sources = ParsedSources::of_text("rules.yaml", &text);
    let rules = rules::compile(&sources, &TimeZone::UTC, None).unwrap();
    let moment = Moment::local(datetime(2026, 1, 5, 3, 4, 5, 0), &TimeZone::UTC).unwrap();
    let message = Message::new("text").with("Content", &"今天".repeat(300));
    // Each look at the clock takes a millisecond of it.
    let now = Cell::new(Duration::ZERO);
    let clock = || now.replace(now.get() + Duration::from_millis(1));
    let within = |time| {
        let budget = DecisionBudget::new(Duration::from_millis(time), &clock);
        decide(&rules, &message, &moment, None, &mut |_| 0, &budget)
    };
    match within(20) {
        Err(Undecided::OverBudget(slowest)) => assert_eq!(slowest.first(), Some(&RuleId(1))),
        other => panic!("{other:?}"),
    }
    assert_eq!(within(2000).map(|decision| decision.rule), Ok(None));
}
