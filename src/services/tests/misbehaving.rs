//! Endpoints that are slow, cut off, lie, never end, or are not there.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::*;
use crate::http_client::endpoint::{Endpoint, http, ok};
use crate::http_client::system_resolver;

/// What an endpoint does, for as long as somebody listens.
fn write_on(stream: &mut TcpStream, piece: &[u8], pause: Duration) {
    while stream.write_all(piece).is_ok() {
        thread::sleep(pause);
    }
}

const DRIP: Duration = Duration::from_millis(10);

#[test]
fn what_is_slow_in_any_part_is_late() {
    type Script = fn(&mut TcpStream);
    let scripts: [(&str, Script); 6] = [
        ("no head", |stream| write_on(stream, b"", DRIP)),
        ("half a head", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX: y").unwrap();
            thread::park();
        }),
        ("a head that drips", |stream| {
            write_on(stream, b"H", Duration::from_secs(1))
        }),
        ("no body", |stream| {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
                .unwrap();
            thread::park();
        }),
        ("a body that drips", |stream| {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")
                .unwrap();
            write_on(stream, b" ", DRIP);
        }),
        ("comments for ever", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            write_on(stream, b": keep-alive\n\n", DRIP);
        }),
    ];
    for (what, script) in scripts {
        let endpoint = Endpoint::new(move |_, stream| {
            script(stream);
            false
        });
        let model = ServiceKind::LanguageModel(Box::new(model(&endpoint.url())));
        for kind in [webhook().kind, model] {
            let mut service = service(kind);
            (service.timeout, service.retries) = (IMPATIENT, 3);
            let asked = ask(
                &question(service, &endpoint.url(), json!("你好")),
                endpoint.address,
            );
            assert_eq!(asked.usage.tries, 1, "{what}");
            let error = answer(asked);
            assert_eq!(error, Err(ServiceError::Timeout), "{what}");
        }
    }
}

#[test]
fn a_body_without_end_is_left_early() {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let heads = [
        "Content-Length: 10000000000",
        "Transfer-Encoding: chunked",
        "X: to the end",
    ];
    for head in heads {
        let endpoint = Endpoint::new(move |_, stream| {
            WRITTEN.store(0, Ordering::Relaxed);
            write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n").unwrap();
            let chunk = [&b"10000\r\n"[..], &[b' '; 0x10000], b"\r\n"].concat();
            while stream.write_all(&chunk).is_ok() {
                WRITTEN.fetch_add(0x10000, Ordering::Relaxed);
            }
            false
        });
        let asked = ask(
            &question(webhook(), &endpoint.url(), parcel()),
            endpoint.address,
        );
        assert_eq!(answer(asked), Err(ServiceError::TooLarge), "{head}");
        // The rest is what the system keeps on the way.
        assert!(WRITTEN.load(Ordering::Relaxed) < 64 << 20);
    }
}

#[test]
fn what_is_cut_or_not_http_is_no_answer() {
    for said in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\": 1}"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"a\": 1}\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 O",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ] {
        let endpoint = Endpoint::saying(said);
        let mut service = webhook();
        // Perhaps the question had its effect.
        service.retries = 3;
        let asked = ask(
            &question(service, &endpoint.url(), parcel()),
            endpoint.address,
        );
        let said = String::from_utf8_lossy(said);
        assert_eq!(asked.usage.tries, 1, "{said}");
        assert_eq!(answer(asked), Err(ServiceError::Refused), "{said}");
    }
    let endpoint =
        Endpoint::saying(&b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{} and more"[..]);
    let asked = ask(
        &question(webhook(), &endpoint.url(), parcel()),
        endpoint.address,
    );
    assert_eq!(answer(asked), Ok(json!({})));
}

#[test]
fn a_reset_in_the_middle_is_no_answer() {
    let endpoint = Endpoint::new(|_, stream| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";
        stream.write_all(head).unwrap();
        let socket = socket2::SockRef::from(&*stream);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
        false
    });
    let asked = ask(
        &question(webhook(), &endpoint.url(), parcel()),
        endpoint.address,
    );
    assert_eq!(answer(asked), Err(ServiceError::Refused));
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = Endpoint::saying(ok("{}"));
    for status in ["301 X", "302 X", "303 X", "307 X", "308 X"] {
        let location = format!("Location: {}\r\n", elsewhere.url());
        let endpoint = Endpoint::saying(http(status, &location, "{}"));
        let allowed = [endpoint.address, elsewhere.address];
        let services = services(system_resolver(), &allowed);
        let question = question(webhook(), &endpoint.url(), parcel());
        let failure = block_on(services.ask(&question, &asking()))
            .answer
            .unwrap_err();
        assert_eq!(failure.why.id(), "call-redirected");
    }
    assert!(elsewhere.received().is_empty());
}

#[test]
fn internal_addresses_are_not_connected_to() {
    let endpoint = Endpoint::saying(ok("{}"));
    let port = endpoint.address.port();
    let to_loopback: Resolver = Arc::new(|_, port| {
        Box::pin(async move {
            let addresses = ["127.0.0.1", "::1", "169.254.169.254", "::ffff:127.0.0.1"];
            Ok(addresses
                .map(|ip| SocketAddr::new(ip.parse().unwrap(), port))
                .to_vec())
        })
    });
    let guarded = services(to_loopback.clone(), &[]);
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "localhost",
        "rebinding.example.com",
    ] {
        let question = question(webhook(), &format!("http://{host}:{port}/"), parcel());
        let failure = block_on(guarded.ask(
            &question,
            &Asking {
                account: host,
                ..asking()
            },
        ));
        assert_eq!(
            failure.answer.unwrap_err().why.id(),
            "call-internal",
            "{host}"
        );
    }
    assert!(endpoint.received().is_empty());
    // The operator may change what is allowed at any time.
    let list = AllowList(vec![format!("127.0.0.1:{port}").parse().unwrap()]);
    guarded.reach().allow(list);
    let named = question(
        webhook(),
        &format!("http://a.example.com:{port}/"),
        parcel(),
    );
    assert_eq!(
        answer(block_on(guarded.ask(&named, &asking()))),
        Ok(json!({}))
    );
}

#[test]
fn names_that_nobody_knows_or_says() {
    let unknown: Resolver =
        Arc::new(|_, _| Box::pin(async { Err(std::io::Error::other("no such host")) }));
    let silent: Resolver = Arc::new(|_, _| Box::pin(std::future::pending()));
    for (resolver, timeout, error, tries) in [
        (unknown, PATIENT, ServiceError::Refused, 2),
        (silent, IMPATIENT, ServiceError::Timeout, 1),
    ] {
        let mut service = webhook();
        (service.timeout, service.retries) = (timeout, 1);
        let question = question(service, "http://example.com/", parcel());
        let asked = block_on(services(resolver, &[]).ask(&question, &asking()));
        assert_eq!(asked.usage.tries, tries);
        assert_eq!(answer(asked), Err(error));
    }
}

#[test]
fn nobody_listens_or_nobody_speaks_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut service = webhook();
    service.retries = 2;
    let asked = ask(
        &question(service, &format!("http://{address}/"), parcel()),
        address,
    );
    assert_eq!(asked.usage.tries, 3);
    assert_eq!(asked.answer.unwrap_err().why.id(), "call-refused");

    let endpoint = Endpoint::saying(ok("{}"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        thread::park();
    });
    let asked = ask(
        &question(webhook(), &format!("https://{address}/"), parcel()),
        address,
    );
    let failure = asked.answer.unwrap_err();
    assert_eq!(
        (failure.error, failure.why.id()),
        (ServiceError::Refused, "call-tls")
    );
    drop(endpoint);
}

#[test]
fn what_is_no_url_is_not_asked() {
    let services = services(system_resolver(), &[]);
    for url in [
        "",
        "/track",
        "ftp://example.com/",
        "http://",
        "http://a b/",
        "file:///etc/passwd",
    ] {
        let question = question(webhook(), url, parcel());
        let asking = Asking {
            account: url,
            ..asking()
        };
        let failure = block_on(services.ask(&question, &asking))
            .answer
            .unwrap_err();
        assert_eq!(
            (failure.error, failure.why.id()),
            (ServiceError::Refused, "call-no-url"),
            "{url}"
        );
    }
}

#[test]
fn a_question_that_is_dropped_is_cancelled_and_leaves_room() {
    let (tell, told) = std::sync::mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let endpoint = Endpoint::new(move |before, stream| {
        if before > 0 {
            return stream.write_all(&ok("{}")).is_ok();
        }
        tell.lock().unwrap().send("asked").unwrap();
        // Until the other side hangs up.
        let hung_up = std::io::Read::read(stream, &mut [0]).is_ok_and(|read| read == 0);
        assert!(hung_up);
        tell.lock().unwrap().send("hung up").unwrap();
        false
    });
    let mut service = webhook();
    service.at_once = 1;
    let services = services(system_resolver(), &[endpoint.address]);
    let question = question(service, &endpoint.url(), parcel());
    let told = block_on(async {
        let asked = tokio::task::spawn_blocking(move || {
            assert_eq!(told.recv_timeout(PATIENT), Ok("asked"));
            told
        });
        let asking = asking();
        let told = tokio::select! {
            _ = services.ask(&question, &asking) => panic!("nobody has answered"),
            told = asked => told.unwrap(),
        };
        assert_eq!(
            answer(services.ask(&question, &asking).await),
            Ok(json!({}))
        );
        told
    });
    assert_eq!(told.recv_timeout(PATIENT), Ok("hung up"));
}
