//! Who cannot sign costs little memory, and nothing of what he sends is carried out.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use wxreply::wechat::{Mode, push};

use crate::database::value;
use crate::http;
use crate::server::Server;
use crate::support::Folder;
use crate::wechat;

const RULES: &str = "\
rules:
  - { name: keep, when: { prefix: keep }, set: { word: <rest> }, reply: kept }
  - { name: echo, when: { type: text }, reply: <content> }
";

/// What the shipped pod may have, in KiB, with some room for the rules.
const MAX_KIBIBYTES: u64 = 240 * 1024;

const STRANGERS: usize = 2500;

fn secure(folder: &Folder) -> Server {
    let secrets = ["--aes-key", wechat::AES_KEY, "--app-id", wechat::APP_ID];
    Server::start(folder, &[&secrets[..], &["--mode", "secure"]].concat())
}

/// A stranger who sends this and stays, as far as he is let.
fn stranger(server: &Server, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_nonblocking(true).unwrap();
    let mut left = bytes;
    while !left.is_empty() {
        match stream.write(left) {
            Ok(written) => left = left.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(_) => break,
        }
    }
    stream
}

#[test]
fn thousands_of_strangers_with_heads_and_bodies_of_any_size_take_little_memory() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let long = "x".repeat(120_000);
    let post = |query: &str| {
        let length = 60_000;
        format!("POST /wx_flask?{query} HTTP/1.1\r\nhost: bot\r\ncontent-length: {length}\r\n\r\n")
    };
    let body = long.get(..59_000).unwrap();
    let plain = Server::start(&folder, &[]);
    let sealed = "encrypt_type=aes&msg_signature=x&timestamp=1&nonce=2";
    for (server, mode, bytes) in [
        (
            &plain,
            Mode::Plain,
            format!("GET /wx_flask HTTP/1.1\r\nhost: bot\r\nx: {long}"),
        ),
        (
            &plain,
            Mode::Plain,
            post("signature=x&timestamp=1&nonce=2") + body,
        ),
        (&secure(&folder), Mode::Secure, post(sealed) + body),
    ] {
        let crowd: Vec<TcpStream> = (0..STRANGERS)
            .map(|_| stranger(server, bytes.as_bytes()))
            .collect();
        let xml = push::message_xml(&wechat::text("o1", "hello"));
        let said = server.post(&wechat::sealed(&wechat::credentials(mode), &xml));
        assert_eq!(said.status, 200, "{mode}");
        let most = server.kibibytes("VmHWM");
        assert!(most < MAX_KIBIBYTES, "{mode}, {:.30}: {most} KiB", bytes);
        drop(crowd);
    }
}

#[test]
fn a_head_has_at_most_sixteen_kibibytes() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &[]);
    let query = push::handshake(&wechat::credentials(Mode::Plain), "1", &wechat::stamp());
    let head = |bytes: usize| {
        let line = format!("GET /wx_flask?{query} HTTP/1.1\r\nhost: bot\r\nx: ");
        let padding = "x".repeat(bytes - line.len() - 4);
        format!("{line}{padding}\r\n\r\n")
    };
    for (bytes, is_taken) in [(16_384, true), (16_385, false), (100_000, false)] {
        let said = http::exchange(server.address(), head(bytes).as_bytes());
        let status = said.map(|said| said.status);
        assert_eq!(status == Some(200), is_taken, "{bytes}: {status:?}");
    }
    assert_eq!(server.says("o1", "hello"), "hello");
}

#[test]
fn a_message_of_any_size_that_is_taken_arrives_in_one_piece_or_in_many() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for (server, mode) in [
        (Server::start(&folder, &[]), Mode::Plain),
        (secure(&folder), Mode::Secure),
    ] {
        let credentials = wechat::credentials(mode);
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
        for (round, piece) in [100_000_000, 5000, 16 * 1024].into_iter().enumerate() {
            let content = "x".repeat(60_000);
            let xml = push::message_xml(&wechat::text("o1", &content));
            let push = wechat::sealed(&credentials, &xml);
            let head = format!(
                "POST /wx_flask?{} HTTP/1.1\r\nhost: bot\r\ncontent-length: {}\r\n\r\n",
                push.query,
                push.body.len()
            );
            for bytes in (head + &push.body).as_bytes().chunks(piece) {
                stream.write_all(bytes).unwrap();
            }
            let said = http::answer(&mut stream).unwrap();
            assert_eq!(said.status, 200, "{mode}, round {round}");
            assert!(push::read_answer(&credentials, &said.body).is_ok());
        }
    }
}

#[test]
fn what_is_pipelined_after_a_refused_request_is_not_carried_out() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = format!("sqlite:{}", folder.path().join("f.db").display());
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "keep before"), "kept");
    let push = wechat::plain(&wechat::text("o1", "keep after"));
    let length = push.body.len();
    let right = format!(
        "POST /wx_flask?{} HTTP/1.1\r\nhost: bot\r\ncontent-length: {length}\r\n\r\n{}",
        push.query, push.body
    );
    let post = "POST /wx_flask?signature=x HTTP/1.1\r\nhost: bot\r\ncontent-length: ";
    for (wrong, status) in [
        (format!("{post}6\r\n\r\n<xml/>"), "403"),
        (
            "GET /wx_flask HTTP/1.1\r\nhost: bot\r\n\r\n".to_owned(),
            "403",
        ),
        ("GET /else HTTP/1.1\r\nhost: bot\r\n\r\n".to_owned(), "404"),
        (
            "PUT /wx_flask HTTP/1.1\r\nhost: bot\r\n\r\n".to_owned(),
            "405",
        ),
        (
            format!(
                "POST /wx_flask?{} HTTP/1.1\r\nhost: bot\r\ncontent-length: 99999999\r\n\r\n",
                push.query
            ),
            "413",
        ),
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
        let all = [wrong.as_str(), &right, &right, &right].concat();
        stream.write_all(all.as_bytes()).unwrap();
        let mut said = Vec::new();
        // Where something is left unread, the system resets the connection after the answer.
        let _ = stream.read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said);
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{said}");
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{said}");
    }
    assert_eq!(value(&url, "o1", "word"), "before");
    assert_eq!(server.says("o1", "hello"), "hello");
}
