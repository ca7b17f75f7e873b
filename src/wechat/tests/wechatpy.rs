//! Compares the protocol with an independent implementation, wechatpy from PyPI, if it is
//! installed.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::*;
use crate::reply::{Article, MediaSource, Music, Video};
use crate::requirements;

/// Contains characters that XML forbids and an end of CDATA, with the expected remainder.
const AWKWARD: &str = "你好]]> & <a href=\"x\">😀</a>\u{1d}\r\n二";
const CARRIED: &str = "你好]]> & <a href=\"x\">😀</a>\n二";

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn replies() -> Vec<(Reply, Value)> {
    let article = |title: &str| Article {
        title: title.to_owned(),
        description: some(AWKWARD),
        pic_url: some("http://p/1"),
        url: some("http://u/1?a=1&b=2"),
    };
    let read_article = |title: &str| {
        json!({"title": title, "description": CARRIED, "image": "http://p/1",
               "url": "http://u/1?a=1&b=2"})
    };
    let media_id = || MediaSource::from("M1");
    vec![
        (
            Reply::Text(AWKWARD.to_owned()),
            json!({"type": "text", "content": CARRIED}),
        ),
        (
            Reply::Image {
                media_id: media_id(),
            },
            json!({"type": "image", "image": "M1"}),
        ),
        (
            Reply::Voice {
                media_id: media_id(),
            },
            json!({"type": "voice", "voice": "M1"}),
        ),
        (
            Reply::Video(Box::new(Video {
                media_id: media_id(),
                title: some("T"),
                description: None,
            })),
            json!({"type": "video", "video": {"media_id": "M1", "title": "T"}}),
        ),
        (
            Reply::Music(Box::new(Music {
                title: some("T"),
                description: some("D"),
                music_url: some("http://m/1"),
                hq_music_url: some("http://m/2"),
                thumb_media_id: media_id(),
            })),
            json!({"type": "music", "music": {"title": "T", "description": "D",
                   "music_url": "http://m/1", "hq_music_url": "http://m/2",
                   "thumb_media_id": "M1"}}),
        ),
        (
            Reply::News(vec![article("一"), article("二")]),
            json!({"type": "news", "articles": [read_article("一"), read_article("二")]}),
        ),
    ]
}

#[test]
fn wechatpy_reads_every_answer_and_its_own_pushes_open() {
    if !wechatpy_is_there() {
        return requirements::absent("wechatpy", "they cannot be imported");
    }
    // An event may be answered with several articles.
    let event = TEXT.replace("[text]", "[event]");
    let mut answers = Vec::new();
    let mut expected = Vec::new();
    for mode in Mode::ALL {
        let Push { query, body } = push::push(&credentials(mode), &event, &stamp());
        for (reply, read) in replies() {
            let credentials = credentials(mode);
            let opened = open(&credentials, &query, &body).unwrap();
            let (_, response) = opened.into_response(&reply, &stamp());
            answers.push(String::from_utf8(response.body.as_bytes().to_vec()).unwrap());
            let mut read = read;
            read["to"] = json!("o1");
            read["from"] = json!("gh_1");
            read["time"] = json!(NOW);
            expected.push(read);
        }
    }
    // Every length of padding, in both directions.
    let texts: Vec<String> = (0..64)
        .map(|length| TEXT.replace("hello", &"x".repeat(length)))
        .collect();
    let messages = vec![push::message_xml(&push::read_message(TEXT.into()).unwrap())];

    let asked = json!({"answers": answers, "messages": messages, "texts": texts});
    let read = ask_wechatpy(&asked);

    assert_eq!(read["answers"], Value::from(expected));
    let message = json!({"to": "gh_1", "from": "o1", "type": "text", "content": "hello"});
    assert_eq!(read["messages"], json!([message]));
    let sealed = read["texts"].as_array().unwrap();
    assert_eq!(sealed.len(), texts.len());
    for (sealed, length) in sealed.iter().zip(0..) {
        let sealed = sealed.as_str().unwrap();
        let outer = push::read_message(sealed.into()).unwrap();
        let signature = outer.fields("MsgSignature").next().unwrap();
        let query = format!("timestamp={NOW}&nonce=42&encrypt_type=aes&msg_signature={signature}");
        let credentials = credentials(Mode::Secure);
        let opened = open(&credentials, &query, sealed).unwrap();
        assert_eq!(opened.message().content().unwrap().len(), length);
    }
}

fn wechatpy_is_there() -> bool {
    let imported = Command::new("python3")
        .args(["-c", "import wechatpy, cryptography"])
        .stderr(Stdio::null())
        .status();
    imported.is_ok_and(|status| status.success())
}

fn ask_wechatpy(asked: &Value) -> Value {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/interop/wechatpy_reads.py"
    );
    let mut python = Command::new("python3")
        .args(["-W", "ignore", script, TOKEN, &"A".repeat(43), APP_ID])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(asked.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "wechatpy could not read an answer");
    serde_json::from_slice(&output.stdout).unwrap()
}
