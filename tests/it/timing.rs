//! Tests of rule files that hang on the time and do not say which.

use crate::support::{Folder, program};

const RULES: &str = "
options: { timezone: Asia/Shanghai }
rules:
  - { name: 上班, when: { equals: 人工, days: mon-fri, hours: '09:00-18:00' }, reply: 马上就来 }
  - { name: 下班, when: { equals: 人工 }, reply: 请留言 }
  - { name: 问候, when: { contains: 好 }, unless: { contains: 你, hours: '00:00-05:00' }, reply: 您好 }
  - { name: 每天, when: { equals: 几点了, days: mon-sun, hours: ['00:00-12:00', '12:00-24:00'] }, reply: '<time>' }
  - { name: 记住, when: { equals: 记, user: { step: null } }, set: { step: a }, reply: 好 }
  - { name: 夜里, when: { equals: 记, user: { step: a }, hours: '22:00-06:00' }, reply: 晚安 }
tests:
";

/// Each test with whether it ought to name a time.
const TESTS: &[(&str, bool)] = &[
    ("send: 人工, expect: { rule: 下班 }", true),
    ("send: 人工, expect: { rule: 下班 }, at: 03:04", false),
    ("send: 好, expect: { rule: 问候 }", false),
    ("send: 你好, expect: { rule: none }", true),
    (
        "send: 几点了, expect: { rule: 每天, reply: 2026-01-02 03:04:05 }",
        false,
    ),
    ("send: 再见, expect: { rule: none }", false),
    (
        "talk: [{ send: 记, expect: { rule: 记住 } }, { send: 记, expect: { rule: 夜里 } }]",
        true,
    ),
    (
        "talk: [{ send: 记, expect: { rule: 记住 } }, { send: 记, at: 05:00, expect: { rule: 夜里 } }]",
        false,
    ),
];

#[test]
fn a_test_that_passes_because_of_the_time_is_asked_to_name_it() {
    let mut text = RULES.to_owned();
    let mut untimed = Vec::new();
    for (number, (test, named)) in TESTS.iter().enumerate() {
        text += &format!("  - {{ name: t{number}, {test} }}\n");
        untimed.extend(named.then(|| format!("t{number}")));
    }
    text += "  - { name: last, send: 人工, at: 10:00, expect: { rule: 上班 } }\n";
    let folder = Folder::with(&[("rules.yaml", &text)]);

    let plain = folder.run(&["test", "rules.yaml"]);
    assert_eq!(plain.code, 0, "{}", plain.stdout);
    let first = "rules.yaml:11:5: warning: the test t0 has no `at`, but the rule 上班 answers only \
                 at certain times; add the time that is meant, such as at: 10:00\n";
    assert!(plain.stdout.starts_with(first), "{}", plain.stdout);

    let denied = folder.run(&["test", "--deny-warnings", "rules.yaml"]);
    assert_eq!(denied.code, 1, "{}", denied.stdout);

    let json = folder.run(&["test", "--format", "json", "rules.yaml"]);
    let said: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(said["files"][0]["untimed"], serde_json::json!(untimed));
}

/// A machine whose zone files say that Shanghai and the PRC are five hours west of Greenwich.
#[test]
fn the_zones_in_the_program_decide_whatever_the_machine_has() {
    let folder = Folder::with(&[]);
    // The shortest file of its kind: no transitions, and a rule for all times.
    let header = [&b"TZif2"[..], &[0; 15], &[0; 20], &[0, 0, 0, 1, 0, 0, 0, 4]].concat();
    let kind = [&(-18_000_i32).to_be_bytes()[..], &[0, 0], b"WST\0"].concat();
    let file = [&header[..], &kind, &header, &kind, b"\nWST5\n"].concat();
    for name in ["PRC", "Asia/Shanghai"] {
        folder.write(&format!("zones/{name}"), &file);
    }
    let said = |zone: &str, variables: &[(&str, &str)]| {
        let options = match zone {
            "" => String::new(),
            zone => format!("options: {{ timezone: {zone} }}\n"),
        };
        let rules = "rules: [{ name: a, when: { equals: a }, reply: '<time:%H:%M>' }]\n";
        folder.write("rules.yaml", format!("{options}{rules}"));
        let mut command = program(&["try", "rules.yaml", "a", "--format", "json"]);
        command
            .envs(variables.iter().copied())
            .env("TZDIR", folder.path().join("zones"));
        let output = command.current_dir(folder.path()).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let at = json["at"].as_str().unwrap().get(..13).unwrap().to_owned();
        (
            at,
            json["reply"]["text"]
                .as_str()
                .unwrap()
                .get(..2)
                .unwrap()
                .to_owned(),
        )
    };
    // Both an hour before and after, should one begin in between.
    let shanghai = || {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        let now = jiff::Timestamp::now().to_zoned(zone);
        now.strftime("%Y-%m-%d %H").to_string()
    };
    for (zone, tz) in [
        ("PRC", "UTC"),
        ("Asia/Shanghai", "UTC"),
        ("", "Asia/Shanghai"),
        ("", "PRC"),
    ] {
        let before = shanghai();
        let (at, shown) = said(zone, &[("TZ", tz)]);
        assert!([before, shanghai()].contains(&at), "{zone} {tz}: {at}");
        assert!(at.ends_with(&shown), "{at} {shown}");
    }
}
