//! What is over is deleted, and nobody waits for it.

use std::time::Duration;

use actix_web::rt::System;
use actix_web::rt::time::sleep;
use sqlx::{AssertSqlSafe, Connection, Row};
use wxreply::store::{KEEP_ANSWERS, Store};

use crate::support::{NOON, TestDatabase, connect, execute, fresh_databases, set, set_for};

const MINUTE: Duration = Duration::from_secs(60);

/// Each of them stores a value that expires a minute later.
async fn let_expire(store: &Store, database: &TestDatabase, followers: u64) {
    for number in 0..followers {
        let delivery = database.delivery(&format!("o{number}"), "1");
        let changes = [set_for("step", "ask", MINUTE)];
        store.remember(&delivery, None, &changes, "").await.unwrap();
    }
}

/// On databases of its own: a sweep is for everyone in one.
#[test]
fn a_sweep_deletes_what_is_over_and_nothing_else() {
    const FOLLOWERS: u64 = 520;
    for database in fresh_databases() {
        System::new().block_on(async {
            let store = database.store();
            let_expire(&store, &database, FOLLOWERS).await;
            let kept = database.delivery("o0", "2");
            store
                .remember(&kept, None, &[set("name", "kept")], "late")
                .await
                .unwrap();

            assert_eq!(store.sweep_values(NOON + 59).await.unwrap(), 0);
            assert_eq!(store.sweep_values(NOON + 60).await.unwrap(), FOLLOWERS);
            assert_eq!(store.sweep_values(NOON + 60).await.unwrap(), 0);
            let in_time = NOON + KEEP_ANSWERS;
            assert_eq!(store.sweep_answers(in_time).await.unwrap(), 0);
            assert!(store.recall(&kept).await.unwrap().answer.is_some());

            let answers = store.sweep_answers(in_time + 1).await.unwrap();
            assert_eq!(answers, FOLLOWERS + 1);
            let recalled = store.recall(&kept).await.unwrap();
            assert_eq!(recalled.answer, None);
            assert_eq!(recalled.user.get("step"), None);
            assert!(recalled.user.get("name").is_some());
            assert_eq!(store.forget("o1").await.unwrap(), 0);
            database.drop_if_own().await;
        });
    }
}

/// The one who writes to SQLite waits for the disk once for each commit, and others with it.
#[test]
fn sweeping_fifty_followers_takes_one_commit() {
    let database = TestDatabase::sqlite();
    System::new().block_on(async {
        let store = database.store();
        let_expire(&store, &database, 50).await;
        let before = database.commits_in_log();
        assert_eq!(store.sweep_values(NOON + 60).await.unwrap(), 50);
        assert_eq!(database.commits_in_log() - before, 1);
    });
}

/// They have followers' words in them.
#[test]
fn old_answers_are_deleted_while_a_follower_with_expired_values_is_locked() {
    for database in fresh_databases() {
        if database.name == "SQLite" {
            continue;
        }
        System::new().block_on(async {
            let store = Store::new(database.url.parse().unwrap(), Duration::from_secs(1));
            let_expire(&database.store(), &database, 3).await;
            let mut other = connect(&database.url).await;
            let mut lock = other.begin().await.unwrap();
            sqlx::raw_sql("UPDATE wx_followers SET version = version + 1 WHERE openid = 'o1'")
                .execute(&mut *lock)
                .await
                .unwrap();
            let later = NOON + KEEP_ANSWERS + 1;
            let answers = store.sweep_answers(later).await.unwrap();
            assert_eq!(answers, 3);
            store.sweep_values(later).await.unwrap_err();
            lock.rollback().await.unwrap();
            assert_eq!(store.sweep_values(later).await.unwrap(), 3);
            other.close().await.unwrap();
            database.drop_if_own().await;
        });
    }
}

/// PostgreSQL plans a statement that it has prepared for any time, not for this one.
#[test]
fn a_sweep_of_postgresql_reads_no_more_values_than_it_deletes() {
    const STAYING: i64 = 20_000;
    const EXPIRED: u64 = 400;
    for database in fresh_databases() {
        if database.name != "PostgreSQL" {
            continue;
        }
        System::new().block_on(async {
            let_expire(&database.store(), &database, EXPIRED).await;
            let (_, name) = database.url.rsplit_once('/').unwrap();
            let fill = format!(
                "INSERT INTO wx_values SELECT 'a' || number, 'gh_1', 'step', 'ask', {NOON} + 3600, 1 \
                 FROM generate_series(1, {STAYING}) AS number; \
                 ANALYZE wx_values; \
                 ALTER DATABASE {name} SET plan_cache_mode = force_generic_plan; \
                 ALTER DATABASE {name} SET enable_seqscan = off; \
                 ALTER DATABASE {name} SET enable_bitmapscan = off"
            );
            execute(&database.url, fill).await;
            let store = database.store();
            assert_eq!(store.sweep_values(NOON + 60).await.unwrap(), EXPIRED);
            drop(store);
            // A connection tells what it read when it ends.
            let deleted = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'wx_values'";
            while number(&database.url, deleted).await < i64::try_from(EXPIRED).unwrap() {
                sleep(Duration::from_millis(50)).await;
            }
            let read = "SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'wx_values'";
            let read = number(&database.url, read).await;
            assert!(read < STAYING, "{read} rows were read");
            database.drop_if_own().await;
        });
    }
}

async fn number(url: &str, query: &str) -> i64 {
    let mut connection = connect(url).await;
    let row = sqlx::query(AssertSqlSafe(query.to_owned()))
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    row.get(0)
}
