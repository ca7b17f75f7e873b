//! Signals and supervisors: how the server reloads, ends and is replaced without losing a message.

use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{io, iter, thread};

use wxreply::wechat::push::Push;

use crate::admin::{get, json, metric, operators};
use crate::http::Said;
use crate::server::{Server, eventually, said_text, serve};
use crate::support::Folder;
use crate::{database, http, wechat};

const RULES: &str = "
rules:
  - { name: 记, when: { type: text, prefix: 记 }, set: { word: <rest> }, reply: 好 }
";

#[test]
fn told_to_end_it_answers_what_is_under_way_and_takes_nothing_more() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = format!("sqlite:{}", folder.path().join("f.db").display());
    let arguments = ["--admin", "127.0.0.1:0", "--database", &url];
    let server = Server::start(&folder, &arguments);
    let address = operators(&server);
    assert_eq!(server.says("o1", "记 甲"), "好");
    let said = database::locked(&url, || {
        thread::scope(|scope| {
            let under_way = scope.spawn(|| server.says("o1", "记 乙"));
            eventually("the message is under way", || {
                metric(address, "wxreply_connections") == 1.0
            });
            server.signal("TERM");
            eventually("it is not ready any more", || {
                get(address, "/readyz").status == 503
            });
            eventually("nobody is let in", || {
                TcpStream::connect(server.address()).is_err()
            });
            assert_eq!(json(&get(address, "/readyz"))["ready"], false);
            assert_eq!(get(address, "/healthz").status, 200);
            under_way.join().unwrap()
        })
    });
    // The lock outlasts what a message may wait for the database; an answer it got.
    assert_eq!(said, "");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn told_twice_to_end_it_waits_for_nothing() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = format!("sqlite:{}", folder.path().join("f.db").display());
    for signals in [["TERM", "TERM"], ["INT", "INT"], ["INT", "TERM"]] {
        let arguments = ["--admin", "127.0.0.1:0", "--database", &url];
        let server = Server::start(&folder, &arguments);
        let address = operators(&server);
        assert_eq!(server.says("o1", "记 甲"), "好");
        let push = wechat::plain(&wechat::text("o1", "记 乙"));
        database::locked(&url, || {
            thread::scope(|scope| {
                let under_way = scope.spawn(|| server.try_post(&push));
                eventually("the message is under way", || {
                    metric(address, "wxreply_connections") == 1.0
                });
                server.signal(signals[0]);
                server.logged("shutting down");
                // One that comes together with the first is not a second one.
                eventually("it ends", || {
                    server.signal(signals[1]);
                    under_way.is_finished()
                });
                assert_eq!(under_way.join().unwrap(), None, "{signals:?}");
            });
        });
        // What a shell shows as 143 or 130.
        let by = if signals[1] == "TERM" { 15 } else { 2 };
        assert_eq!(server.ended().signal(), Some(by), "{signals:?}");
    }
}

/// As by `timeout`, which tells the process and its group.
#[test]
fn told_by_two_signals_at_once_it_answers_what_is_under_way() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = format!("sqlite:{}", folder.path().join("f.db").display());
    let arguments = ["--admin", "127.0.0.1:0", "--database", &url];
    let server = Server::start(&folder, &arguments);
    let address = operators(&server);
    assert_eq!(server.says("o1", "记 甲"), "好");
    let push = wechat::plain(&wechat::text("o1", "记 乙"));
    let said = thread::scope(|scope| {
        let under_way = database::locked(&url, || {
            let under_way = scope.spawn(|| server.try_post(&push));
            eventually("the message is under way", || {
                metric(address, "wxreply_connections") == 1.0
            });
            server.signals(&["INT", "TERM"]);
            server.logged("shutting down");
            under_way
        });
        under_way.join().unwrap()
    });
    assert_eq!(said_text(&said.unwrap()), "好");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn told_to_end_under_load_every_message_is_answered_by_it_or_by_the_next() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &[]);
    let answered = AtomicUsize::new(0);
    let unanswered: Vec<Push> = thread::scope(|scope| {
        let clients = [0, 1, 2, 3, 4, 5, 6, 7].map(|client| {
            let (server, answered) = (&server, &answered);
            scope.spawn(move || {
                let openid = format!("o{client}");
                loop {
                    let push = wechat::plain(&wechat::text(&openid, "记 甲"));
                    let stream = TcpStream::connect(server.address());
                    // Refused, or cut before the request was read: WeChat comes again.
                    match stream.ok().and_then(|mut stream| post(&mut stream, &push)) {
                        Some(said) => {
                            assert_eq!(said_text(&said), "好");
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        None => return push,
                    }
                }
            })
        });
        eventually("there is some load", || {
            answered.load(Ordering::Relaxed) > 200
        });
        server.signal("TERM");
        let clients = clients.into_iter();
        clients.map(|client| client.join().unwrap()).collect()
    });
    assert_eq!(server.ended().code(), Some(0));
    let next = Server::start(&folder, &[]);
    for push in &unanswered {
        assert_eq!(said_text(&next.post(push)), "好");
    }
}

/// Says so when dropped, that a failing test ends its clients, too.
pub struct Over<'o>(pub &'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_restart_on_a_socket_that_was_handed_over_refuses_and_cuts_nobody() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let start = || {
        let flags = ["--token", wechat::TOKEN];
        // Where a supervisor would give number 3, a test can give standard input.
        let variables = [("LISTEN_FDS", "1"), ("LISTEN_FDS_FIRST_FD", "0")];
        let socket = OwnedFd::from(listener.try_clone().unwrap());
        serve(folder.path(), &flags, &variables)
            .stdin(socket)
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let answered = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients = [0, 1, 2, 3].map(|client| {
            let (answered, is_over) = (&answered, &is_over);
            scope.spawn(move || {
                let openid = format!("o{client}");
                while !is_over.load(Ordering::Relaxed) {
                    let mut stream = TcpStream::connect(address).unwrap();
                    let push = wechat::plain(&wechat::text(&openid, "记 甲"));
                    let said = post(&mut stream, &push).expect("an answer");
                    assert_eq!(said_text(&said), "好");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        let _over = Over(&is_over);
        for _ in 0..3 {
            let mut process = start();
            let before = answered.load(Ordering::Relaxed);
            eventually("it answers", || {
                answered.load(Ordering::Relaxed) > before + 50
            });
            let id = process.id().to_string();
            let told = Command::new("kill").args(["-TERM", &id]).status();
            assert!(told.unwrap().success());
            assert_eq!(process.wait().unwrap().code(), Some(0));
        }
        let mut process = start();
        is_over.store(true, Ordering::Relaxed);
        eventually("the last clients are answered", || {
            clients.iter().all(|client| client.is_finished())
        });
        process.kill().unwrap();
        process.wait().unwrap();
    });
}

#[test]
fn a_supervisor_hears_when_it_is_ready_reloads_lives_and_ends() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let path = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&path).unwrap();
    supervisor.set_read_timeout(Some(http::PATIENCE)).unwrap();
    let heard = |news: &str| {
        let mut buffer = [0; 4096];
        loop {
            let read = supervisor.recv(&mut buffer).expect(news);
            let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
            if text.lines().any(|line| line == news) {
                return text;
            }
        }
    };
    let variables = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "100000"),
    ];
    let server = Server::start_with(folder.path(), &["--token", wechat::TOKEN], &variables);
    heard("READY=1");
    heard("WATCHDOG=1");
    heard("WATCHDOG=1");
    server.signal("HUP");
    assert!(heard("RELOADING=1").contains("MONOTONIC_USEC="));
    assert!(heard("READY=1").contains("STATUS=the live rules match their files"));
    server.signal("TERM");
    heard("STOPPING=1");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn a_supervisor_that_does_not_listen_holds_up_no_signal() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let path = folder.path().join("notify");
    let _supervisor = UnixDatagram::bind(&path).unwrap();
    let talker = UnixDatagram::unbound().unwrap();
    talker.set_nonblocking(true).unwrap();
    let full = iter::repeat_with(|| talker.send_to(b"X=1", &path)).find_map(Result::err);
    assert_eq!(full.unwrap().kind(), io::ErrorKind::WouldBlock);

    let variables = [("NOTIFY_SOCKET", path.to_str().unwrap())];
    let server = Server::start_with(folder.path(), &["--token", wechat::TOKEN], &variables);
    server.signal("HUP");
    server.logged("nothing has changed");
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

/// Posts on a connection that is made already.
fn post(stream: &mut TcpStream, push: &Push) -> Option<Said> {
    let target = format!("/wx_flask?{}", push.query);
    http::request_on(stream, &target, push.body.as_bytes(), "keep-alive")
}
