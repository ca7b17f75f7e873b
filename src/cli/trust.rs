//! Whom a client of this program trusts besides the usual authorities.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::CertificateError;
use ureq::tls::Certificate;
use ureq::tls::PemItem;
use ureq::tls::RootCerts;

/// The certificates in this file and nobody else's.
pub fn only(path: &Path) -> Result<RootCerts, String> {
    let shown = path.display();
    let text = fs::read(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
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

/// What to do about a certificate that was not taken; nothing where that was not it.
pub fn remedy(error: &io::Error) -> &'static str {
    let refused = error.get_ref().and_then(|error| error.downcast_ref());
    match refused {
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "; name who issued it with --cacert"
        }
        Some(rustls::Error::InvalidCertificate(CertificateError::Other(_))) => {
            "; one that signs itself must say CA:FALSE"
        }
        _ => "",
    }
}
