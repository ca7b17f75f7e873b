//! What the bot costs on top of a bare actix-web handler that reads the body and returns as many
//! bytes: `cargo bench --bench server`. Both are real processes with the same settings, loaded in
//! turn from this one; the figures are CPU time of the process by the operating system, not time
//! on the wall, so that a busy machine changes little. Then what an answer of a dialogue costs
//! beside other answers that are stored; with `-- stored` that alone. Linux only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark talks, and stops at the first trouble"
)]

mod agency;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{App, HttpResponse, HttpServer, web};
use wxreply::message::Message;
use wxreply::wechat::{AesKey, Credentials, Mode, Stamp, Token, push};

const TOKEN: &str = "benchmark";
const APP_ID: &str = "wxba5fad812f8e6fb9";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const CONNECTIONS: usize = 32;
/// Turns of each server, and requests on each connection in a turn.
const TURNS: usize = 8;
const REQUESTS: usize = 1500;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("bare") {
        let size = std::env::args().nth(2).unwrap().parse().unwrap();
        return bare(size);
    }
    if std::env::args().any(|argument| argument == "stored") {
        return stored();
    }
    let shipped = fs::read_to_string("rules.yaml").unwrap();
    let agency = agency::rules(100_000, 1);
    println!("CPU microseconds per callback, beside a bare handler in the same run");
    println!(
        "{:<34} {:>8} {:>8} {:>7}  {:>9} {:>9}",
        "", "wxreply", "bare", "ratio", "memory", "start"
    );
    compare(
        "plain, shipped rules",
        &shipped,
        Mode::Plain,
        shipped_texts(),
    );
    compare(
        "secure, shipped rules",
        &shipped,
        Mode::Secure,
        shipped_texts(),
    );
    compare(
        "plain, 100,000 rules",
        &agency,
        Mode::Plain,
        agency::texts(64),
    );
    stored();
}

/// Turns of each kind of stored answer, and requests on each connection in one: short turns, so
/// that what else the machine does meets all kinds alike.
const STORED_TURNS: usize = 300;
const STORED: usize = 2;

/// Two texts of each kind, which a follower sends by turns.
const KINDS: [(&str, [&str; 2]); 3] = [
    ("a rule with `set`", ["记 1", "记 2"]),
    ("the same, asking for what is stored", ["甲", "乙"]),
    ("an answer in a dialogue", ["3", "否"]),
];

const STORING: &str = r"
rules:
  - { name: 记, when: { type: text, prefix: 记 }, set: { word: <rest> }, reply: 记住了 }
  - { name: 甲, when: { type: text, equals: 甲 }, unless: { user: { step: a } }, set: { step: a }, expires: 10m, reply: 几位？ }
  - { name: 乙, when: { type: text, equals: 乙, user: { step: a } }, set: { step: b }, expires: 10m, reply: 电话？ }
  - name: 订座
    when: { equals: 订座 }
    dialogue:
      steps:
        - { ask: 几位？, store: people, accept: { regex: '^(\d+)位?$', value: <1> } }
        - { ask: 电话？, store: phone, accept: { regex: '^1\d{10}$' }, choices: { 否: restart } }
    reply: <people> 位，<phone>
";

/// What answers cost that change something, each safe on disk: of rules, and of a dialogue.
fn stored() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rules.yaml"), STORING).unwrap();
    let bot = Server::start(
        Command::new(env!("CARGO_BIN_EXE_wxreply"))
            .args(["serve", "--listen", "127.0.0.1:0", "--token", TOKEN])
            .args([
                "--database",
                "sqlite:followers.db",
                "--admin",
                "127.0.0.1:0",
            ])
            .current_dir(folder.path()),
    );
    let mut sent = 0;
    let mut next = |kind: usize, text: &str, connection: usize| {
        sent += 1;
        request_of(&format!("o{kind}-{connection}"), sent, text, Mode::Plain)
    };
    let mut sockets = bot.connect();
    bot.cpu_of(&mut sockets, 1, |_, connection| next(2, "订座", connection));
    let mut costs = KINDS.map(|_| Vec::new());
    for turn in 0..STORED_TURNS {
        for (kind, ((_, texts), costs)) in KINDS.iter().zip(&mut costs).enumerate() {
            let cost = bot.cpu_of(&mut sockets, STORED, |round, connection| {
                next(kind, texts[round % 2], connection)
            });
            if turn > STORED_TURNS / 50 {
                costs.push(cost);
            }
        }
    }
    println!("\nCPU microseconds per answer that is stored, on SQLite");
    for (kind, (what, _)) in KINDS.iter().enumerate() {
        let beside = |other: usize| {
            let pairs = costs[kind].iter().zip(&costs[other]);
            median(&mut pairs.map(|(one, other)| one / other).collect::<Vec<_>>())
        };
        let ratios: Vec<String> = (0..kind)
            .map(|other| format!("{:.2}×", beside(other)))
            .collect();
        println!(
            "{what:<38} {:>8.1}  {}",
            median(&mut costs[kind].clone()),
            ratios.join("  ")
        );
    }
}

/// Texts that none of the shipped rules stores anything for.
fn shipped_texts() -> Vec<String> {
    ["你好", "你好呀，在吗？", "今天天气怎么样", "复述一下这句话"]
        .map(str::to_owned)
        .to_vec()
}

fn compare(what: &str, rules: &str, mode: Mode, texts: Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yaml");
    fs::write(&path, rules).unwrap();
    // Old enough to be taken as it is; a file saved just now is waited for.
    let old = fs::File::options().append(true).open(&path).unwrap();
    old.set_modified(std::time::SystemTime::now() - Duration::from_secs(60))
        .unwrap();
    let requests: Vec<Vec<u8>> = texts.iter().map(|text| request(text, mode)).collect();

    let began = Instant::now();
    let bot = Server::start(
        Command::new(env!("CARGO_BIN_EXE_wxreply"))
            .args(["serve", "--listen", "127.0.0.1:0", "--token", TOKEN])
            .args(["--app-id", APP_ID, "--aes-key", AES_KEY])
            .args(["--mode", mode.name(), "--admin", "127.0.0.1:0"])
            .current_dir(folder.path()),
    );
    let size = answer_size(bot.port, &requests[0]);
    let start = began.elapsed();
    let bare = Server::start(
        Command::new(std::env::current_exe().unwrap())
            .arg("bare")
            .arg(size.to_string()),
    );

    let mut ratios = Vec::new();
    let (mut of_bot, mut of_bare) = (Vec::new(), Vec::new());
    // The first turn warms both up.
    for turn in 0..=TURNS {
        let one = bot.cpu_per_request(&requests);
        let other = bare.cpu_per_request(&requests);
        if turn > 0 {
            ratios.push(one / other);
            of_bot.push(one);
            of_bare.push(other);
        }
    }
    println!(
        "{what:<34} {:>8.2} {:>8.2} {:>6.2}×  {:>5.1} MiB {:>6.1} ms",
        median(&mut of_bot),
        median(&mut of_bare),
        median(&mut ratios),
        bot.memory(),
        start.as_secs_f64() * 1000.0,
    );
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn request(text: &str, mode: Mode) -> Vec<u8> {
    request_of("oABCDEFGHIJKLMNOPQRSTUVWXYZ1", 0, text, mode)
}

/// A message of one follower, by its number.
fn request_of(openid: &str, number: u64, text: &str, mode: Mode) -> Vec<u8> {
    let credentials = Credentials::new(
        mode,
        vec![Token::new(TOKEN.to_owned()).unwrap()],
        Some(APP_ID.to_owned()),
        vec![AesKey::parse(AES_KEY).unwrap()],
    )
    .unwrap();
    let message = Message::new("text")
        .with("ToUserName", "gh_0123456789ab")
        .with("FromUserName", openid)
        .with("CreateTime", "1714036504")
        .with("Content", text)
        .with("MsgId", &(24_536_751_234_567_890 + number).to_string());
    let stamp = Stamp {
        unix_seconds: 1_714_036_504,
        random: [7; 16],
        nonce: 1_514_711_492,
    };
    let push = push::push(&credentials, &push::message_xml(&message), &stamp);
    format!(
        "POST /wx_flask?{} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\n\
         Accept: */*\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{}",
        push.query,
        push.body.len(),
        push.body
    )
    .into_bytes()
}

fn bare(size: usize) {
    actix_web::rt::System::new().block_on(async move {
        let constant = "x".repeat(size);
        let server = HttpServer::new(move || {
            let constant = constant.clone();
            App::new().service(web::resource("/wx_flask").route(web::post().to(
                move |_body: web::Bytes| {
                    let constant = constant.clone();
                    async move {
                        HttpResponse::Ok()
                            .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/xml")))
                            .body(constant)
                    }
                },
            )))
        })
        .keep_alive(Duration::from_secs(75))
        .bind("127.0.0.1:0")
        .unwrap();
        eprint_address(server.addrs()[0].port());
        server.run().await.unwrap();
    });
}

fn eprint_address(port: u16) {
    let _ = writeln!(
        std::io::stderr(),
        "listening on http://127.0.0.1:{port}/wx_flask"
    );
}

/// A server process, ended with its owner.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(command: &mut Command) -> Server {
        let mut child = command
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, address)) = line.split_once("listening on http://127.0.0.1:")
                && let Some((port, _)) = address.split_once('/')
            {
                break port.parse().unwrap();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Server { child, port }
    }

    /// Loads the server and returns the CPU microseconds that each request took it.
    fn cpu_per_request(&self, requests: &[Vec<u8>]) -> f64 {
        self.cpu_of(&mut self.connect(), REQUESTS, |round, number| {
            requests[(round + number) % requests.len()].clone()
        })
    }

    fn connect(&self) -> Vec<TcpStream> {
        let connections = (0..CONNECTIONS).map(|_| {
            let socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
            socket.set_nodelay(true).unwrap();
            socket
        });
        connections.collect()
    }

    /// The same for so many requests on each of these connections.
    fn cpu_of(
        &self,
        sockets: &mut [TcpStream],
        rounds: usize,
        mut request: impl FnMut(usize, usize) -> Vec<u8>,
    ) -> f64 {
        let before = self.cpu();
        let mut buffer = vec![0; 64 * 1024];
        for round in 0..rounds {
            for (number, socket) in sockets.iter_mut().enumerate() {
                socket.write_all(&request(round, number)).unwrap();
            }
            for socket in &mut *sockets {
                read_answer(socket, &mut buffer);
            }
        }
        let used = self.cpu() - before;
        used.as_secs_f64() * 1e6 / (rounds * CONNECTIONS) as f64
    }

    /// CPU time of all threads, in nanoseconds as the scheduler counts them.
    fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let nanoseconds: u64 = tasks
            .map(|task| {
                let path = task.unwrap().path().join("schedstat");
                let text = fs::read_to_string(path).unwrap();
                text.split(' ').next().unwrap().parse::<u64>().unwrap()
            })
            .sum();
        Duration::from_nanos(nanoseconds)
    }

    /// The most memory it has had, in MiB.
    fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        let kibibytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads one answer; the size of its body.
fn read_answer(socket: &mut TcpStream, buffer: &mut [u8]) -> usize {
    let mut filled = 0;
    loop {
        let read = socket.read(&mut buffer[filled..]).unwrap();
        assert!(read > 0, "the server hung up");
        filled += read;
        let Some(head) = buffer[..filled]
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
        else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head]).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        let length: usize = length.parse().unwrap();
        if filled >= head + 4 + length {
            return length;
        }
    }
}

fn answer_size(port: u16, request: &[u8]) -> usize {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.write_all(request).unwrap();
    read_answer(&mut socket, &mut vec![0; 64 * 1024])
}
