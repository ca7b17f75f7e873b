//! The webhooks in docs/services.md: they answer us, and nobody else.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::*;
use crate::requirements;

const PAGE: &str = include_str!("../../../docs/services.md");

/// The first block of code in this language.
fn block(language: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a webhook, changed so that it listens on a free port and says on which.
fn started(program: &str, arguments: &[&str], code: &str) -> Option<(Running, SocketAddr)> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(code)
        .env("TRACK_SIGNING", "SIGNING")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    match command.spawn() {
        Ok(mut child) => {
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let port = lines.next().unwrap().unwrap().trim().parse().unwrap();
            Some((Running(child), SocketAddr::from(([127, 0, 0, 1], port))))
        }
        Err(error) => {
            requirements::absent(program, error);
            None
        }
    }
}

fn replaced(code: &str, last_line: &str, with: &str) -> String {
    assert!(code.ends_with(last_line), "{code}");
    code.replace(last_line, with)
}

#[test]
fn the_webhooks_of_the_page_take_our_signature_and_no_other() {
    let python = replaced(
        block("python"),
        "HTTPServer((\"127.0.0.1\", 8000), Track).serve_forever()",
        "server = HTTPServer((\"127.0.0.1\", 0), Track)\n\
         print(server.server_port, flush=True)\n\
         server.serve_forever()",
    );
    let node = replaced(
        block("js"),
        ".listen(8000, \"127.0.0.1\");",
        ".listen(0, \"127.0.0.1\", function () { console.log(this.address().port); });",
    );
    let running = [
        started("python3", &["-c"], &python),
        started("node", &["-e"], &node),
    ];
    for (_running, address) in running.into_iter().flatten() {
        let ask_with = |sign: &str| {
            let mut service = webhook();
            service.kind = ServiceKind::Webhook(Webhook {
                headers: Vec::new(),
                sign: Some(sign.to_owned()),
            });
            answer(ask(
                &question(service, &format!("http://{address}/track"), parcel()),
                address,
            ))
        };
        let wanted = json!({ "number": "SF123", "state": "派送中" });
        assert_eq!(ask_with("signing"), Ok(wanted), "{address}");
        assert_eq!(
            ask_with("another"),
            Err(ServiceError::Status(401)),
            "{address}"
        );
    }
}
