//! Stops accepting and lets what is under way be answered, before everything ends. Knows sockets,
//! not what is said on them.

use std::net::{Shutdown, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::time::sleep;
use socket2::SockRef;

/// For the requests of connections that were accepted already to be read: many times what that
/// takes. Ending the workers closes whatever connection has none.
const GRACE: Duration = Duration::from_millis(250);

/// The callback's listener, once more. None where a supervisor holds the socket: it outlives this
/// process, and the next one serves those who wait at it.
pub(super) struct Drain(Option<TcpListener>);

impl Drain {
    pub(super) fn new(listener: &TcpListener, is_handed_over: bool) -> Drain {
        Drain(match is_handed_over {
            true => None,
            false => listener.try_clone().ok(),
        })
    }

    /// Comes back when those who were connected had time to be heard.
    pub(super) async fn close(&self, server: &ServerHandle) {
        server.pause().await;
        sleep(GRACE).await;
        if let Some(listener) = &self.0 {
            // Those who wait to be accepted, and whoever connects while the last answers are on
            // their way, are refused at once and try again elsewhere or later. Not before the
            // thread that accepts has noticed the pause: it would log an error.
            let _ = SockRef::from(listener).shutdown(Shutdown::Read);
        }
        server.stop(true).await;
    }
}
