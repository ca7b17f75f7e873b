//! The callback over TLS: who is served, and who is not.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustls::version::{TLS12, TLS13};
use rustls::{ALL_VERSIONS, ClientConfig, ProtocolVersion};
use wxreply::message::Message;

use crate::attack::Crowd;
use crate::authority::{Authority, Certified, Tls, connect};
use crate::http::Said;
use crate::server::{Server, eventually, said_text, serve};
use crate::support::Folder;
use crate::{attack, doctor, http, wechat};

pub const RULES: &str = "\
rules:
  - { name: hello, when: { prefix: hello }, reply: hi <openid> }
";

pub const FLAGS: [&str; 4] = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];

pub fn folder(authority: &Authority, certified: &Certified) -> Folder {
    let folder = Folder::with(&[("rules.yaml", RULES), ("ca.pem", &authority.pem())]);
    certified.write(&folder);
    folder
}

/// One message on a connection of its own, after which the server hangs up in good order.
pub fn say(config: &Arc<ClientConfig>, server: &Server, message: &Message) -> Option<Said> {
    let mut stream = connect(config, server.address()).ok()?;
    post(&mut stream, message, "close")
}

pub fn post(stream: &mut Tls, message: &Message, connection: &str) -> Option<Said> {
    let push = wechat::plain(message);
    let target = format!("/wx_flask?{}", push.query);
    http::request_on(stream, &target, push.body.as_bytes(), connection)
}

#[test]
fn a_message_is_answered_over_tls_and_by_nothing_else() {
    let authority = Authority::new();
    let folder = folder(&authority, &authority.certify_until(2100));
    let server = Server::start(&folder, &FLAGS);
    server.logged("listening on https://127.0.0.1:");
    server.logged("clients get the certificate of cert.pem, valid until 2100-01-01T00:00:00Z");
    for (versions, spoken) in [
        (&[&TLS12][..], ProtocolVersion::TLSv1_2),
        (&[&TLS13], ProtocolVersion::TLSv1_3),
    ] {
        let mut config = ClientConfig::clone(&authority.client(versions));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut stream = connect(&Arc::new(config), server.address()).unwrap();
        assert_eq!(stream.conn.protocol_version(), Some(spoken));
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        for openid in ["o1", "o2"] {
            let said = post(&mut stream, &wechat::text(openid, "hello"), "keep-alive");
            assert_eq!(said_text(&said.unwrap()), format!("hi {openid}"));
        }
    }
    let stranger = Authority::new().client(ALL_VERSIONS);
    assert!(connect(&stranger, server.address()).is_err());
    // In the clear there is nothing to be had.
    let mut plain = TcpStream::connect(server.address()).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
}

#[test]
fn send_speaks_to_a_server_whose_authority_it_is_given() {
    let authority = Authority::new();
    let folder = folder(&authority, &authority.certify_until(2100));
    folder.write("empty.pem", "");
    let server = Server::start(&folder, &FLAGS);
    let url = format!("https://{}/wx_flask", server.address());
    let send = |more: &[&str]| {
        let arguments = [&["send", &url, "--token", wechat::TOKEN], more].concat();
        folder.run(&arguments)
    };
    let sent = send(&["hello", "--cacert", "ca.pem"]);
    assert_eq!(sent.code, 0, "{sent:?}");
    assert!(sent.stdout.starts_with("\"hi o_test\""), "{sent:?}");
    let verified = send(&["--verify-url", "--cacert", "ca.pem"]);
    assert_eq!(verified.stdout, "the URL answers the handshake\n");
    for (arguments, code, said) in [
        (
            &["hello"][..],
            2,
            "name an authority of your own with --cacert",
        ),
        (
            &["hello", "--cacert", "nowhere.pem"],
            2,
            "cannot read nowhere.pem",
        ),
        (
            &["hello", "--cacert", "empty.pem"],
            2,
            "empty.pem has no certificate that can be read",
        ),
    ] {
        let sent = send(arguments);
        assert_eq!(sent.code, code, "{sent:?}");
        assert!(sent.stderr.contains(said), "{sent:?}");
    }
}

/// What `send` and `doctor` say of a URL at which TLS goes wrong.
#[track_caller]
fn goes_wrong(folder: &Folder, url: &str, said: &str, remedy: &str) {
    let cacert = ["--cacert", "ca.pem", "--token", wechat::TOKEN];
    let sent = folder.run(&[&["send", url, "hello"], &cacert[..]].concat());
    assert_eq!((sent.code, sent.stdout.as_str()), (2, ""), "{sent:?}");
    let whole = format!("error: cannot reach {url}: {said}; {remedy}");
    assert!(sent.stderr.starts_with(&whole), "{sent:?}");
    let arguments = [&["--url", url], &cacert[..]].concat();
    doctor::found(folder, &arguments, "handshake", "error", &[said, remedy]);
}

#[test]
fn a_certificate_or_a_port_that_is_wrong_is_told_with_what_to_do() {
    let authority = Authority::new();
    for (certified, host, said, remedy) in [
        (
            authority.certify(2020, 2021),
            "127.0.0.1",
            "the certificate expired on 2021-01-01 00:00 UTC",
            "renew it",
        ),
        (
            authority.certify(2090, 2100),
            "127.0.0.1",
            "the certificate is not valid before 2090-01-01 00:00 UTC",
            "set the clock",
        ),
        (
            authority.certify_until(2100),
            "127.0.0.2",
            "the certificate is for localhost, 127.0.0.1 and not for 127.0.0.2",
            "get one for this name, or correct the name in the URL",
        ),
        (
            Authority::new().certify_until(2100),
            "127.0.0.1",
            "the certificate comes from an authority that is not trusted",
            "WeChat requires one of a public authority",
        ),
    ] {
        let folder = folder(&authority, &certified);
        let flags = [&FLAGS[..], &["--listen", "0.0.0.0:0"]].concat();
        let server = Server::start(&folder, &flags);
        let port = server.address().port();
        let url = format!("https://{host}:{port}/wx_flask");
        goes_wrong(&folder, &url, said, remedy);
    }
    let folder = folder(&authority, &authority.certify_until(2100));
    let server = Server::start(&folder, &FLAGS);
    let url = format!("http://{}/wx_flask", server.address());
    goes_wrong(
        &folder,
        &url,
        "TLS is spoken at this port",
        "write https://",
    );
    let server = Server::start(&folder, &[]);
    let url = format!("https://{}/wx_flask", server.address());
    goes_wrong(
        &folder,
        &url,
        "no TLS is spoken at this port",
        "write http://",
    );
}

#[test]
fn whoever_dawdles_or_talks_nonsense_is_hung_up_on_and_disturbs_nobody() {
    let authority = Authority::new();
    let folder = folder(&authority, &authority.certify_until(2100));
    let arguments = [&FLAGS[..], &["--client-timeout", "4s"]].concat();
    let mut command = serve(
        folder.path(),
        &[&["--token", wechat::TOKEN], &arguments[..]].concat(),
        &[],
    );
    // As much as is logged when nobody asks for more.
    command.env_remove("RUST_LOG");
    let server = Server::spawn(command);
    let before = server.log();
    // More than may shake hands at once unless told otherwise.
    let mut crowd = Crowd::gather_tls(server.address(), 600);
    let config = authority.client(ALL_VERSIONS);
    let mut nonsense = attack::nonsense().into_iter();
    eventually("they are all hung up on", || {
        if let Some(bytes) = nonsense.next() {
            let said = attack::talk(server.address(), &bytes);
            assert!(!said.starts_with(b"HTTP"), "{said:?}");
        }
        let said = say(&config, &server, &wechat::text("o1", "hello"));
        assert_eq!(said_text(&said.expect("an answer")), "hi o1");
        crowd.drip().held == 0
    });
    assert_eq!(nonsense.next(), None);
    assert_eq!(server.log(), before);
}

#[test]
fn a_socket_that_was_handed_over_speaks_tls_too() {
    let authority = Authority::new();
    let folder = folder(&authority, &authority.certify_until(2100));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let variables = [("LISTEN_FDS", "1"), ("LISTEN_FDS_FIRST_FD", "0")];
    let flags = [&["--token", wechat::TOKEN], &FLAGS[..]].concat();
    let mut command = serve(folder.path(), &flags, &variables);
    command.stdin(OwnedFd::from(listener));
    let server = Server::spawn(command);
    let config = authority.client(ALL_VERSIONS);
    let said = say(&config, &server, &wechat::text("o1", "hello")).unwrap();
    assert_eq!(said_text(&said), "hi o1");
}

#[test]
fn told_to_end_under_load_it_loses_no_message_over_tls() {
    let authority = Authority::new();
    let folder = folder(&authority, &authority.certify_until(2100));
    let server = Server::start(&folder, &FLAGS);
    let config = authority.client(ALL_VERSIONS);
    let answered = AtomicUsize::new(0);
    let cut = AtomicUsize::new(0);
    thread::scope(|scope| {
        for client in 0..4 {
            let (server, config, answered, cut) = (&server, &config, &answered, &cut);
            scope.spawn(move || {
                loop {
                    let message = wechat::text(&format!("o{client}"), "hello");
                    // Whoever is not let in comes again; WeChat does so by itself.
                    let Ok(mut stream) = connect(config, server.address()) else {
                        return;
                    };
                    match post(&mut stream, &message, "keep-alive") {
                        Some(_) => answered.fetch_add(1, Ordering::Relaxed),
                        None => cut.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
        eventually("there is some load", || {
            answered.load(Ordering::Relaxed) > 50
        });
        server.signal("TERM");
    });
    assert_eq!(server.ended().code(), Some(0));
    assert_eq!(cut.load(Ordering::Relaxed), 0);
}
