//! All statements of the store, in two dialects. Executes nothing.
//!
//! A statement takes the same parameters in the same order in both, each used once, so that MySQL,
//! which has no numbered ones, reads most as they are, with `?` for the numbers. SQLite and
//! PostgreSQL share all but three statements.

use crate::store::media::sql as media;
use crate::store::question::sql as questions;

pub(super) struct Sql {
    pub(super) questions: questions::QuestionSql,
    pub(super) media: media::MediaSql,
    pub(super) begin: &'static str,
    /// openid, account, delivery · openid, account · openid, account, now · openid, account
    pub(super) recall: &'static str,
    /// openid, account, version · openid, account, delivery
    pub(super) claim_any: &'static str,
    /// openid, account, version · openid, account, delivery
    pub(super) claim_nothing_stored: &'static str,
    /// new version · openid, account, old version · openid, account, delivery
    pub(super) claim_version: &'static str,
    /// openid, account, delivery
    pub(super) answer: &'static str,
    /// openid, account, delivery, answer, now
    pub(super) deliver: &'static str,
    /// openid, account, delivery, answer, now · openid, account, version
    pub(super) deliver_at_version: &'static str,
    /// openid, account, name, value, expires_at, now
    pub(super) set: &'static str,
    /// openid, account, name, item, now · item, openid, account, name, most items
    pub(super) add: &'static str,
    /// openid, account, name, item
    pub(super) has_item: &'static str,
    /// openid, account, name, item
    pub(super) remove: &'static str,
    /// openid, account, name
    pub(super) clear_value: &'static str,
    /// openid, account, name
    pub(super) clear_items: &'static str,
    /// openid, account
    pub(super) clear_values_of_follower: &'static str,
    /// openid, account
    pub(super) clear_items_of_follower: &'static str,
    /// openid, account · openid, account · openid, account
    pub(super) drop_follower_without_anything: &'static str,
    /// expired since, now, most rows
    pub(super) expired_values: &'static str,
    /// openid, account
    pub(super) touch_follower: &'static str,
    /// openid, account, now
    pub(super) drop_expired_values: &'static str,
    /// answered before, most rows
    pub(super) drop_old_deliveries: &'static str,
    /// openid
    pub(super) touch_person: &'static str,
    /// openid, each
    pub(super) forget: [&'static str; 8],
    /// openid, account, each
    pub(super) forget_follower: [&'static str; 8],
    /// openid
    pub(super) export_values: &'static str,
    /// openid
    pub(super) export_items: &'static str,
    /// openid
    pub(super) export_deliveries: &'static str,
    /// Begins a transaction that may take long, as reading the rows may; only not waiting for who
    /// has locked them. `{seconds}` is how long that may take.
    pub(super) begin_list: &'static str,
    /// now, since, key, key, account, account · since, key, key, account, account
    pub(super) list: &'static str,
    pub(super) migrations_table: &'static str,
    pub(super) migrations_applied: &'static str,
    /// number
    pub(super) migration_done: &'static str,
}

pub(super) const SQLITE: Sql = Sql {
    questions: questions::SQLITE,
    media: media::SQLITE,
    // A transaction that reads first and then writes can be refused at once, whatever the busy
    // timeout.
    begin: "BEGIN IMMEDIATE",
    recall: "SELECT 0 AS kind, '' AS name, 0 AS number, answer AS text FROM wx_deliveries \
             WHERE openid = $1 AND account = $2 AND delivery = $3 \
             UNION ALL SELECT 1, '', version, '' FROM wx_followers \
             WHERE openid = $4 AND account = $5 \
             UNION ALL SELECT 2, name, 0, value FROM wx_values \
             WHERE openid = $6 AND account = $7 AND (expires_at IS NULL OR expires_at > $8) \
             UNION ALL SELECT 3, name, position, item FROM wx_items \
             WHERE openid = $9 AND account = $10 \
             ORDER BY 1, 2, 3",
    claim_any: "INSERT INTO wx_followers (openid, account, version) SELECT $1, $2, $3 \
                WHERE NOT EXISTS (SELECT 1 FROM wx_deliveries \
                WHERE openid = $4 AND account = $5 AND delivery = $6) \
                ON CONFLICT (openid, account) DO UPDATE SET version = excluded.version",
    claim_nothing_stored: "INSERT INTO wx_followers (openid, account, version) SELECT $1, $2, $3 \
                           WHERE NOT EXISTS (SELECT 1 FROM wx_deliveries \
                           WHERE openid = $4 AND account = $5 AND delivery = $6) \
                           ON CONFLICT (openid, account) DO NOTHING",
    claim_version: "UPDATE wx_followers SET version = $1 \
                    WHERE openid = $2 AND account = $3 AND version = $4 \
                    AND NOT EXISTS (SELECT 1 FROM wx_deliveries \
                    WHERE openid = $5 AND account = $6 AND delivery = $7)",
    answer: "SELECT answer FROM wx_deliveries \
             WHERE openid = $1 AND account = $2 AND delivery = $3",
    deliver: "INSERT INTO wx_deliveries (openid, account, delivery, answer, answered_at) \
              VALUES ($1, $2, $3, $4, $5) ON CONFLICT (openid, account, delivery) DO NOTHING",
    deliver_at_version: "INSERT INTO wx_deliveries \
                         (openid, account, delivery, answer, answered_at) \
                         SELECT $1, $2, $3, $4, $5 WHERE COALESCE((SELECT version \
                         FROM wx_followers WHERE openid = $6 AND account = $7), 0) = $8 \
                         ON CONFLICT (openid, account, delivery) DO NOTHING",
    set: "INSERT INTO wx_values (openid, account, name, value, expires_at, updated_at) \
          VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (openid, account, name) DO UPDATE SET \
          value = excluded.value, expires_at = excluded.expires_at, \
          updated_at = excluded.updated_at",
    add: "INSERT INTO wx_items (openid, account, name, position, item, added_at) \
          SELECT $1, $2, $3, list.next_position, $4, $5 FROM ( \
          SELECT COALESCE(MAX(position), 0) + 1 AS next_position, COUNT(*) AS held, \
          COUNT(CASE WHEN item = $6 THEN 1 END) AS present FROM wx_items \
          WHERE openid = $7 AND account = $8 AND name = $9) AS list \
          WHERE list.present = 0 AND list.held < $10",
    has_item: "SELECT COUNT(*) FROM wx_items \
               WHERE openid = $1 AND account = $2 AND name = $3 AND item = $4",
    remove: "DELETE FROM wx_items \
             WHERE openid = $1 AND account = $2 AND name = $3 AND item = $4",
    clear_value: "DELETE FROM wx_values WHERE openid = $1 AND account = $2 AND name = $3",
    clear_items: "DELETE FROM wx_items WHERE openid = $1 AND account = $2 AND name = $3",
    clear_values_of_follower: "DELETE FROM wx_values WHERE openid = $1 AND account = $2",
    clear_items_of_follower: "DELETE FROM wx_items WHERE openid = $1 AND account = $2",
    drop_follower_without_anything: "DELETE FROM wx_followers \
                                     WHERE openid = $1 AND account = $2 \
                                     AND NOT EXISTS (SELECT 1 FROM wx_values \
                                     WHERE openid = $3 AND account = $4) \
                                     AND NOT EXISTS (SELECT 1 FROM wx_items \
                                     WHERE openid = $5 AND account = $6)",
    // Ordered by time; otherwise PostgreSQL scans all values that stay.
    expired_values: "SELECT openid, account, expires_at FROM wx_values \
                     WHERE expires_at >= $1 AND expires_at <= $2 \
                     ORDER BY expires_at LIMIT $3",
    touch_follower: "UPDATE wx_followers SET version = version + 1 \
                     WHERE openid = $1 AND account = $2",
    drop_expired_values: "DELETE FROM wx_values \
                          WHERE openid = $1 AND account = $2 AND expires_at <= $3",
    drop_old_deliveries: "DELETE FROM wx_deliveries WHERE rowid IN (SELECT rowid \
                          FROM wx_deliveries WHERE answered_at < $1 ORDER BY answered_at LIMIT $2)",
    touch_person: "UPDATE wx_followers SET version = version + 1 WHERE openid = $1",
    forget: [
        "DELETE FROM wx_values WHERE openid = $1",
        "DELETE FROM wx_items WHERE openid = $1",
        "DELETE FROM wx_deliveries WHERE openid = $1",
        "DELETE FROM wx_questions WHERE openid = $1",
        "DELETE FROM wx_arrivals WHERE openid = $1",
        "DELETE FROM wx_turns WHERE openid = $1",
        "DELETE FROM wx_counts WHERE openid = $1",
        "DELETE FROM wx_followers WHERE openid = $1",
    ],
    forget_follower: [
        "DELETE FROM wx_values WHERE openid = $1 AND account = $2",
        "DELETE FROM wx_items WHERE openid = $1 AND account = $2",
        "DELETE FROM wx_deliveries WHERE openid = $1 AND account = $2",
        "DELETE FROM wx_questions WHERE openid = $1 AND account = $2",
        "DELETE FROM wx_arrivals WHERE openid = $1 AND account = $2",
        "DELETE FROM wx_turns WHERE openid = $1 AND account = $2",
        "DELETE FROM wx_counts WHERE openid = $1 AND account = $2",
        "DELETE FROM wx_followers WHERE openid = $1 AND account = $2",
    ],
    export_values: "SELECT account, name, value, expires_at, updated_at FROM wx_values \
                    WHERE openid = $1 ORDER BY account, name",
    export_items: "SELECT account, name, item, added_at FROM wx_items \
                   WHERE openid = $1 ORDER BY account, name, position",
    export_deliveries: "SELECT account, delivery, answer, answered_at FROM wx_deliveries \
                        WHERE openid = $1 ORDER BY account, answered_at, delivery",
    begin_list: "BEGIN",
    list: "SELECT openid, account, name, value, updated_at AS stored_at, expires_at, \
           0 AS position FROM wx_values \
           WHERE (expires_at IS NULL OR expires_at > $1) AND updated_at >= $2 \
           AND ($3 = '' OR name = $4) AND ($5 = '' OR account = $6) \
           UNION ALL SELECT openid, account, name, item, added_at, NULL, position FROM wx_items \
           WHERE added_at >= $7 AND ($8 = '' OR name = $9) AND ($10 = '' OR account = $11) \
           ORDER BY stored_at DESC, account, openid, name, position DESC",
    migrations_table: "CREATE TABLE IF NOT EXISTS wx_migrations (number BIGINT PRIMARY KEY)",
    migrations_applied: "SELECT number FROM wx_migrations",
    migration_done: "INSERT INTO wx_migrations (number) VALUES ($1) \
                     ON CONFLICT (number) DO NOTHING",
};

pub(super) const POSTGRES: Sql = Sql {
    questions: questions::POSTGRES,
    begin: "BEGIN",
    // Two replicas may sweep at the same time; each skips rows that the other has locked.
    drop_old_deliveries: "DELETE FROM wx_deliveries WHERE (openid, account, delivery) IN ( \
                          SELECT openid, account, delivery FROM wx_deliveries \
                          WHERE answered_at < $1 ORDER BY answered_at \
                          LIMIT $2 FOR UPDATE SKIP LOCKED)",
    begin_list: "BEGIN READ ONLY; SET LOCAL statement_timeout = 0; \
                 SET LOCAL lock_timeout = '{seconds}s'",
    ..SQLITE
};

/// A statement as MySQL reads it.
macro_rules! marked {
    ($text:expr) => {{
        const TEXT: &str = $text;
        const BYTES: [u8; TEXT.len()] = $crate::store::sql::with_question_marks(TEXT);
        $crate::store::sql::as_text(&BYTES)
    }};
}

/// The statement of that name that SQLite has.
macro_rules! of {
    ($name:ident $([$place:literal])?) => {
        $crate::store::sql::marked!(SQLITE.$name $([$place])?)
    };
}

/// The same for a name that stands for eight.
macro_rules! of_each {
    ($name:ident) => {
        [
            of!($name[0]),
            of!($name[1]),
            of!($name[2]),
            of!($name[3]),
            of!($name[4]),
            of!($name[5]),
            of!($name[6]),
            of!($name[7]),
        ]
    };
}

pub(in crate::store) use {marked, of};

/// MySQL compares texts as if both ended in spaces; items are compared as bytes.
pub(super) const MYSQL: Sql = Sql {
    questions: questions::MYSQL,
    media: media::MYSQL,
    begin: "BEGIN",
    recall: of!(recall),
    claim_any: "INSERT INTO wx_followers (openid, account, version) SELECT ?, ?, ? FROM DUAL \
                WHERE NOT EXISTS (SELECT 1 FROM wx_deliveries \
                WHERE openid = ? AND account = ? AND delivery = ?) \
                ON DUPLICATE KEY UPDATE version = VALUES(version)",
    claim_nothing_stored: "INSERT INTO wx_followers (openid, account, version) \
                           SELECT ?, ?, ? FROM DUAL \
                           WHERE NOT EXISTS (SELECT 1 FROM wx_deliveries \
                           WHERE openid = ? AND account = ? AND delivery = ?)",
    claim_version: of!(claim_version),
    answer: of!(answer),
    deliver: "INSERT INTO wx_deliveries (openid, account, delivery, answer, answered_at) \
              VALUES (?, ?, ?, ?, ?)",
    deliver_at_version: "INSERT INTO wx_deliveries \
                         (openid, account, delivery, answer, answered_at) \
                         SELECT ?, ?, ?, ?, ? FROM DUAL WHERE COALESCE((SELECT version \
                         FROM wx_followers WHERE openid = ? AND account = ?), 0) = ?",
    set: "INSERT INTO wx_values (openid, account, name, value, expires_at, updated_at) \
          VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value), \
          expires_at = VALUES(expires_at), updated_at = VALUES(updated_at)",
    add: "INSERT INTO wx_items (openid, account, name, position, item, added_at) \
          SELECT ?, ?, ?, list.next_position, ?, ? FROM ( \
          SELECT COALESCE(MAX(position), 0) + 1 AS next_position, COUNT(*) AS held, \
          COUNT(CASE WHEN CAST(item AS BINARY) = CAST(? AS BINARY) THEN 1 END) AS present \
          FROM wx_items WHERE openid = ? AND account = ? AND name = ?) AS list \
          WHERE list.present = 0 AND list.held < ?",
    has_item: "SELECT COUNT(*) FROM wx_items WHERE openid = ? AND account = ? AND name = ? \
               AND CAST(item AS BINARY) = CAST(? AS BINARY)",
    remove: "DELETE FROM wx_items WHERE openid = ? AND account = ? AND name = ? \
             AND CAST(item AS BINARY) = CAST(? AS BINARY)",
    clear_value: of!(clear_value),
    clear_items: of!(clear_items),
    clear_values_of_follower: of!(clear_values_of_follower),
    clear_items_of_follower: of!(clear_items_of_follower),
    drop_follower_without_anything: of!(drop_follower_without_anything),
    expired_values: of!(expired_values),
    touch_follower: of!(touch_follower),
    drop_expired_values: of!(drop_expired_values),
    drop_old_deliveries: "DELETE FROM wx_deliveries WHERE answered_at < ? \
                          ORDER BY answered_at LIMIT ?",
    touch_person: of!(touch_person),
    forget: of_each!(forget),
    forget_follower: of_each!(forget_follower),
    export_values: of!(export_values),
    export_items: of!(export_items),
    export_deliveries: of!(export_deliveries),
    begin_list: "SET SESSION net_write_timeout = 86400; \
                 SET SESSION lock_wait_timeout = {seconds}; BEGIN",
    list: of!(list),
    migrations_table: "CREATE TABLE IF NOT EXISTS wx_migrations (number BIGINT PRIMARY KEY) \
                       ENGINE = InnoDB",
    migrations_applied: of!(migrations_applied),
    migration_done: "INSERT IGNORE INTO wx_migrations (number) VALUES (?)",
};

/// `?` for each number, with spaces for its digits.
#[expect(
    clippy::indexing_slicing,
    reason = "a constant: the compiler itself would find an index out of bounds"
)]
pub(in crate::store) const fn with_question_marks<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    let text = text.as_bytes();
    let mut bytes = [b' '; LENGTH];
    let (mut at, mut is_number) = (0, false);
    while at < LENGTH {
        is_number = is_number && text[at].is_ascii_digit();
        if text[at] == b'$' {
            bytes[at] = b'?';
            is_number = true;
        } else if !is_number {
            bytes[at] = text[at];
        }
        at += 1;
    }
    bytes
}

pub(in crate::store) const fn as_text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_for_mysql_has_question_marks_for_numbers() {
        let statement = "UPDATE wx_followers SET version = version + 1 \
                         WHERE openid = ?  AND account = ? ";
        assert_eq!(MYSQL.touch_follower, statement);
        let ten = marked!("SELECT $9, $10");
        assert_eq!(ten, "SELECT ? , ?  ");
    }
}
