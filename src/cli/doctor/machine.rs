//! The clock, and whether the server could listen where it is told to.

use std::io;
use std::net::{SocketAddr, TcpListener};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::doctor::finding::Finding;
use crate::cli::{http_client, serve};
use crate::i18n::phrase;
use crate::wechat::Credentials;

/// A clock that was never set is far from here.
const FIRST_YEAR: i16 = 2026;
const LAST_YEAR: i16 = 2099;

pub(super) fn clock() -> Finding {
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    let shown = now.strftime("%Y-%m-%d %H:%M UTC");
    match (FIRST_YEAR..=LAST_YEAR).contains(&now.year()) {
        true => Finding::fine(phrase!(about_clock), shown),
        false => Finding::wrong(
            phrase!(about_clock),
            phrase!(clock_wrong, time = shown.to_string()),
            phrase!(help_clock),
        ),
    }
}

pub(super) fn ports(
    serve: &serve::Arguments,
    path: &str,
    credentials: Option<&Credentials>,
) -> Vec<Finding> {
    let agent = http_client::agent_at_home();
    let agent = agent.as_ref();
    let scheme = match serve.tls_cert {
        Some(_) => "https",
        None => "http",
    };
    let is_ours = || {
        let url = format!("{scheme}://{}{}", reachable(&serve.listen), path);
        let answered = credentials
            .zip(agent)
            .and_then(|(ours, agent)| http_client::handshake(agent, &url, ours).ok());
        answered.is_some_and(|(said, echostr)| said.body == echostr.as_bytes())
    };
    let mut findings = vec![port(&serve.listen, "--listen", is_ours)];
    if serve.admin == "off" {
        return findings;
    }
    let is_ours = || {
        let url = format!("http://{}/healthz", reachable(&serve.admin));
        let said = agent.and_then(|agent| http_client::request(agent, &url, "", None).ok());
        said.is_some_and(|said| said.status == 200)
    };
    findings.push(port(&serve.admin, "--admin", is_ours));
    let address: Result<SocketAddr, _> = serve.admin.parse();
    if address.is_ok_and(|address| !address.ip().is_loopback()) {
        findings.push(Finding::doubtful(
            phrase!(about_port),
            phrase!(admin_reachable, address = &serve.admin),
            phrase!(help_admin_reachable),
        ));
    }
    findings
}

fn port(address: &str, flag: &str, is_ours: impl Fn() -> bool) -> Finding {
    let error = match TcpListener::bind(address) {
        Ok(_) => return Finding::fine(phrase!(about_port), phrase!(port_free, flag, address)),
        Err(error) => error,
    };
    let said = phrase!(port_taken, flag, address, reason = &error);
    let remedy = match error.kind() {
        io::ErrorKind::AddrInUse if is_ours() => {
            return Finding::fine(phrase!(about_port), phrase!(port_ours, flag, address));
        }
        io::ErrorKind::AddrInUse => phrase!(help_port_in_use, flag),
        io::ErrorKind::PermissionDenied => phrase!(help_port_denied),
        io::ErrorKind::AddrNotAvailable => phrase!(help_no_such_address),
        _ => phrase!(help_listen_address, flag),
    };
    Finding::wrong(phrase!(about_port), said, remedy)
}

/// Where one connects to what listens on all addresses.
fn reachable(address: &str) -> String {
    let port = |all| address.strip_prefix(all);
    match port("0.0.0.0:").or_else(|| port("[::]:")) {
        Some(port) => format!("127.0.0.1:{port}"),
        None => address.to_owned(),
    }
}
