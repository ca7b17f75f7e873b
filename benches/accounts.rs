//! What a thousand accounts in one process cost beside one: `cargo bench --bench accounts`. Both
//! are real processes of `wxreply serve --accounts`, loaded in turn from this one; the figures per
//! callback are CPU time of the process by the operating system. Linux only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark talks, and stops at the first trouble"
)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, thread};

use tempfile::TempDir;
use wxreply::message::Message;
use wxreply::wechat::{Credentials, Mode, ResponseNonce, Token, push};

const TOKEN: &str = "benchmarkOfAccounts";
const MANY: usize = 1000;
const RULES: usize = 100;
const TURNS: usize = 9;
const REQUESTS: usize = 5000;

fn main() {
    let (one, many) = (Agency::start(1), Agency::start(MANY));
    let mut ratios = Vec::new();
    let (mut of_one, mut of_many) = (Vec::new(), Vec::new());
    // The first turn warms both up.
    for turn in 0..=TURNS {
        let pair = (one.cpu_per_callback(), many.cpu_per_callback());
        if turn > 0 {
            of_one.push(pair.0);
            of_many.push(pair.1);
            ratios.push(pair.1 / pair.0);
        }
    }
    println!("{:<36} {:>10} {:>10}", "", "1 account", format!("{MANY}"));
    let row = |what: &str, one: f64, many: f64| println!("{what:<36} {one:>10.1} {many:>10.1}");
    row(
        "CPU per callback, µs",
        median(&mut of_one),
        median(&mut of_many),
    );
    println!(
        "{:<36} {:>10} {:>10.2}",
        "  over one account",
        "",
        median(&mut ratios)
    );
    row("start to all answering, ms", one.start, many.start);
    row("memory, MiB", one.memory(), many.memory());
    row("open files", one.entries("fd"), many.entries("fd"));
    row("threads", one.entries("task"), many.entries("task"));
    row("changed rules live after, ms", one.change(), many.change());
    row("added account live after, ms", one.add(), many.add());
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A process with so many accounts, ended with its owner.
struct Agency {
    child: Child,
    port: u16,
    accounts: usize,
    /// In milliseconds.
    start: f64,
    folder: TempDir,
}

impl Agency {
    fn start(accounts: usize) -> Agency {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..accounts {
            write_old(&rules_of(folder.path(), number), &rules(number, "first"));
        }
        write_old(&folder.path().join("token"), TOKEN);
        write_old(&folder.path().join("accounts.yaml"), &entries(accounts));
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_wxreply"))
            .args(["serve", "--accounts", "accounts.yaml"])
            .args(["--listen", "127.0.0.1:0", "--admin", "off"])
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, address)) = line.split_once("listening on http://127.0.0.1:") {
                break address.split('/').next().unwrap().parse().unwrap();
            }
        };
        thread::spawn(move || lines.for_each(drop));
        let mut agency = Agency {
            child,
            port,
            accounts,
            start: 0.0,
            folder,
        };
        let mut stream = agency.connect();
        for number in 0..accounts {
            assert!(ask(&mut stream, number).contains("first"));
        }
        agency.start = began.elapsed().as_secs_f64() * 1000.0;
        agency
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// Microseconds, spread over all accounts.
    fn cpu_per_callback(&self) -> f64 {
        let mut stream = self.connect();
        let before = self.cpu();
        for number in 0..REQUESTS {
            // Neighbours in the file are not neighbours in time.
            ask(&mut stream, number * 379 % self.accounts);
        }
        (self.cpu() - before).as_secs_f64() * 1e6 / REQUESTS as f64
    }

    /// Of all threads, to the nanosecond.
    fn cpu(&self) -> Duration {
        let threads = fs::read_dir(self.path("task")).unwrap();
        let ran = threads.map(|thread| {
            let spent = fs::read_to_string(thread.unwrap().path().join("schedstat"));
            let spent = spent.unwrap();
            let nanos = spent.split_whitespace().next().unwrap();
            nanos.parse::<u64>().unwrap()
        });
        Duration::from_nanos(ran.sum())
    }

    fn memory(&self) -> f64 {
        let status = fs::read_to_string(self.path("status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let kibibytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kibibytes.parse::<f64>().unwrap() / 1024.0
    }

    fn entries(&self, folder: &str) -> f64 {
        fs::read_dir(self.path(folder)).unwrap().count() as f64
    }

    fn path(&self, name: &str) -> String {
        format!("/proc/{}/{name}", self.child.id())
    }

    /// Milliseconds from a save of one rule file until it answers.
    fn change(&self) -> f64 {
        let number = self.accounts / 2;
        let path = rules_of(self.folder.path(), number);
        let mut all: Vec<f64> = (0..TURNS)
            .map(|turn| {
                let word = format!("turn{turn}");
                let began = Instant::now();
                fs::write(&path, rules(number, &word)).unwrap();
                self.until(number, &word, began)
            })
            .collect();
        median(&mut all)
    }

    /// The same from a save of the accounts file.
    fn add(&self) -> f64 {
        let mut all: Vec<f64> = (0..TURNS)
            .map(|turn| {
                let number = self.accounts + turn;
                write_old(&rules_of(self.folder.path(), number), &rules(number, "new"));
                let began = Instant::now();
                fs::write(
                    self.folder.path().join("accounts.yaml"),
                    entries(number + 1),
                )
                .unwrap();
                self.until(number, "new", began)
            })
            .collect();
        median(&mut all)
    }

    fn until(&self, number: usize, word: &str, began: Instant) -> f64 {
        while !ask(&mut self.connect(), number).contains(word) {
            thread::sleep(Duration::from_millis(1));
        }
        let took = began.elapsed().as_secs_f64() * 1000.0;
        // The next save is not to be seen together with this one.
        thread::sleep(Duration::from_millis(300));
        took
    }
}

impl Drop for Agency {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn entries(accounts: usize) -> String {
    let mut text = "secrets: .\naccounts:\n".to_owned();
    for number in 0..accounts {
        let path = format!("path: /wx/{number}, rules: {number}/rules.yaml, token: token");
        let _ = writeln!(text, "  shop{number}: {{ {path} }}");
    }
    text
}

fn rules_of(folder: &Path, number: usize) -> std::path::PathBuf {
    folder.join(number.to_string()).join("rules.yaml")
}

/// The last of the rules answers.
fn rules(number: usize, word: &str) -> String {
    let mut text = "rules:\n".to_owned();
    for rule in 1..RULES {
        let when = format!("{{ type: text, equals: 第{rule}句 }}");
        let _ = writeln!(
            text,
            "  - {{ name: r{rule}, when: {when}, reply: 账号{number} }}"
        );
    }
    let _ = writeln!(
        text,
        "  - {{ name: all, when: {{ type: text }}, reply: {word} }}"
    );
    text
}

/// Old enough to be taken as it is; a file saved just now is waited for.
fn write_old(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    let file = fs::File::options().append(true).open(path).unwrap();
    let old = SystemTime::now() - Duration::from_secs(60);
    file.set_modified(old).unwrap();
}

/// The whole answer to one message on a connection that stays, if the account is there.
fn ask(stream: &mut TcpStream, account: usize) -> String {
    let token = Token::new(TOKEN.to_owned()).unwrap();
    let credentials = Credentials::new(Mode::Plain, vec![token], None, vec![]).unwrap();
    let message = Message::new("text")
        .with("ToUserName", "gh_0123456789ab")
        .with("FromUserName", "oABCDEFGHIJKLMNOPQRSTUVWXYZ1")
        .with("CreateTime", "1714036504")
        .with("Content", "你好")
        .with("MsgId", "24536751234567890");
    let stamp = ResponseNonce {
        unix_seconds: 1_714_036_504,
        random: [7; 16],
        nonce: 1_514_711_492,
    };
    let push = push::push(&credentials, &push::message_xml(&message), &stamp);
    let (query, body) = (push.query, push.body);
    let head = format!(
        "POST /wx/{account}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(&[head.as_bytes(), body.as_bytes()].concat())
        .unwrap();
    let mut said = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "the server is gone");
        said.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&said).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        if body.len() >= length {
            return body.to_owned();
        }
    }
}
