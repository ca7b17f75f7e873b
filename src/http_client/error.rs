//! Why a call came to nothing. Nothing of what was sent or said is in it.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use crate::i18n::io_error::reason;
use crate::i18n::phrase;
/// Why no connection came about.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("{}", phrase!(connect_no_host))]
    NoHost,
    #[error("{}", phrase!(no_name_server))]
    NoName,
    #[error("{}", phrase!(connect_internal, address = .0.to_string()))]
    Internal(IpAddr),
    #[error("{}", phrase!(connect_late))]
    Late,
    /// Also where TLS fails; then the error of rustls is in it.
    #[error("{}", reason(.0))]
    Io(Arc<io::Error>),
}

/// Why a request got no answer that is HTTP.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("{}", phrase!(http_no_url))]
    NoUrl,
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("{}", phrase!(http_too_long))]
    TooLarge,
    #[error("{}", phrase!(answer_cut, why = .0))]
    Cut(String),
    #[error("{}", phrase!(answer_no_http, why = .0))]
    NoHttp(String),
}

impl From<hyper_util::client::legacy::Error> for HttpError {
    fn from(error: hyper_util::client::legacy::Error) -> HttpError {
        let Some(source) = error.source() else {
            return HttpError::Cut(error.to_string());
        };
        if let Some(fault) = source.downcast_ref::<ConnectError>() {
            return fault.clone().into();
        }
        match source.downcast_ref::<hyper::Error>() {
            Some(error) => HttpError::of(error),
            None => HttpError::Cut(source.to_string()),
        }
    }
}

impl From<hyper::Error> for HttpError {
    fn from(error: hyper::Error) -> HttpError {
        HttpError::of(&error)
    }
}

impl HttpError {
    fn of(error: &hyper::Error) -> HttpError {
        let cause = error.source().map(ToString::to_string);
        let cause = cause.unwrap_or_else(|| error.to_string());
        match error.is_parse() {
            true => HttpError::NoHttp(cause),
            false => HttpError::Cut(cause),
        }
    }
}
