//! The real program as a server in a folder of its own, and what it logs. Knows no rule.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

use wxreply::message::Message;
use wxreply::wechat::push::Push;

use crate::http::{PATIENCE, Said};
use crate::support::Folder;
use crate::{among, http, support, wechat};

/// Killed when dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: Arc<Log>,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    grown: Condvar,
    /// The server will write no more.
    over: AtomicBool,
}

impl Server {
    /// Serves the folder's `rules.yaml` in plain mode, once it listens.
    pub fn start(folder: &Folder, arguments: &[&str]) -> Server {
        let mut all = vec!["--token", wechat::TOKEN];
        all.extend(arguments);
        Server::start_with(folder.path(), &all, &[])
    }

    /// The same with nothing said but where to listen.
    pub fn start_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Server {
        Server::spawn(serve(folder, arguments, variables))
    }

    /// The same for a server that is described by flags, also where others are among many.
    pub fn start_exactly(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Server {
        Server::spawn(serve_exactly(folder, arguments, variables))
    }

    /// Starts a command of `serve`, and waits until it listens.
    pub fn spawn(mut command: Command) -> Server {
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Log::default());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let written = Arc::clone(&log);
        thread::spawn(move || {
            for line in stderr.split(b'\n') {
                let line = String::from_utf8_lossy(&line.unwrap_or_default()).into_owned();
                written.lines.lock().unwrap().push(line);
                written.grown.notify_all();
            }
            let _lines = written.lines.lock().unwrap();
            written.over.store(true, Ordering::SeqCst);
            written.grown.notify_all();
        });
        let mut server = Server {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            log,
        };
        let line = server.logged("listening on http");
        let address = line.split("://").nth(1).unwrap();
        let address = address.split('/').next().unwrap();
        server.address = address.parse().unwrap();
        server
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a message in plain mode.
    #[track_caller]
    pub fn send(&self, message: &Message) -> Said {
        self.post(&wechat::plain(message))
    }

    /// The text that a follower gets for a text; empty for no answer at all.
    #[track_caller]
    pub fn says(&self, openid: &str, content: &str) -> String {
        said_text(&self.send(&wechat::text(openid, content)))
    }

    #[track_caller]
    pub fn post(&self, push: &Push) -> Said {
        self.try_post(push).unwrap()
    }

    /// None when the server dies in between.
    pub fn try_post(&self, push: &Push) -> Option<Said> {
        let target = format!("/wx_flask?{}", push.query);
        http::request(self.address, "POST", &target, push.body.as_bytes())
    }

    /// The first line of the log that holds this; it may still be to come.
    #[track_caller]
    pub fn logged(&self, part: &str) -> String {
        self.logged_times(part, 1)
    }

    /// The same for the line that is the nth of its kind.
    #[track_caller]
    pub fn logged_times(&self, part: &str, times: usize) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = self.log.lines.lock().unwrap();
        loop {
            let mut found = lines.iter().filter(|line| line.contains(part));
            if let Some(line) = found.nth(times - 1) {
                return line.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.log.over.load(Ordering::SeqCst) {
                let log = lines.join("\n");
                drop(lines);
                panic!("no line {times} with {part:?} in the log:\n{log}");
            }
            lines = self.log.grown.wait_timeout(lines, left).unwrap().0;
        }
    }

    /// Everything that was logged so far.
    pub fn log(&self) -> String {
        self.log.lines.lock().unwrap().join("\n")
    }

    /// A line of what the system says of the process, such as the memory it has: `VmRSS`.
    pub fn kibibytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, by its name.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Sends one signal right after the other.
    pub fn signals(&self, names: &[&str]) {
        let id = self.child.id();
        let each = names.iter().map(|name| format!("kill -{name} {id}"));
        let all = each.collect::<Vec<_>>().join("; ");
        let sent = Command::new("sh").args(["-c", &all]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until the server hears the signals that end it, which is a little after it listens.
    pub fn hears_signals(&self) {
        let path = format!("/proc/{}/status", self.child.id());
        eventually("it hears SIGINT and SIGTERM", || {
            let status = fs::read_to_string(&path).unwrap();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
            let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
            [2, 15].iter().all(|signal| caught & 1 << (signal - 1) != 0)
        });
    }

    /// Waits for the end of a server that was told to end.
    pub fn ended(mut self) -> ExitStatus {
        let mut status = None;
        eventually("the server ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// As a power cut would end it.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "a failed test is explained by the log")]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{}", self.log.whole());
        }
    }
}

impl Log {
    /// Everything, once the server writes no more.
    fn whole(&self) -> String {
        let lines = self.lines.lock().unwrap();
        let writes = |_: &mut _| !self.over.load(Ordering::SeqCst);
        let waited = self.grown.wait_timeout_while(lines, PATIENCE, writes);
        waited.unwrap().0.join("\n")
    }
}

/// `wxreply serve` in this folder, on any free port.
pub fn serve(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let arguments = among::arguments(folder, arguments);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    serve_exactly(folder, &arguments, variables)
}

/// The same with these flags, also where others are among many.
pub fn serve_exactly(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut all = vec!["serve"];
    if !arguments.contains(&"--listen") {
        all.extend(["--listen", "127.0.0.1:0"]);
    }
    if !arguments.contains(&"--admin") {
        all.extend(["--admin", "off"]);
    }
    all.extend(arguments);
    let mut command = support::program(&all);
    command
        .current_dir(folder)
        .env("RUST_LOG", "info,wxreply=debug,actix_server=warn")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

#[track_caller]
pub fn said_text(said: &Said) -> String {
    assert_eq!(said.status, 200, "{said:?}");
    match said.body.as_slice() {
        b"success" => String::new(),
        body => wechat::element(body, "Content"),
    }
}

/// Asks again and again until it is so.
#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came true: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
