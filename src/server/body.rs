//! Reads the body of a request within limits of size and time.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::http::StatusCode;
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web;

/// Initial capacity for a body of unknown length.
const USUAL_BYTES: usize = 1024;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    Cut,
    Slow,
}

impl BodyError {
    pub(super) fn reason(self) -> &'static str {
        match self {
            BodyError::TooLarge => "too_large",
            BodyError::Cut => "cut_body",
            BodyError::Slow => "slow_body",
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::Cut => StatusCode::BAD_REQUEST,
            BodyError::Slow => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// Reads at most `max_bytes`. Nobody has to send a body to learn that it is too large: `announced`
/// is its length if known.
pub(super) async fn read(
    payload: web::Payload,
    announced: Option<usize>,
    max_bytes: usize,
    patience: Duration,
) -> Result<Vec<u8>, BodyError> {
    let room = announced.unwrap_or(USUAL_BYTES);
    if room > max_bytes {
        return Err(BodyError::TooLarge);
    }
    let mut pieces = pin!(BodyStream::new(payload));
    let mut bytes = Vec::with_capacity(room);
    let mut clock = BodyTimeout::new(patience);
    poll_fn(|context| {
        loop {
            match pieces.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(piece))) if bytes.len() + piece.len() > max_bytes => {
                    return Poll::Ready(Err(BodyError::TooLarge));
                }
                Poll::Ready(Some(Ok(piece))) => bytes.extend_from_slice(&piece),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(BodyError::Cut)),
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Pending => return clock.poll(context).map(|()| Err(BodyError::Slow)),
            }
        }
    })
    .await?;
    Ok(bytes)
}

/// Starts only when the body is not available at once. It nearly always arrives with the head, and
/// a timer for each request shows up in the profile.
struct BodyTimeout {
    patience: Duration,
    was_asked: bool,
    running: Option<Pin<Box<Sleep>>>,
}

impl BodyTimeout {
    fn new(patience: Duration) -> BodyTimeout {
        BodyTimeout {
            patience,
            was_asked: false,
            running: None,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !std::mem::replace(&mut self.was_asked, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let patience = self.patience;
        let running = self
            .running
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        running.as_mut().poll(context)
    }
}
