//! Asks services from a command.

use std::sync::Arc;

use tokio::runtime::Builder;

use crate::services::{Outside, Services};

/// Lets something ask, to its end.
pub(super) fn with_services<T>(
    outside: Outside,
    ask: impl AsyncFnOnce(Arc<Services>) -> T,
) -> Result<T, String> {
    let services = Services::new(outside);
    let services = Arc::new(services.map_err(|error| error.to_string())?);
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    Ok(runtime.block_on(ask(services)))
}
