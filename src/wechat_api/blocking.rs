//! The API for commands, which wait for one call after another.

use std::io;

use tokio::runtime::{Builder, Runtime};

pub(crate) struct ApiRuntime(Option<Runtime>);

impl ApiRuntime {
    pub(crate) fn new() -> io::Result<ApiRuntime> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(ApiRuntime(Some(runtime)))
    }

    /// Waits for one call, or for several.
    pub(crate) fn wait<T>(&self, calls: impl Future<Output = T>) -> Option<T> {
        Some(self.0.as_ref()?.block_on(calls))
    }
}

impl Drop for ApiRuntime {
    /// Without waiting for a name server that says nothing.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
