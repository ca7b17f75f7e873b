//! A server of language models that others wrote: llmock from PyPI.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::requirements;

/// Stopped when dropped.
pub(crate) struct Llmock {
    server: Child,
    address: SocketAddr,
}

impl Llmock {
    /// None, and noted, where it is not installed.
    #[track_caller]
    pub(crate) fn start() -> Option<Llmock> {
        let mut command = Command::new("llmock");
        command
            .args(["serve", "--port", "0", "--response-style", "echo"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut server = match command.spawn() {
            Ok(server) => server,
            Err(error) => {
                requirements::absent("llmock", error);
                return None;
            }
        };
        let mut lines = BufReader::new(server.stderr.take()?).lines();
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, rest) = line.split_once("running on http://")?;
            rest.split_whitespace().next()?.parse().ok()
        });
        assert!(address.is_some(), "llmock does not say where it listens");
        // It goes on to say something of each request.
        thread::spawn(move || lines.for_each(drop));
        address.map(|address| Llmock { server, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Llmock {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
