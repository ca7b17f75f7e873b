//! The query string of WeChat's requests. Knows neither tokens nor modes.

use std::borrow::Cow;

use crate::wechat::request_error::{Forbidden, RequestError};

/// The parameters that WeChat signs with, percent-decoded; borrowed when there is nothing to decode.
/// An absent one is empty.
#[derive(Default)]
pub struct Query<'q> {
    pub(super) signature: Cow<'q, str>,
    pub(super) timestamp: Cow<'q, str>,
    pub(super) nonce: Cow<'q, str>,
    pub(super) msg_signature: Cow<'q, str>,
    pub(super) encrypt_type: Cow<'q, str>,
    pub(super) echostr: Cow<'q, str>,
}

impl<'q> Query<'q> {
    /// Refuses a repeated parameter, so that no two readers of a request can disagree. Ignores
    /// unknown parameters. A `+` is a plus sign.
    pub fn parse(raw: &'q str) -> Result<Query<'q>, RequestError> {
        let mut query = Query::default();
        let mut seen = [false; 6];
        for parameter in raw.split('&') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (place, known) = match &*decode(name)? {
                "signature" => (&mut query.signature, 0),
                "timestamp" => (&mut query.timestamp, 1),
                "nonce" => (&mut query.nonce, 2),
                "msg_signature" => (&mut query.msg_signature, 3),
                "encrypt_type" => (&mut query.encrypt_type, 4),
                "echostr" => (&mut query.echostr, 5),
                _ => continue,
            };
            if std::mem::replace(&mut seen[known], true) {
                return Err(RequestError::Forbidden(Forbidden::Query));
            }
            *place = decode(value)?;
        }
        Ok(query)
    }
}

fn decode(text: &str) -> Result<Cow<'_, str>, RequestError> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => match (bytes.next().and_then(digit), bytes.next().and_then(digit)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(RequestError::Forbidden(Forbidden::Query)),
            },
            plain => plain,
        };
        decoded.push(byte);
    }
    let decoded = String::from_utf8(decoded);
    let decoded = decoded.map_err(|_| RequestError::Forbidden(Forbidden::Query))?;
    Ok(Cow::Owned(decoded))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_parameters_are_decoded_and_unknown_ones_ignored() {
        let raw = "signature=s&openid=%zz&openid=2&nonce=a%2Bb+c%E4%BD%A0&&echostr=1=2&timestamp";
        let query = Query::parse(raw).unwrap();
        assert_eq!(query.signature, "s");
        assert_eq!(query.nonce, "a+b+c你");
        assert_eq!(query.echostr, "1=2");
        assert_eq!(query.timestamp, "");
        assert!(matches!(query.signature, Cow::Borrowed(_)));
    }

    #[test]
    fn repeated_and_undecodable_parameters_are_refused() {
        for raw in [
            "signature=a&signature=a",
            "signature=&signature=a",
            "signature&signature=a",
            "nonce=1&%6eonce=2",
            "encrypt_type=aes&encrypt_type=raw",
            "echostr=1&x=2&echostr=1",
            "timestamp=1&timestamp=2",
            "msg_signature=1&msg_signature=2",
            "nonce=%",
            "nonce=%4",
            "nonce=%+1",
            "nonce=%zz",
            "nonce=%ff",
            "%ff=1",
        ] {
            assert!(Query::parse(raw).is_err(), "{raw}");
        }
    }
}
