//! Rules that ask a service, against a real one, on a clock ten times as fast as WeChat's: it
//! delivers again after half a second. Each fault that other bots have is a test by name.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use wxreply::message::Message;

use crate::pages::pages;
use crate::server::Server;
use crate::support::Folder;
use crate::{database, http, wechat};

const RETRY_AFTER: Duration = Duration::from_millis(500);

/// A service that answers a text after as many milliseconds as stand in it.
struct Endpoint {
    address: SocketAddr,
    /// How often it was asked each text.
    asked: Arc<Mutex<HashMap<String, u32>>>,
}

impl Endpoint {
    fn start() -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<HashMap<String, u32>>> = Arc::default();
        let counted = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let asked = Arc::clone(&counted);
                thread::spawn(move || answer(stream.unwrap(), &asked));
            }
        });
        Endpoint { address, asked }
    }

    fn asked(&self, text: &str) -> u32 {
        self.asked.lock().unwrap().get(text).copied().unwrap_or(0)
    }
}

fn answer(mut stream: TcpStream, asked: &Mutex<HashMap<String, u32>>) {
    let mut request = Vec::new();
    let body = loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).unwrap_or(0);
        if read == 0 {
            return;
        }
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request);
        let (Some((_, body)), true) = (text.split_once("\r\n\r\n"), text.ends_with('}')) else {
            continue;
        };
        break serde_json::from_str::<serde_json::Value>(body).unwrap();
    };
    let content = body["content"].as_str().unwrap_or_default().to_owned();
    *asked.lock().unwrap().entry(content.clone()).or_default() += 1;
    let number: String = content.chars().filter(char::is_ascii_digit).collect();
    thread::sleep(Duration::from_millis(number.parse().unwrap_or(0)));
    let reply = match &content {
        text if text.contains('图') => serde_json::json!({ "image": "MEDIA" }),
        text if text.contains('长') => serde_json::json!("从前有座山。".repeat(300)),
        text => serde_json::json!(format!("答{text}")),
    };
    let status = match content.contains('坏') {
        true => "500 Internal Server Error",
        false => "200 OK",
    };
    let set = serde_json::json!({ "reply": reply, "set": { "last": content } }).to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{set}",
        set.len()
    );
}

struct Shop {
    endpoint: Endpoint,
    folder: Folder,
    database: String,
}

impl Shop {
    fn open() -> Shop {
        let endpoint = Endpoint::start();
        let rules = format!(
            "options: {{ slow: '稍等，回复【1】', fetch: ['1'], on_error: 故障 }}
services: {{ 慢: {{ url: 'http://{}/', timeout: 20s }} }}
rules:
  - {{ name: 问, when: {{ prefix: 问 }}, ask: 慢, failed: {{ busy: 忙, other: 坏了 }} }}
  - {{ name: 一, when: {{ equals: '1' }}, reply: 普通 }}
  - {{ name: 好, when: {{ equals: 你好 }}, reply: 好 }}
  - {{ name: 记, when: {{ equals: 上次 }}, reply: '<user.last|无>' }}
",
            endpoint.address
        );
        let folder = Folder::with(&[("rules.yaml", &rules)]);
        let database = format!("sqlite:{}", folder.path().join("q.db").display());
        Shop {
            endpoint,
            folder,
            database,
        }
    }

    fn replica(&self) -> Server {
        self.replica_with(["--deadline", "400ms", "--retry-after", "500ms"])
    }

    fn replica_with(&self, flags: [&str; 4]) -> Server {
        let allow = self.endpoint.address.to_string();
        let more = ["--allow", &allow, "--database", &self.database];
        Server::start(&self.folder, &[flags, more].concat())
    }
}

/// What one delivery gets, if WeChat reads it: the text, empty for `success`, or a picture.
fn delivered(server: &Server, message: &Message) -> Option<String> {
    let push = wechat::plain(message);
    let mut stream = TcpStream::connect(server.address()).ok()?;
    stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
    let head = format!(
        "POST /wx_flask?{} HTTP/1.1\r\nhost: bot\r\ncontent-length: {}\r\n\r\n",
        push.query,
        push.body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(push.body.as_bytes()).ok()?;
    let said = http::answer(&mut stream)?;
    if said.status != 200 {
        return None;
    }
    Some(match said.body.as_slice() {
        b"success" => String::new(),
        body if String::from_utf8_lossy(body).contains("Image") => "图".to_owned(),
        body => wechat::element(body, "Content"),
    })
}

/// Delivers as WeChat does, each time to the next of these: which delivery was answered, and how.
fn deliver(servers: &[&Server], message: &Message) -> Option<(usize, String)> {
    for number in 0..3 {
        let began = Instant::now();
        if let Some(text) = delivered(servers[number % servers.len()], message) {
            return Some((number + 1, text));
        }
        thread::sleep((began + RETRY_AFTER).saturating_duration_since(Instant::now()));
    }
    None
}

fn told(server: &Server, openid: &str, text: &str) -> String {
    let answer = deliver(&[server], &wechat::text(openid, text));
    answer.map_or_else(|| "nothing".to_owned(), |(_, text)| text)
}

/// Fetches until the answer is there.
fn fetched(server: &Server, openid: &str) -> String {
    loop {
        match told(server, openid, "1").as_str() {
            "稍等，回复【1】" | "nothing" => {}
            answer => return answer.to_owned(),
        }
    }
}

#[test]
fn an_answer_comes_on_whichever_delivery_is_there_on_two_replicas_and_once() {
    let shop = Shop::open();
    let (one, other) = (shop.replica(), shop.replica());
    for (openid, text) in [("o1", "问100"), ("o2", "问700"), ("o3", "问1100")] {
        let message = wechat::text(openid, text);
        let (_, answer) = deliver(&[&one, &other], &message).unwrap();
        assert_eq!(answer, format!("答{text}"));
        // A repeated delivery gets the same, and asks nobody.
        assert_eq!(delivered(&other, &message), Some(answer));
        assert_eq!(shop.endpoint.asked(text), 1);
        assert_eq!(told(&one, openid, "1"), "普通");
        assert_eq!(told(&one, openid, "上次"), text);
    }
}

#[test]
fn a_slow_answer_is_fetched_once_and_the_word_is_ordinary_otherwise() {
    let shop = Shop::open();
    let server = shop.replica();
    assert_eq!(told(&server, "o1", "1"), "普通");
    assert_eq!(told(&server, "o1", "问2500"), "稍等，回复【1】");
    assert_eq!(told(&server, "o2", "1"), "普通", "nothing waits for them");
    assert_eq!(
        told(&server, "o1", "你好"),
        "好",
        "who waits may go on asking"
    );
    assert_eq!(fetched(&server, "o1"), "答问2500");
    assert_eq!(told(&server, "o1", "1"), "普通");
    assert_eq!(shop.endpoint.asked("问2500"), 1);
}

#[test]
fn deliveries_that_overlap_ask_once_and_get_one_answer() {
    let shop = Shop::open();
    let replica = || shop.replica_with(["--deadline", "4s", "--retry-after", "5s"]);
    let (one, other) = (replica(), replica());
    let message = wechat::text("o1", "问200");
    thread::scope(|scope| {
        let deliveries = [&one, &other, &one, &other];
        let deliveries = deliveries.map(|server| scope.spawn(|| delivered(server, &message)));
        for delivery in deliveries {
            assert_eq!(delivery.join().unwrap().as_deref(), Some("答问200"));
        }
    });
    assert_eq!(shop.endpoint.asked("问200"), 1);
}

#[test]
fn a_new_question_while_one_runs_is_refused_and_the_first_is_not_lost() {
    let shop = Shop::open();
    let server = shop.replica();
    assert_eq!(told(&server, "o1", "问2600"), "稍等，回复【1】");
    assert_eq!(told(&server, "o1", "问1"), "忙");
    assert_eq!(told(&server, "o2", "问2"), "答问2");
    assert_eq!(fetched(&server, "o1"), "答问2600");
    assert_eq!(told(&server, "o1", "问1"), "答问1");
}

#[test]
fn another_follower_with_the_same_question_gets_an_answer_of_their_own() {
    let shop = Shop::open();
    let server = shop.replica();
    assert_eq!(told(&server, "o1", "问30"), "答问30");
    assert_eq!(told(&server, "o2", "问30"), "答问30");
    assert_eq!(shop.endpoint.asked("问30"), 2);
}

#[test]
fn after_a_failure_and_after_a_picture_nothing_waits_and_nothing_is_stored() {
    let shop = Shop::open();
    let server = shop.replica();
    assert_eq!(told(&server, "o1", "问坏"), "坏了");
    assert_eq!(told(&server, "o1", "上次"), "无");
    assert_eq!(told(&server, "o1", "问图"), "图");
    assert_eq!(told(&server, "o1", "1"), "普通");
    assert_eq!(told(&server, "o1", "问3"), "答问3");
}

#[test]
fn a_long_answer_is_fetched_part_by_part() {
    let shop = Shop::open();
    let server = shop.replica();
    let first = told(&server, "o1", "问长");
    assert!(first.ends_with("（未完，回复【1】继续）"), "{first}");
    assert_eq!(told(&server, "o1", "你好"), "好");
    let (mut whole, mut part) = (String::new(), first);
    while let Some(begun) = part.strip_suffix("\n（未完，回复【1】继续）") {
        whole += begun;
        part = told(&server, "o1", "1");
    }
    assert_eq!(whole + &part, "从前有座山。".repeat(300));
    assert_eq!(told(&server, "o1", "1"), "普通");
}

#[test]
fn send_shows_what_each_delivery_gets_and_what_the_follower_sees() {
    let shop = Shop::open();
    let server = shop.replica_with(["--deadline", "1s", "--retry-after", "2s"]);
    let url = format!("http://{}/wx_flask", server.address());
    let sent = |text: &str, language: &str| {
        let openid = format!("openid=o{text}{language}");
        let message = ["send", &url, text, "--field", &openid, "--lang", language];
        let flags = [
            "--token",
            wechat::TOKEN,
            "--deliveries",
            "3",
            "--retry-after",
            "2s",
        ];
        let outcome = shop.folder.run(&[&message[..], &flags].concat());
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        outcome.stdout
    };
    let quick = sent("问0", "en");
    let start = "delivery 1 at 0.0 s: answered after 0.";
    assert!(quick.starts_with(start), "{quick}");
    let seen = "\nthe follower sees \"答问0\" after 0.";
    assert!(quick.contains(seen), "{quick}");
    assert_eq!(quick.lines().count(), 2, "{quick}");

    for (page, language) in [("docs/running.md", "en"), ("docs/zh/running.md", "zh")] {
        let later = sent("问2500", language);
        assert_eq!(outline(&later), outline(&shown(page)), "{later}");
    }
    let slow = sent("问30000", "en");
    let told = "\ndelivery 3 at 4.0 s: answered after 1.";
    assert!(slow.contains(told), "{slow}");
    let seen = "\nthe follower sees \"稍等，回复【1】\" after 5.";
    assert!(slow.contains(seen), "{slow}");
    assert_eq!(slow.lines().count(), 4, "{slow}");
}

/// What a page says that `send` prints.
fn shown(page: &str) -> String {
    let mut pages = pages().into_iter();
    let page = pages.find(|it| it.name == page).unwrap();
    let mut blocks = page.blocks().into_iter();
    blocks.find(|block| block.info == "text").unwrap().text
}

/// Without the times and the answers.
fn outline(text: &str) -> String {
    let texts = text.split('"').step_by(2).collect::<Vec<_>>().join("…");
    texts.replace(|letter: char| letter.is_ascii_digit(), "")
}

#[test]
fn a_replica_that_is_killed_loses_no_question() {
    let shop = Shop::open();
    let (one, other) = (shop.replica(), shop.replica());
    let message = wechat::text("o1", "问900");
    assert_eq!(delivered(&one, &message), None);
    assert_eq!(shop.endpoint.asked("问900"), 1);
    one.kill();
    // As long as its lease lasts, nobody asks again.
    assert_eq!(delivered(&other, &message), None);
    assert_eq!(shop.endpoint.asked("问900"), 1);
    database::run(
        &shop.database,
        "UPDATE wx_replicas SET leased_ms = 0 \
         WHERE replica IN (SELECT replica FROM wx_questions)",
    );
    assert_eq!(fetched(&other, "o1"), "答问900");
    assert_eq!(shop.endpoint.asked("问900"), 2);
    assert_eq!(told(&other, "o1", "1"), "普通");
}

#[test]
fn a_server_that_ends_leaves_its_questions_to_the_next() {
    let shop = Shop::open();
    let server = shop.replica();
    server.hears_signals();
    assert_eq!(told(&server, "o1", "问2700"), "稍等，回复【1】");
    server.signal("TERM");
    assert!(server.ended().success());
    let next = shop.replica();
    assert_eq!(fetched(&next, "o1"), "答问2700");
}
