//! Reads a certificate and its key from two PEM files. Errors contain nothing of the key.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use rustls::sign::CertifiedKey;
use x509_cert::der::Decode;

use crate::i18n::phrase;
use crate::live_rules::bytes;

/// The paths of the two, which may be the same file.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What stood in the files at one moment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CertificateFiles {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// A key and its certificate chain.
pub(crate) struct Certificate {
    pub key: Arc<CertifiedKey>,
    pub expires: Option<Timestamp>,
}

/// Why no certificate is available.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    #[error("{}", phrase!(certificate_unreadable, path = path.display(), reason = source))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}", phrase!(certificate_missing, path = .0.display()))]
    NoCertificate(PathBuf),
    #[error("{}", phrase!(key_missing, path = .0.display()))]
    NoKey(PathBuf),
    #[error("{}", phrase!(key_of_strange_kind, path = .0.display()))]
    StrangeKey(PathBuf),
    #[error("{}", phrase!(certificate_mismatch, certificate = certificate.display(), key = key.display()))]
    Mismatch { certificate: PathBuf, key: PathBuf },
}

impl Pair {
    pub(crate) fn read(&self) -> Result<CertificateFiles, CertificateError> {
        self.read_by(bytes::of_argument_or_pipe)
    }

    /// The same while the server runs, without waiting for anybody.
    pub(crate) fn read_again(&self) -> Result<CertificateFiles, CertificateError> {
        self.read_by(bytes::of_argument_again)
    }

    fn read_by(
        &self,
        read: fn(&Path) -> io::Result<Vec<u8>>,
    ) -> Result<CertificateFiles, CertificateError> {
        let read = |path: &Path| {
            read(path).map_err(|source| CertificateError::Unreadable {
                path: path.to_owned(),
                source,
            })
        };
        Ok(CertificateFiles {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
        })
    }
}

impl Certificate {
    pub(crate) fn parse(
        pair: &Pair,
        written: &CertificateFiles,
    ) -> Result<Certificate, CertificateError> {
        let no_certificate = || CertificateError::NoCertificate(pair.certificate.clone());
        let chain: Result<Vec<CertificateDer<'static>>, pem::Error> =
            CertificateDer::pem_slice_iter(&written.certificate).collect();
        let chain = chain.map_err(|_| no_certificate())?;
        let expires = chain.first().ok_or_else(no_certificate).map(expiry)?;
        let key = PrivateKeyDer::from_pem_slice(&written.key)
            .map_err(|_| CertificateError::NoKey(pair.key.clone()))?;
        match CertifiedKey::from_der(chain, key, &ring::default_provider()) {
            Ok(key) => Ok(Certificate {
                key: Arc::new(key),
                expires,
            }),
            Err(rustls::Error::InconsistentKeys(_)) => Err(CertificateError::Mismatch {
                certificate: pair.certificate.clone(),
                key: pair.key.clone(),
            }),
            Err(rustls::Error::InvalidCertificate(_)) => Err(no_certificate()),
            Err(_) => Err(CertificateError::StrangeKey(pair.key.clone())),
        }
    }

    /// Says what clients get from now on, and whether they will take it.
    pub(crate) fn tell(&self, pair: &Pair, is_new: bool) {
        let path = pair.certificate.display();
        let said = match is_new {
            true => phrase!(log_certificate_new, path),
            false => phrase!(log_certificate, path),
        };
        match self.expires.map(|expires| (expires, expires.to_string())) {
            Some((expires, shown)) if expires <= Timestamp::now() => {
                log::warn!("{said}{}", phrase!(log_certificate_over, expires = shown));
            }
            Some((_, shown)) => {
                log::info!("{said}{}", phrase!(log_certificate_until, expires = shown));
            }
            None => log::info!("{said}"),
        }
    }
}

fn expiry(certificate: &CertificateDer) -> Option<Timestamp> {
    let certificate = x509_cert::Certificate::from_der(certificate).ok()?;
    let not_after = certificate.tbs_certificate().validity().not_after;
    let seconds = i64::try_from(not_after.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}
