//! `wxreply try --live` asks the service that a rule asks, shows what comes of it, and writes a test
//! of it that passes.

use serde_json::{Value, json};

use crate::doctor_services::endpoint;
use crate::support::Folder;

fn rules(address: &str) -> String {
    format!(
        "services:
  快递: {{ url: 'http://{address}/track' }}
  小助手: {{ llm: 'http://{address}/v1', model: tiny, key: tiny, label: 【AI】 }}
rules:
  - name: 快递
    when: {{ prefix: 快递 }}
    ask: {{ 快递: {{ number: <rest>, by: <openid> }} }}
    reply: '<rest>：<answer.state>'
    failed: {{ 404: 没有这个单号, other: 暂时查不到 }}
    set: {{ parcel: <rest> }}
  - {{ name: 闲聊, when: {{ prefix: 问 }}, ask: 小助手, failed: 我走神了 }}
  - {{ name: 你好, when: {{ equals: 你好 }}, reply: 您好 }}
"
    )
}

const PARCEL: &str =
    "HTTP/1.1 200 OK\r\ncontent-length: 23\r\nconnection: close\r\n\r\n{\"state\": \"on its way\"}";
const STORY: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n\
     data: {\"choices\":[{\"delta\":{\"content\":\"从前有座山\"},\"finish_reason\":\"stop\"}]}\n\n";

#[test]
fn what_comes_back_is_shown_and_written_as_a_test_that_passes() {
    let no_such = "HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n";
    let unauthorized = "HTTP/1.1 401 X\r\ncontent-length: 0\r\n\r\n";
    let page = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>";
    for (answer, text, reply, said, canned) in [
        (
            PARCEL,
            "快递SF1",
            "SF1：on its way",
            r#"{"state":"on its way"}"#,
            json!({ "快递": { "state": "on its way" } }),
        ),
        (
            no_such,
            "快递SF1",
            "没有这个单号",
            "status 404",
            json!({ "快递": { "fails": 404 } }),
        ),
        (
            page,
            "快递SF1",
            "暂时查不到",
            "a page of HTML",
            json!({ "快递": { "fails": "not_json" } }),
        ),
        (
            STORY,
            "问 故事",
            "【AI】从前有座山",
            "从前有座山",
            json!({ "小助手": "从前有座山" }),
        ),
        (
            unauthorized,
            "问 故事",
            "我走神了",
            "correct the secret",
            json!({ "小助手": { "fails": 401 } }),
        ),
    ] {
        let address = endpoint(answer).to_string();
        let rules = rules(&address);
        let folder = Folder::with(&[("rules.yaml", &rules), ("secrets/tiny", "k3y")]);
        let arguments = [
            "try",
            "rules.yaml",
            text,
            "--live",
            "--secrets",
            "secrets",
            "--allow",
            &address,
        ];
        let shown = folder.run(&arguments);
        assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{shown:?}");
        let words: Vec<&str> = shown
            .stdout
            .split(' ')
            .filter(|it| !it.is_empty())
            .collect();
        for part in [said, &format!("reply \"{reply}\"\n"), "\nafter 0."] {
            assert!(words.join(" ").contains(part), "{part}: {}", shown.stdout);
        }
        let (_, test) = shown.stdout.split_once("below tests:\n").unwrap();
        folder.write("pasted.yaml", format!("{rules}tests:\n{test}"));
        let passed = folder.run(&["test", "pasted.yaml"]);
        assert!(
            passed.stdout.contains("1 passed"),
            "{test}: {}",
            passed.stdout
        );

        let json = folder.run(&[&arguments[..], &["--format", "json"]].concat());
        let json: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(json["live"]["answers"], canned);
        assert_eq!(json["reply"]["text"], reply);
        assert!(json["live"]["milliseconds"].is_u64());
        assert_eq!(
            json["live"]["why"].is_null(),
            [PARCEL, STORY].contains(&answer)
        );
        assert!(
            json["live"]["test"]
                .as_str()
                .unwrap()
                .starts_with("  - name: ")
        );
    }
}

#[test]
fn nobody_is_asked_without_the_flag_and_the_hash_is_that_of_the_server() {
    let address = endpoint(PARCEL).to_string();
    let folder = Folder::with(&[("rules.yaml", &rules(&address))]);
    let by = |more: &[&str]| {
        let arguments = [
            "try",
            "rules.yaml",
            "快递SF1",
            "--format",
            "json",
            "--allow",
            &address,
        ];
        let outcome = folder.run(&[&arguments, more].concat());
        let json: Value = serde_json::from_str(&outcome.stdout).unwrap();
        let is_asked = !json["live"].is_null();
        (
            json["question"]["request"]["by"]
                .as_str()
                .unwrap()
                .to_owned(),
            is_asked,
        )
    };
    // printf o_test | openssl dgst -sha256 -hmac abc
    let hash = "e3555315bc1ab4871caf106db1acf4be9329b60e9cec65363673842329ae6cce".to_owned();
    assert_eq!(by(&[]), ("…".to_owned(), false));
    assert_eq!(by(&["--token", "abc"]), (hash.clone(), false));
    assert_eq!(by(&["--live"]), ("try".to_owned(), true));
    assert_eq!(by(&["--live", "--token", "abc"]), (hash, true));
    let plain = folder.run(&["try", "rules.yaml", "你好", "--live"]);
    assert_eq!(plain.stdout.lines().count(), 5, "{}", plain.stdout);
    let xml = folder.run(&[
        "try",
        "rules.yaml",
        "快递SF1",
        "--live",
        "--xml",
        "--allow",
        &address,
    ]);
    assert!(xml.stdout.contains("on its way"), "{}", xml.stdout);
}
