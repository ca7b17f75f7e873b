//! Work on a thread of its own, for which a task waits. A runtime has threads for that as well, but
//! panics where the system has none left to give, and waits for them before it ends.

use std::{io, thread};

use tokio::sync::oneshot;

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
