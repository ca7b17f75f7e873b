//! How long a follower waits for an answer while thousands of connections are held against the
//! server: `cargo bench --bench hostile -- --connections 5000 --seconds 10`. Everything is on
//! loopback and ends by itself. The attackers have the lowest priority, as on the internet they
//! would have machines of their own. Linux only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark talks, and stops at the first trouble"
)]

#[path = "../tests/it/among.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod among;
#[path = "../tests/it/attack.rs"]
mod attack;
#[path = "../tests/it/authority.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod authority;
#[path = "../tests/it/http.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod http;
#[path = "../tests/it/server.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod server;
#[path = "../tests/it/support.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod support;
#[path = "../tests/it/wechat.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod wechat;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, nice, setrlimit};
use rustls::{ALL_VERSIONS, ClientConfig};

use crate::attack::Crowd;
use crate::authority::Authority;
use crate::server::Server;
use crate::support::Folder;

const RULES: &str = "\
rules:
  - { name: hello, when: { prefix: hello }, reply: hi <openid> }
";

/// Between two messages of the follower; without it he would be the load.
const BREATH: Duration = Duration::from_millis(5);

/// Between two bytes of whoever is slow.
const DRIP: Duration = Duration::from_millis(500);

struct Scene {
    name: &'static str,
    tls: bool,
    /// So short that whoever is hung up on comes again, or so long that everybody is held.
    client_timeout: &'static str,
    crowd: bool,
    /// Threads that send nonsense as fast as they can.
    babblers: usize,
}

const HELD: &str = "10000s";
const USUAL: &str = "3s";

const SCENES: [Scene; 7] = [
    Scene {
        name: "nobody else",
        tls: false,
        client_timeout: USUAL,
        crowd: false,
        babblers: 0,
    },
    Scene {
        name: "held",
        tls: false,
        client_timeout: HELD,
        crowd: true,
        babblers: 0,
    },
    Scene {
        name: "hung up on, and back",
        tls: false,
        client_timeout: USUAL,
        crowd: true,
        babblers: 0,
    },
    Scene {
        name: "that, and nonsense",
        tls: false,
        client_timeout: USUAL,
        crowd: true,
        babblers: 2,
    },
    Scene {
        name: "TLS, nobody else",
        tls: true,
        client_timeout: USUAL,
        crowd: false,
        babblers: 0,
    },
    Scene {
        name: "TLS, held",
        tls: true,
        client_timeout: HELD,
        crowd: true,
        babblers: 0,
    },
    Scene {
        name: "TLS, hung up on, and back",
        tls: true,
        client_timeout: USUAL,
        crowd: true,
        babblers: 0,
    },
];

fn main() {
    let connections = argument("--connections", 5000);
    let time = Duration::from_secs(argument("--seconds", 10) as u64);
    allow_files(connections as u64 + 1000);
    println!("a follower's waiting beside {connections} idle and slow connections, milliseconds");
    println!(
        "{:<26} {:>8} {:>6}  {:>24}  {:>24}  {:>6} {:>8} {:>9} {:>9}",
        "",
        "messages",
        "failed",
        "new connection p50/99/max",
        "kept p50/99/max",
        "held",
        "opened/s",
        "nonsense",
        "peak"
    );
    for scene in &SCENES {
        play(scene, connections, time);
    }
}

fn argument(name: &str, default: usize) -> usize {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    let value = arguments.nth(1);
    value.map_or(default, |value| value.parse().unwrap())
}

fn allow_files(wanted: u64) {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: Some(wanted.max(limit.current.unwrap_or(wanted))),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
}

/// What the attackers have done so far.
#[derive(Default)]
struct Attack {
    is_on: AtomicBool,
    is_over: AtomicBool,
    held: AtomicUsize,
    hung_up: AtomicUsize,
    nonsense: AtomicUsize,
}

fn play(scene: &Scene, connections: usize, time: Duration) {
    let authority = Authority::new();
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let timeout = ["--client-timeout", scene.client_timeout];
    let mut flags = [&["--token", wechat::TOKEN], &timeout[..]].concat();
    if scene.tls {
        authority.certify_until(2100).write(&folder);
        flags.extend(["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    }
    let mut command = server::serve(folder.path(), &flags, &[]);
    command.env_remove("RUST_LOG");
    let server = Server::spawn(command);
    let address = server.address();
    let attack = Attack::default();
    let waits = thread::scope(|scope| {
        if scene.crowd {
            scope.spawn(|| besiege(scene, address, connections, &attack));
            while !attack.is_on.load(Ordering::Relaxed) {
                thread::sleep(BREATH);
            }
        }
        for _ in 0..scene.babblers {
            scope.spawn(|| babble(address, &attack));
        }
        let config = scene.tls.then(|| authority.client(ALL_VERSIONS));
        let hung_up = attack.hung_up.load(Ordering::Relaxed);
        let waits = follow(address, config.as_ref(), time);
        attack.hung_up.fetch_sub(hung_up, Ordering::Relaxed);
        attack.is_over.store(true, Ordering::Relaxed);
        waits
    });
    let per_second = |counter: &AtomicUsize| {
        let number = counter.load(Ordering::Relaxed);
        number as f64 / time.as_secs_f64()
    };
    println!(
        "{:<26} {:>8} {:>6}  {:>24}  {:>24}  {:>6} {:>8.0} {:>7.0}/s {:>5.1} MiB",
        scene.name,
        waits.on_new.len() + waits.on_kept.len(),
        waits.failed,
        spread(waits.on_new),
        spread(waits.on_kept),
        attack.held.load(Ordering::Relaxed),
        per_second(&attack.hung_up),
        per_second(&attack.nonsense),
        server.kibibytes("VmHWM") as f64 / 1024.0,
    );
}

fn besiege(scene: &Scene, address: SocketAddr, connections: usize, attack: &Attack) {
    nice(19).unwrap();
    let mut crowd = match scene.tls {
        true => Crowd::gather_tls(address, connections),
        false => Crowd::gather(address, connections),
    };
    let mut dripped = Instant::now();
    while !attack.is_over.load(Ordering::Relaxed) {
        let tended = crowd.drip();
        attack.held.store(tended.held, Ordering::Relaxed);
        attack.hung_up.fetch_add(tended.hung_up, Ordering::Relaxed);
        attack.is_on.store(true, Ordering::Relaxed);
        crowd.come_again();
        thread::sleep(DRIP.saturating_sub(dripped.elapsed()));
        dripped = Instant::now();
    }
}

fn babble(address: SocketAddr, attack: &Attack) {
    nice(19).unwrap();
    for bytes in attack::nonsense().iter().cycle() {
        if attack.is_over.load(Ordering::Relaxed) {
            return;
        }
        attack::talk(address, bytes);
        attack.nonsense.fetch_add(1, Ordering::Relaxed);
    }
}

/// How long each answer took, on a connection of its own and on one that stays.
#[derive(Default)]
struct Waits {
    on_new: Vec<Duration>,
    on_kept: Vec<Duration>,
    failed: usize,
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

fn connect(address: SocketAddr, config: Option<&Arc<ClientConfig>>) -> Option<Box<dyn Stream>> {
    if let Some(config) = config {
        return Some(Box::new(authority::connect(config, address).ok()?));
    }
    let stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(http::PATIENCE)).ok()?;
    Some(Box::new(stream))
}

fn follow(address: SocketAddr, config: Option<&Arc<ClientConfig>>, time: Duration) -> Waits {
    let mut waits = Waits::default();
    let mut kept = connect(address, config);
    let until = Instant::now() + time;
    while Instant::now() < until {
        let began = Instant::now();
        let mut new = connect(address, config);
        match new.as_mut().and_then(|stream| say(stream, "close")) {
            Some(()) => waits.on_new.push(began.elapsed()),
            None => waits.failed += 1,
        }
        let began = Instant::now();
        match kept.as_mut().and_then(|stream| say(stream, "keep-alive")) {
            Some(()) => waits.on_kept.push(began.elapsed()),
            None => {
                waits.failed += 1;
                kept = connect(address, config);
            }
        }
        thread::sleep(BREATH);
    }
    waits
}

/// One message; none when the answer is not the one that the rule gives.
fn say(stream: &mut Box<dyn Stream>, connection: &str) -> Option<()> {
    let push = wechat::plain(&wechat::text("o1", "hello"));
    let target = format!("/wx_flask?{}", push.query);
    let said = http::request_on(stream, &target, push.body.as_bytes(), connection)?;
    let right = said.status == 200 && said.text().contains("<![CDATA[hi o1]]>");
    right.then_some(())
}

fn spread(mut waits: Vec<Duration>) -> String {
    waits.sort();
    let at = |share: f64| {
        let place = (waits.len() as f64 * share) as usize;
        let wait = waits.get(place.min(waits.len().saturating_sub(1)));
        wait.map_or(0.0, |wait| wait.as_secs_f64() * 1000.0)
    };
    format!("{:.1} / {:.1} / {:.1}", at(0.5), at(0.99), at(1.0))
}
