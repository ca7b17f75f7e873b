//! Reverse proxies in front, run with the files of `packaging`: what gets through, and what a
//! dead replica costs.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use wxreply::message::Message;
use wxreply::reply::Reply;
use wxreply::wechat::push::Push;
use wxreply::wechat::{Mode, push};

use crate::pages::root;
use crate::ports::unclaimed_port;
use crate::requirements;
use crate::server::{Server, eventually};
use crate::support::Folder;
use crate::{admin, database, wechat};

const RULES: &str = "
rules:
  - { name: 记, when: { type: text, prefix: 记 }, add: { words: <rest> }, reply: '<user.words|空>' }
  - { name: 你好, when: { type: text, prefix: 你好 }, reply: hello }
";

/// A proxy that answers `https://localhost`; gone when dropped.
pub struct Proxy {
    child: Child,
    port: u16,
    authority: PathBuf,
}

/// Why a proxy cannot be tried here.
pub struct Missing(pub &'static str);

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_missing(program: &'static str, argument: &str) -> Result<(), Missing> {
    let mut command = Command::new(program);
    command
        .arg(argument)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match command.status() {
        Ok(_) => Ok(()),
        Err(_) => Err(Missing(program)),
    }
}

/// A packaged file with what is another on this machine; everything replaced must be in it.
#[track_caller]
fn packaged(path: &str, replacements: &[(&str, &str)]) -> String {
    let mut text = fs::read_to_string(root().join("packaging").join(path)).unwrap();
    for (theirs, ours) in replacements {
        assert!(text.contains(theirs), "{path}: no {theirs}");
        text = text.replace(theirs, ours);
    }
    text
}

impl Proxy {
    /// nginx with one upstream, as packaged for it, or with the two of the compose file.
    pub fn nginx(folder: &Path, upstreams: &[SocketAddr]) -> Result<Proxy, Missing> {
        is_missing("nginx", "-v")?;
        is_missing("openssl", "version")?;
        is_missing("curl", "--version")?;
        let at = |name: &str| folder.join(name).display().to_string();
        let made = Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
            ])
            .args(["-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", &at("privkey.pem"), "-out", &at("fullchain.pem")])
            .stderr(Stdio::null())
            .status();
        assert!(made.unwrap().success());

        let servers: Vec<String> = upstreams.iter().map(SocketAddr::to_string).collect();
        let upstream = match &servers[..] {
            [one] => packaged("nginx/upstream.conf", &[("127.0.0.1:8080", one)]),
            [one, other] => {
                let names = [("wxreply-1:8080", one.as_str()), ("wxreply-2:8080", other)];
                packaged("compose/upstream.conf", &names)
            }
            others => panic!("{others:?}"),
        };
        let port = unclaimed_port();
        let site = packaged(
            "nginx/wxreply.conf",
            &[
                ("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl")),
                ("/etc/ssl/wxreply/", &at("")),
                ("/var/log/nginx/", &at("")),
            ],
        );
        let whole = format!(
            "daemon off; master_process off; pid {}; events {{}}\nhttp {{\n{site}\n{upstream}\n}}\n",
            at("nginx.pid")
        );
        fs::write(folder.join("nginx.conf"), whole).unwrap();
        let child = Command::new("nginx")
            .args(["-p", &at(""), "-c", &at("nginx.conf")])
            .args(["-e", &at("error.log")])
            .spawn()
            .unwrap();
        let authority = folder.join("fullchain.pem");
        Ok(Proxy::up(child, port, authority))
    }

    fn caddy(folder: &Path, upstream: SocketAddr) -> Result<Proxy, Missing> {
        is_missing("caddy", "version")?;
        is_missing("curl", "--version")?;
        let port = unclaimed_port();
        // Nothing outside of the folder is touched, and nobody asked for a certificate.
        let alone = "\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n";
        let log = "\tlog default {";
        let file = packaged("caddy/Caddyfile", &[(log, &(alone.to_owned() + log))]);
        fs::write(folder.join("Caddyfile"), file).unwrap();
        let child = Command::new("caddy")
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(folder.join("Caddyfile"))
            .env("DOMAIN", format!("localhost:{port}"))
            .env("UPSTREAM", upstream.to_string())
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder)
            .env("XDG_CONFIG_HOME", folder)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let authority = folder.join("caddy/pki/authorities/local/root.crt");
        Ok(Proxy::up(child, port, authority))
    }

    fn up(child: Child, port: u16, authority: PathBuf) -> Proxy {
        let proxy = Proxy {
            child,
            port,
            authority,
        };
        eventually("the proxy answers", || proxy.get("/").0 == 404);
        proxy
    }

    pub fn url(&self, target: &str) -> String {
        format!("https://localhost:{}{target}", self.port)
    }

    /// The file of whoever certified it.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    fn get(&self, target: &str) -> (u16, Vec<u8>) {
        self.ask(target, None)
    }

    fn post(&self, push: &Push) -> (u16, Vec<u8>) {
        self.ask(&format!("/wx_flask?{}", push.query), Some(&push.body))
    }

    /// The text that a follower gets.
    #[track_caller]
    fn says(&self, message: &Message) -> String {
        let (status, body) = self.post(&wechat::plain(message));
        assert_eq!(status, 200);
        wechat::element(&body, "Content")
    }

    /// The status is 0 when there was no answer.
    fn ask(&self, target: &str, body: Option<&str>) -> (u16, Vec<u8>) {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--noproxy", "*", "--max-time", "30"])
            .args(["--write-out", "%{http_code}", "--cacert"])
            .arg(&self.authority)
            .arg(self.url(target))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if body.is_some() {
            command.args(["--header", "content-type: text/xml", "--data-binary", "@-"]);
        }
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A proxy that refuses early does not read everything.
        let _ = stdin.write_all(body.unwrap_or_default().as_bytes());
        drop(stdin);
        let mut said = child.wait_with_output().unwrap().stdout;
        let status = said.split_off(said.len().saturating_sub(3));
        let status = String::from_utf8(status).unwrap();
        (status.parse().unwrap(), said)
    }
}

/// What holds before any proxy.
fn check(proxy: &Proxy, server: &Server) {
    let follower = database::new_follower();
    assert_eq!(proxy.says(&wechat::text(&follower, "你好")), "hello");

    let secure = wechat::credentials(Mode::Secure);
    let xml = push::message_xml(&wechat::text(&follower, "你好"));
    let (status, body) = proxy.post(&wechat::sealed(&secure, &xml));
    let answer = push::read_answer(&secure, &body).unwrap();
    assert_eq!((status, answer.encrypted), (200, true));
    assert_eq!(answer.reply, Reply::Text("hello".to_owned()));

    let plain = wechat::credentials(Mode::Plain);
    let query = push::handshake(&plain, "echo 1+2", &wechat::stamp());
    let handshake = proxy.get(&format!("/wx_flask?{query}"));
    assert_eq!(handshake, (200, b"echo 1+2".to_vec()));

    let forged = Push {
        query: "signature=0&timestamp=1&nonce=1".to_owned(),
        body: xml,
    };
    assert_eq!(proxy.post(&forged).0, 403, "the status is passed on");
    for target in ["/", "/healthz", "/readyz", "/metrics", "/wx_flask/"] {
        assert_eq!(proxy.get(target).0, 404, "{target}");
    }

    assert_eq!(proxy.says(&wechat::text(&follower, "你好")), "hello");
    let kept = admin::metric(admin::operators(server), "wxreply_connections");
    assert!(kept >= 1.0, "no connection is kept");
}

fn server(folder: &Folder) -> Server {
    let flags = ["--admin", "127.0.0.1:0", "--mode", "compat"];
    let secrets = ["--aes-key", wechat::AES_KEY, "--app-id", wechat::APP_ID];
    Server::start(folder, &[flags, secrets].concat())
}

#[test]
fn behind_nginx_messages_are_answered_over_tls_and_nothing_else_is_reached() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = server(&folder);
    let proxy = match Proxy::nginx(folder.path(), &[server.address()]) {
        Ok(proxy) => proxy,
        Err(Missing(program)) => return requirements::absent(program, "it cannot be run"),
    };
    check(&proxy, &server);
    let mut huge = wechat::plain(&wechat::text("o1", "你好"));
    huge.body += &" ".repeat(70_000);
    assert_eq!(proxy.post(&huge).0, 413);
    let log = fs::read_to_string(folder.path().join("access.log")).unwrap();
    assert!(log.contains("\"POST /wx_flask\" 200"), "{log}");
    assert!(!log.contains("signature"), "{log}");
}

#[test]
fn behind_caddy_messages_are_answered_over_tls_and_nothing_else_is_reached() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = server(&folder);
    match Proxy::caddy(folder.path(), server.address()) {
        Ok(proxy) => check(&proxy, &server),
        Err(Missing(program)) => requirements::absent(program, "it cannot be run"),
    }
}

#[test]
fn of_two_replicas_one_may_die_and_both_know_what_was_answered() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let urls = database::databases(&folder);
    let shared = || urls.iter().filter(|url| !url.starts_with("sqlite:"));
    for url in shared() {
        let replica = || Server::start(&folder, &["--database", url, "--admin", "127.0.0.1:0"]);
        let (one, other) = (replica(), replica());
        let proxy = match Proxy::nginx(folder.path(), &[one.address(), other.address()]) {
            Ok(proxy) => proxy,
            Err(Missing(program)) => return requirements::absent(program, "it cannot be run"),
        };
        let follower = database::new_follower();
        assert_eq!(proxy.says(&wechat::text(&follower, "记 甲")), "空");

        // Whoever decided once more would answer with both.
        let again = wechat::plain(&wechat::text(&follower, "记 乙"));
        for _ in 0..5 {
            let (status, body) = proxy.post(&again);
            let text = wechat::element(&body, "Content");
            assert_eq!((status, text.as_str()), (200, "甲"));
        }
        assert_eq!(database::items(url, &follower, "words"), ["甲", "乙"]);
        for server in [&one, &other] {
            let series = "wxreply_deliveries_total{outcome=\"repeated\"}";
            let repeated = admin::metric(admin::operators(server), series);
            assert!(repeated >= 1.0, "every replica has its share");
        }

        one.kill();
        let mut words = "甲、乙".to_owned();
        for number in 0..20 {
            let message = wechat::text(&follower, &format!("记 {number}"));
            assert_eq!(proxy.says(&message), words);
            words += &format!("、{number}");
        }
    }
}
