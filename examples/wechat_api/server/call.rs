//! What was called, and why a call is refused.

use std::collections::HashMap;
use std::net::IpAddr;

use serde_json::{Value, json};

/// One request.
pub(super) struct Call {
    pub post: bool,
    pub path: String,
    pub query: HashMap<String, String>,
    pub content_type: String,
    pub body: Vec<u8>,
    pub from: IpAddr,
    /// Milliseconds since 1970 on the server's clock.
    pub now: u64,
}

impl Call {
    pub fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// The body as JSON, raw UTF-8 as WeChat wants it.
    pub fn json(&self) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return Err(refuse(44002, "empty post data"));
        }
        let text = str::from_utf8(&self.body).map_err(|_| {
            refuse(
                40033,
                "invalid charset. please check your request, if include \\uxxxx will create fail!",
            )
        })?;
        if has_escape(text) {
            return Err(refuse(
                40033,
                "invalid charset. please check your request, if include \\uxxxx will create fail!",
            ));
        }
        serde_json::from_str(text).map_err(|_| refuse(47001, "data format error"))
    }
}

/// Whether `\uXXXX` is in it, and not `\\uXXXX`.
fn has_escape(text: &str) -> bool {
    let mut escaped = false;
    for letter in text.chars() {
        if escaped && letter == 'u' {
            return true;
        }
        escaped = letter == '\\' && !escaped;
    }
    false
}

/// `errcode` and `errmsg`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: i64,
    pub message: String,
}

pub(super) fn refuse(code: i64, message: &str) -> Refusal {
    Refusal {
        code,
        message: message.to_owned(),
    }
}

impl Refusal {
    /// As WeChat writes it, with an id that its support asks for.
    pub fn json(&self, serial: u64) -> Value {
        let message = format!("{} rid: {serial:08x}-0a1b2c3d-4e5f6a7b", self.message);
        json!({ "errcode": self.code, "errmsg": message })
    }
}

pub(super) type Outcome = Result<Value, Refusal>;

pub(super) fn done() -> Value {
    json!({ "errcode": 0, "errmsg": "ok" })
}
