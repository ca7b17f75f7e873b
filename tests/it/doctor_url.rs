//! `wxreply doctor --url`: every fault that WeChat would meet there is told with its remedy. The
//! servers with the faults are real ones.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::doctor::{SECURE, folder, found};
use crate::http::PATIENCE;
use crate::requirements;
use crate::server::Server;
use crate::support::Folder;

/// A server with a fault: it answers every request with these bytes, made of its echostr.
fn faulty(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let head = head(&mut stream);
            let echostr = head.split("echostr=").nth(1).unwrap_or_default();
            let echostr = echostr.split(['&', ' ']).next().unwrap_or_default();
            let _ = stream.write_all(&answer(echostr));
        }
    });
    address
}

fn head(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn every_fault_at_the_url_has_its_remedy() {
    let folder = folder();
    let status = |status: &'static str| move |_: &str| answer(status, "", "");
    type Fault = Box<dyn Fn(&str) -> Vec<u8> + Send>;
    let faults: Vec<(Fault, &str, &[&str])> = vec![
        (
            Box::new(|echo| answer("200 OK", "", format!("{echo}\n"))),
            "handshake",
            &["line break", "alone"],
        ),
        (
            Box::new(|echo| answer("200 OK", "", format!("\u{FEFF}{echo}"))),
            "handshake",
            &["byte order mark", "alone"],
        ),
        (
            Box::new(|echo| answer("200 OK", "", format!("\"{echo}\""))),
            "handshake",
            &["in quotes", "alone"],
        ),
        (
            Box::new(|echo| answer("200 OK", "", format!("<html>{echo}</html>"))),
            "handshake",
            &["HTML", "pass this path"],
        ),
        (
            Box::new(|echo| answer("200 OK", "", format!("echo {echo}"))),
            "handshake",
            &["around", "alone"],
        ),
        (
            Box::new(|_| answer("200 OK", "", "ok")),
            "handshake",
            &["something else", "another program"],
        ),
        (
            Box::new(|_| answer("200 OK", "", "")),
            "handshake",
            &["empty", "query on unchanged"],
        ),
        (
            Box::new(|_| answer("200 OK", "content-encoding: gzip\r\n", [0x1f, 0x8b, 8, 0])),
            "handshake",
            &["compressed", "gzip off"],
        ),
        (
            Box::new(|_| answer("301 Moved", "location: https://other.example/wx\r\n", "")),
            "handshake",
            &["https://other.example/wx", "URL that answers itself"],
        ),
        (
            Box::new(status("403 Forbidden")),
            "handshake",
            &["refused: 403", "same token"],
        ),
        (
            Box::new(status("404 Not Found")),
            "handshake",
            &["404", "--path"],
        ),
        (
            Box::new(status("400 Bad Request")),
            "handshake",
            &["400", "query"],
        ),
        (
            Box::new(status("502 Bad Gateway")),
            "handshake",
            &["502", "start wxreply"],
        ),
        (Box::new(status("500 Oops")), "handshake", &["500", "log"]),
        (
            Box::new(|_| Vec::new()),
            "handshake",
            &["cut before the answer", "log"],
        ),
        (
            Box::new(|echo| answer("200 OK", "", echo)),
            "signature",
            &["another token", "pose as WeChat"],
        ),
        (
            Box::new(|echo| answer("200 OK", "date: Thu, 01 Jan 2026 00:00:00 GMT\r\n", echo)),
            "clock",
            &["ahead of the server", "NTP"],
        ),
    ];
    for (fault, check, words) in faults {
        let url = format!("http://{}/wx_flask", faulty(fault));
        let arguments = [SECURE, &["--url", &url]].concat();
        found(&folder, &arguments, check, "error", words);
    }
}

/// It lets everyone wait.
fn silent() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut waiting = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            waiting.push(stream);
        }
    });
    address
}

/// It does not wait for the end of a request, as what it gets is none.
fn no_tls() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0]);
            let _ = stream.write_all(&answer("400 Bad Request", "", ""));
        }
    });
    address
}

#[test]
fn a_url_that_wechat_could_not_even_call_is_told() {
    let folder = folder();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let (no_tls, silent) = (no_tls(), silent());
    for (url, check, state, words) in [
        (
            format!("http://{nobody}/wx_flask"),
            "handshake",
            "error",
            &["nobody listens", "start"][..],
        ),
        (
            format!("http://{silent}/wx_flask"),
            "handshake",
            "error",
            &["five seconds", "firewall"],
        ),
        (
            format!("https://{no_tls}/wx_flask"),
            "handshake",
            "error",
            &["no TLS", "http://"],
        ),
        (
            "http://name.invalid/wx_flask".to_owned(),
            "handshake",
            "error",
            &["DNS knows no address of name.invalid", "DNS record"],
        ),
        (
            "http://name.invalid:8080/wx_flask".to_owned(),
            "url",
            "error",
            &["port 8080", "proxy"],
        ),
        (
            "https://name.invalid:80/wx_flask".to_owned(),
            "url",
            "error",
            &["port 80", "443"],
        ),
        (
            "http://127.0.0.1:1/wx_flask".to_owned(),
            "url",
            "warning",
            &["cannot reach", "public"],
        ),
        (
            format!("http://{nobody}/wx"),
            "url",
            "warning",
            &["/wx_flask", "the same"],
        ),
        (
            "your.domain/wx_flask".to_owned(),
            "url",
            "error",
            &["is not a URL", "https://"],
        ),
    ] {
        let arguments = [SECURE, &["--url", &url]].concat();
        found(&folder, &arguments, check, state, words);
    }
}

/// Killed when dropped.
struct Openssl(Child);

impl Drop for Openssl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server with a certificate of its own making, and its port; nothing without openssl.
fn self_signed(folder: &Folder) -> Option<(Openssl, u16)> {
    let openssl = |words: &str| {
        let mut command = Command::new("openssl");
        command
            .args(words.split(' '))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let mut made =
        openssl("req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=a -days 2");
    let made = match made.output() {
        Ok(made) => made,
        Err(error) => {
            requirements::absent("openssl", error);
            return None;
        }
    };
    assert!(made.status.success());
    let mut server = openssl("s_server -accept 127.0.0.1:0 -cert cert -key key -www");
    let mut child = server.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let server = Openssl(child);
    let mut lines = stdout.lines().map_while(Result::ok);
    let accepts = lines.find(|line| line.starts_with("ACCEPT"))?;
    let port = accepts.rsplit(':').next()?.parse().ok()?;
    Some((server, port))
}

#[test]
fn a_certificate_that_nobody_trusts_is_told() {
    let folder = folder();
    let Some((_server, port)) = self_signed(&folder) else {
        return;
    };
    let url = format!("https://localhost:{port}/wx_flask");
    let arguments = [SECURE, &["--url", &url]].concat();
    let words = ["the certificate says", "public authority", "CA:FALSE"];
    found(&folder, &arguments, "handshake", "error", &words);
}

#[test]
fn our_own_server_passes_in_every_mode() {
    let folder = folder();
    for mode in ["plain", "compat", "secure"] {
        let arguments = [SECURE, &["--mode", mode]].concat();
        let server = Server::start_with(folder.path(), &arguments, &[]);
        let url = format!("http://{}/wx_flask", server.address());
        let arguments = [&arguments[..], &["--url", &url]].concat();
        found(&folder, &arguments, "handshake", "ok", &["as WeChat wants"]);
        found(&folder, &arguments, "signature", "ok", &["refused: 403"]);
        // Another token than the server's.
        let arguments = ["--token", "an0therToken", "--url", &url];
        found(
            &folder,
            &arguments,
            "handshake",
            "error",
            &["403", "same token"],
        );
    }
}

#[test]
fn without_a_token_the_url_is_not_tried() {
    let arguments = ["--url", "http://127.0.0.1:1/wx_flask"];
    found(
        &folder(),
        &arguments,
        "handshake",
        "warning",
        &["not tried", "token"],
    );
}
