//! Why a request is refused. Contains nothing of the request itself.

use thiserror::Error;

use crate::i18n::{Phrase, phrase};

/// A refused request. Only a client with a valid signature learns that a body is malformed;
/// everyone else is forbidden, whatever is wrong.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RequestError {
    #[error("{}", phrase!(request_forbidden, why = .0.to_string()))]
    Forbidden(Forbidden),
    #[error("{}", phrase!(request_malformed, why = .0.to_string()))]
    Malformed(Malformed),
}

/// Why a request is not believed to come from WeChat. For counters and logs, never for the caller.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Forbidden {
    #[error("{}", phrase!(forbidden_query))]
    Query,
    #[error("{}", phrase!(forbidden_signature))]
    Signature,
    #[error("{}", phrase!(forbidden_stale))]
    Stale,
    #[error("{}", phrase!(forbidden_mode))]
    Mode,
    /// Key, padding, length and app id are deliberately one reason.
    #[error("{}", phrase!(forbidden_envelope))]
    Envelope,
    #[error("{}", phrase!(forbidden_echostr))]
    Echostr,
}

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    #[error("{}", phrase!(malformed_not_utf8))]
    NotUtf8,
    #[error("{}", phrase!(malformed_not_xml))]
    NotXml,
    #[error("{}", phrase!(malformed_entity))]
    Entity,
    #[error("{}", phrase!(malformed_too_much))]
    TooMuch,
    #[error("{}", phrase!(malformed_duplicate))]
    Duplicate,
    #[error("{}", phrase!(malformed_mixed))]
    Mixed,
}

impl RequestError {
    /// What the operator should check first.
    pub fn hint(self) -> Phrase {
        match self {
            RequestError::Forbidden(Forbidden::Signature) => {
                phrase!(hint_signature)
            }
            RequestError::Forbidden(Forbidden::Mode) => {
                phrase!(hint_mode)
            }
            RequestError::Forbidden(Forbidden::Envelope) => {
                phrase!(hint_envelope)
            }
            RequestError::Forbidden(Forbidden::Stale) => {
                phrase!(hint_stale)
            }
            RequestError::Forbidden(Forbidden::Query | Forbidden::Echostr) => {
                phrase!(hint_query)
            }
            RequestError::Malformed(_) => phrase!(hint_malformed),
        }
    }

    /// One short word per reason, for counters and logs.
    pub fn reason(self) -> &'static str {
        match self {
            RequestError::Forbidden(Forbidden::Query) => "query",
            RequestError::Forbidden(Forbidden::Signature) => "signature",
            RequestError::Forbidden(Forbidden::Stale) => "stale",
            RequestError::Forbidden(Forbidden::Mode) => "mode",
            RequestError::Forbidden(Forbidden::Envelope) => "envelope",
            RequestError::Forbidden(Forbidden::Echostr) => "echostr",
            RequestError::Malformed(_) => "malformed",
        }
    }
}
