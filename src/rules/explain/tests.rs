//! Each way to fail, in both languages.

use jiff::civil::datetime;
use jiff::tz::TimeZone;

use crate::i18n::Language;
use crate::message::Message;
use crate::moment::Moment;
use crate::rules;
use crate::rules::condition::MatchContext;
use crate::rules::explain;
use crate::rules::parsed::ParsedSources;
use crate::user::User;

/// Why a rule with these conditions does not answer 你们几点开门 on a Friday at noon.
fn why_not(conditions: &str, user: Option<&User>) -> [String; 2] {
    let text = format!("rules:\n  - {{ name: a, {conditions}, reply: 好 }}\n");
    let sources = ParsedSources::of_text("rules.yaml", text);
    let rules = rules::compile(&sources, &TimeZone::UTC, None).unwrap();
    let message = Message::new("text").with("Content", "你们几点开门");
    let moment = Moment::local(datetime(2026, 1, 2, 12, 0, 0, 0), &TimeZone::UTC).unwrap();
    let asked = MatchContext::new(&message, &moment, user, rules.settings.folding);
    let [rule] = rules.rules.as_slice() else {
        panic!("one rule")
    };
    let miss = rule.check(&asked).unwrap_err();
    let reason = explain::why_not(rule, miss, &asked).unwrap();
    [Language::English, Language::Chinese].map(|language| reason.phrase().text(language))
}

#[test]
fn every_reason_is_told_in_english_and_in_chinese() {
    let mut user = User::default();
    user.set("step", "ask");
    for (conditions, english, chinese) in [
        (
            "when: { type: [image, voice] }",
            r#"type is "text", not "image" or "voice""#,
            r#"类型是 "text"，不是 "image" 或 "voice""#,
        ),
        (
            "when: { event: subscribe }",
            r#"not an event, so not "subscribe""#,
            r#"不是事件，规则要求的事件是 "subscribe""#,
        ),
        (
            "when: { hours: 09:00-11:30 }",
            "it is 12:00, not within 09:00-11:30",
            "现在 12:00，不在 09:00-11:30 之内",
        ),
        (
            "when: { days: sat-sun }",
            "it is Friday, not sat-sun",
            "今天是周五，不是 sat-sun",
        ),
        (
            "when: { equals: [a, b, c, d, e, f, g] }",
            r#"text "你们几点开门" is not "a" or "b" or "c" or "d" or "e" or 2 more"#,
            r#"文本 "你们几点开门" 不是 "a" 或 "b" 或 "c" 或 "d" 或 "e" 或 另外 2 个"#,
        ),
        (
            "when: { prefix: 你好 }",
            r#"text "你们几点开门" does not begin with "你好""#,
            r#"文本 "你们几点开门" 不以 "你好" 开头"#,
        ),
        (
            "when: { suffix: 吗 }",
            r#"text "你们几点开门" does not end with "吗""#,
            r#"文本 "你们几点开门" 不以 "吗" 结尾"#,
        ),
        (
            "when: { contains: 价格 }",
            r#"text "你们几点开门" does not contain "价格""#,
            r#"文本 "你们几点开门" 不包含 "价格""#,
        ),
        (
            r"when: { regex: '^\d+$' }",
            r#"text "你们几点开门" does not match ^\d+$"#,
            r#"文本 "你们几点开门" 不匹配 ^\d+$"#,
        ),
        (
            "when: { contains_all: [几点, 价格] }",
            r#"text "你们几点开门" does not contain "价格""#,
            r#"文本 "你们几点开门" 不包含 "价格""#,
        ),
        (
            "when: { dates: [2027-02-15.., 12-25] }",
            "it is 2026-01-02, not within 2027-02-15.. or 12-25",
            "今天是 2026-01-02，不在 2027-02-15.. 或 12-25 之内",
        ),
        (
            "when: { any: [{ equals: 订购 }, { event: CLICK, key: ORDER }] }",
            r#"none of any: text "你们几点开门" is not "订购"; not an event, so not "CLICK""#,
            r#"any 的条件都不成立：文本 "你们几点开门" 不是 "订购"；不是事件，规则要求的事件是 "CLICK""#,
        ),
        (
            "enabled: false, when: { type: text }",
            "switched off by `enabled: false`",
            "规则已停用（enabled: false）",
        ),
        (
            "unless: { any: [{ contains: 几点, dates: 01-02 }, { prefix: 在 }] }",
            r#"unless: one of (the date is within 01-02 and text contains "几点"; text begins with "在")"#,
            r#"unless 的条件全部成立：以下之一成立（日期在 01-02 之内，并且文本包含 "几点"；文本以 "在" 开头）"#,
        ),
        ("when: { key: V1 }", "there is no key", "没有 key"),
        (
            "when: { user: { step: done } }",
            r#"stored step "ask" is not "done""#,
            r#"存储的 step "ask" 不是 "done""#,
        ),
        (
            "when: { user: { name: 小王 } }",
            "nothing is stored under name",
            "没有存储 name",
        ),
        (
            "when: { user: { step: null } }",
            "something is stored under step",
            "已存储 step，规则要求没有存储",
        ),
        (
            "unless: { type: text, contains: 几点, hours: 09:00-18:00 }",
            r#"unless: type is "text" and the time is within 09:00-18:00 and text contains "几点""#,
            r#"unless 的条件全部成立：类型是 "text"，并且时间在 09:00-18:00 之内，并且文本包含 "几点""#,
        ),
    ] {
        assert_eq!(why_not(conditions, Some(&user)), [english, chinese]);
    }
    let unknown = why_not("when: { user: { step: ask } }", None);
    assert_eq!(unknown[1], "要看该关注者已存储的值");
}
