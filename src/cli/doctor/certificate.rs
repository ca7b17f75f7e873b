//! The certificate that the server would show, if it speaks TLS itself.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::doctor::finding::Finding;
use crate::cli::serve;
use crate::server::tls::certificate::{Certificate, Pair};

/// Programs that renew certificates do so thirty days before the end.
const LATE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

const REMEDY: &str = "renew it; the running server takes the new files within seconds";

pub(super) fn finding(serve: &serve::Arguments) -> Option<Finding> {
    let (certificate, key) = serve.tls_cert.clone().zip(serve.tls_key.clone())?;
    let shown = certificate.display().to_string();
    let pair = Pair { certificate, key };
    let parsed = pair
        .read()
        .and_then(|written| Certificate::parse(&pair, &written));
    let expires = match parsed {
        Ok(certificate) => certificate.expires,
        Err(unusable) => {
            let remedy = "the server does not start with it; see the page about running it";
            return Some(Finding::wrong("certificate", unusable.to_string(), remedy));
        }
    };
    let now = Timestamp::now();
    Some(match expires {
        Some(expires) if expires <= now => {
            let said = format!("{shown} expired at {expires}: WeChat does not take it");
            Finding::wrong("certificate", said, REMEDY)
        }
        Some(expires) if expires <= now + LATE => {
            let said = format!("{shown} expires soon, at {expires}");
            Finding::doubtful("certificate", said, REMEDY)
        }
        Some(expires) => Finding::fine("certificate", format!("{shown} is good until {expires}")),
        None => Finding::fine("certificate", format!("{shown} belongs to its key")),
    })
}
