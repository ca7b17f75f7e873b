//! A service for rules that ask: a webhook and a language model in one, which take as many
//! milliseconds as stand in what they are asked, or that many times as long on a slower clock.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub struct Endpoint {
    pub address: SocketAddr,
    calls: Arc<Mutex<Calls>>,
}

#[derive(Default)]
struct Calls {
    /// How often each text was asked.
    asked: HashMap<String, u32>,
    /// How often each was answered, with nobody hanging up before.
    answered: HashMap<String, u32>,
    /// How many calls for it are not answered, and nobody has hung up on them.
    running: HashMap<String, u32>,
    /// What was asked while a call for the same ran.
    twice: Vec<String>,
    requests: Vec<Value>,
    /// What identifies each question.
    ids: Vec<String>,
}

impl Endpoint {
    pub fn start(slowness: u32) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let calls: Arc<Mutex<Calls>> = Arc::default();
        let shared = Arc::clone(&calls);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let calls = Arc::clone(&shared);
                thread::spawn(move || serve(&mut stream.ok()?, slowness, &calls));
            }
        });
        Endpoint { address, calls }
    }

    pub fn asked(&self, text: &str) -> u32 {
        let calls = self.calls.lock().unwrap();
        calls.asked.get(text).copied().unwrap_or(0)
    }

    pub fn answered(&self, text: &str) -> u32 {
        let calls = self.calls.lock().unwrap();
        calls.answered.get(text).copied().unwrap_or(0)
    }

    /// What was asked while a call for the same ran.
    pub fn asked_twice(&self) -> Vec<String> {
        self.calls.lock().unwrap().twice.clone()
    }

    /// The `webhook-id` of each request, in order.
    pub fn ids(&self) -> Vec<String> {
        self.calls.lock().unwrap().ids.clone()
    }

    /// The last request, as it came.
    pub fn last_request(&self) -> Value {
        self.calls.lock().unwrap().requests.last().unwrap().clone()
    }
}

fn serve(stream: &mut TcpStream, slowness: u32, calls: &Mutex<Calls>) -> Option<()> {
    let (is_model, id, request) = read(stream)?;
    let messages = request["messages"].as_array();
    let content = match messages.and_then(|messages| messages.last()) {
        Some(message) => &message["content"],
        None => &request["content"],
    };
    let content = content.as_str().unwrap_or_default().to_owned();
    {
        let mut calls = calls.lock().unwrap();
        *calls.asked.entry(content.clone()).or_default() += 1;
        let running = calls.running.entry(content.clone()).or_default();
        *running += 1;
        if *running > 1 {
            calls.twice.push(content.clone());
        }
        calls.requests.push(request.clone());
        calls.ids.extend(id);
    }
    let number: String = content.chars().filter(char::is_ascii_digit).collect();
    let takes = Duration::from_millis(number.parse().unwrap_or(0));
    let is_awaited = is_awaited_for(stream, takes * slowness);
    {
        let mut calls = calls.lock().unwrap();
        *calls.running.get_mut(&content)? -= 1;
        if is_awaited {
            *calls.answered.entry(content.clone()).or_default() += 1;
        }
    }
    let follower = request["openid"].as_str().unwrap_or_default();
    is_awaited.then(|| answer(stream, is_model, &content, follower))
}

/// Reads a request; says whether it is for the model, and what identifies it if it is not.
fn read(stream: &mut TcpStream) -> Option<(bool, Option<String>, Value)> {
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&buffer[..read]);
        let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
        let header = |wanted: &str| {
            head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                (name == wanted).then(|| value.to_owned())
            })
        };
        let length = header("content-length").and_then(|length| length.parse().ok());
        let body = &request[end + 4..];
        if body.len() == length.unwrap_or(0) {
            let is_model = head.starts_with("post /chat/completions");
            let id = header("webhook-id");
            return Some((is_model, id, serde_json::from_slice(body).unwrap()));
        }
    }
}

/// Lets time pass. Whether the other side has not hung up by then.
fn is_awaited_for(stream: &mut TcpStream, time: Duration) -> bool {
    let until = Instant::now() + time;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        stream.set_read_timeout(Some(left)).unwrap();
        match stream.read(&mut [0]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return false,
        }
    }
}

fn answer(stream: &mut TcpStream, is_model: bool, content: &str, follower: &str) {
    let body = match is_model {
        true => {
            let thought = match content.contains('想') {
                true => "<think>先想想</think>",
                false => "",
            };
            let content = format!("{thought}答{content}");
            let delta = json!({ "content": content, "reasoning_content": "再想想" });
            let chunk = json!({ "choices": [{ "delta": delta }] });
            format!("data: {chunk}\n\ndata: [DONE]\n\n")
        }
        false => {
            let reply = match content {
                text if text.contains('图') => json!({ "image": "MEDIA" }),
                text if text.contains('静') => json!("success"),
                text if text.contains('谁') => json!(format!("{follower}：答{text}")),
                text if text.contains('长') => json!("从前有座山。".repeat(300)),
                text => json!(format!("答{text}")),
            };
            let last = match content.contains('大') {
                true => "大".repeat(30_000),
                false => content.to_owned(),
            };
            json!({ "reply": reply, "set": { "last": last } }).to_string()
        }
    };
    let status = match content.contains('坏') {
        true => "500 Internal Server Error",
        false => "200 OK",
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(&[head, body].concat().into_bytes());
}
