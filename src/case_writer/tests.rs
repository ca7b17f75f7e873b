//! Whatever is tried, the test of it passes when it is pasted into the rule file.

use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::rules::media::is_path;
use crate::rules::parsed::ParsedSources;
use crate::{case_runner, rules};

const RULES: &str = r#"options: { slow: "稍等，<fetch:点这里>", fetch: ["1"] }
services:
  快递: { url: "https://example.com/track", timeout: 100s }
  订座: { url: "https://example.com/book" }
  小助手: { llm: "https://example.com/v1", model: m, label: 【AI】, timeout: 60s }
rules:
  - { name: 快递, when: { prefix: 快递 }, ask: { 快递: { number: <rest>, by: <openid>, all: [1, true, "2"] } }, reply: "<rest>：<answer.state|无>", set: { parcel: <answer.state> }, failed: 没有 }
  - { name: 订座, when: { prefix: 订座 }, ask: 订座, failed: 失败 }
  - { name: 闲聊, when: { prefix: 问 }, ask: 小助手, failed: 我走神了 }
  - { name: "夜里: 休息", when: { hours: "22:00-06:00", equals: 人工 }, reply: transfer_customer_service }
  - { name: 人工, when: { equals: 人工 }, reply: { transfer_customer_service: <user.staff|test1@test> } }
  - { name: 抽奖, when: { equals: 抽奖 }, reply: { random: [一等奖, 二等奖] } }
  - { name: 忘, when: { prefix: 忘 }, clear: [word, list], reply: 好 }
  - { name: 歌, when: { prefix: 歌 }, reply: { music: { title: <rest>, thumb_media_id: T1 } } }
  - { name: 看, when: { prefix: 看 }, reply: { video: { media_id: V1, title: <rest> } } }
  - { name: 文章, when: { prefix: 文章 }, reply: { news: [ { title: "<rest>|", url: "https://example.com/?a=1&b=2" }, { title: 二 } ] } }
  - { name: success, when: { equals: 成功 }, reply: { text: success } }
  - { name: 图片, when: { type: image }, reply: { image: <media_id> } }
  - { name: 语音, when: { type: voice }, reply: { voice: <media_id> } }
  - { name: 记, when: { type: text }, set: { word: <content> }, add: { list: <content> }, reply: "<content>\n<time>" }
"#;

fn compiled(text: String) -> RuleSet {
    let sources = ParsedSources::of_text("rules.yaml", text);
    match rules::compile(&sources, &TimeZone::UTC, None) {
        Ok(rules) => rules,
        Err(mistakes) => panic!("{}", mistakes[0].render(false)),
    }
}

fn written(attempt: &str) -> String {
    let attempt = Trial::from_json(attempt.as_bytes()).unwrap();
    let noon = jiff::civil::datetime(2026, 5, 6, 12, 0, 0, 0);
    write(&compiled(RULES.to_owned()), &attempt, noon).unwrap()
}

#[track_caller]
fn check_passes(attempt: &str) {
    let case = written(attempt);
    let rules = compiled(format!("{RULES}tests:\n{case}"));
    let outcome = case_runner::run(&rules);
    assert_eq!((outcome.passed, outcome.failures.len()), (1, 0), "{case}");
}

#[test]
fn what_was_tried_passes_as_a_test_whatever_it_was() {
    for send in [
        json!("抽奖"),
        json!("歌 a: b"),
        json!("看 # 1"),
        json!("文章 'x' \"y\""),
        json!("成功"),
        json!("no"),
        json!("007"),
        json!(" a\nb\n"),
        json!("a\n\nb: c"),
        json!("{ a: b }"),
        json!(""),
        json!("<time> <a href=\"x\">"),
        json!("- a"),
        json!("\u{7}\u{2028}\u{feff}😀"),
        json!({ "type": "image", "media_id": "M: 1" }),
        json!({ "type": "voice", "media_id": "V1", "recognition": "你好，{}" }),
        json!({ "type": "video", "media_id": "V1", "thumb_media_id": "T1" }),
        json!({ "type": "location", "location_x": "23.10", "location_y": "113", "label": "" }),
        json!({ "type": "link", "title": "[1]", "url": "https://example.com/#a" }),
        json!({ "event": "CLICK", "key": "buy_1" }),
        json!({ "event": "SCAN", "scene": "7" }),
        json!({ "event": "subscribe", "scene": "7" }),
        json!({ "event": "scancode_push", "scan_code_info.scan_result": "1" }),
        json!({ "menu": "1", "content": "好" }),
        json!({ "type": "text", "content": "a", "openid": "o1", "account": "gh_1" }),
    ] {
        check_passes(&json!({ "send": send }).to_string());
        let talk = json!([{ "send": "记 a" }, { "send": send, "at": "23:00" }, { "send": "忘" }]);
        let user = json!({ "word": "null", "list": ["1", "~"], "a: b": "" });
        check_passes(&json!({ "talk": talk, "user": user, "name": "名: 字" }).to_string());
    }
}

#[test]
fn a_time_is_in_the_test_only_where_it_matters() {
    let night = written(r#"{ "send": "人工", "at": "23:00" }"#);
    assert!(night.contains("at: \"2026-01-02 23:00:00\""), "{night}");
    // All tests are run in the night; this was tried at noon.
    let noon = written(r#"{ "send": "人工" }"#);
    assert!(noon.contains("at: \"2026-05-06 12:00:00\""), "{noon}");
    assert!(noon.contains("rule: 人工"), "{noon}");
    let any = written(r#"{ "send": "你好" }"#);
    assert!(!any.contains("at:"), "{any}");
}

#[test]
fn a_test_reads_as_if_somebody_had_written_it() {
    let talk = json!([{ "send": "抽奖" }, { "send": "忘" }, { "send": "订" }]);
    let case = written(&json!({ "user": { "word": "a" }, "talk": talk }).to_string());
    let expected = "  - name: 抽奖，忘，订 → 记
    user: { word: a }
    talk:
      - send: 抽奖
        expect: { rule: 抽奖 }
      - send: 忘
        expect: { rule: 忘, reply: 好, user: { word: null } }
      - send: 订
        expect:
          rule: 记
          reply: |-
            订
            2026-01-02 03:04:05
          user: { list: [订], word: 订 }
";
    assert_eq!(case, expected, "a random choice is not expected");
}

#[test]
fn a_service_that_was_asked_answers_in_the_test_as_it_did() {
    let long: Vec<_> = (0..9)
        .map(|n| json!({ "time": format!("10:{n}0"), "place": "上海\n浦东" }))
        .collect();
    for (send, service, answer) in [
        (
            "快递 SF1",
            "快递",
            json!({ "state": "派送中", "steps": long }),
        ),
        ("快递 SF1", "快递", json!("10")),
        (
            "快递 SF1",
            "快递",
            json!({ "json": { "json": 1, "fails": "404" } }),
        ),
        ("快递 SF1", "快递", json!({ "fails": 404 })),
        (
            "快递 SF1",
            "快递",
            json!({ "json": ["true", "1e3", 1e21, 0.1, -5, null], "after": "20s" }),
        ),
        (
            "订座三位",
            "订座",
            json!({ "reply": "已订 <openid>", "set": { "people": "3" } }),
        ),
        ("订座三位", "订座", json!({ "json": { "reply": ["不对"] } })),
        (
            "问 你好",
            "小助手",
            json!("从前有座山\n\n山里有座庙：\"{}\"，".repeat(20)),
        ),
        (
            "问 你好",
            "小助手",
            json!({ "fails": "timeout", "after": "20s" }),
        ),
        (
            "问 你好",
            "小助手",
            json!({ "text": "长".repeat(3000), "after": "20s" }),
        ),
    ] {
        let answers = json!({ service: answer });
        check_passes(&json!({ "send": send, "answers": answers }).to_string());
        let fetched = json!({ "send": "1", "later": "30s" });
        let talk =
            json!([{ "send": send, "answers": answers }, fetched, fetched, { "send": send }]);
        check_passes(&json!({ "talk": talk }).to_string());
    }
    let answers = json!({ "快递": { "state": "派送中" } });
    let case = written(&json!({ "send": "快递 SF1", "answers": answers }).to_string());
    let expected = "  - name: 快递 SF1 → 快递
    send: 快递 SF1
    answers: { 快递: { state: 派送中 } }
    expect:
      rule: 快递
      asked: { 快递: { number: SF1, by: o_test, all: [1, true, \"2\"] } }
      reply: SF1：派送中
      user: { parcel: 派送中 }
";
    assert_eq!(case, expected);
    let unknown = written(&json!({ "send": "问 你好" }).to_string());
    let expected = "    answers: { 小助手: { fails: timeout } }
    expect: { rule: 闲聊, asked: 小助手, reply: 我走神了 }
";
    assert!(unknown.ends_with(expected), "{unknown}");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        "\\PC{0,30}|[a-z0-9:#{}\\[\\]'\"\\n\\t &*!|>%@`,?.+~-]{0,20}".prop_map(|it| json!(it)),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let key = "json|fails|after|text|[a-z:# 文'\"-]{0,8}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|it| json!(it)),
            prop::collection::btree_map(key, inner, 0..6).prop_map(|it| json!(it)),
        ]
    })
}

proptest! {
    #[test]
    fn any_answer_of_a_service_passes(answer in any_json(), text in "\\PC{1,200}") {
        let answers = json!({ "快递": { "json": answer } });
        check_passes(&json!({ "send": "快递 SF1", "answers": answers }).to_string());
        let answers = json!({ "小助手": text });
        check_passes(&json!({ "send": "问 你好", "answers": answers }).to_string());
    }

    #[test]
    fn any_text_under_any_key_passes(
        content in "\\PC{0,30}|[a-z:#{}\\[\\]'\"\\n\\t &*!|>%@`,?-]{0,20}",
        value in "\\PC{0,10}|[a-z:#{}' \\n-]{0,10}",
        key in "[a-z][a-z_0-9]{0,8}",
    ) {
        // A media id never is a path.
        prop_assume!(!is_path(&value));
        let user = json!({ key: value, "list": [value] });
        let attempt = json!({ "user": user, "talk": [{ "send": content }, { "send": { "type": "image", "media_id": value } }] });
        check_passes(&attempt.to_string());
    }
}
