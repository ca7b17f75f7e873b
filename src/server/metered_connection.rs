//! A connection that reads only as much as its [`Intake`] allows, and tells it what has become of
//! what was written.

use std::io::{self, ErrorKind, IoSlice};
use std::net::{self, Shutdown};
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::rt::net::{ActixStream, Ready, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::server::intake::{Intake, Room};

pub(super) struct Metered<S: Socket> {
    stream: S,
    intake: Rc<Intake>,
}

/// A stream and what is beneath it.
pub(super) trait Socket {
    fn socket(&self) -> BorrowedFd<'_>;
}

impl Socket for TcpStream {
    fn socket(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }
}

impl<S: Socket> Socket for Metered<S> {
    fn socket(&self) -> BorrowedFd<'_> {
        self.stream.socket()
    }
}

impl<S: Socket> Metered<S> {
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

/// The other side hears that this is the end, while the receipt keeps the socket a little longer.
impl<S: Socket> Drop for Metered<S> {
    fn drop(&mut self) {
        let reception = self.intake.reception();
        if reception.is_watched()
            && let Ok(socket) = self.stream.socket().try_clone_to_owned()
        {
            let socket = net::TcpStream::from(socket);
            let _ = socket.shutdown(Shutdown::Write);
            reception.ended(socket);
        }
    }
}

impl<S: Socket + AsyncRead + Unpin> AsyncRead for Metered<S> {
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

impl<S: Socket + AsyncWrite + Unpin> AsyncWrite for Metered<S> {
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

impl<S: Socket + ActixStream> ActixStream for Metered<S> {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_read_ready(context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_write_ready(context)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::sync::Arc;

    use actix_web::rt::System;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::server::intake::IntakeBudget;

    /// What whoever asked has done by the time when the answer is written, and after that.
    #[derive(Clone, Copy, Debug)]
    enum Asked {
        Waits,
        HangsUpAfter,
        HungUpBefore,
    }

    #[test]
    fn whoever_hung_up_before_the_answer_has_not_got_it() {
        // Whether the connection is read once more, as it is if it may have another request.
        for is_read in [true, false] {
            for (asked, expected) in [
                (Asked::Waits, true),
                (Asked::HangsUpAfter, true),
                (Asked::HungUpBefore, false),
            ] {
                let has_arrived = System::new().block_on(answer(asked, is_read));
                assert_eq!(has_arrived, expected, "{asked:?}, read: {is_read}");
            }
        }
    }

    async fn answer(asked: Asked, is_read: bool) -> bool {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let intake = Intake::new(Arc::new(IntakeBudget::new(Arc::default())));
        intake.trust();
        let mut connection = Metered::new(TcpStream::from_std(stream).unwrap(), intake);
        client.write_all(b"question").unwrap();
        connection.read_exact(&mut [0; 8]).await.unwrap();
        let receipt = connection.intake().reception().receipt();
        let mut client = Some(client);
        if let Asked::HungUpBefore = asked {
            drop(client.take());
        }
        connection.write_all(b"answer").await.unwrap();
        connection.flush().await.unwrap();
        if let Some(client) = &mut client {
            client.read_exact(&mut [0; 6]).unwrap();
        }
        if let Asked::HangsUpAfter = asked {
            drop(client.take());
        }
        if is_read && client.is_none() {
            // The reset may be here already.
            let _ = connection.read(&mut [0; 8]).await;
        }
        drop(connection);
        receipt.has_arrived().await
    }
}
