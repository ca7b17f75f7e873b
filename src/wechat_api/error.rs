//! Why a call came to nothing, in words for the operator with what to do. Shows neither the secret
//! nor the token.

use std::fmt;

use serde_json::Value;

use crate::http_client::{ConnectError, HttpError, TlsError, Url};
use crate::i18n::{Phrase, phrase};
use crate::wechat_api::call::Call;
use crate::wechat_api::codes::{self, KnownCode};

/// What was called, and why it failed.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub call: Call,
    pub cause: Cause,
}

#[derive(Clone, Debug)]
pub(crate) enum Cause {
    /// WeChat says no.
    Wechat {
        code: i64,
        message: String,
    },
    /// No connection to this site.
    Connect {
        site: String,
        fault: ConnectError,
    },
    Http(HttpError),
    /// No answer in time.
    Late,
    Status(u16),
    NotJson,
    /// JSON without what the documentation says is in it.
    Odd,
}

/// What WeChat says is one line of moderate length.
const MAX_MESSAGE_CHARS: usize = 300;

impl ApiError {
    pub(super) fn of(call: Call, cause: Cause) -> ApiError {
        ApiError { call, cause }
    }

    /// The number by which WeChat says why.
    pub(crate) fn code(&self) -> Option<i64> {
        match self.cause {
            Cause::Wechat { code, .. } => Some(code),
            _ => None,
        }
    }

    /// What WeChat means by it, if it said no.
    pub(crate) fn refusal(&self) -> Option<KnownCode> {
        self.cause.refusal()
    }

    /// Whether WeChat certainly has not done what was asked: it said so, or was never asked.
    pub(crate) fn is_definite(&self) -> bool {
        self.call == Call::StableToken || self.cause.is_definite()
    }

    /// What to do about it, where that is known.
    pub(crate) fn remedy(&self) -> Option<Phrase> {
        match &self.cause {
            Cause::Wechat { code, message } => Some(codes::remedy(self.call, *code, message)),
            Cause::Connect { site, .. } => Some(phrase!(api_no_connection, site)),
            Cause::NotJson | Cause::Odd | Cause::Status(_) => Some(phrase!(api_not_wechat)),
            Cause::Http(_) | Cause::Late => None,
        }
    }
}

impl Cause {
    pub(super) fn wechat(code: i64, message: Option<&Value>) -> Cause {
        let message = message.and_then(Value::as_str).unwrap_or_default();
        let visible = message.chars().filter(|letter| !letter.is_control());
        let message = visible.take(MAX_MESSAGE_CHARS).collect();
        Cause::Wechat { code, message }
    }

    pub(super) fn refusal(&self) -> Option<KnownCode> {
        match self {
            Cause::Wechat { code, .. } => Some(KnownCode::of(*code)),
            _ => None,
        }
    }

    fn is_definite(&self) -> bool {
        match self {
            Cause::Wechat { .. } => true,
            Cause::Connect { .. } => true,
            Cause::Http(fault) => matches!(fault, HttpError::NoUrl),
            Cause::Late | Cause::Status(_) | Cause::NotJson | Cause::Odd => false,
        }
    }

    /// For metrics.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Cause::Wechat { .. } => "refused",
            cause if cause.is_definite() => "no_connection",
            _ => "failed",
        }
    }

    pub(super) fn without<'s>(mut self, secrets: impl Iterator<Item = &'s str>) -> Cause {
        if let Cause::Wechat { message, .. } = &mut self {
            for secret in secrets.filter(|secret| !secret.is_empty()) {
                *message = message.replace(secret, "***");
            }
        }
        self
    }
}

impl Cause {
    pub(super) fn http(fault: HttpError, asked: &Url) -> Cause {
        match fault {
            HttpError::Connect(fault) => {
                let host = asked.host_str().unwrap_or_default();
                let port = asked.port_or_known_default().unwrap_or_default();
                let site = format!("{host}:{port}");
                Cause::Connect { site, fault }
            }
            fault => Cause::Http(fault),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self {
            Cause::Wechat { code, message } => {
                phrase!(api_refused, code = code.to_string(), message)
            }
            Cause::Connect { site, fault } => {
                let of_tls = match fault {
                    ConnectError::Io(error) => TlsError::of(error),
                    _ => None,
                };
                match of_tls {
                    Some(error) => phrase!(api_no_tls, site, why = error.to_string()),
                    None => phrase!(api_unreached, site, why = fault.to_string()),
                }
            }
            Cause::Http(fault) => phrase!(api_cut, why = fault.to_string()),
            Cause::Late => phrase!(api_late),
            Cause::Status(status) => phrase!(api_status, status = status.to_string()),
            Cause::NotJson => phrase!(api_not_json),
            Cause::Odd => phrase!(api_odd),
        };
        said.fmt(formatter)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (call, why) = (self.call.name(), self.cause.to_string());
        match self.remedy() {
            Some(help) => phrase!(api_failed_and_help, call, why, help).fmt(formatter),
            None => phrase!(api_failed, call, why).fmt(formatter),
        }
    }
}

impl std::error::Error for ApiError {}
