//! `wxreply healthcheck`: asks a running server how it is, for supervisors without a shell.

use std::net::SocketAddr;
use std::time::Duration;

use crate::cli::{Exit, fail};
use crate::http_client::header::HeaderMap;
use crate::http_client::{
    AllowedAddress, BlockingClient, BlockingError, ConnectError, HttpError, HttpRequest, Method,
    Timeouts, Url, trust,
};
use crate::i18n::{Phrase, io_error, phrase};

/// Check whether a running server is healthy
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The --admin address of that server
    #[arg(
        long,
        env = "WXREPLY_ADMIN",
        default_value = "127.0.0.1:8081",
        value_name = "ADDRESS",
        value_parser = address
    )]
    admin: String,
}

/// Docker gives a check as long as is configured; whoever needs longer than this is not well.
const TIMEOUTS: Timeouts = Timeouts {
    whole: Duration::from_secs(3),
    to_connect: Duration::from_secs(3),
};

/// No healthy server says more.
const MAX_ANSWER_BYTES: usize = 1024;

/// For Docker 1 is unhealthy and 2 has no meaning, so a server that is not there is 1, too.
pub(super) fn run(arguments: &Arguments) -> Exit {
    if arguments.admin == "off" {
        return fail(&phrase!(nobody_to_ask));
    }
    let address = from_here(&arguments.admin);
    match ask(&address) {
        Ok(()) => {
            println!("{}", phrase!(healthy, address));
            Exit::Success
        }
        Err(why) => {
            println!("{}", phrase!(not_healthy, address, why));
            Exit::RulesInvalid
        }
    }
}

/// Host and port, or off, which has a message of its own. A name may be one that only this
/// container knows, so it is not looked up here.
fn address(text: &str) -> Result<String, Phrase> {
    match text == "off" || text.parse::<AllowedAddress>().is_ok() {
        true => Ok(text.to_owned()),
        false => Err(phrase!(not_an_address)),
    }
}

/// A server that listens everywhere is reached on loopback.
fn from_here(admin: &str) -> String {
    let Ok(mut address) = admin.parse::<SocketAddr>() else {
        return admin.to_owned();
    };
    match address {
        SocketAddr::V4(all) if all.ip().is_unspecified() => address.set_ip([127, 0, 0, 1].into()),
        SocketAddr::V6(all) if all.ip().is_unspecified() => {
            address.set_ip(std::net::Ipv6Addr::LOCALHOST.into());
        }
        _ => {}
    }
    address.to_string()
}

fn ask(address: &str) -> Result<(), Phrase> {
    // It is not asked in TLS.
    let tls = trust::usual().map_err(|error| Phrase::verbatim(error.to_string()))?;
    let client = BlockingClient::new(tls, TIMEOUTS).map_err(|error| io_error::reason(&error))?;
    let url = Url::parse(&format!("http://{address}/healthz"));
    let request = HttpRequest {
        method: Method::GET,
        url: url.map_err(|_| phrase!(not_an_address))?,
        headers: HeaderMap::new(),
        body: Vec::new(),
    };
    let response = client.call(request, MAX_ANSWER_BYTES);
    let response = response.map_err(|fault| match fault {
        BlockingError::Late | BlockingError::Http(HttpError::Connect(ConnectError::Late)) => {
            phrase!(healthcheck_timeout)
        }
        BlockingError::Http(HttpError::Connect(ConnectError::Io(error))) => {
            io_error::reason(&error)
        }
        BlockingError::Http(fault) => Phrase::verbatim(fault.to_string()),
    })?;
    let status = response.status;
    if status == 200 {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&response.body);
    Err(phrase!(healthcheck_status, status, said = said.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for text in [
            "127.0.0.1:8081",
            "[::1]:8081",
            "wxreply-1:8081",
            "a_b.internal:1",
            "off",
        ] {
            assert_eq!(address(text), Ok(text.to_owned()));
        }
        for text in [
            "",
            "foo",
            "8081",
            ":8081",
            "foo:",
            "foo:http",
            "foo:0",
            "127.0.0.1:99999",
            "::1:8081",
            "[::1]:0",
            "http://127.0.0.1:8081",
            "127.0.0.1:8081/",
            "a b:1",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_listens_everywhere_is_asked_on_loopback() {
        for (admin, asked) in [
            ("0.0.0.0:8081", "127.0.0.1:8081"),
            ("[::]:8081", "[::1]:8081"),
            ("10.1.2.3:8081", "10.1.2.3:8081"),
            ("wxreply:8081", "wxreply:8081"),
        ] {
            assert_eq!(from_here(admin), asked);
        }
    }
}
