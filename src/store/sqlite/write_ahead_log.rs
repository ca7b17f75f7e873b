//! The write-ahead log, the file `-wal`, which has new changes first, and deleted texts for a
//! while.

use sqlx::{Error, Row};

use crate::store::connection::Connection;

/// How long writers may have to wait while the log is emptied.
const MAX_WAIT_MILLISECONDS: u32 = 100;

/// Prepares a connection for `empty`.
pub(super) async fn prepare(connection: &mut Connection) -> Result<(), Error> {
    let statements = format!(
        "PRAGMA busy_timeout = {MAX_WAIT_MILLISECONDS}; \
         SELECT 1 FROM sqlite_schema LIMIT 1"
    );
    connection.run(&statements).await
}

/// Moves the log into the database and truncates the file. Returns whether that was possible.
///
/// It is not while another program reads an older state of the database. Truncating would then make
/// all writers wait for that program.
pub(super) async fn empty(connection: &mut Connection) -> Result<bool, Error> {
    let (_, log, moved) = checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)").await?;
    if log != moved {
        return Ok(false);
    }
    let (busy, ..) = checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)").await?;
    Ok(busy == 0)
}

/// Whether it was blocked, the number of pages in the log, and how many of them were moved.
async fn checkpoint(
    connection: &mut Connection,
    statement: &'static str,
) -> Result<(i64, i64, i64), Error> {
    let row = connection.fetch_one(statement, []).await?;
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}
