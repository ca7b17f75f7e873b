//! Why no TLS came about with a server that was reached, in words for people, and what to do.

use std::{fmt, io};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use crate::i18n::{Phrase, phrase};

/// What is wrong with the certificate or the port.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TlsError {
    Expired(Option<Timestamp>),
    NotYetValid(Option<Timestamp>),
    /// The name that was asked for, and those that the certificate has.
    OtherName(String, Vec<String>),
    UnknownAuthority,
    /// It signs itself, and says that it is an authority.
    OwnAuthority,
    /// `https://` where nobody speaks TLS.
    NoTls,
    /// `http://` where TLS is spoken.
    OnlyTls,
    /// The certificate is not taken, in the words of the library.
    Refused(String),
    /// In the words of the library.
    Other(String),
}

/// A certificate for many names is told by the first of them.
const SHOWN_NAMES: usize = 3;

impl TlsError {
    /// Nothing where it is not for TLS that a call failed.
    pub(crate) fn of(error: &io::Error) -> Option<TlsError> {
        let error: &rustls::Error = error.get_ref()?.downcast_ref()?;
        Some(match error {
            rustls::Error::InvalidCertificate(refused) => TlsError::of_certificate(refused),
            rustls::Error::InvalidMessage(_) => TlsError::NoTls,
            error => TlsError::Other(error.to_string()),
        })
    }

    fn of_certificate(refused: &CertificateError) -> TlsError {
        match refused {
            CertificateError::Expired => TlsError::Expired(None),
            CertificateError::ExpiredContext { not_after, .. } => {
                TlsError::Expired(timestamp(not_after))
            }
            CertificateError::NotValidYet => TlsError::NotYetValid(None),
            CertificateError::NotValidYetContext { not_before, .. } => {
                TlsError::NotYetValid(timestamp(not_before))
            }
            CertificateError::NotValidForNameContext {
                expected,
                presented,
            } => {
                let names = presented.iter().map(|name| bare(name).to_owned());
                TlsError::OtherName(expected.to_str().into_owned(), names.collect())
            }
            // An authority that was made anew has its old name and another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                TlsError::UnknownAuthority
            }
            CertificateError::Other(error) if error.to_string().contains("CaUsedAsEndEntity") => {
                TlsError::OwnAuthority
            }
            refused => TlsError::Refused(refused.to_string()),
        }
    }

    pub(crate) fn remedy(&self) -> Phrase {
        match self {
            TlsError::Expired(_) => phrase!(help_certificate_expired),
            TlsError::NotYetValid(_) => phrase!(help_certificate_not_yet),
            TlsError::OtherName(..) => phrase!(help_certificate_name),
            TlsError::UnknownAuthority => phrase!(help_certificate_authority),
            TlsError::OwnAuthority => phrase!(help_certificate_is_authority),
            TlsError::NoTls => phrase!(help_no_tls),
            TlsError::OnlyTls => phrase!(help_only_tls),
            TlsError::Refused(_) | TlsError::Other(_) => phrase!(help_tls),
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self {
            TlsError::Expired(Some(end)) => phrase!(certificate_expired_on, end = shown(*end)),
            TlsError::Expired(None) => phrase!(certificate_expired),
            TlsError::NotYetValid(Some(start)) => {
                phrase!(certificate_not_before, start = shown(*start))
            }
            TlsError::NotYetValid(None) => phrase!(certificate_not_yet),
            TlsError::OtherName(wanted, names) if names.is_empty() => {
                phrase!(certificate_without_name, wanted)
            }
            TlsError::OtherName(wanted, names) => {
                let mut shown: Vec<&str> = names.iter().map(String::as_str).collect();
                if names.len() > SHOWN_NAMES {
                    shown.truncate(SHOWN_NAMES);
                    shown.push("…");
                }
                phrase!(certificate_of_others, names = shown.join(", "), wanted)
            }
            TlsError::UnknownAuthority => phrase!(certificate_authority_unknown),
            TlsError::OwnAuthority => phrase!(certificate_is_authority),
            TlsError::NoTls => phrase!(no_tls),
            TlsError::OnlyTls => phrase!(only_tls),
            TlsError::Refused(why) => phrase!(certificate_refused, why),
            TlsError::Other(text) => return formatter.write_str(text),
        };
        said.fmt(formatter)
    }
}

/// `DnsName("bot.example.com")` and `IpAddress(127.0.0.1)` are how the library shows names.
fn bare(name: &str) -> &str {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"')
}

fn timestamp(time: &UnixTime) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(time.as_secs()).ok()?).ok()
}

fn shown(time: Timestamp) -> String {
    let time = time.to_zoned(TimeZone::UTC);
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use rustls::pki_types::ServerName;
    use rustls::{AlertDescription, InvalidMessage, OtherError};

    use super::*;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    }

    fn other_name(presented: &[&str]) -> CertificateError {
        CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("bot.example.com").unwrap(),
            presented: presented.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn every_fault_is_a_sentence_with_what_to_do() {
        let (then, now) = (at(1_767_225_600), at(1_800_000_000));
        let certificate = |error| rustls::Error::InvalidCertificate(error);
        let own = OtherError(Arc::new(io::Error::other("CaUsedAsEndEntity")));
        let expired = CertificateError::ExpiredContext {
            time: now,
            not_after: then,
        };
        let early = CertificateError::NotValidYetContext {
            time: then,
            not_before: now,
        };
        let alert = rustls::Error::AlertReceived(AlertDescription::HandshakeFailure);
        for (error, said, remedy) in [
            (
                certificate(expired),
                "the certificate expired on 2026-01-01 00:00 UTC",
                "renew it",
            ),
            (
                certificate(CertificateError::Expired),
                "the certificate has expired",
                "renew it",
            ),
            (
                certificate(early),
                "the certificate is not valid before 2027-01-15 08:00 UTC",
                "set the clock",
            ),
            (
                certificate(CertificateError::NotValidYet),
                "the certificate is not valid yet",
                "set the clock",
            ),
            (
                certificate(other_name(&["DnsName(\"a.com\")", "IpAddress(1.2.3.4)"])),
                "the certificate is for a.com, 1.2.3.4 and not for bot.example.com",
                "correct the name",
            ),
            (
                certificate(other_name(&["a", "b", "c", "d"])),
                "the certificate is for a, b, c, … and not for bot.example.com",
                "correct the name",
            ),
            (
                certificate(other_name(&[])),
                "the certificate names no host, so it is not valid for bot.example.com",
                "get one for this name",
            ),
            (
                certificate(CertificateError::UnknownIssuer),
                "the certificate comes from an authority that is not trusted",
                "with --cacert",
            ),
            (
                certificate(CertificateError::BadSignature),
                "the certificate comes from an authority that is not trusted",
                "with --cacert",
            ),
            (
                certificate(CertificateError::Other(own)),
                "the certificate says that it is an authority itself",
                "CA:FALSE",
            ),
            (
                certificate(CertificateError::Revoked),
                "the certificate was rejected: Revoked",
                "see the log",
            ),
            (
                rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType),
                "no TLS is spoken at this port",
                "write http://",
            ),
            (alert, "received fatal alert", "TLS 1.2 or 1.3"),
        ] {
            let error = io::Error::new(io::ErrorKind::InvalidData, error);
            let fault = TlsError::of(&error).unwrap();
            assert!(fault.to_string().starts_with(said), "{fault}");
            assert!(fault.remedy().to_string().contains(remedy), "{fault}");
        }
        assert_eq!(TlsError::of(&io::ErrorKind::ConnectionRefused.into()), None);
    }
}
