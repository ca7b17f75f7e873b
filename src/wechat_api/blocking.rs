//! The API for commands, which wait for one call after another.

use std::io;
use std::mem::ManuallyDrop;

use tokio::runtime::{Builder, Runtime};

/// Never dropped: that would wait for a name server that says nothing, and the process ends anyway.
pub(crate) struct ApiRuntime(ManuallyDrop<Runtime>);

impl ApiRuntime {
    pub(crate) fn new() -> io::Result<ApiRuntime> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(ApiRuntime(ManuallyDrop::new(runtime)))
    }

    /// Waits for one call, or for several.
    pub(crate) fn wait<T>(&self, calls: impl Future<Output = T>) -> T {
        self.0.block_on(calls)
    }
}
