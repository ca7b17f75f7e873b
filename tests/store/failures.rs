//! Databases that are away, slow, locked, damaged or come back.

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use actix_web::rt;
use actix_web::rt::System;
use actix_web::rt::time::{sleep, timeout};
use sqlx::{Connection, Row};
use wxreply::store::{ListFilter, Remembered, Store, StoreError};

use crate::proxy::Proxy;
use crate::support::{
    TestDatabase, add, connect, databases, execute, fresh_databases, on_each_database, set,
};

/// Less than a bot would use; nothing here needs to be faster than it.
const SHORT_LIMIT: Duration = Duration::from_millis(1500);

/// By when anything must have come back to life.
const PATIENCE: Duration = Duration::from_secs(30);

async fn remember(
    store: &Store,
    database: &TestDatabase,
    key: &str,
) -> Result<Remembered, StoreError> {
    let changes = [add("list", key)];
    let delivery = database.delivery("o1", key);
    store.remember(&delivery, None, &changes, "").await
}

async fn recovers(store: &Store, database: &TestDatabase, key: &str) {
    let start = Instant::now();
    loop {
        match remember(store, database, key).await {
            Ok(_) => return,
            Err(error) if start.elapsed() > PATIENCE => panic!("no recovery: {error}"),
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Each server behind a proxy, which is not there yet.
fn proxied() -> impl Iterator<Item = (TestDatabase, Proxy)> {
    databases()
        .into_iter()
        .filter(|database| database.name != "SQLite")
        .map(|mut database| {
            let proxy = Proxy::to(&database.url);
            database.url = proxy.url().to_owned();
            (database, proxy)
        })
}

fn short(database: &TestDatabase) -> Store {
    Store::new(database.url.parse().unwrap(), SHORT_LIMIT)
}

#[test]
fn a_server_that_is_down_at_start_is_used_once_it_is_up() {
    for (database, mut proxy) in proxied() {
        System::new().block_on(async {
            let store = short(&database);
            let error = remember(&store, &database, "1").await.unwrap_err();
            assert_eq!(error.label(), "unavailable", "{error}");
            assert!(error.source().is_some());
            proxy.open();
            recovers(&store, &database, "2").await;
        });
    }
}

#[test]
fn connections_that_died_unused_are_replaced_unnoticed() {
    for (database, mut proxy) in proxied() {
        System::new().block_on(async {
            proxy.open();
            let store = database.store();
            for number in 0..3 {
                let outcome = remember(&store, &database, &number.to_string()).await;
                assert_eq!(outcome.unwrap(), Remembered::Done);
                proxy.cut_all();
            }
        });
    }
}

#[test]
fn a_network_that_swallows_everything_costs_no_more_than_the_limit() {
    for (database, mut proxy) in proxied() {
        System::new().block_on(async {
            proxy.open();
            let store = short(&database);
            recovers(&store, &database, "1").await;
            proxy.freeze();
            // More than there are connections: none may be lost to the silence.
            let calls: Vec<_> = (0..24)
                .map(|number| {
                    let store = store.clone();
                    let delivery = database.delivery("o1", &format!("frozen {number}"));
                    let changes = [add("list", &delivery.key)];
                    rt::spawn(async move { store.remember(&delivery, None, &changes, "").await })
                })
                .collect();
            for call in calls {
                let outcome = timeout(PATIENCE, call).await.unwrap().unwrap();
                assert_eq!(outcome.unwrap_err().label(), "timeout");
            }
            proxy.cut_all();
            proxy.open();
            recovers(&store, &database, "2").await;
            let recalled = store.recall(&database.delivery("o1", "2")).await.unwrap();
            let list = recalled.user.get("list").unwrap().texts().to_vec();
            assert_eq!(list, ["1", "2"]);
        });
    }
}

#[test]
fn connections_cut_at_any_byte_lose_nothing_and_double_nothing() {
    const MESSAGES: i64 = 150;
    for (database, mut proxy) in proxied() {
        System::new().block_on(async {
            proxy.open();
            let store = database.store();
            recovers(&store, &database, "first").await;
            for number in 0..MESSAGES {
                proxy.cut_after(number * 13);
                recovers(&store, &database, &number.to_string()).await;
            }
            proxy.open();
            let last = database.delivery("o1", "last");
            let user = store.recall(&last).await.unwrap().user;
            let list = user.get("list").unwrap().texts();
            let expected = (0..MESSAGES).map(|number| number.to_string());
            assert!(expected.eq(list.iter().skip(1).cloned()), "{list:?}");
        });
    }
}

#[test]
fn a_connection_cut_at_any_byte_is_no_error_if_the_change_is_stored() {
    for (database, mut proxy) in proxied() {
        System::new().block_on(async {
            proxy.open();
            let store = database.store();
            recovers(&store, &database, "first").await;
            for number in 0..150 {
                let key = number.to_string();
                proxy.cut_after(number * 13);
                let outcome = remember(&store, &database, &key).await;
                proxy.open();
                let recalled = store.recall(&database.delivery("o1", &key)).await.unwrap();
                assert_eq!(outcome.is_ok(), recalled.answer.is_some(), "{outcome:?}");
                recovers(&store, &database, &key).await;
            }
        });
    }
}

const SLOW_COMMIT: Duration = Duration::from_secs(5);

/// Makes every COMMIT of an answer take that long.
const SLOW_COMMITS: &str = "\
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$; \
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON wx_deliveries \
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()";

#[test]
fn a_commit_without_an_answer_is_told_from_a_change_that_is_not_stored() {
    for database in fresh_databases() {
        if database.name != "PostgreSQL" {
            continue;
        }
        System::new().block_on(async {
            database.store().ping().await.unwrap();
            execute(&database.url, SLOW_COMMITS.to_owned()).await;
            let store = Store::new(database.url.parse().unwrap(), SLOW_COMMIT / 2);
            store.ping().await.unwrap();
            let error = remember(&store, &database, "1").await.unwrap_err();
            assert_eq!(error.label(), "unknown", "{error}");
            database.drop_if_own().await;
        });
    }
}

#[test]
fn a_caller_who_leaves_at_any_moment_leaves_nothing_half_done() {
    on_each_database(async |database| {
        let store = database.store();
        recovers(&store, database, "first").await;
        for number in 0..60 {
            let patience = Duration::from_micros(number * 70);
            let key = format!("left {number}");
            // Whether it was in time is of no interest.
            let _ = timeout(patience, remember(&store, database, &key)).await;
        }
        let last = database.delivery("o1", "last");
        recovers(&store, database, "last").await;
        let user = store.recall(&last).await.unwrap().user;
        let list = user.get("list").unwrap().texts();
        for number in 0..60 {
            let key = format!("left {number}");
            let recalled = store.recall(&database.delivery("o1", &key)).await.unwrap();
            // Both or neither: a server may have been about to commit when the caller left.
            let stored = recalled.user.get("list").unwrap().texts().contains(&key);
            assert_eq!(recalled.answer.is_some(), stored, "{key}");
        }
        assert!(list.contains(&"last".to_owned()));
    });
}

#[test]
fn an_sqlite_file_that_cannot_be_opened_is_named_and_used_once_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let mut database = TestDatabase::sqlite();
    database.url = format!("sqlite:{}/followers.db", missing.display());
    System::new().block_on(async {
        let store = short(&database);
        let error = remember(&store, &database, "1").await.unwrap_err();
        assert_eq!(error.label(), "no_file");
        assert!(
            error.to_string().contains("missing/followers.db"),
            "{error}"
        );
        fs::create_dir(&missing).unwrap();
        let outcome = remember(&store, &database, "1").await;
        assert_eq!(outcome.unwrap(), Remembered::Done);
    });
}

#[test]
fn an_sqlite_file_that_is_something_else_is_left_alone() {
    let database = TestDatabase::sqlite();
    let file = database.url.strip_prefix("sqlite:").unwrap();
    let text = "no database, but some other precious file\n".repeat(200);
    fs::write(file, &text).unwrap();
    System::new().block_on(async {
        let error = remember(&short(&database), &database, "1").await;
        assert_eq!(error.unwrap_err().label(), "corrupt");
    });
    assert_eq!(fs::read_to_string(file).unwrap(), text);
}

#[test]
fn a_read_only_database_can_be_recalled_from_but_not_written_to() {
    on_each_database(async |database| {
        let store = database.store();
        recovers(&store, database, "1").await;
        let mut read_only = database.url.clone();
        match database.name {
            "SQLite" => read_only.push_str("?mode=ro"),
            "PostgreSQL" => {
                read_only.push_str("?options=-c%20default_transaction_read_only%3Don");
            }
            _ => return,
        }
        let store = Store::new(read_only.parse().unwrap(), SHORT_LIMIT);
        let error = remember(&store, database, "2").await.unwrap_err();
        assert_eq!(error.label(), "read_only", "{error:?}");
        let recalled = store.recall(&database.delivery("o1", "1")).await.unwrap();
        assert!(recalled.user.get("list").is_some());
    });
}

#[test]
fn another_program_that_locks_the_file_delays_nobody_beyond_the_limit() {
    let database = TestDatabase::sqlite();
    System::new().block_on(async {
        let store = short(&database);
        recovers(&store, &database, "1").await;
        let mut other = connect(&database.url).await;
        let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let call = remember(&store, &database, "2");
        let error = timeout(PATIENCE, call).await.unwrap().unwrap_err();
        assert!(["busy", "timeout"].contains(&error.label()), "{error}");
        // Readers do not mind.
        store.recall(&database.delivery("o1", "1")).await.unwrap();
        lock.rollback().await.unwrap();
        recovers(&store, &database, "2").await;
    });
}

#[test]
fn a_call_that_gives_up_early_says_after_how_long() {
    let database = TestDatabase::sqlite();
    System::new().block_on(async {
        let store = Store::new(database.url.parse().unwrap(), PATIENCE);
        recovers(&store, &database, "1").await;
        let mut other = connect(&database.url).await;
        let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let early = Duration::from_millis(400);
        let hurried = store.until(Instant::now() + early);
        let call = remember(&hurried, &database, "2");
        match timeout(PATIENCE, call).await.unwrap().unwrap_err() {
            StoreError::Timeout { limit, .. } => assert!(limit <= early, "{limit:?}"),
            error => panic!("{error}"),
        }
        lock.rollback().await.unwrap();
    });
}

#[test]
fn another_program_that_locks_a_follower_delays_nobody_beyond_the_limit() {
    on_each_database(async |database| {
        if database.name == "SQLite" {
            return;
        }
        let store = short(database);
        recovers(&store, database, "1").await;
        let mut other = connect(&database.url).await;
        let mut lock = other.begin().await.unwrap();
        let locking = format!(
            "UPDATE wx_followers SET version = version + 1 \
             WHERE openid = 'o1' AND account = '{}'",
            database.account
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(locking))
            .execute(&mut *lock)
            .await
            .unwrap();
        let call = remember(&store, database, "2");
        let error = timeout(PATIENCE, call).await.unwrap().unwrap_err();
        assert!(["busy", "timeout"].contains(&error.label()), "{error}");
        let other_follower = database.delivery("o2", "2");
        let outcome = store
            .remember(&other_follower, None, &[set("a", "1")], "")
            .await;
        assert_eq!(outcome.unwrap(), Remembered::Done);
        lock.rollback().await.unwrap();
        recovers(&store, database, "2").await;
    });
}

#[test]
fn another_program_that_locks_a_table_delays_no_reader_beyond_the_limit() {
    for database in fresh_databases() {
        let locking = match database.name {
            "PostgreSQL" => "BEGIN; LOCK TABLE wx_values IN ACCESS EXCLUSIVE MODE",
            "MySQL" => "LOCK TABLES wx_values WRITE",
            _ => continue,
        };
        System::new().block_on(async {
            let store = short(&database);
            recovers(&store, &database, "1").await;
            let mut other = connect(&database.url).await;
            sqlx::raw_sql(locking).execute(&mut other).await.unwrap();
            let all = ListFilter {
                key: None,
                account: None,
                since: 0,
                now: 0,
            };
            let list = timeout(PATIENCE, store.list(&all, |_| {})).await;
            let export = timeout(PATIENCE, store.export("o1")).await;
            for error in [list.unwrap().unwrap_err(), export.unwrap().unwrap_err()] {
                let is_told = ["busy", "timeout"].contains(&error.label());
                assert!(is_told, "{}: {error}", database.name);
            }
            other.close().await.unwrap();
            recovers(&store, &database, "2").await;
            database.drop_if_own().await;
        });
    }
}

#[test]
fn callers_who_give_up_leave_no_more_connections_than_there_may_be() {
    /// The store's own, and the one it ends others with.
    const MAX_CONNECTIONS: i64 = 8 + 1;
    for database in fresh_databases() {
        let name = database.url.rsplit_once('/').unwrap().1;
        let count = match database.name {
            "PostgreSQL" => format!("FROM pg_stat_activity WHERE datname = '{name}'"),
            "MySQL" => format!("FROM information_schema.processlist WHERE db = '{name}'"),
            _ => continue,
        };
        System::new().block_on(async {
            let store = short(&database);
            recovers(&store, &database, "first").await;
            let mut other = connect(&database.url).await;
            let mut lock = other.begin().await.unwrap();
            sqlx::raw_sql("UPDATE wx_followers SET version = version + 1")
                .execute(&mut *lock)
                .await
                .unwrap();
            for round in 0..4 {
                let calls: Vec<_> = (0..16)
                    .map(|number| {
                        let store = store.clone();
                        let delivery = database.delivery("o1", &format!("{round} {number}"));
                        let changes = [add("list", "1")];
                        rt::spawn(
                            async move { store.remember(&delivery, None, &changes, "").await },
                        )
                    })
                    .collect();
                for call in calls {
                    call.await.unwrap().unwrap_err();
                }
                let query = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) {count}"));
                let row = sqlx::query(query).fetch_one(&mut *lock).await.unwrap();
                let others = row.get::<i64, _>(0) - 1;
                assert!(others <= MAX_CONNECTIONS, "{others} on {}", database.name);
            }
            lock.rollback().await.unwrap();
            recovers(&store, &database, "last").await;
            database.drop_if_own().await;
        });
    }
}

#[test]
fn a_wrong_password_is_told_from_a_server_that_is_down() {
    for database in databases() {
        let Some((scheme, rest)) = database.url.split_once("://") else {
            continue;
        };
        let address = rest.rsplit_once('@').map_or(rest, |(_, address)| address);
        let url = format!("{scheme}://nobody_here:secret@{address}");
        System::new().block_on(async {
            let store = Store::new(url.parse().unwrap(), SHORT_LIMIT * 10);
            let error = remember(&store, &database, "1").await.unwrap_err();
            assert_eq!(error.label(), "denied", "{error:?}");
            assert!(!format!("{error} {error:?}").contains("secret"));
        });
    }
}

#[test]
fn a_database_whose_file_was_taken_away_gets_new_tables() {
    let database = TestDatabase::sqlite();
    System::new().block_on(async {
        let store = database.store();
        recovers(&store, &database, "1").await;
        let mut other = connect(&database.url).await;
        sqlx::raw_sql("DROP TABLE wx_deliveries; DROP TABLE wx_migrations")
            .execute(&mut other)
            .await
            .unwrap();
        remember(&store, &database, "2").await.unwrap_err();
        recovers(&store, &database, "2").await;
    });
}
