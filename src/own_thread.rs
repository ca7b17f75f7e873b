//! Work on a thread of its own, for which a task waits. A runtime has threads for that as well, but
//! panics where the system has none left to give, and waits for them before it ends.

use std::sync::Mutex;
use std::{io, thread};

use tokio::sync::oneshot;

use crate::lock::lock;

/// An error means that the system has no thread left to give; one of the kind `Other`, that the work
/// panicked.
pub(crate) async fn run<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (tell, told) = oneshot::channel();
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || {
        // Whoever asked may have given up.
        let _ = tell.send(work());
    })?;
    told.await.map_err(io::Error::other)
}

/// Whether the system has this many threads to give. Libraries panic where it has not.
pub(crate) fn are_left(count: usize) -> io::Result<()> {
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let closed = lock(&gate);
        let waiting = |_| thread::Builder::new().spawn_scoped(scope, || drop(lock(&gate)));
        let tried: io::Result<Vec<_>> = (0..count).map(waiting).collect();
        drop(closed);
        // Those that are over count no more.
        tried?.into_iter().for_each(|thread| _ = thread.join());
        Ok(())
    })
}
