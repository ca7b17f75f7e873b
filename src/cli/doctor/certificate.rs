//! The certificate that the server would show, if it speaks TLS itself.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::doctor::finding::Finding;
use crate::cli::serve;
use crate::i18n::phrase;
use crate::server::tls::certificate::{Certificate, Pair};

/// Programs that renew certificates do so thirty days before the end.
const LATE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

pub(super) fn finding(serve: &serve::Arguments) -> Option<Finding> {
    let (certificate, key) = serve.tls_cert.clone().zip(serve.tls_key.clone())?;
    let path = certificate.display().to_string();
    let pair = Pair { certificate, key };
    let parsed = pair
        .read()
        .and_then(|written| Certificate::parse(&pair, &written));
    let expires = match parsed {
        Ok(certificate) => certificate.expires,
        Err(unusable) => {
            let remedy = phrase!(help_certificate_unusable);
            return Some(Finding::wrong(phrase!(about_certificate), unusable, remedy));
        }
    };
    let now = Timestamp::now();
    Some(match expires {
        Some(expires) if expires <= now => {
            let said = phrase!(certificate_over, path, expires = expires.to_string());
            Finding::wrong(phrase!(about_certificate), said, phrase!(help_renew))
        }
        Some(expires) if expires <= now + LATE => {
            let said = phrase!(certificate_nearly_over, path, expires = expires.to_string());
            Finding::doubtful(phrase!(about_certificate), said, phrase!(help_renew))
        }
        Some(expires) => {
            let said = phrase!(certificate_fine, path, expires = expires.to_string());
            Finding::fine(phrase!(about_certificate), said)
        }
        None => Finding::fine(
            phrase!(about_certificate),
            phrase!(certificate_of_key, path),
        ),
    })
}
