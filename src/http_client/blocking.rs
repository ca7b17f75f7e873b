//! The client for commands, which wait for one answer after another.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::http_client::{
    ClientConfig, ClientSettings, HeaderMap, HttpClient, HttpError, HttpRequest, Reach,
    system_resolver,
};
use crate::i18n::phrase;

/// Goes wherever a person sends it, and connects anew for each request.
pub(crate) struct BlockingClient {
    client: HttpClient,
    runtime: Runtime,
    timeout: Duration,
}

/// How long a client waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// For everything.
    pub whole: Duration,
    /// Until there is a connection.
    pub to_connect: Duration,
}

/// A whole answer.
pub(crate) struct WholeResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum BlockingError {
    #[error("{}", phrase!(http_late))]
    Late,
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl BlockingClient {
    pub(crate) fn new(tls: Arc<ClientConfig>, timeouts: Timeouts) -> io::Result<BlockingClient> {
        let client = HttpClient::new(ClientSettings {
            tls,
            reach: Arc::new(Reach::Anywhere),
            resolver: system_resolver(),
            connect_timeout: timeouts.to_connect,
            keep_alive: None,
        });
        Ok(BlockingClient {
            client,
            runtime: Builder::new_current_thread().enable_all().build()?,
            timeout: timeouts.whole,
        })
    }

    /// Sends, and reads an answer of at most so many bytes.
    pub(crate) fn call(
        &self,
        request: HttpRequest,
        most: usize,
    ) -> Result<WholeResponse, BlockingError> {
        let calling = async {
            let mut response = self.client.send(request).await?;
            let body = response.read(most).await?;
            Ok(WholeResponse {
                status: response.status,
                headers: response.headers,
                body,
            })
        };
        let in_time = async { timeout(self.timeout, calling).await };
        let called = self.runtime.block_on(in_time);
        called.unwrap_or(Err(BlockingError::Late))
    }
}
