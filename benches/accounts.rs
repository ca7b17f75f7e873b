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
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, thread};

use tempfile::TempDir;
use wxreply::message::Message;
use wxreply::wechat::{Credentials, Mode, Stamp, Token, push};

const TOKEN: &str = "benchmarkOfAccounts";
const MANY: usize = 1000;
const RULES: usize = 100;
const TURNS: usize = 9;
const REQUESTS: usize = 5000;

fn main() {
    let (one, many) = (Agency::start(1, RULES), Agency::start(MANY, RULES));
    // As many rules as all of them together.
    let large = Agency::start(1, MANY * RULES);
    let cases: [(&str, &Agency, Spread); 5] = [
        ("one account", &one, |_| (0, LAST)),
        ("one of 1,000 accounts", &many, |_| (0, LAST)),
        ("all of 1,000 accounts in turn", &many, |turn| (turn, LAST)),
        ("one of 100,000 rules", &large, |_| (0, 1)),
        ("1,000 of 100,000 rules in turn", &large, |turn| {
            (0, turn * RULES + 1)
        }),
    ];
    let mut took = [const { Vec::new() }; 5];
    // The first turn warms all up.
    for turn in 0..=TURNS {
        for (took, (_, agency, spread)) in took.iter_mut().zip(&cases) {
            let cpu = agency.cpu_per_callback(*spread);
            if turn > 0 {
                took.push(cpu);
            }
        }
    }
    println!("CPU per callback, µs, and over that of one account or rule");
    for (place, (what, ..)) in cases.iter().enumerate() {
        let base = if place < 3 { 0 } else { 3 };
        let pairs = took[place].iter().zip(&took[base]);
        let mut ratios: Vec<f64> = pairs.map(|(it, base)| it / base).collect();
        let cpu = median(&mut took[place].clone());
        println!("{what:<36} {cpu:>10.1} {:>10.2}", median(&mut ratios));
    }
    drop(large);
    println!("{:<36} {:>10} {:>10}", "", "1 account", format!("{MANY}"));
    let row = |what: &str, one: f64, many: f64| println!("{what:<36} {one:>10.1} {many:>10.1}");
    row("start to all answering, ms", one.start, many.start);
    row("memory, MiB", one.memory(), many.memory());
    row("open files", one.entries("fd"), many.entries("fd"));
    row("threads", one.entries("task"), many.entries("task"));
    row("changed rules live after, ms", one.change(), many.change());
    row("added account live after, ms", one.add(), many.add());
    drop(one);
    println!("answers of one account while something happens to another, ms");
    println!("{:<36} {:>10} {:>10}", "", "half", "99 of 100");
    for (what, trouble) in TROUBLES {
        let mut took = many.answers_during(*trouble);
        took.sort_by(f64::total_cmp);
        let below = |percent: usize| took[took.len() * percent / 100];
        println!("{what:<36} {:>10.2} {:>10.2}", below(50), below(99));
    }
}

/// The account and the rule of a request, by its place among a thousand.
type Spread = fn(usize) -> (usize, usize);

/// The rule that answers what no other does.
const LAST: usize = 0;

/// What happens to one account until it is over.
type Trouble = fn(&Agency, &AtomicBool);

const TROUBLES: &[(&str, Trouble)] = &[
    ("nothing", |_, _| {}),
    ("100,000 rules are loaded", Agency::load_much),
    ("it is flooded", Agency::flood),
];

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
    fn start(accounts: usize, count: usize) -> Agency {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..accounts {
            let text = rules(number, count, "first");
            write_old(&rules_of(folder.path(), number), &text);
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
            assert!(ask(&mut stream, number, LAST).contains("first"));
        }
        agency.start = began.elapsed().as_secs_f64() * 1000.0;
        agency
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// In microseconds.
    fn cpu_per_callback(&self, spread: Spread) -> f64 {
        let mut stream = self.connect();
        let before = self.cpu();
        for number in 0..REQUESTS {
            // Neighbours in the file are not neighbours in time.
            let (account, rule) = spread(number * 379 % MANY);
            ask(&mut stream, account, rule);
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
                fs::write(&path, rules(number, RULES, &word)).unwrap();
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
                let text = rules(number, RULES, "new");
                write_old(&rules_of(self.folder.path(), number), &text);
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
        while !ask(&mut self.connect(), number, LAST).contains(word) {
            thread::sleep(Duration::from_millis(1));
        }
        let took = began.elapsed().as_secs_f64() * 1000.0;
        // The next save is not to be seen together with this one.
        thread::sleep(Duration::from_millis(300));
        took
    }

    /// Milliseconds of each answer of the first account, for some seconds.
    fn answers_during(&self, trouble: Trouble) -> Vec<f64> {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| trouble(self, &is_over));
            let (mut stream, mut took) = (self.connect(), Vec::new());
            let until = Instant::now() + Duration::from_secs(10);
            while Instant::now() < until {
                let began = Instant::now();
                ask(&mut stream, 0, LAST);
                took.push(began.elapsed().as_secs_f64() * 1000.0);
                // Without it, this would be the load.
                thread::sleep(Duration::from_millis(2));
            }
            is_over.store(true, Ordering::Relaxed);
            took
        })
    }

    fn load_much(&self, is_over: &AtomicBool) {
        let path = rules_of(self.folder.path(), 1);
        let texts = ["odd", "even"].map(|word| (word, rules(1, MANY * RULES, word)));
        for (word, text) in texts.iter().cycle() {
            if is_over.load(Ordering::Relaxed) {
                return;
            }
            fs::write(&path, text).unwrap();
            self.until(1, word, Instant::now());
        }
    }

    fn flood(&self, is_over: &AtomicBool) {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut stream = self.connect();
                    while !is_over.load(Ordering::Relaxed) {
                        ask(&mut stream, 1, LAST);
                    }
                });
            }
        });
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

/// So many, of which the last answers what no other does.
fn rules(number: usize, count: usize, word: &str) -> String {
    let mut text = "rules:\n".to_owned();
    for rule in 1..count {
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
fn ask(stream: &mut TcpStream, account: usize, rule: usize) -> String {
    let token = Token::new(TOKEN.to_owned()).unwrap();
    let credentials = Credentials::new(Mode::Plain, vec![token], None, vec![]).unwrap();
    let message = Message::new("text")
        .with("ToUserName", "gh_0123456789ab")
        .with("FromUserName", "oABCDEFGHIJKLMNOPQRSTUVWXYZ1")
        .with("CreateTime", "1714036504")
        .with("Content", &format!("第{rule}句"))
        .with("MsgId", "24536751234567890");
    let stamp = Stamp {
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
