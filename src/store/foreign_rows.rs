//! Reads rows in which another program has left something else than the store writes, such as a time
//! with fractions in a SQLite file, whose columns take everything.

use sqlx::Row;
use sqlx::any::AnyRow;

/// A column of texts. Bytes that are no text become U+FFFD.
pub(super) fn text(row: &AnyRow, column: usize) -> Option<String> {
    row.try_get(column)
        .or_else(|_| bytes(row, column))
        .or_else(|_| number(row, column))
        .ok()
}

/// The same where nothing may be.
pub(super) fn text_or_none(row: &AnyRow, column: usize) -> Option<Option<String>> {
    match row.try_get::<Option<String>, _>(column) {
        Ok(text) => Some(text),
        Err(_) => text(row, column).map(Some),
    }
}

/// A column of whole numbers, such as Unix seconds.
pub(super) fn whole(row: &AnyRow, column: usize) -> Option<i64> {
    let whole = row.try_get(column).ok();
    whole.or_else(|| {
        let said = text(row, column)?;
        let seconds = said.trim().parse::<f64>().ok();
        // Beyond the range, the nearest in it.
        seconds
            .filter(|seconds| !seconds.is_nan())
            .map(|seconds| seconds as i64)
    })
}

/// The same where nothing may be.
pub(super) fn whole_or_none(row: &AnyRow, column: usize) -> Option<Option<i64>> {
    match row.try_get::<Option<i64>, _>(column) {
        Ok(time) => Some(time),
        Err(_) => whole(row, column).map(Some),
    }
}

fn bytes(row: &AnyRow, column: usize) -> Result<String, sqlx::Error> {
    let bytes = row.try_get::<Vec<u8>, _>(column)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn number(row: &AnyRow, column: usize) -> Result<String, sqlx::Error> {
    let whole = row.try_get::<i64, _>(column);
    whole
        .map(|number| number.to_string())
        .or_else(|_| Ok(row.try_get::<f64, _>(column)?.to_string()))
}
