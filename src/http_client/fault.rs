//! Why a call came to nothing. Nothing of what was sent or said is in it.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use crate::i18n::io_error::reason;
use crate::i18n::phrase;
/// Why no connection came about.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ConnectFault {
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
pub(crate) enum HttpFault {
    #[error("{}", phrase!(http_no_url))]
    NoUrl,
    #[error(transparent)]
    Connect(#[from] ConnectFault),
    #[error("{}", phrase!(http_too_long))]
    TooLarge,
    #[error("{}", phrase!(answer_cut, why = .0))]
    Cut(String),
    #[error("{}", phrase!(answer_no_http, why = .0))]
    NoHttp(String),
}

impl From<hyper_util::client::legacy::Error> for HttpFault {
    fn from(error: hyper_util::client::legacy::Error) -> HttpFault {
        let Some(source) = error.source() else {
            return HttpFault::Cut(error.to_string());
        };
        if let Some(fault) = source.downcast_ref::<ConnectFault>() {
            return fault.clone().into();
        }
        match source.downcast_ref::<hyper::Error>() {
            Some(error) => HttpFault::of(error),
            None => HttpFault::Cut(source.to_string()),
        }
    }
}

impl From<hyper::Error> for HttpFault {
    fn from(error: hyper::Error) -> HttpFault {
        HttpFault::of(&error)
    }
}

impl HttpFault {
    fn of(error: &hyper::Error) -> HttpFault {
        let cause = error.source().map(ToString::to_string);
        let cause = cause.unwrap_or_else(|| error.to_string());
        match error.is_parse() {
            true => HttpFault::NoHttp(cause),
            false => HttpFault::Cut(cause),
        }
    }
}
