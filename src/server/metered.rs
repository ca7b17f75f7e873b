//! A connection that reads only as much as its [`Intake`] allows.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::rt::net::{ActixStream, Ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::server::intake::{Intake, Room};

pub(super) struct Metered<S> {
    stream: S,
    intake: Rc<Intake>,
}

impl<S> Metered<S> {
    pub(super) fn new(stream: S, intake: Intake) -> Metered<S> {
        Metered {
            stream,
            intake: Rc::new(intake),
        }
    }

    pub(super) fn intake(&self) -> &Rc<Intake> {
        &self.intake
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Metered { stream, intake } = self.get_mut();
        let stream = Pin::new(stream);
        match intake.room() {
            Room::Any => return stream.poll_read(context, buffer),
            Room::End => return Poll::Ready(Ok(())),
            Room::Later => {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Room::Bytes(bytes) if bytes >= buffer.remaining() => {
                ready!(stream.poll_read(context, buffer))?;
            }
            Room::Bytes(bytes) => {
                let mut limited = ReadBuf::new(buffer.initialize_unfilled_to(bytes));
                ready!(stream.poll_read(context, &mut limited))?;
                let read = limited.filled().len();
                buffer.advance(read);
            }
        }
        intake.count(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        match self.intake.is_ended() {
            true => Poll::Ready(Err(ErrorKind::ConnectionAborted.into())),
            false => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl<S: ActixStream> ActixStream for Metered<S> {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_read_ready(context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_write_ready(context)
    }
}
