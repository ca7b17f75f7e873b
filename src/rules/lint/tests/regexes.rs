//! Rules that a regex answers before them, and rules that several answer together.

use crate::rules::lint::tests::{check, said};

#[test]
fn a_regex_is_compared_by_the_texts_that_it_is_found_in() {
    for (earlier, later, never) in [
        ("regex: '^[0-9]+$'", "regex: '^[0-9]{4}$'", true),
        ("regex: '^[0-9]{4}$'", "regex: '^[0-9]+$'", false),
        ("regex: '^a.+'", "equals: abc", true),
        ("regex: 'a.*c'", "prefix: abc", true),
        ("regex: '^.*c'", "suffix: abc", false),
        ("regex: '(?s)^.*c'", "suffix: abc", true),
        ("prefix: a", "regex: '^ab+$'", true),
        ("suffix: a", "regex: '^ab+$'", false),
        ("contains: b", "regex: '^ab+$'", true),
        ("contains: b", "regex: '^ab*$'", false),
        ("equals: [ab, abb]", "regex: '^ab{1,2}$'", true),
        ("equals: [ab, abb]", "regex: '^ab{1,3}$'", false),
        ("regex: '^a.*b$'", "prefix: a, suffix: b", false),
        ("regex: '(?s)^a.*b$|^ab'", "prefix: ab, suffix: b", true),
        ("regex: [x, a]", "regex: '[ax]y'", true),
        ("regex: '.'", "type: text", false),
        ("regex: '(?s).|^$'", "type: text", true),
        (r"regex: '\bab\b'", "regex: '^ab .'", false),
        (
            "key: { regex: '^BUY_' }",
            "key: { regex: '^BUY_[0-9]+$' }",
            true,
        ),
        (
            "fields: { label: { regex: '市' } }",
            "fields: { label: { regex: '市$' } }",
            true,
        ),
        (
            "user: { s: { regex: a } }",
            "user: { s: { regex: '^a', prefix: b } }",
            true,
        ),
        (
            "user: { s: { regex: '^a.*b$' } }",
            "user: { s: { prefix: a, suffix: b } }",
            false,
        ),
        ("regex: '^a', days: mon", "regex: '^ab', days: mon", true),
        ("regex: '^a', days: mon", "regex: '^ab'", false),
    ] {
        let when = |conditions| format!("when: {{ {conditions} }},");
        check("", &when(earlier), &when(later), never);
    }
    for (options, earlier, later, never) in [
        ("ignore_case: true", "regex: ^a.c", "equals: ABC", true),
        (
            "ignore_case: true",
            "regex: '(?-i)^a.c'",
            "equals: ABC",
            false,
        ),
        ("ignore_case: true", "prefix: AB", "regex: '^abc+'", true),
        ("ignore_case: true", "prefix: S", "regex: '^sa'", false),
        ("ignore_width: true", "regex: ^Ａ.c", "equals: Ａbｃ", true),
        ("trim: true", "regex: '^a+$'", "equals: ' aa '", true),
    ] {
        let when = |conditions| format!("when: {{ {conditions} }},");
        check(options, &when(earlier), &when(later), never);
    }
}

/// Rules by what stands under their `when`; whether the last is said never to answer.
#[track_caller]
fn check_together(whens: &[&str], never: bool) {
    let mut text = "rules:\n".to_owned();
    for (number, when) in whens.iter().enumerate() {
        text += &format!("- {{ name: r{number}, when: {{ {when} }}, reply: success }}\n");
    }
    let said = said(&text);
    let last = format!("rule `r{}` can never answer", whens.len() - 1);
    let found = said.iter().any(|message| message.starts_with(&last));
    assert_eq!(found, never, "{text}{said:?}");
}

#[test]
fn several_rules_answer_together_what_none_of_them_does_alone() {
    let office = "equals: a, days: mon-fri, hours: '08:00-20:00'";
    let night = "equals: a, hours: '20:00-08:00'";
    for (whens, never) in [
        (
            &[office, night, "equals: a, days: sat-sun", "equals: a"][..],
            true,
        ),
        (&[office, night, "equals: a"], false),
        (&[office, night, "equals: a, days: fri"], true),
        (&[office, night, "equals: a, days: [fri, sat]"], false),
        (
            &[office, night, "equals: a, days: sat, hours: '21:00-23:00'"],
            true,
        ),
        (
            &["type: image", "type: video", "type: [video, image]"],
            true,
        ),
        (
            &["type: image", "type: video", "type: [voice, image]"],
            false,
        ),
        (&["event: scan", "event: subscribe", "scene: a"], true),
        (
            &["event: scan", "event: subscribe, days: mon", "scene: a"],
            false,
        ),
        (&["prefix: a", "prefix: b", "regex: '^[ab]'"], true),
        (&["prefix: a", "prefix: b", "regex: '^[abc]'"], false),
        (
            &["prefix: a", "prefix: b, days: mon", "regex: '^[ab]'"],
            false,
        ),
        (
            &[
                "equals: a, user: { s: null }",
                "equals: a, user: { s: { regex: '.*' } }",
                "equals: a",
            ],
            true,
        ),
        (
            &[
                "equals: a, user: { s: null }",
                "equals: a, user: { s: { regex: '.+' } }",
                "equals: a",
            ],
            false,
        ),
        (
            &[
                "equals: a, user: { s: x }",
                "equals: a, user: { s: y }",
                "equals: a, user: { s: [x, y] }",
            ],
            true,
        ),
        (
            &[
                "equals: a, user: { s: x }",
                "equals: a, user: { t: y }",
                "equals: a, user: { s: [x, y] }",
            ],
            false,
        ),
        (
            &[
                "fields: { label: a }",
                "fields: { label: b }",
                "fields: { label: { regex: '^[ab]$' } }",
            ],
            true,
        ),
        (
            &[
                "fields: { label: { prefix: a } }",
                "fields: { label: { suffix: a } }",
                "fields: { label: { contains: a } }",
            ],
            false,
        ),
    ] {
        check_together(whens, never);
    }
}
