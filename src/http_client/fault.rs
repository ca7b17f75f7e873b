//! Why a call came to nothing. Nothing of what was sent or said is in it.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// Why no connection came about.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ConnectFault {
    #[error("its host is missing, or it is neither http nor https")]
    NoHost,
    #[error("no name server says where that is")]
    NoName,
    #[error("the address {0} is internal")]
    Internal(IpAddr),
    #[error("nobody takes the connection")]
    Late,
    /// Also where TLS fails; then the error of rustls is in it.
    #[error("{0}")]
    Io(Arc<io::Error>),
}

/// Why a request got no answer that is HTTP.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum HttpFault {
    #[error("that is no URL")]
    NoUrl,
    #[error(transparent)]
    Connect(#[from] ConnectFault),
    #[error("the answer is too long")]
    TooLarge,
    #[error("the connection was cut before the answer was whole ({0})")]
    Cut(String),
    #[error("the answer is no HTTP ({0})")]
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
