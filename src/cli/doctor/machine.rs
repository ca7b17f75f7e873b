//! The clock, and whether the server could listen where it is told to.

use std::io;
use std::net::{SocketAddr, TcpListener};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::doctor::finding::Finding;
use crate::cli::{http_client, serve};
use crate::wechat::Credentials;

/// A clock that was never set is far from here.
const FIRST_YEAR: i16 = 2026;
const LAST_YEAR: i16 = 2099;

pub(super) fn clock() -> Finding {
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    let shown = now.strftime("%Y-%m-%d %H:%M UTC");
    match (FIRST_YEAR..=LAST_YEAR).contains(&now.year()) {
        true => Finding::fine("clock", shown.to_string()),
        false => Finding::wrong(
            "clock",
            format!("this machine believes that it is {shown}"),
            "set the clock, and let it be kept by NTP: timedatectl set-ntp true",
        ),
    }
}

pub(super) fn ports(serve: &serve::Arguments, credentials: Option<&Credentials>) -> Vec<Finding> {
    let agent = http_client::agent_at_home();
    let agent = agent.as_ref();
    let scheme = match serve.tls_cert {
        Some(_) => "https",
        None => "http",
    };
    let is_ours = || {
        let url = format!("{scheme}://{}{}", reachable(&serve.listen), serve.path);
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
            "port",
            format!("--admin {} can be reached from elsewhere", serve.admin),
            "keep it from the internet: 127.0.0.1:8081, or a firewall",
        ));
    }
    findings
}

fn port(address: &str, flag: &str, is_ours: impl Fn() -> bool) -> Finding {
    let error = match TcpListener::bind(address) {
        Ok(_) => return Finding::fine("port", format!("{flag} {address} is free")),
        Err(error) => error,
    };
    let said = format!("cannot listen on {flag} {address}: {error}");
    let remedy = match error.kind() {
        io::ErrorKind::AddrInUse if is_ours() => {
            return Finding::fine("port", format!("{flag} {address}: wxreply answers there"));
        }
        io::ErrorKind::AddrInUse => {
            format!("end what listens there (`ss -ltnp` names it), or choose another with {flag}")
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 are for root: stay above with a proxy in front, \
             or give the service CAP_NET_BIND_SERVICE"
                .to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; 0.0.0.0 stands for all that it has".to_owned()
        }
        _ => format!("write an address and a port, such as {flag} 127.0.0.1:8080"),
    };
    Finding::wrong("port", said, remedy)
}

/// Where one connects to what listens on all addresses.
fn reachable(address: &str) -> String {
    let port = |all| address.strip_prefix(all);
    match port("0.0.0.0:").or_else(|| port("[::]:")) {
        Some(port) => format!("127.0.0.1:{port}"),
        None => address.to_owned(),
    }
}
