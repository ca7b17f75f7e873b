//! Calls URLs over HTTP/1.1: with a guard against internal addresses, without redirects, and
//! without a proxy of the environment. Knows neither what is asked nor what an answer means.

mod address;
mod blocking;
mod connector;
#[cfg(test)]
pub(crate) mod endpoint;
mod error;
mod stream;
mod tls_error;
pub(crate) mod trust;

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING,
    UPGRADE, USER_AGENT,
};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::http_client::connector::Connector;

pub(crate) use crate::http_client::address::{AllowList, AllowedAddress, Reach};
pub(crate) use crate::http_client::blocking::{BlockingClient, BlockingError, Timeouts};
pub(crate) use crate::http_client::connector::{Resolver, system_resolver};
pub(crate) use crate::http_client::error::{ConnectError, HttpError};
pub(crate) use crate::http_client::tls_error::TlsError;
pub(crate) use hyper::header;
pub(crate) use hyper::{Method, Uri};
pub(crate) use rustls::{ClientConfig, Error as RustlsError};
pub(crate) use url::Url;

/// A longer head is no answer of anybody who means well.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// What the client itself says of the connection and the body. Whoever else does could make one
/// request look like two.
const OWN_HEADERS: [HeaderName; 6] = [
    CONNECTION,
    CONTENT_LENGTH,
    HOST,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// How a client connects.
pub(crate) struct ClientSettings {
    pub tls: Arc<ClientConfig>,
    pub reach: Arc<Reach>,
    pub resolver: Resolver,
    /// For the name, the connection and the handshake of TLS together.
    pub connect_timeout: Duration,
    /// How long a connection waits for the next request; none connects anew for each.
    pub keep_alive: Option<Duration>,
}

/// A client with its connections. A call that is dropped is cancelled.
pub(crate) struct HttpClient(Client<Connector, Full<Bytes>>);

/// What is sent.
pub(crate) struct HttpRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// The head of what came back, with the body still to be read.
pub(crate) struct HttpResponse {
    pub status: u16,
    pub headers: HeaderMap,
    body: Incoming,
}

impl HttpClient {
    pub(crate) fn new(settings: ClientSettings) -> HttpClient {
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .http1_max_buf_size(MAX_HEAD_BYTES)
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.keep_alive);
        if settings.keep_alive.is_none() {
            builder.pool_max_idle_per_host(0);
        }
        HttpClient(builder.build(Connector::new(settings)))
    }

    /// Sends one request, and comes back with the head of the answer. Whoever asks sets the time.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let uri: Uri = request.url.as_str().parse().map_err(|_| HttpError::NoUrl)?;
        let mut sent = Request::new(Full::new(Bytes::from(request.body)));
        *sent.method_mut() = request.method;
        *sent.uri_mut() = uri;
        *sent.headers_mut() = request.headers;
        for name in OWN_HEADERS {
            sent.headers_mut().remove(name);
        }
        let name = concat!("wxreply/", env!("CARGO_PKG_VERSION"));
        let headers = sent.headers_mut();
        headers
            .entry(USER_AGENT)
            .or_insert(HeaderValue::from_static(name));
        let (head, body) = self.0.request(sent).await?.into_parts();
        Ok(HttpResponse {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }
}

impl HttpResponse {
    /// A header, as far as it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What arrives next of the body; nothing at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        while let Some(frame) = self.body.frame().await {
            // What is no data is a trailer.
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// The whole body, unless it is longer than it may be.
    pub(crate) async fn read(&mut self, most: usize) -> Result<Vec<u8>, HttpError> {
        let announced = self.header("content-length").and_then(|it| it.parse().ok());
        if announced.is_some_and(|length: u64| length > most as u64) {
            return Err(HttpError::TooLarge);
        }
        let mut whole = Vec::new();
        while let Some(data) = self.chunk().await? {
            if whole.len() + data.len() > most {
                return Err(HttpError::TooLarge);
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole)
    }
}

/// Nothing of the pool is of interest, and its types are long.
impl std::fmt::Debug for HttpClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("HttpClient(…)")
    }
}
