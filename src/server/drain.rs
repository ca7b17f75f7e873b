//! Closes the way in without hitting whoever stands in it. Knows sockets, not what is said there.
//!
//! Closing a listening socket resets every connection that waits in its queue, and ending the
//! workers closes every connection whose request is still to be read. Both are messages that a
//! client has sent and nobody answers. So first nobody new is let in, then those who are in get
//! a moment to be served, and only then everything ends.

use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::time::sleep;
use socket2::SockRef;

/// For what has been sent to be read: many times what that takes.
const A_MOMENT: Duration = Duration::from_millis(250);

/// Connections that wait to be let in. The system allows what it allows of them; the 128 of
/// Rust's std make followers wait a second behind a crowd.
const QUEUE: i32 = 4096;

/// The callback's listener, once more; whoever holds a socket keeps it open.
pub(super) struct Drain(Mutex<Option<TcpListener>>);

impl Drain {
    /// A socket that a supervisor holds outlives this process: the next one serves its queue.
    pub(super) fn new(listener: &TcpListener, is_handed_over: bool) -> Drain {
        if is_handed_over {
            return Drain(Mutex::new(None));
        }
        if let Err(error) = SockRef::from(listener).listen(QUEUE) {
            log::warn!("clients in a crowd may have to connect twice: {error}");
        }
        let listener = listener.try_clone().ok();
        Drain(Mutex::new(listener))
    }

    /// Lets nobody in any more, and comes back when those who are in were heard.
    pub(super) async fn close(&self, server: &ServerHandle) {
        let listener = {
            let mut drain = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            drain.take()
        };
        match &listener {
            Some(listener) => turn_newcomers_away(listener),
            None => server.pause().await,
        }
        sleep(A_MOMENT).await;
    }
}

/// Connections that begin are not answered, those in the queue stay. A client tries again after
/// a second, and is refused.
#[cfg(target_os = "linux")]
fn turn_newcomers_away(listener: &TcpListener) {
    use socket2::SockFilter;

    const FLAGS_OF_THE_SEGMENT: u32 = 13;
    const BEGINS_A_CONNECTION: u32 = 2;
    let filter = [
        // Load the byte with the flags; skip one step if it begins a connection.
        SockFilter::new(0x30, 0, 0, FLAGS_OF_THE_SEGMENT),
        SockFilter::new(0x45, 1, 0, BEGINS_A_CONNECTION),
        // Let it through whole; let nothing of it through.
        SockFilter::new(0x06, 0, 0, u32::MAX),
        SockFilter::new(0x06, 0, 0, 0),
    ];
    if let Err(error) = SockRef::from(listener).attach_filter(&filter) {
        log::warn!("connections that begin right now may be reset: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
fn turn_newcomers_away(_: &TcpListener) {}
