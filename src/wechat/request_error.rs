//! Why a request is turned away. Carries nothing of the request itself.

use thiserror::Error;

/// A request that gets no answer. Only who has signed rightly ever learns that a body is
/// malformed; everyone else is forbidden, whatever was wrong.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RequestError {
    #[error("forbidden: {0}")]
    Forbidden(Forbidden),
    #[error("malformed: {0}")]
    Malformed(Malformed),
}

/// Why a request is not believed to come from WeChat. For counters and logs, never for the caller.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Forbidden {
    #[error("a parameter of the query is repeated or cannot be decoded")]
    Query,
    #[error("the signature is missing or wrong")]
    Signature,
    #[error("the timestamp is too far from the time")]
    Stale,
    #[error("the request is not encrypted as the mode demands")]
    Mode,
    /// Key, padding, length and app id are one reason on purpose.
    #[error("the encrypted part does not open")]
    Envelope,
    #[error("the handshake has no echostr")]
    Echostr,
}

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it is not well-formed XML with the root <xml>")]
    NotXml,
    #[error("it has a document type or an entity of its own")]
    Entity,
    #[error("it has more levels, elements or letters in a name than any message")]
    TooMuch,
    #[error("an element that stands once in a message stands there twice")]
    Duplicate,
    #[error("an element has both text and elements in it")]
    Mixed,
}

impl RequestError {
    /// What an operator may look at first.
    pub fn hint(self) -> &'static str {
        match self {
            RequestError::Forbidden(Forbidden::Signature) => {
                "is the token the same as on WeChat's page?"
            }
            RequestError::Forbidden(Forbidden::Mode) => {
                "is --mode the same as on WeChat's page (消息加解密方式)?"
            }
            RequestError::Forbidden(Forbidden::Envelope) => {
                "are the EncodingAESKey and the app id those of WeChat's page?"
            }
            RequestError::Forbidden(Forbidden::Stale) => {
                "is the clock of this machine right, and --max-age long enough?"
            }
            RequestError::Forbidden(Forbidden::Query | Forbidden::Echostr) => {
                "WeChat does not ask so: somebody else does, or a proxy changes the query"
            }
            RequestError::Malformed(_) => "WeChat does not write so: does a proxy change the body?",
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
