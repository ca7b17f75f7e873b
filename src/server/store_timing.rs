//! Counts and times database operations.

use std::time::Instant;

use crate::metrics::{Metrics, StoreOperation};
use crate::store::StoreError;

pub(super) async fn timed<T>(
    metrics: &Metrics,
    operation: StoreOperation,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let began = Instant::now();
    let outcome = call.await;
    let error = outcome.as_ref().err().map(StoreError::label);
    metrics.stored(operation, began.elapsed(), error);
    outcome
}
