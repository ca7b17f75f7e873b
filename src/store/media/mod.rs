//! Files that WeChat keeps for an account, so that each is uploaded once, whichever replica does it.
//!
//! A file is a row by what is in it. Until WeChat has given its id, the row has the replica that
//! uploads it, whose lease says that it lives.

mod claim;
pub(in crate::store) mod sql;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::i18n::phrase;
use crate::media::{ContentHash, MediaKind};
use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::limits::{check_app_id, check_media_id, check_text};
use crate::store::question::Lease;
use crate::store::sql::Sql;
use crate::store::write::Write;
use crate::store::{Store, StoreError};

/// A file as an account knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MediaKey {
    pub app_id: String,
    pub kind: MediaKind,
    pub hash: ContentHash,
}

/// A file that WeChat keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMedia {
    pub kind: MediaKind,
    pub hash: ContentHash,
    pub media_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaClaim {
    /// This replica is to upload it. If it is not new, somebody began, and may have come to the
    /// end.
    Ours { is_new: bool },
    /// Another replica uploads it just now.
    Elsewhere,
    /// WeChat keeps it under this id.
    Kept(String),
}

impl MediaKey {
    fn parameters<'p>(&'p self, hash: &'p str) -> [Parameter<'p>; 3] {
        let kind = Parameter::Text(self.kind.name());
        [(&self.app_id).into(), kind, Parameter::Text(hash)]
    }
}

impl KeptMedia {
    /// None of a kind or with a hash that a later version stored.
    fn read(row: &AnyRow) -> Result<Option<KeptMedia>, SqlError> {
        let (kind, hash): (&str, String) = (row.try_get(0)?, row.try_get(1)?);
        let kind = MediaKind::named(kind);
        let (Some(kind), Ok(hash)) = (kind, ContentHash::try_from(hash)) else {
            return Ok(None);
        };
        let media_id = row.try_get(2)?;
        Ok(Some(KeptMedia {
            kind,
            hash,
            media_id,
        }))
    }
}

/// Asks for every right that this needs, in a transaction that the caller undoes.
pub(in crate::store) async fn probe(
    connection: &mut Connection,
    sql: &Sql,
    nobody: &str,
) -> Result<(), SqlError> {
    let text = || nobody.to_owned();
    let key = MediaKey {
        app_id: text(),
        kind: MediaKind::Image,
        hash: ContentHash::of(b""),
    };
    let (replica, now) = (text(), 0);
    let claim = claim::ClaimMedia {
        replica,
        key: key.clone(),
        now,
    };
    claim.write(connection, sql).await?;
    let keep = claim::Keep {
        key,
        media_id: text(),
        url: text(),
        now,
    };
    keep.write(connection, sql).await?;
    let forget = claim::Forget {
        app_id: text(),
        media_id: text(),
    };
    forget.write(connection, sql).await?;
    Ok(())
}

impl Store {
    /// All files of an account that WeChat keeps.
    pub async fn kept_media(&self, app_id: &str) -> Result<Vec<KeptMedia>, StoreError> {
        self.check(check_app_id(app_id))?;
        let sql = self.database.sql();
        self.database
            .read_until(self.deadline(), |mut lent| async {
                let app_id = [Parameter::Text(app_id)];
                let rows = lent.connection().fetch_all(sql.media.kept, app_id).await?;
                let kept = rows.iter().map(KeptMedia::read);
                let kept = kept.collect::<Result<Vec<_>, SqlError>>()?;
                lent.release()?;
                Ok(kept.into_iter().flatten().collect())
            })
            .await
    }

    /// Whether this replica is to upload a file. It has to have a lease.
    pub async fn claim_media(
        &self,
        lease: &Lease,
        key: &MediaKey,
        now: i64,
    ) -> Result<MediaClaim, StoreError> {
        self.check(check_app_id(&key.app_id))?;
        let replica = lease.replica().to_owned();
        let key = key.clone();
        self.write(claim::ClaimMedia { replica, key, now }).await
    }

    /// Keeps what WeChat gave for a file, and says what is kept: what was there already stays. None
    /// if the file was forgotten meanwhile.
    pub async fn keep_media(
        &self,
        key: &MediaKey,
        media_id: &str,
        url: &str,
        now: i64,
    ) -> Result<Option<String>, StoreError> {
        self.check(check_media_id(media_id))?;
        self.check(check_text(phrase!(the_address), url))?;
        let keep = claim::Keep {
            key: key.clone(),
            media_id: media_id.to_owned(),
            url: url.to_owned(),
            now,
        };
        self.write(keep).await
    }

    /// The file was not uploaded: anybody may try, as if nobody had.
    pub async fn release_media(&self, lease: &Lease, key: &MediaKey) -> Result<(), StoreError> {
        let replica = lease.replica().to_owned();
        let key = key.clone();
        self.write(claim::ReleaseMedia { replica, key }).await
    }

    /// WeChat keeps it no longer. How many files had this id.
    pub async fn forget_media(&self, app_id: &str, media_id: &str) -> Result<u64, StoreError> {
        let forget = claim::Forget {
            app_id: app_id.to_owned(),
            media_id: media_id.to_owned(),
        };
        self.write(forget).await
    }
}
