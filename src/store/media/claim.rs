//! Which replica uploads a file, and what came of it.

use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::media::{KeptMedia, MediaClaim, MediaKey};
use crate::store::question::now_ms;
use crate::store::sql::Sql;
use crate::store::transaction::execute_unless_there;
use crate::store::write::{Write, WriteOutcome};

pub(super) struct ClaimMedia {
    pub(super) replica: String,
    pub(super) key: MediaKey,
    pub(super) now: i64,
}

pub(super) struct Keep {
    pub(super) key: MediaKey,
    pub(super) media_id: String,
    pub(super) url: String,
    pub(super) now: i64,
}

pub(super) struct ReleaseMedia {
    pub(super) replica: String,
    pub(super) key: MediaKey,
}

pub(super) struct Forget {
    pub(super) app_id: String,
    pub(super) media_id: String,
}

impl Write for ClaimMedia {
    type Outcome = MediaClaim;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<MediaClaim>, SqlError> {
        let hash = self.key.hash.to_string();
        let key = self.key.parameters(&hash);
        let (replica, now) = (Parameter::from(&self.replica), Parameter::from(self.now));
        let row = key.into_iter().chain([now, replica]);
        if execute_unless_there(connection, sql.media.claim, row).await? > 0 {
            return Ok(WriteOutcome::Kept(MediaClaim::Ours { is_new: true }));
        }
        let now_ms = now_ms(connection, sql).await?;
        let taken = [replica, now].into_iter().chain(key);
        let taken = taken.chain([replica, now_ms.into()]);
        if connection.execute(sql.media.take_over, taken).await? > 0 {
            return Ok(WriteOutcome::Kept(MediaClaim::Ours { is_new: false }));
        }
        let kept = one(connection, sql, &self.key).await?;
        Ok(WriteOutcome::Undone(
            kept.map_or(MediaClaim::Elsewhere, |kept| {
                MediaClaim::Kept(kept.media_id)
            }),
        ))
    }
}

impl Write for Keep {
    type Outcome = Option<String>;

    /// The one that is kept: should two replicas have uploaded it, the one that was first.
    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<Option<String>>, SqlError> {
        let hash = self.key.hash.to_string();
        let given = [(&self.media_id).into(), (&self.url).into(), self.now.into()];
        let row = given.into_iter().chain(self.key.parameters(&hash));
        connection.execute(sql.media.keep, row).await?;
        let kept = one(connection, sql, &self.key).await?;
        Ok(WriteOutcome::Kept(kept.map(|kept| kept.media_id)))
    }
}

impl Write for ReleaseMedia {
    type Outcome = ();

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<()>, SqlError> {
        let hash = self.key.hash.to_string();
        let row = self.key.parameters(&hash).into_iter();
        let row = row.chain([(&self.replica).into()]);
        connection.execute(sql.media.release, row).await?;
        Ok(WriteOutcome::Kept(()))
    }
}

impl Write for Forget {
    type Outcome = u64;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<u64>, SqlError> {
        let row = [(&self.app_id).into(), (&self.media_id).into()];
        let forgotten = connection.execute(sql.media.forget, row).await?;
        Ok(WriteOutcome::Kept(forgotten))
    }
}

async fn one(
    connection: &mut Connection,
    sql: &Sql,
    key: &MediaKey,
) -> Result<Option<KeptMedia>, SqlError> {
    let hash = key.hash.to_string();
    let rows = connection.fetch_all(sql.media.one, key.parameters(&hash));
    let rows = rows.await?;
    Ok(rows.first().map(KeptMedia::read).transpose()?.flatten())
}
