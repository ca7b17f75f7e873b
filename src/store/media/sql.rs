//! Every statement about files that WeChat keeps, in two dialects. Executes nothing.

use crate::store::sql::of;

pub(in crate::store) struct MediaSql {
    /// app_id
    pub(super) kept: &'static str,
    /// app_id, kind, hash
    pub(super) one: &'static str,
    /// app_id, kind, hash, now, replica
    pub(super) claim: &'static str,
    /// replica, now, app_id, kind, hash, replica, now in milliseconds
    pub(super) take_over: &'static str,
    /// media_id, url, now, app_id, kind, hash
    pub(super) keep: &'static str,
    /// app_id, kind, hash, replica
    pub(super) release: &'static str,
    /// app_id, media_id
    pub(super) forget: &'static str,
}

pub(in crate::store) const SQLITE: MediaSql = MediaSql {
    kept: "SELECT kind, hash, media_id, url FROM wx_media \
           WHERE app_id = $1 AND media_id IS NOT NULL",
    one: "SELECT kind, hash, media_id, url FROM wx_media \
          WHERE app_id = $1 AND kind = $2 AND hash = $3 AND media_id IS NOT NULL",
    claim: "INSERT INTO wx_media (app_id, kind, hash, url, uploaded_at, replica, tries) \
            VALUES ($1, $2, $3, '', $4, $5, 1) ON CONFLICT (app_id, kind, hash) DO NOTHING",
    take_over: "UPDATE wx_media SET replica = $1, uploaded_at = $2, tries = tries + 1 \
                WHERE app_id = $3 AND kind = $4 AND hash = $5 AND media_id IS NULL \
                AND (replica = $6 OR NOT EXISTS (SELECT 1 FROM wx_replicas \
                WHERE wx_replicas.replica = wx_media.replica AND leased_ms > $7))",
    keep: "UPDATE wx_media SET media_id = $1, url = $2, uploaded_at = $3 \
           WHERE app_id = $4 AND kind = $5 AND hash = $6 AND media_id IS NULL",
    release: "DELETE FROM wx_media WHERE app_id = $1 AND kind = $2 AND hash = $3 \
              AND replica = $4 AND media_id IS NULL",
    forget: "DELETE FROM wx_media WHERE app_id = $1 AND media_id = $2",
};

pub(in crate::store) const MYSQL: MediaSql = MediaSql {
    kept: of!(kept),
    one: of!(one),
    claim: "INSERT INTO wx_media (app_id, kind, hash, url, uploaded_at, replica, tries) \
            VALUES (?, ?, ?, '', ?, ?, 1)",
    take_over: of!(take_over),
    keep: of!(keep),
    release: of!(release),
    forget: of!(forget),
};
