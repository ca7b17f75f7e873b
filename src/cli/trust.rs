//! Whom a client of this program trusts besides the usual authorities.

use std::path::Path;
use std::sync::Arc;

use ureq::tls::{Certificate, PemItem, RootCerts};

use crate::live_rules::bytes;

/// The certificates in this file and nobody else's.
pub(super) fn only(path: &Path) -> Result<RootCerts, String> {
    let shown = path.display();
    let text = bytes::of_argument_or_pipe(path)
        .map_err(|error| format!("cannot read {shown}: {error}"))?;
    let items: Result<Vec<PemItem>, _> = ureq::tls::parse_pem(&text).collect();
    let certificates: Vec<Certificate> = items
        .unwrap_or_default()
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    match certificates.is_empty() {
        true => Err(format!(
            "{shown} has no certificate that can be read; \
             it wants a PEM file with -----BEGIN CERTIFICATE-----"
        )),
        false => Ok(RootCerts::Specific(Arc::new(certificates))),
    }
}
