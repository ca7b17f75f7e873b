//! What rules that ask cost: `cargo bench --bench questions`. The real program on a SQLite file and
//! an endpoint of this process, on loopback. All times are on the wall, so that each stands beside
//! something simpler in the same turn, and the best turn counts: a busy machine only adds. Linux
//! only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark talks, and stops at the first trouble"
)]

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, thread};

use jiff::Timestamp;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, sleep_until, timeout};
use wxreply::message::Message;
use wxreply::wechat::{Credentials, Mode, Stamp, Token, push};

const TOKEN: &str = "benchmarkOfQuestions";
const TURNS: usize = 5;
/// In a second, and in a turn.
const RATE: u32 = 200;
const MESSAGES: u32 = 1000;
/// Half of them for each of two services, which take a thousand calls at once.
const WAITING: u32 = 2000;
/// How long the endpoint takes, where it answers at once.
const OWN: Duration = Duration::from_millis(20);
/// As long as WeChat waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The milliseconds that each message took.
type Times = Vec<f64>;

fn main() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).unwrap();
    let endpoint = Endpoint::start();
    let bot = Bot::start(endpoint.address);
    LocalSet::new().block_on(&runtime(), bench(&endpoint, &bot));
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn bench(endpoint: &Endpoint, bot: &Bot) {
    let mut alone = Vec::new();
    let mut kinds = [
        ("a keyword", "你好"),
        ("a keyword that stores", "记"),
        ("a webhook", "问"),
    ]
    .map(|(what, text)| (what, text, Vec::new()));
    // The first turn warms everything up.
    for turn in 0..=TURNS {
        let times = at_rate(RATE, MESSAGES, endpoint.address, |_| asking(OWN_PATH)).await;
        let more = (turn > 0).then_some(times);
        alone.extend(more);
        for (_, text, turns) in &mut kinds {
            let times = at_rate(RATE, MESSAGES, bot.address, |number| {
                message(&format!("o{turn}{text}{number}"), text)
            });
            let more = Some(times.await).filter(|_| turn > 0);
            turns.extend(more);
        }
    }
    println!("{RATE} messages a second, the best of {TURNS} turns of {MESSAGES}; milliseconds");
    println!("{:<44} {:>8} {:>8} {:>8}", "", "median", "99 %", "slowest");
    let own = format!("the endpoint, beyond its own {} ms", OWN.as_millis());
    row(&own, best(alone));
    for (what, text, turns) in kinds {
        let beyond = if text == "问" {
            ", beyond the endpoint's own time"
        } else {
            ""
        };
        row(&format!("{what}{beyond}"), best(turns));
    }
    wait(endpoint, bot).await;
}

/// Many questions wait, and other followers write a keyword.
async fn wait(endpoint: &Endpoint, bot: &Bot) {
    sleep(Duration::from_secs(2)).await;
    let idle = bot.memory();
    let answered = Rc::new(Cell::new(0));
    let began = Instant::now();
    let followers: Vec<_> = (0..WAITING)
        .map(|number| {
            let (answered, address) = (Rc::clone(&answered), bot.address);
            spawn_local(async move {
                sleep(Duration::from_millis(2) * number).await;
                let text = format!("等{}", number % 2);
                let push = message(&format!("w{number}"), &text);
                for _ in 0..3 {
                    let began = Instant::now();
                    if let Ok(Some(said)) = timeout(PATIENCE, once(address, &push)).await {
                        assert!(said.contains("好了"), "{said}");
                        answered.set(answered.get() + 1);
                        return;
                    }
                    sleep(PATIENCE.saturating_sub(began.elapsed())).await;
                }
            })
        })
        .collect();
    while endpoint.waiting() < WAITING as usize {
        sleep(Duration::from_millis(50)).await;
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "too slow: {}",
            endpoint.waiting()
        );
    }
    let asked = began.elapsed();
    let beside = at_rate(100, 300, bot.address, |number| {
        message(&format!("k{number}"), "你好")
    });
    let beside = beside.await;
    let memory = bot.memory() - idle;
    let released = Instant::now();
    endpoint.release.notify_waiters();
    for follower in followers {
        follower.await.unwrap();
    }
    let took = released.elapsed();
    println!();
    println!(
        "{WAITING} questions wait, all asked within {:.1} s",
        asked.as_secs_f64()
    );
    row("a keyword beside them", beside);
    println!("{:<44} {memory:>8.1} MiB, of {idle:.1} idle", "memory");
    println!(
        "{:<44} {:>8} in {:.1} s",
        "answered, once the endpoint is",
        answered.get(),
        took.as_secs_f64()
    );
}

fn row(what: &str, mut times: Times) {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    println!(
        "{what:<44} {:>8.1} {:>8.1} {:>8.1}",
        at(50),
        at(99),
        at(100)
    );
}

/// The turn whose slowest of a hundred is the fastest.
fn best(turns: Vec<Times>) -> Times {
    let slow = |times: &Times| {
        let mut times = times.clone();
        times.sort_by(f64::total_cmp);
        times[times.len() * 99 / 100]
    };
    let best = turns
        .into_iter()
        .min_by(|one, other| slow(one).total_cmp(&slow(other)));
    best.unwrap()
}

/// Sends requests at this rate, whether or not others are answered; what each took from when it was
/// due, without what the endpoint says that it took itself.
async fn at_rate(
    rate: u32,
    count: u32,
    address: SocketAddr,
    request: impl Fn(u32) -> Vec<u8>,
) -> Times {
    let pool: Rc<RefCell<Vec<TcpStream>>> = Rc::default();
    let begin = Instant::now() + Duration::from_millis(20);
    let mut sent = Vec::new();
    for number in 0..count {
        let (request, due) = (
            request(number),
            begin + Duration::from_secs(1) * number / rate,
        );
        sleep_until(due.into()).await;
        let pool = Rc::clone(&pool);
        sent.push(spawn_local(async move {
            let kept = pool.borrow_mut().pop();
            let mut stream = match kept {
                Some(stream) => stream,
                None => connect(address).await,
            };
            let said = exchange(&mut stream, &request).await.unwrap();
            assert!(!said.contains("坏了"), "{said}");
            let took = due.elapsed();
            pool.borrow_mut().push(stream);
            let own = said.split("took ").nth(1).map_or(0.0, |said| {
                let mut digits = said.split(|letter: char| !letter.is_ascii_digit());
                digits.next().unwrap().parse().unwrap()
            });
            took.as_secs_f64() * 1000.0 - own / 1000.0
        }));
    }
    let mut times = Vec::new();
    for sent in sent {
        times.push(sent.await.unwrap());
    }
    times
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

async fn once(address: SocketAddr, request: &[u8]) -> Option<String> {
    exchange(&mut connect(address).await, request).await
}

/// The body of an answer with status 200.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> Option<String> {
    stream.write_all(request).await.ok()?;
    let (head, body) = read(stream).await?;
    head.starts_with("http/1.1 200").then_some(body)
}

/// The next request or answer, its head in small letters.
async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let (mut said, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        said.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&said);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return Some((head.clone(), body.to_owned()));
        }
    }
}

const OWN_PATH: &str = "/own";

/// A question, as the program asks it.
fn asking(path: &str) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nhost: shop\r\ncontent-length: 2\r\n\r\n{{}}").into_bytes()
}

/// A new message of this follower, as WeChat posts it.
fn message(openid: &str, text: &str) -> Vec<u8> {
    thread_local! {
        static NEXT: Cell<u32> = const { Cell::new(1) };
    }
    let number = NEXT.replace(NEXT.get() + 1);
    let token = Token::new(TOKEN.to_owned()).unwrap();
    let credentials = Credentials::new(Mode::Plain, vec![token], None, vec![]).unwrap();
    let now = Timestamp::now().as_second();
    let message = Message::new("text")
        .with("ToUserName", "gh_0123456789ab")
        .with("FromUserName", openid)
        .with("CreateTime", &now.to_string())
        .with("Content", text)
        .with("MsgId", &format!("{now}{number:09}"));
    let stamp = Stamp {
        unix_seconds: now,
        random: [7; 16],
        nonce: number,
    };
    let push = push::push(&credentials, &push::message_xml(&message), &stamp);
    let (query, body) = (push.query, push.body);
    let length = body.len();
    format!(
        "POST /wx_flask?{query} HTTP/1.1\r\nhost: bot\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Answers `/own` after its time, and anything else when it is told to, on a thread of its own.
struct Endpoint {
    address: SocketAddr,
    release: Arc<Notify>,
    waiting: Arc<AtomicUsize>,
}

impl Endpoint {
    fn start() -> Endpoint {
        let (tell, told) = std::sync::mpsc::channel();
        let release = Arc::<Notify>::default();
        let waiting = Arc::<AtomicUsize>::default();
        let (bell, count) = (Arc::clone(&release), Arc::clone(&waiting));
        thread::spawn(move || {
            LocalSet::new().block_on(&runtime(), async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    spawn_local(serve(stream, Arc::clone(&bell), Arc::clone(&count)));
                }
            });
        });
        Endpoint {
            address: told.recv().unwrap(),
            release,
            waiting,
        }
    }

    fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream, bell: Arc<Notify>, waiting: Arc<AtomicUsize>) {
    stream.set_nodelay(true).unwrap();
    while let Some((head, _)) = read(&mut stream).await {
        let began = Instant::now();
        let rung = bell.notified();
        match head.starts_with("post /own") {
            true => sleep(OWN).await,
            false => {
                waiting.fetch_add(1, Ordering::Relaxed);
                rung.await;
            }
        }
        let body = format!("{{\"took\":\"took {}\"}}", began.elapsed().as_micros());
        let length = body.len();
        let said = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        if stream.write_all(said.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The program in a folder of its own, ended with its owner.
struct Bot {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Bot {
    fn start(endpoint: SocketAddr) -> Bot {
        let rules = format!(
            "services:
  own: {{ url: 'http://{endpoint}{OWN_PATH}', at_once: 1000 }}
  w0: {{ url: 'http://{endpoint}/w0', at_once: 1000, timeout: 60s }}
  w1: {{ url: 'http://{endpoint}/w1', at_once: 1000, timeout: 60s }}
rules:
  - {{ name: 问, when: {{ equals: 问 }}, ask: {{ own: {{ text: <content> }} }}, reply: '<answer.took>', failed: 坏了 }}
  - {{ name: w0, when: {{ equals: 等0 }}, ask: {{ w0: {{}} }}, reply: 好了, failed: 坏了 }}
  - {{ name: w1, when: {{ equals: 等1 }}, ask: {{ w1: {{}} }}, reply: 好了, failed: 坏了 }}
  - {{ name: 记, when: {{ equals: 记 }}, set: {{ said: <content> }}, reply: 好 }}
  - {{ name: 你好, when: {{ equals: 你好 }}, reply: 好 }}
"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.yaml");
        fs::write(&path, rules).unwrap();
        // Old enough to be taken as it is; a file saved just now is waited for.
        let file = fs::File::options().append(true).open(&path).unwrap();
        let old = SystemTime::now() - Duration::from_secs(60);
        file.set_modified(old).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_wxreply"))
            .args(["serve", "--listen", "127.0.0.1:0", "--admin", "off"])
            .args(["--token", TOKEN, "--allow", &endpoint.to_string()])
            .args(["--database", "sqlite:followers.db"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, address)) = line.split_once("listening on http://") {
                break address.split('/').next().unwrap().parse().unwrap();
            }
        };
        thread::spawn(move || lines.for_each(drop));
        Bot {
            child,
            address,
            _folder: folder,
        }
    }

    /// In MiB, now.
    fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let kibibytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kibibytes.parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
