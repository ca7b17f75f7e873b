//! From a URL to a connection: looks the name up, leaves out addresses that may not be reached,
//! and connects to exactly one of the others. A host that is an address takes the same way.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::http_client::ClientSettings;
use crate::http_client::address::Reach;
use crate::http_client::error::ConnectError;
use crate::http_client::stream::Stream;
use crate::own_thread;

/// Says which addresses a name has.
pub(crate) type Resolver = Arc<dyn Fn(String, u16) -> Lookup + Send + Sync>;

type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// As the system resolves names, `/etc/hosts` and all.
pub(crate) fn system_resolver() -> Resolver {
    Arc::new(|host, port| Box::pin(look_up(host, port)))
}

/// On a thread of its own. A runtime waits for its own threads before it ends, and a name server
/// that says nothing would hold up the end of the program.
async fn look_up(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    let look = move || (host, port).to_socket_addrs().map(Iterator::collect);
    own_thread::run("resolver", look).await?
}

#[derive(Clone)]
pub(super) struct Connector(Arc<Connecting>);

struct Connecting {
    tls: TlsConnector,
    reach: Arc<Reach>,
    resolver: Resolver,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(settings: ClientSettings) -> Connector {
        Connector(Arc::new(Connecting {
            tls: TlsConnector::from(settings.tls),
            reach: settings.reach,
            resolver: settings.resolver,
            timeout: settings.connect_timeout,
        }))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = Arc::clone(&self.0);
        Box::pin(async move { Ok(TokioIo::new(connecting.connect(&uri).await?)) })
    }
}

impl Connecting {
    async fn connect(&self, uri: &Uri) -> Result<Stream, ConnectError> {
        let until = Instant::now() + self.timeout;
        let host = uri.host().ok_or(ConnectError::NoHost)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(ConnectError::NoHost),
        };
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let addresses = match host.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => self.look_up(host, port, until).await?,
        };
        let stream = self.reach_one(host, &addresses, until).await?;
        if !is_secure {
            return Ok(Stream::Clear(stream));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| ConnectError::NoHost)?;
        match timeout_at(until, self.tls.connect(name, stream)).await {
            Ok(Ok(stream)) => Ok(Stream::Tls(Box::new(stream))),
            Ok(Err(error)) => Err(ConnectError::Io(Arc::new(error))),
            Err(_) => Err(ConnectError::Late),
        }
    }

    async fn look_up(
        &self,
        host: &str,
        port: u16,
        until: Instant,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        match timeout_at(until, (self.resolver)(host.to_owned(), port)).await {
            Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
            Ok(Err(error)) => Err(ConnectError::Io(Arc::new(error))),
            _ => Err(ConnectError::NoName),
        }
    }

    /// The first address that takes the connection. Each gets its share of the time, so that one
    /// which says nothing leaves some for the next.
    async fn reach_one(
        &self,
        host: &str,
        addresses: &[SocketAddr],
        until: Instant,
    ) -> Result<TcpStream, ConnectError> {
        let allowed = addresses
            .iter()
            .filter(|&&address| self.reach.includes(host, address));
        let allowed: Vec<SocketAddr> = allowed.copied().collect();
        let mut fault = match addresses.first() {
            Some(address) => ConnectError::Internal(address.ip()),
            None => ConnectError::NoName,
        };
        for (left, &address) in (1..=allowed.len()).rev().zip(&allowed) {
            let left = u32::try_from(left).unwrap_or(u32::MAX);
            let share = until.saturating_duration_since(Instant::now()) / left;
            match tokio::time::timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // A request is small and waits for nothing.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => fault = ConnectError::Io(Arc::new(error)),
                Err(_) => fault = ConnectError::Late,
            }
        }
        Err(fault)
    }
}
