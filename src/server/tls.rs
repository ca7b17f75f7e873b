//! The certificate for new connections of the callback listener, reloaded when its files change.

pub(crate) mod certificate;
mod renewal;

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::server::tls::certificate::{Certificate, CertificateError, Pair};

/// The current certificate. Handshakes never wait for a renewal.
pub(crate) struct LiveCertificate(ArcSwap<Certificate>);

impl LiveCertificate {
    /// Loads the certificate and reloads it on a separate thread.
    pub(crate) fn start(pair: Pair) -> Result<Arc<LiveCertificate>, CertificateError> {
        let written = pair.read()?;
        let first = Certificate::parse(&pair, &written)?;
        first.tell(&pair, false);
        let live = Arc::new(LiveCertificate(ArcSwap::from_pointee(first)));
        renewal::follow(pair, written, Arc::downgrade(&live));
        Ok(live)
    }

    /// When it expires; `None` if the certificate has an unusual date.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.0.load().expires
    }

    /// TLS 1.2 and 1.3 with HTTP/1.1, as WeChat uses.
    pub(crate) fn server_config(self: Arc<LiveCertificate>) -> Result<ServerConfig, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl ResolvesServerCert for LiveCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.load().key))
    }
}

/// Without the key.
impl fmt::Debug for LiveCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LiveCertificate(…)")
    }
}
