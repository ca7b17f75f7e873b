//! WeChat's protocol: verify, decrypt and parse a request; write, encrypt and sign its answer. Does
//! no I/O, reads no clock and uses no randomness; knows no rules.
//!
//! A server passes on the query and the body that it received, with the current time. An [`Opened`]
//! exists only for a request with a valid signature, and answers in the same mode. [`push`] plays
//! WeChat's side:
//!
//! ```
//! use wxreply::message::Message;
//! use wxreply::reply::Reply;
//! use wxreply::wechat::push::{message_xml, push};
//! use wxreply::wechat::{AesKey, Credentials, Mode, Query, Stamp, Token};
//!
//! let credentials = Credentials::new(
//!     Mode::Secure,
//!     vec![Token::new("weixin".to_owned())?],
//!     Some("wx0123456789abcdef".to_owned()),
//!     vec![AesKey::parse("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")?],
//! )?;
//! // In a server these come from the clock and the system's randomness.
//! let now = 1_796_000_000;
//! let stamp = Stamp { unix_seconds: now, random: [7; 16], nonce: 42 };
//!
//! // What WeChat posts: a query with signatures, and an encrypted body.
//! let sent = Message::new("text")
//!     .with("ToUserName", "gh_1")
//!     .with("FromUserName", "oABC")
//!     .with("Content", "你好");
//! let request = push(&credentials, &message_xml(&sent), &stamp);
//!
//! let query = Query::parse(&request.query)?;
//! let opened = credentials.open(&query, request.body.into_bytes(), now)?;
//! assert_eq!(opened.message().content(), Some("你好"));
//!
//! let reply = Reply::Text("您好！".to_owned());
//! let (message, response) = opened.into_response(&reply, &stamp);
//! assert_eq!(message.openid(), "oABC");
//! assert_eq!(response.degradation, None);
//! let body = String::from_utf8(response.body.as_bytes().to_vec())?;
//! assert!(body.contains("<Encrypt>"));
//!
//! // Without the signature, there is nothing to read.
//! let forged = Query::parse("timestamp=1796000000&nonce=42")?;
//! assert!(credentials.open(&forged, b"<xml></xml>".to_vec(), now).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod credentials;
mod degradation;
mod delivered;
mod envelope;
#[cfg(any(test, fuzzing))]
pub mod properties;
pub mod push;
mod query;
mod request_error;
mod signature;
mod xml;

use std::time::Duration;

pub use crate::wechat::answer::SUCCESS;
pub(crate) use crate::wechat::credentials::is_app_id;
pub use crate::wechat::credentials::{AesKey, Credentials, CredentialsError, Mode, Token};
pub use crate::wechat::degradation::Degradation;
pub(crate) use crate::wechat::delivered::as_delivered;
pub use crate::wechat::query::Query;
pub use crate::wechat::request_error::{Forbidden, Malformed, RequestError};

use crate::message::Message;
use crate::reply::Reply;
use crate::wechat::xml::Strictness;

/// The maximum size of a message without its envelope. WeChat's have a few hundred bytes.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Such a message in base64, the plain message next to it as in compatible mode, and the elements
/// around both.
const MAX_ENVELOPE_BYTES: usize = MAX_MESSAGE_BYTES + MAX_MESSAGE_BYTES / 3 * 4 + 4096;

impl Credentials {
    /// Returns the echostr, which proves to WeChat that this is the account's server. The handshake
    /// is signed in the same way in every mode.
    pub fn handshake<'q>(&self, query: &'q Query<'_>, now: i64) -> Result<&'q str, RequestError> {
        self.signed(query, now)?;
        if query.echostr.is_empty() {
            return Err(RequestError::Forbidden(Forbidden::Echostr));
        }
        Ok(&query.echostr)
    }

    /// Checks the query of a push before its body has arrived.
    ///
    /// The mode decides which signature counts: in plain mode `signature`, in secure mode
    /// `msg_signature` alone, as WeChat's documentation demands, because the other covers no
    /// content. Only in compatible mode does `encrypt_type` choose, and then only what that choice
    /// signs is trusted.
    pub fn admit<'c, 'q>(
        &'c self,
        query: &'q Query<'q>,
        now: i64,
    ) -> Result<Admitted<'c, 'q>, RequestError> {
        let is_sealed = match query.encrypt_type.as_ref() {
            "" | "raw" => false,
            "aes" => true,
            _ => return Err(RequestError::Forbidden(Forbidden::Mode)),
        };
        let is_signed = match (self.mode, is_sealed) {
            (Mode::Plain | Mode::Compat, false) => {
                self.signed(query, now)?;
                true
            }
            (Mode::Compat | Mode::Secure, true) if query.msg_signature.is_empty() => {
                return Err(RequestError::Forbidden(Forbidden::Signature));
            }
            (Mode::Compat | Mode::Secure, true) => self.signed(query, now).is_ok(),
            (Mode::Plain, true) | (Mode::Secure, false) => {
                return Err(RequestError::Forbidden(Forbidden::Mode));
            }
        };
        Ok(Admitted {
            credentials: self,
            query,
            now,
            is_sealed,
            is_signed,
        })
    }

    /// Verifies, decrypts and parses a push.
    pub fn open(
        &self,
        query: &Query<'_>,
        body: Vec<u8>,
        now: i64,
    ) -> Result<Opened<'_>, RequestError> {
        self.admit(query, now)?.open(body)
    }

    fn open_sealed(
        &self,
        query: &Query<'_>,
        body: Vec<u8>,
        now: i64,
    ) -> Result<Opened<'_>, RequestError> {
        let forbidden = RequestError::Forbidden(Forbidden::Envelope);
        let outer = xml::read_envelope(body).map_err(|_| forbidden)?;
        let sealed = outer.sealed();
        if sealed.is_empty() {
            return Err(forbidden);
        }
        let token = self
            .signer(
                &query.msg_signature,
                query,
                [&query.timestamp, &query.nonce, sealed],
            )
            .ok_or(RequestError::Forbidden(Forbidden::Signature))?;
        self.fresh(query, now)?;
        let (text, key) = envelope::open(&self.aes_keys, &self.app_id, sealed).ok_or(forbidden)?;
        if text.len() > MAX_MESSAGE_BYTES {
            return Err(RequestError::Malformed(Malformed::TooMuch));
        }
        let message = xml::read(text, Strictness::Lenient).map_err(RequestError::Malformed)?;
        Ok(Opened {
            message,
            seal: Some(Seal {
                token,
                key,
                app_id: &self.app_id,
            }),
        })
    }

    fn signed(&self, query: &Query<'_>, now: i64) -> Result<(), RequestError> {
        self.signer(&query.signature, query, [&query.timestamp, &query.nonce])
            .ok_or(RequestError::Forbidden(Forbidden::Signature))?;
        self.fresh(query, now)
    }

    fn signer<const PARTS: usize>(
        &self,
        signature: &str,
        query: &Query<'_>,
        parts: [&str; PARTS],
    ) -> Option<&Token> {
        if query.timestamp.is_empty() || query.nonce.is_empty() {
            return None;
        }
        signature::signed_by(&self.tokens, parts, signature)
    }

    fn fresh(&self, query: &Query<'_>, now: i64) -> Result<(), RequestError> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        match query.timestamp.parse::<i64>() {
            Ok(sent) if Duration::from_secs(now.abs_diff(sent)) <= max_age => Ok(()),
            _ => Err(RequestError::Forbidden(Forbidden::Stale)),
        }
    }
}

/// A push with a valid query, whose body has not been read yet.
pub struct Admitted<'c, 'q> {
    credentials: &'c Credentials,
    query: &'q Query<'q>,
    now: i64,
    is_sealed: bool,
    is_signed: bool,
}

impl<'c> Admitted<'c, '_> {
    /// Whether the query alone proves that the sender knows the token. An encrypted push is
    /// verified with its body.
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }

    pub fn max_body_bytes(&self) -> usize {
        match self.is_sealed {
            true => MAX_ENVELOPE_BYTES,
            false => MAX_MESSAGE_BYTES,
        }
    }

    /// Verifies the body, decrypts and parses it.
    pub fn open(self, body: Vec<u8>) -> Result<Opened<'c>, RequestError> {
        let Admitted {
            credentials,
            query,
            now,
            ..
        } = self;
        if self.is_sealed {
            return credentials.open_sealed(query, body, now);
        }
        let message = xml::read(body, Strictness::Lenient).map_err(RequestError::Malformed)?;
        Ok(Opened {
            message,
            seal: None,
        })
    }
}

/// A push from WeChat: verified, decrypted and parsed. There is no other way to make one.
#[derive(Debug)]
pub struct Opened<'c> {
    message: Message,
    seal: Option<Seal<'c>>,
}

/// The secrets that opened an encrypted push; its answer is sealed with the same.
#[derive(Clone, Copy, Debug)]
struct Seal<'c> {
    token: &'c Token,
    key: &'c AesKey,
    app_id: &'c str,
}

/// The time of an answer and the randomness to encrypt it. Passed in, so that tests can expect
/// exact bytes.
#[derive(Clone, Debug)]
pub struct Stamp {
    pub unix_seconds: i64,
    pub random: [u8; 16],
    pub nonce: u32,
}

/// What WeChat gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub body: Body,
    /// Why it is less than the reply, if it is.
    pub degradation: Option<Degradation>,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The word `success`: an answer without content.
    Success,
    Xml(Vec<u8>),
}

impl Body {
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Body::Success => SUCCESS,
            Body::Xml(xml) => xml,
        }
    }
}

impl Opened<'_> {
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Whether the message has a sender. WeChat would show an answer to nobody as a fault.
    pub fn has_sender(&self) -> bool {
        !delivered::clean(self.message.openid()).trim().is_empty()
    }

    /// Answers in the mode of the request: an encrypted push cannot get a plain answer. Returns the
    /// message, for logging.
    pub fn into_response(self, reply: &Reply, stamp: &Stamp) -> (Message, Response) {
        let mut response = answer_in_the_clear(&self.message, reply, stamp.unix_seconds);
        if let (Some(seal), Body::Xml(xml)) = (self.seal, &mut response.body) {
            *xml = seal.close(xml, stamp);
        }
        (self.message, response)
    }
}

/// The answer to an unsigned message, as `try` shows it.
pub fn answer_in_the_clear(message: &Message, reply: &Reply, unix_seconds: i64) -> Response {
    let delivered = as_delivered(reply, message);
    let body = answer::write(&delivered, message, unix_seconds);
    Response {
        body: body.map_or(Body::Success, Body::Xml),
        degradation: delivered.degradation,
    }
}

impl Seal<'_> {
    fn close(&self, answer: &[u8], stamp: &Stamp) -> Vec<u8> {
        let sealed = envelope::seal(self.key, self.app_id, stamp.random, answer);
        let timestamp = stamp.unix_seconds.to_string();
        let nonce = stamp.nonce.to_string();
        let signature = signature::sign(self.token, [&timestamp, &nonce, &sealed]);
        answer::sealed(&sealed, signature::text(&signature), &timestamp, &nonce)
    }
}

#[cfg(test)]
mod tests;
