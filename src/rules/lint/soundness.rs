//! Whether what is said of rules that never answer is true, on random rules and messages.

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::{Just, ProptestConfig, Strategy, any};
use proptest::sample::{select, subsequence};
use proptest::{prop_assert, prop_oneof, proptest};

use crate::message::Message;
use crate::moment::Moment;
use crate::rules::condition::MatchContext;
use crate::rules::lint::tests::rule_set;
use crate::rules::lint::warnings;
use crate::user::User;

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
    "'^[ab]'",
    "'a*b$'",
    "'(?s)^.+$'",
    "'(?m)^a$'",
    "'A|s'",
    "'.{2}'",
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
        1 => list(&["'00:00-12:00'", "'12:00-24:00'", "'06:00-18:00'", "'20:00-07:00'", "'00:00-24:00'"])
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

fn when() -> impl Strategy<Value = String> {
    let any = proptest::collection::vec(conditions(2), 2..4);
    (conditions(2), proptest::option::weighted(0.3, any)).prop_map(|(conditions, any)| match any {
        Some(any) => conditions.replacen('{', &format!("{{ any: [{}],", any.join(", ")), 1),
        None => conditions,
    })
}

fn rules() -> impl Strategy<Value = String> {
    let unless = prop_oneof![3 => Just(None), 1 => conditions(2).prop_map(Some)];
    let rule = (when(), unless);
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
    let word = || "[abAＡsſ \n]{0,4}";
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
            let asked = MatchContext::new(message, moment, Some(user), folding);
            let mut all = rules.rules.iter();
            let Some(first) = all.find(|rule| rule.check(&asked).is_ok()) else {
                continue;
            };
            let never = format!("rule `{}` never answers: ", first.name);
            for warning in &said {
                prop_assert!(
                    !warning.message.to_string().starts_with(&never),
                    "{text}{}\n{:?} {user:?} {}",
                    warning.message,
                    message.elements().collect::<Vec<_>>(),
                    moment.text(),
                );
            }
        }
    }
}
