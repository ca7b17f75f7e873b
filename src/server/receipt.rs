//! Whether an answer has reached whoever waits for it, as far as a server can know: it was written
//! to a connection that they had not closed, and they did not reset the connection then.

use std::cell::{Cell, RefCell};
use std::net::TcpStream;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Whoever hung up just before resets the connection within this time.
const RESET: Duration = Duration::from_millis(300);

/// What has happened on one connection.
#[derive(Default)]
pub(super) struct Reception {
    /// For the answer that is written next, or was written last.
    expected: RefCell<Option<PendingReceipt>>,
    has_written: Cell<bool>,
    is_closed: Cell<bool>,
}

struct PendingReceipt {
    /// None once it is written.
    written: Option<oneshot::Sender<()>>,
    end: oneshot::Sender<ConnectionEnd>,
}

/// How a connection ended after the answer was written.
enum ConnectionEnd {
    Reset,
    /// A reset that comes now can be seen only at the socket: somebody who hung up before the
    /// answer arrived looks the same as somebody who hung up with it.
    Closed(TcpStream),
}

/// For one answer.
pub(super) struct Receipt {
    written: oneshot::Receiver<()>,
    /// Says nothing if the connection is used for another answer.
    end: oneshot::Receiver<ConnectionEnd>,
}

impl Reception {
    /// Of the next answer on this connection.
    pub(super) fn receipt(&self) -> Receipt {
        let (tell_written, written) = oneshot::channel();
        let (tell_end, end) = oneshot::channel();
        self.expected.replace(Some(PendingReceipt {
            written: Some(tell_written),
            end: tell_end,
        }));
        self.has_written.set(false);
        Receipt { written, end }
    }

    pub(super) fn written(&self, is_ok: bool) {
        match is_ok {
            true => self.has_written.set(true),
            false => self.failed(),
        }
    }

    /// Everything that was written is on its way.
    pub(super) fn flushed(&self) {
        if !self.has_written.get() {
            return;
        }
        if self.is_closed.get() {
            self.expected.take();
        }
        if let Some(expected) = &mut *self.expected.borrow_mut()
            && let Some(written) = expected.written.take()
        {
            let _ = written.send(());
        }
    }

    /// The other side writes no more, so that it does not wait for what is written from now on.
    pub(super) fn closed(&self) {
        self.is_closed.set(true);
    }

    pub(super) fn failed(&self) {
        if let Some(PendingReceipt { written, end }) = self.expected.take() {
            // In this order: what is not written is not reset either.
            drop(written);
            let _ = end.send(ConnectionEnd::Reset);
        }
    }

    /// Whether somebody wants to know what becomes of the connection.
    pub(super) fn is_watched(&self) -> bool {
        let expected = self.expected.borrow();
        expected
            .as_ref()
            .is_some_and(|it| it.written.is_none() && !it.end.is_closed())
    }

    /// The connection is given up.
    pub(super) fn ended(&self, socket: TcpStream) {
        if let Some(expected) = self.expected.take() {
            let _ = expected.end.send(ConnectionEnd::Closed(socket));
        }
    }
}

impl Receipt {
    /// False, too, if the connection ends without the answer.
    pub(super) async fn has_arrived(self) -> bool {
        if self.written.await.is_err() {
            return false;
        }
        let until = Instant::now() + RESET;
        match timeout_at(until, self.end).await {
            Ok(Ok(ConnectionEnd::Reset)) => false,
            Ok(Ok(ConnectionEnd::Closed(socket))) => {
                sleep_until(until).await;
                matches!(socket.take_error(), Ok(None))
            }
            Ok(Err(_)) | Err(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::rt::System;

    use super::*;

    #[test]
    fn an_answer_has_arrived_that_is_written_before_the_other_side_closes() {
        type Happens = fn(&Reception);
        let (write, flush): (Happens, Happens) = (|it| it.written(true), Reception::flushed);
        let (close, fail): (Happens, Happens) = (Reception::closed, Reception::failed);
        let cases: [(&[Happens], bool); 8] = [
            (&[], false),
            (&[flush], false),
            (&[write], false),
            (&[write, flush], true),
            (&[write, flush, close], true),
            (&[write, flush, fail], false),
            (&[close, write, flush], false),
            (&[write, fail], false),
        ];
        for (number, (happens, expected)) in cases.into_iter().enumerate() {
            let reception = Reception::default();
            let receipt = reception.receipt();
            happens.iter().for_each(|it| it(&reception));
            drop(reception);
            let has_arrived = System::new().block_on(receipt.has_arrived());
            assert_eq!(has_arrived, expected, "{number}");
        }
    }
}
