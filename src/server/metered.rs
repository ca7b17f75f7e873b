//! A connection that reads only as much as its [`Intake`] allows, and tells it what has become of
//! what was written.

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
        let room = intake.room();
        let read = match room {
            Room::Any => stream.poll_read(context, buffer),
            Room::End => return Poll::Ready(Ok(())),
            Room::Later => {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Room::Bytes(bytes) if bytes >= buffer.remaining() => stream.poll_read(context, buffer),
            Room::Bytes(bytes) => {
                let mut limited = ReadBuf::new(buffer.initialize_unfilled_to(bytes));
                let read = stream.poll_read(context, &mut limited);
                let filled = limited.filled().len();
                buffer.advance(filled);
                read
            }
        };
        let read = ready!(read);
        match buffer.filled().len() - before {
            _ if read.is_err() => intake.reception().failed(),
            0 => intake.reception().closed(),
            bytes if room != Room::Any => intake.count(bytes),
            _ => {}
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.intake.reception().written(written.is_ok());
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.intake.reception().flushed();
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
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, bytes));
        self.intake.reception().written(written.is_ok());
        Poll::Ready(written)
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
