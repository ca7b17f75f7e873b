//! Nobody reads the log: followers are answered all the same, and signals are obeyed.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr};

use wxreply::wechat::push::Push;

use crate::http;
use crate::server::{eventually, said_text, serve};
use crate::support::Folder;
use crate::wechat;

const RULES: &str = "rules: [{ name: echo, reply: <content> }]";

/// Enough lines to fill the pipe and the queue.
const MESSAGES: usize = 3000;

/// A server whose standard error is read up to where it says its address, and then no more.
fn start(folder: &Folder, format: &str) -> (Child, BufReader<ChildStderr>, SocketAddr) {
    let flags = ["--token", wechat::TOKEN, "--log-format", format];
    let mut command = serve(folder.path(), &flags, &[]);
    let mut child = command.spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on http://") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended");
    }
    let address = line.split("://").nth(1).unwrap().split('/').next().unwrap();
    (child, log, address.parse().unwrap())
}

fn post(stream: &mut TcpStream, push: &Push) {
    let target = format!("/wx_flask?{}", push.query);
    let said = http::request_on(stream, &target, push.body.as_bytes(), "keep-alive");
    assert_eq!(said_text(&said.unwrap()), "hi");
}

#[test]
fn a_log_that_nobody_reads_keeps_no_follower_waiting_and_no_signal() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (mut child, log, address) = start(&folder, "text");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
    for _ in 0..MESSAGES {
        post(&mut stream, &wechat::plain(&wechat::text("o1", "hi")));
    }
    drop(stream);
    let id = child.id().to_string();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(told.unwrap().success());
    let mut status = None;
    eventually("the server ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(0));
    drop(log);
}

#[test]
fn whoever_reads_the_log_again_learns_how_much_is_missing() {
    learns_how_much_is_missing("text", |line| {
        let missing = line.split_once(" lines of the log are missing here");
        missing.map(|(lines, _)| lines.parse().unwrap())
    });
}

#[test]
fn whoever_reads_a_log_in_json_again_learns_it_in_json() {
    learns_how_much_is_missing("json", |line| {
        let record: serde_json::Value = serde_json::from_str(line).expect(line);
        assert!(record["time"].is_string() && record["message"].is_string());
        record["missing"].as_u64()?.try_into().ok()
    });
}

fn learns_how_much_is_missing(format: &str, missing_in: impl Fn(&str) -> Option<usize>) {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (mut child, mut log, address) = start(&folder, format);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
    for _ in 0..MESSAGES {
        post(&mut stream, &wechat::plain(&wechat::text("o1", "hi")));
    }
    let (mut answered, mut missing) = (0, 0);
    let mut line = String::new();
    while answered + missing < MESSAGES {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended");
        match missing_in(&line) {
            Some(lines) => missing += lines,
            None => answered += usize::from(line.contains("answered, rule echo")),
        }
    }
    assert!(missing > 0, "it all fitted into the pipe");
    child.kill().unwrap();
    child.wait().unwrap();
    let _ = log.read_to_string(&mut line);
}
