//! The beginning of the end: stops accepting, then waits for answers in progress. Knows sockets,
//! but no protocol.

use std::net::{Shutdown, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::time::sleep;
use socket2::SockRef;

/// Time for accepted connections to send their requests, many times what that takes, also beside a
/// busy machine. Stopping the workers closes connections without a request.
const GRACE: Duration = Duration::from_millis(500);

/// A second handle of the callback listener. `None` if a supervisor holds the socket, which
/// outlives this process, so that the next one serves waiting connections.
pub(super) struct Drain(Option<TcpListener>);

impl Drain {
    pub(super) fn new(listener: &TcpListener, is_handed_over: bool) -> Drain {
        Drain(match is_handed_over {
            true => None,
            false => listener.try_clone().ok(),
        })
    }

    /// Returns once open connections have had time to send their requests.
    pub(super) async fn close(&self, server: &ServerHandle) {
        server.pause().await;
        sleep(GRACE).await;
        if let Some(listener) = &self.0 {
            // Waiting and new connections are refused at once, so that clients retry elsewhere or
            // later. Not before the accepting thread has noticed the pause, as it would log an
            // error.
            let _ = SockRef::from(listener).shutdown(Shutdown::Read);
        }
        server.stop(true).await;
    }
}
