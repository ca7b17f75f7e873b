//! `wxreply send` plays WeChat, and says what WeChat would make of the answer.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::PATIENCE;
use crate::server::Server;
use crate::support::{Folder, Outcome, program};
use crate::wechat;

const RULES: &str = "\
rules:
  - { name: hello, when: { prefix: hello }, reply: hi <openid> }
  - { name: add, when: { prefix: add }, add: { list: <rest> }, reply: { random: [a, b, c, d, e, f, g, h] } }
  - { name: welcome, when: { event: subscribe }, reply: welcome }
  - { name: scanned, when: { event: scancode_waitmsg }, reply: '<scan_code_info.scan_result>' }
";

/// A message that is delivered again after a second.
const TWICE: [&str; 5] = ["hello", "--deliveries", "2", "--retry-after", "1s"];

/// The address stands in for `URL`.
fn send(folder: &Folder, url: &str, arguments: &[&str]) -> Outcome {
    let all = [&["send", url, "--token", wechat::TOKEN], arguments].concat();
    folder.run(&all)
}

#[test]
fn every_answer_is_shown_and_judged() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (key, app_id) = (wechat::AES_KEY, wechat::APP_ID);
    let secure = ["--aes-key", key, "--app-id", app_id];
    for account in [&[][..], &secure] {
        let server = Server::start(&folder, account);
        let url = format!("http://{}/wx_flask", server.address());
        let query = format!("{url}?from=here");
        let fragment = format!("{url}#here");
        let elsewhere = format!("http://{}/elsewhere", server.address());
        for (url, arguments, code, said) in [
            (&url, &["hello"][..], 0, "\"hi o_test\""),
            (&query, &["hello"], 0, "\"hi o_test\""),
            (&fragment, &["hello"], 0, "\"hi o_test\""),
            (&url, &["hello", "--field", "openid=oMe"], 0, "\"hi oMe\""),
            (
                &url,
                &[
                    "hello",
                    "--field",
                    "from_user_name=oMe",
                    "--field",
                    "create_time=5",
                    "--field",
                    "msg_id=6",
                ],
                0,
                "\"hi oMe\"",
            ),
            (&url, &["--event", "subscribe"], 0, "\"welcome\""),
            (
                &url,
                &[
                    "--event",
                    "scancode_waitmsg",
                    "--field",
                    "scan_code_info.scan_result=690",
                ],
                0,
                "\"690\"",
            ),
            (&url, &["--type", "voice"], 0, "success"),
            (&url, &["--verify-url"], 0, "the URL answers the handshake"),
            (
                &url,
                &["hello", "--wrong-signature"],
                0,
                "refused, as it must be: 403",
            ),
            (
                &url,
                &["--verify-url", "--wrong-signature"],
                0,
                "refused, as it must be: 403",
            ),
            (
                &elsewhere,
                &["hello"],
                1,
                "is this the path that the server was given?",
            ),
            (
                &elsewhere,
                &["--verify-url"],
                1,
                "WeChat would refuse this URL: status 404",
            ),
        ] {
            let outcome = send(&folder, url, &[account, arguments].concat());
            assert_eq!(
                (outcome.code, outcome.stderr.as_str()),
                (code, ""),
                "{arguments:?}"
            );
            assert!(
                outcome.stdout.contains(said),
                "{arguments:?}: {}",
                outcome.stdout
            );
        }
        let strange =
            folder.run(&[&["send", &url, "hello", "--token", "strange"], account].concat());
        assert_eq!(strange.code, 1);
        assert!(
            strange
                .stdout
                .contains("403; are token, key, app id and mode the same")
        );

        let same = ["--field", "create_time=5", "--field", "msg_id=6"];
        let again = [account, &["add x", "--format", "json"], &same].concat();
        let reply = || {
            let outcome = send(&folder, &url, &again);
            assert_eq!(outcome.code, 0, "{outcome:?}");
            let said: Value = serde_json::from_str(&outcome.stdout).unwrap();
            assert_eq!(said["answers"][0]["encrypted"], !account.is_empty());
            said["answers"][0]["reply"].clone()
        };
        let first = reply();
        for _ in 0..3 {
            assert_eq!(reply(), first, "a retry gets the same answer");
        }
    }
}

#[test]
fn what_wechat_would_not_take_is_a_fault() {
    let folder = Folder::with(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let answers = [
        ("200 OK", "\"success\"", "neither success nor XML"),
        ("200 OK", "{\"ok\":true}", "neither success nor XML"),
        (
            "200 OK",
            "<xml><MsgType>text</MsgType></xml>",
            "WeChat would show a fault",
        ),
        (
            "500 Oops",
            "success",
            "WeChat would show a fault: status 500",
        ),
        (
            "302 Found\r\nlocation: /x",
            "",
            "WeChat would show a fault: status 302",
        ),
    ];
    let server = thread::spawn(move || {
        for (status, body, _) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"</xml>") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    for (status, body, said) in answers {
        let outcome = send(&folder, &url, &["hello"]);
        assert_eq!(outcome.code, 1, "{status} {body}: {outcome:?}");
        assert!(
            outcome.stdout.contains(said),
            "{status} {body}: {}",
            outcome.stdout
        );
    }
    server.join().unwrap();
}

/// A server that has read a request, says this, and hangs up, or never does.
fn saying(answer: Option<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let mut request = Vec::new();
            let mut byte = [0];
            let ends = |request: &[u8]| {
                // A byte of TLS, which this server does not speak.
                request.starts_with(&[0x16])
                    || request.ends_with(b"</xml>")
                    || request.starts_with(b"GET") && request.ends_with(b"\r\n\r\n")
            };
            while !ends(&request) && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                request.extend(byte);
            }
            match &answer {
                Some(answer) => drop(stream.write_all(answer)),
                None => held.push(stream),
            }
        }
    });
    url
}

#[test]
fn a_late_or_damaged_answer_is_a_fault_and_nobody_to_reach_is_none() {
    let folder = Folder::with(&[]);
    let answer = |head: &str, body: &[u8]| Some([head.as_bytes(), b"\r\n\r\n", body].concat());
    let faults = [
        (None, "no answer within five seconds"),
        (
            answer(
                "HTTP/1.1 200 OK\r\ncontent-length: 2000000",
                &[b' '; 2_000_000],
            ),
            "the answer is longer than a mebibyte",
        ),
        (
            answer("HTTP/1.1 200 OK\r\ncontent-length: 7", b"succ"),
            "the connection was cut before the answer was whole",
        ),
        (
            answer(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked",
                b"4\r\nsucc\r\n",
            ),
            "the connection was cut before the answer was whole",
        ),
        (
            Some(Vec::new()),
            "the connection was cut before the answer was whole",
        ),
        (
            answer("hello, who is there?", b""),
            "the answer is not HTTP",
        ),
    ];
    for (answer, said) in faults {
        let calls = [
            (&["hello"][..], "WeChat would show a fault: "),
            (&["--verify-url"], "WeChat would refuse this URL: "),
            (&["hello", "--wrong-signature"], "not refused: "),
        ];
        let is_late = answer.is_none();
        let url = saying(answer);
        // Once is long enough to wait.
        for &(arguments, verdict) in calls.iter().take(if is_late { 1 } else { 3 }) {
            let outcome = send(&folder, &url, arguments);
            assert_eq!((outcome.code, outcome.stderr.as_str()), (1, ""), "{said}");
            let whole = format!("{verdict}{said}");
            assert!(outcome.stdout.starts_with(&whole), "{}", outcome.stdout);
        }
        if is_late {
            continue;
        }
        let outcome = send(&folder, &url, &[&TWICE[..], &["--format", "json"]].concat());
        let shown: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!((outcome.code, &shown["ok"]), (1, &false.into()));
        for answer in shown["answers"].as_array().unwrap() {
            assert!(answer["status"].is_null());
            assert!(answer["fault"].as_str().unwrap().starts_with(said));
        }
        assert_eq!(shown["answers"].as_array().unwrap().len(), 2);
    }
    let outcome = send(&folder, "http://name.invalid/", &["hello"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("cannot reach http://name.invalid/"));
}

#[test]
fn what_was_said_before_a_server_went_away_is_not_lost() {
    let folder = Folder::with(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        drop(listener);
        let (mut request, mut byte) = (Vec::new(), [0]);
        while !request.ends_with(b"</xml>") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
            request.extend(byte);
        }
        let answer = b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(answer).unwrap();
    });
    let outcome = send(&folder, &url, &[&TWICE[..], &["--format", "json"]].concat());
    server.join().unwrap();
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("cannot reach"), "{outcome:?}");
    let shown: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(shown["ok"], false);
    assert_eq!(shown["answers"].as_array().unwrap().len(), 1);
}

/// A server that says one thing to each delivery, or holds it where that is nothing.
fn saying_in_turn(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut held = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut request, mut byte) = (Vec::new(), [0]);
            while !request.ends_with(b"</xml>") {
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            // A connection that ends is no answer either.
            held.extend(answer.is_empty().then_some(stream));
        }
        std::mem::forget(held);
    });
    url
}

#[test]
fn deliveries_keep_the_time_until_something_is_read() {
    const HELD: &str = "";
    const FAILED: &str = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
    const SUCCESS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsuccess";
    const JSON: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let folder = Folder::with(&[]);
    let banner = "the follower sees the fault banner: 该公众号提供的服务出现故障，请稍后再试";
    let held = "held for 1.";
    let cases: [(&'static [&'static str], i32, &[&str]); 5] = [
        (
            &[SUCCESS],
            0,
            &["answered after 0.", "the follower sees nothing"],
        ),
        (
            &[FAILED, HELD, SUCCESS],
            0,
            &[
                "failed after 0.",
                held,
                "answered after 0.",
                "the follower sees nothing",
            ],
        ),
        (&[HELD, HELD, HELD], 1, &[held, held, held, banner]),
        (&[HELD, JSON], 1, &[held, "neither success nor XML", banner]),
        (
            &[HELD, HELD, FAILED],
            1,
            &[held, held, "status 503", banner],
        ),
    ];
    for (answers, code, said) in cases {
        let slowly = ["hello", "--deliveries", "3", "--retry-after", "1s"];
        let began = Instant::now();
        let outcome = send(&folder, &saying_in_turn(answers), &slowly);
        let took = began.elapsed();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (code, ""));
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        assert_eq!(lines.len(), said.len(), "{answers:?}: {lines:?}");
        for ((number, line), said) in (1..).zip(&lines).zip(said) {
            assert!(line.contains(said), "{answers:?}: {line}");
            let start = format!("delivery {number} at {}.", number - 1);
            assert!(number > answers.len() || line.starts_with(&start), "{line}");
        }
        assert!(took >= Duration::from_secs(answers.len() as u64 - 1));

        let json = [&slowly[..], &["--format", "json"]].concat();
        let outcome = send(&folder, &saying_in_turn(answers), &json);
        let shown: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!((outcome.code, &shown["ok"]), (code, &(code == 0).into()));
        let deliveries = shown["answers"].as_array().unwrap();
        assert_eq!(deliveries.len(), answers.len());
        for (number, delivery) in (0..).zip(deliveries) {
            assert_eq!(delivery["at_milliseconds"].as_u64().unwrap() / 1000, number);
        }
    }
}

#[test]
fn a_server_that_asks_for_https_is_called_so() {
    let folder = Folder::with(&[]);
    for page in [
        "<center>The plain HTTP request was sent to HTTPS port</center>",
        "Client sent an HTTP request to an HTTPS server.\n",
        "You're speaking plain HTTP to an SSL-enabled server port.<br />",
    ] {
        let head = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}", page.len());
        let url = saying(Some(format!("{head}\r\n\r\n{page}").into_bytes()));
        let outcome = send(&folder, &url, &["hello"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{page}");
        let said = "TLS is spoken at this port; write https://";
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    }
}

#[test]
fn no_proxy_comes_between() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &[]);
    let url = format!("http://{}/wx_flask", server.address());
    let output = program(&["send", &url, "hello", "--token", wechat::TOKEN])
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("http_proxy", "http://127.0.0.1:1")
        .env("ALL_PROXY", "http://127.0.0.1:1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn what_cannot_be_sent_is_said() {
    let folder = Folder::with(&[]);
    let nobody = "http://127.0.0.1:1/";
    for (url, arguments, said) in [
        (
            nobody,
            &["hello"][..],
            "error: cannot reach http://127.0.0.1:1/: ",
        ),
        (
            "127.0.0.1:1/",
            &["hello"],
            "error: 127.0.0.1:1/ is not a URL; it begins with http://",
        ),
        (
            nobody,
            &[],
            "error: say what is sent: a text, --type or --event",
        ),
        (
            nobody,
            &["--key", "K"],
            "error: the message has no type; add --type, or --event for an event",
        ),
        (
            nobody,
            &["hello", "--max-age", "60s"],
            "unexpected argument '--max-age'",
        ),
        (nobody, &["hello", "--verify-url"], "cannot be used with"),
        (
            nobody,
            &["hello", "--deliveries", "0"],
            "write a whole number from 1 to 3",
        ),
        (
            nobody,
            &["hello", "--mode", "secure"],
            "error: secure mode needs the EncodingAESKey",
        ),
    ] {
        let outcome = send(&folder, url, arguments);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (2, ""),
            "{arguments:?}"
        );
        assert!(
            outcome.stderr.contains(said),
            "{arguments:?}: {}",
            outcome.stderr
        );
        assert!(!outcome.stderr.contains(wechat::TOKEN));
    }
}
