//! Followers are answered while others attack. `cargo bench --bench hostile` is the large form.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::admin::{get, metric, operators};
use crate::attack::Crowd;
use crate::server::{Server, eventually, said_text};
use crate::support::Folder;
use crate::{attack, http, wechat};

const RULES: &str = "\
rules:
  - { name: hello, when: { prefix: hello }, reply: hi <openid> }
";

#[test]
fn whoever_holds_connections_loses_them_and_keeps_no_follower_waiting() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let arguments = ["--client-timeout", "4s", "--admin", "127.0.0.1:0"];
    let server = Server::start(&folder, &arguments);
    let mut crowd = Crowd::gather(server.address(), 600);
    let mut kept = TcpStream::connect(server.address()).unwrap();
    let (mut held, mut answers) = (crowd.drip().held, 0);
    // A third sends a head that is refused at once.
    assert!(held >= 400, "{held}");
    while held > 0 {
        let push = wechat::plain(&wechat::text("o1", "hello"));
        let target = format!("/wx_flask?{}", push.query);
        let said = http::request_on(&mut kept, &target, push.body.as_bytes(), "keep-alive");
        assert_eq!(said_text(&said.unwrap()), "hi o1");
        assert_eq!(server.says("o2", "hello"), "hi o2");
        answers += 1;
        assert!(answers < 2000, "{held} are still there");
        held = crowd.drip().held;
        thread::sleep(Duration::from_millis(10));
    }
    eventually("only the follower's connection is left", || {
        metric(operators(&server), "wxreply_connections") == 1.0
    });
}

#[test]
fn whoever_holds_connections_to_the_operators_listener_keeps_no_probe_waiting() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let arguments = ["--client-timeout", "600s", "--admin", "127.0.0.1:0"];
    let server = Server::start(&folder, &arguments);
    let address = operators(&server);
    let silent: Vec<TcpStream> = (0..300)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    assert_eq!(get(address, "/healthz").status, 200);
    let is_held = |socket: &&TcpStream| {
        socket.set_nonblocking(true).unwrap();
        let mut socket = *socket;
        socket
            .read(&mut [0])
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    };
    assert_eq!(silent.iter().filter(is_held).count(), silent.len());
}

#[test]
fn whoever_sends_no_whole_request_to_the_operators_listener_is_hung_up_on_in_time() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let start = |timeout| {
        let arguments = ["--client-timeout", timeout, "--admin", "127.0.0.1:0"];
        Server::start(&folder, &arguments)
    };
    let server = start("100ms");
    let address = operators(&server);
    let began = Instant::now();
    for _ in 0..10 {
        let said = http::exchange(address, b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n");
        assert_eq!(said.unwrap().status, 408);
    }
    assert!(began.elapsed() < http::PATIENCE, "{:?}", began.elapsed());
    let server = start("1s");
    let address = operators(&server);
    let head = "POST /try HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    let said = http::exchange(address, head.as_bytes()).unwrap();
    assert_eq!(said.status, 408);
    assert!(said.text().contains("longer than 1s"), "{}", said.text());
    // A head of any length takes no memory beyond a limit.
    let head = format!("GET /healthz HTTP/1.1\r\nx: {}", "x".repeat(20 * 1024));
    assert_eq!(http::exchange(address, head.as_bytes()), None);
}

#[test]
fn nonsense_ends_with_a_hangup_and_memory_stays_small() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &[]);
    let all = attack::nonsense();
    let once = || {
        for bytes in &all {
            let said = attack::talk(server.address(), bytes);
            let status = said.get(..12).map(|line| &line[9..]);
            let refused = status.is_none_or(|status| status.starts_with(b"4"));
            assert!(refused, "{}", String::from_utf8_lossy(&said));
            assert_eq!(server.says("o1", "hello"), "hi o1");
        }
    };
    once();
    let before = server.kibibytes("VmRSS");
    (0..20).for_each(|_| once());
    let grown = server.kibibytes("VmRSS").saturating_sub(before);
    assert!(grown < 20_000, "{grown} KiB more");
}
