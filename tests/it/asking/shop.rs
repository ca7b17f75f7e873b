//! An account whose rules ask, the service that they ask, and WeChat, on a clock five times as fast:
//! it delivers again after a second. With a database server, whose disk others may keep busy, the
//! clock is half as fast.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use wxreply::message::Message;

use crate::asking::endpoint::Endpoint;
use crate::server::{Server, eventually};
use crate::support::Folder;
use crate::{among, database, http, wechat};

pub const RETRY_AFTER: Duration = Duration::from_secs(1);
pub const FLAGS: [&str; 4] = ["--deadline", "900ms", "--retry-after", "1s"];

const SLOWER_FLAGS: [&str; 4] = ["--deadline", "1800ms", "--retry-after", "2s"];

pub const SLOW: &str = "稍等，回复【1】";

/// The address of the endpoint stands in for `ENDPOINT`.
const RULES: &str = "
options: { slow: '稍等，回复【1】', fetch: ['1'], on_error: 故障 }
services:
  慢: { url: 'http://ENDPOINT/', timeout: 20s, at_once: 500 }
  另: { url: 'http://ENDPOINT/', timeout: 20s, at_once: 500, openid: plain }
  模型:
    llm: 'http://ENDPOINT/'
    model: m
    timeout: 20s
    memory: { turns: 2, expires: 30m }
    limits: { follower: 4/h, day: 6, tokens: 400 }
    label: 【AI】
rules:
  - { name: 问, when: { prefix: 问 }, ask: 慢, failed: { busy: 忙, other: 坏了 } }
  - { name: 另, when: { prefix: 另 }, ask: 另, failed: { busy: 忙, other: 坏了 } }
  - { name: 聊, when: { prefix: 聊 }, ask: 模型, failed: { busy: 聊够了, other: 坏了 } }
  - { name: 忘, when: { equals: 忘了吧 }, clear: 模型, reply: 忘了 }
  - { name: 一, when: { equals: '1' }, reply: 普通 }
  - { name: 好, when: { equals: 你好 }, reply: 好 }
  - { name: 记, when: { equals: 上次 }, reply: '<user.last|无>' }
";

pub struct Shop {
    pub endpoint: Endpoint,
    pub folder: Folder,
    pub database: String,
    /// By how much everything takes longer than on the fast clock, the endpoint included.
    slowness: u32,
    /// What the openids of this test begin with.
    run: String,
    /// Of this test alone: the replicas of another would ask what its own leave behind.
    account: String,
}

impl Shop {
    /// Runs a test on each database, all at the same time: most of it is waiting.
    pub fn on_each_database(test: impl Fn(&Shop) + Sync) {
        Shop::on_each(|url| if url.starts_with("sqlite:") { 1 } else { 2 }, test);
    }

    /// The same for a test with a clock of its own.
    pub fn on_each_database_timed(test: impl Fn(&Shop) + Sync) {
        Shop::on_each(|_| 1, test);
    }

    fn on_each(slowness: fn(&str) -> u32, test: impl Fn(&Shop) + Sync) {
        let folder = Folder::in_memory();
        thread::scope(|scope| {
            for url in database::databases(&folder) {
                let kind = url.split(':').next().unwrap().to_owned();
                let test = &test;
                let slowness = slowness(&url);
                let run = move || test(&Shop::with(Folder::with(&[]), url, slowness));
                let thread = thread::Builder::new().name(kind);
                thread.spawn_scoped(scope, run).unwrap();
            }
        });
    }

    /// For what is the same on each database.
    pub fn on_a_file() -> Shop {
        let folder = Folder::in_memory();
        let file = folder.path().join(database::FILE);
        let database = format!("sqlite:{}", file.display());
        Shop::with(folder, database, 1)
    }

    /// On this database alone.
    pub fn on(database: String) -> Shop {
        Shop::with(Folder::with(&[]), database, 1)
    }

    fn with(folder: Folder, database: String, slowness: u32) -> Shop {
        let endpoint = Endpoint::start(slowness);
        let run = database::new_follower();
        let rules = RULES
            .replace("ENDPOINT", &endpoint.address.to_string())
            // What is counted of a day is counted for all followers of a service.
            .replace("模型", &format!("模型{run}"));
        folder.write("rules.yaml", rules);
        Shop {
            endpoint,
            folder,
            database,
            slowness,
            account: format!("gh_{run}"),
            run,
        }
    }

    /// A server that answers for this account alone, whatever else is on its database.
    pub fn replica_by_id(&self, flags: &[&str]) -> Server {
        self.folder.write(among::ID, &self.account);
        self.replica_with(flags)
    }

    pub fn replica(&self) -> Server {
        self.replica_with(&self.flags())
    }

    /// What makes a server as fast as this clock.
    pub fn flags(&self) -> [&'static str; 4] {
        match self.slowness {
            1 => FLAGS,
            _ => SLOWER_FLAGS,
        }
    }

    /// A server that has used its database: the first connection may take its time.
    pub fn replica_with(&self, flags: &[&str]) -> Server {
        let server = self.start(flags);
        let says = |part: &str| server.log().contains(part);
        let (usable, late) = ("can be used", "rules that need the database");
        eventually("it has tried its database", || says(usable) || says(late));
        if !says(usable) {
            eventually("its database answers", || {
                self.told(&server, "first", "上次") == "无"
            });
        }
        server
    }

    /// A server whose database may be away.
    pub fn start(&self, flags: &[&str]) -> Server {
        let allow = self.endpoint.address.to_string();
        let more = ["--allow", &allow, "--database", &self.database];
        Server::start(&self.folder, &[flags, &more].concat())
    }

    /// An openid of this test.
    pub fn openid(&self, name: &str) -> String {
        format!("{}{name}", self.run)
    }

    pub fn text(&self, name: &str, content: &str) -> Message {
        let message = wechat::message_to(&self.account, "text", &self.openid(name));
        message.with("Content", content)
    }

    /// What a follower gets in the end for a text.
    pub fn told(&self, server: &Server, name: &str, content: &str) -> String {
        let answer = self.deliver(&[server], &self.text(name, content));
        answer.map_or_else(|| "nothing".to_owned(), |(_, text)| text)
    }

    /// Delivers as WeChat does, each time to the next of these: which delivery was answered, and how.
    pub fn deliver(&self, servers: &[&Server], message: &Message) -> Option<(usize, String)> {
        deliver_each(RETRY_AFTER * self.slowness, servers, message)
    }

    /// Fetches until the answer is there.
    pub fn fetched(&self, server: &Server, name: &str) -> String {
        loop {
            match self.told(server, name, "1").as_str() {
                SLOW | "nothing" => {}
                answer => return answer.to_owned(),
            }
        }
    }

    /// Changes the rules that replicas have from their next reload on.
    pub fn edit(&self, theirs: &str, ours: &str) {
        let path = self.folder.path().join("rules.yaml");
        let rules = fs::read_to_string(&path).unwrap();
        assert!(rules.contains(theirs), "{rules}");
        self.folder.write("rules.yaml", rules.replace(theirs, ours));
    }

    /// As if the replica that asks for this follower had been silent for too long.
    pub fn let_replica_die(&self, name: &str) {
        let openid = self.openid(name);
        database::run(
            &self.database,
            &format!(
                "UPDATE wx_replicas SET leased_ms = 0 WHERE replica IN \
                 (SELECT replica FROM wx_questions WHERE openid = '{openid}')"
            ),
        );
    }
}

/// A question unlike any other, answered after so many milliseconds.
pub fn question(number: usize, milliseconds: usize) -> String {
    let digits = number.to_string().into_bytes();
    let letters = digits.iter().map(|digit| char::from(digit - b'0' + b'a'));
    format!("问{}{milliseconds}", letters.collect::<String>())
}

/// What one delivery gets, if WeChat reads it: the text, empty for `success`, or a picture.
pub fn delivered(server: &Server, message: &Message) -> Option<String> {
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
    (said.status == 200).then(|| seen(&said.body))
}

/// What the body of an answer is to a follower.
pub fn seen(body: &[u8]) -> String {
    match body {
        b"success" => String::new(),
        body if String::from_utf8_lossy(body).contains("Image") => "图".to_owned(),
        body => wechat::element(body, "Content"),
    }
}

/// Delivers as a fast WeChat does.
pub fn deliver(servers: &[&Server], message: &Message) -> Option<(usize, String)> {
    deliver_each(RETRY_AFTER, servers, message)
}

/// The same for a WeChat that delivers again after this time.
pub fn deliver_each(
    retry_after: Duration,
    servers: &[&Server],
    message: &Message,
) -> Option<(usize, String)> {
    for number in 0..3 {
        let began = Instant::now();
        if let Some(text) = delivered(servers[number % servers.len()], message) {
            return Some((number + 1, text));
        }
        thread::sleep((began + retry_after).saturating_duration_since(Instant::now()));
    }
    None
}
