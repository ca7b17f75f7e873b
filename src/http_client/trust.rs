//! Whom a client trusts: the usual authorities, those of a file, or, on this machine, anybody.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, WantsVerifier,
};

/// Those that Mozilla trusts, as of when the program was built.
pub(crate) fn usual() -> Result<Arc<ClientConfig>, Error> {
    with_roots(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())
}

/// The certificates of this PEM text and nobody else's; nothing where there are none.
pub(crate) fn only(pem: &[u8]) -> Result<Option<Arc<ClientConfig>>, Error> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_slice_iter(pem);
    roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    match roots.is_empty() {
        true => Ok(None),
        false => with_roots(roots).map(Some),
    }
}

/// For a server of this machine that is asked by its address, for which no certificate is made.
pub(crate) fn anybody() -> Result<Arc<ClientConfig>, Error> {
    let verifier = Anybody(Arc::new(ring::default_provider()));
    let config = builder()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(http1(config))
}

fn with_roots(roots: RootCertStore) -> Result<Arc<ClientConfig>, Error> {
    let config = builder()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(http1(config))
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
}

fn http1(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Takes any certificate, though its key must have signed the handshake.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
