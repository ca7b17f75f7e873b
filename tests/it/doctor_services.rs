//! `wxreply doctor` asks each service once, and says in words what is wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use crate::doctor::found;
use crate::support::Folder;

/// An endpoint that gives every question this answer.
pub fn endpoint(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut line, mut length) = (String::new(), 0);
            while stream.read_line(&mut line).is_ok_and(|read| read > 2) {
                if let Some(number) = line.strip_prefix("content-length: ") {
                    length = number.trim().parse().unwrap();
                }
                line.clear();
            }
            stream.read_exact(&mut vec![0; length]).unwrap();
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

fn webhook(address: &str, more: &str) -> Folder {
    let rules = format!(
        "services:\n  track: {{ url: 'http://{address}/track'{more} }}\n\
         rules:\n  - {{ name: track, when: {{ type: text }}, ask: {{ track: {{}} }}, reply: <answer.state> }}\n"
    );
    Folder::with(&[("rules.yaml", &rules)])
}

#[test]
fn a_webhook_is_asked_with_an_empty_question() {
    for (answer, state, words) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
            "ok",
            "track answers, in ",
        ),
        (
            "HTTP/1.1 422 X\r\ncontent-length: 0\r\n\r\n",
            "ok",
            "refuses an empty question, as it may: status 422",
        ),
        (
            "HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n",
            "warning",
            "status 404",
        ),
        (
            "HTTP/1.1 401 X\r\ncontent-length: 0\r\n\r\n",
            "error",
            "does not accept the key or the signature",
        ),
        (
            "HTTP/1.1 302 X\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n",
            "error",
            "write the address that it redirects to",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n<html>\n</html>\n",
            "error",
            "a page of HTML",
        ),
        ("SSH-2.0-OpenSSH\r\n", "error", "is not HTTP"),
    ] {
        let address = endpoint(answer).to_string();
        let folder = webhook(&address, "");
        found(&folder, &["--allow", &address], "service", state, &[words]);
    }
}

#[test]
fn what_keeps_a_service_from_being_asked_is_told() {
    let address = endpoint("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").to_string();
    let folder = webhook(&address, "");
    let internal = ["is internal", "or allow it with --allow"];
    found(&folder, &[], "service", "error", &internal);

    let folder = webhook(&address, ", sign: signing");
    let arguments = ["--allow", &address, "--secrets", "secrets"];
    let missing = ["there is no secret signing", "write it to a file"];
    found(&folder, &arguments, "service", "error", &missing);
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    folder.write("secrets/signing", "s3cret\n");
    found(&folder, &arguments, "service", "ok", &["track answers"]);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap().to_string();
    drop(listener);
    let folder = webhook(&closed, "");
    let arguments = ["--allow", &closed];
    found(&folder, &arguments, "service", "error", &["no connection"]);
}

#[test]
fn a_model_is_asked_for_a_word() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n\
                  data: {\"choices\":[{\"delta\":{\"content\":\"您好\"},\"finish_reason\":\"stop\"}]}\n\n";
    let address = endpoint(answer).to_string();
    let rules = format!(
        "services:\n  model: {{ llm: 'http://{address}/v1', model: tiny, key: tiny, label: AI, \
         limits: {{ follower: 20/h, tokens: 40 }} }}\n\
         rules:\n  - {{ name: chat, when: {{ type: text }}, ask: model }}\n"
    );
    let folder = Folder::with(&[("rules.yaml", &rules)]);
    let arguments = ["--allow", &address, "--secrets", "."];
    found(
        &folder,
        &arguments,
        "service",
        "error",
        &["there is no secret tiny"],
    );
    folder.write("tiny", "k3y");
    found(&folder, &arguments, "service", "ok", &["model answers"]);
}
