//! Databases to test against, and short ways to say what a follower does.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use actix_web::rt::System;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tempfile::TempDir;
use wxreply::store::{Delivery, Given, Store};
use wxreply::user::Change;

use crate::requirements;

/// Long enough for a busy machine: no test waits for it to pass.
pub const LIMIT: Duration = Duration::from_secs(20);

pub const NOON: i64 = 1_800_000_000;

pub struct TestDatabase {
    pub name: &'static str,
    pub url: String,
    /// Tests share servers, never an account.
    pub account: String,
    _folder: Option<TempDir>,
    /// The database that was made for this test alone, and where to drop it.
    own: Option<(String, String)>,
}

impl TestDatabase {
    /// Empties the server of a database that no other test uses.
    pub async fn drop_if_own(&self) {
        if let Some((name, server)) = &self.own {
            let force = match self.name {
                "PostgreSQL" => " WITH (FORCE)",
                _ => "",
            };
            execute(server, format!("DROP DATABASE {name}{force}")).await;
        }
    }

    pub fn sqlite() -> TestDatabase {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/followers.db", folder.path().display());
        TestDatabase {
            name: "SQLite",
            url,
            account: unique_account(),
            _folder: Some(folder),
            own: None,
        }
    }

    /// A replica of its own: another `Store` on the same database.
    pub fn store(&self) -> Store {
        Store::new(self.url.parse().unwrap(), LIMIT)
    }

    /// The delivery of the message `key` of a follower.
    pub fn delivery(&self, openid: &str, key: &str) -> Delivery {
        Delivery {
            account: self.account.clone(),
            openid: openid.to_owned(),
            key: key.to_owned(),
            at: NOON,
        }
    }

    /// How often the write-ahead log of a SQLite file says that a transaction ends.
    pub fn commits_in_log(&self) -> usize {
        const HEADER: usize = 32;
        const FRAME_HEADER: usize = 24;
        let file = self.url.strip_prefix("sqlite:").unwrap();
        let log = std::fs::read(format!("{file}-wal")).unwrap();
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
        let page_size = usize::try_from(number(&log[8..12])).unwrap();
        log[HEADER..]
            .chunks_exact(FRAME_HEADER + page_size)
            .filter(|frame| frame[8..16] == log[16..24] && number(&frame[4..8]) > 0)
            .count()
    }
}

/// SQLite, and the servers whose URLs the environment holds.
pub fn databases() -> Vec<TestDatabase> {
    let mut databases = vec![TestDatabase::sqlite()];
    for (name, required, variable) in [
        ("PostgreSQL", "postgres", "WXREPLY_TEST_POSTGRES"),
        ("MySQL", "mysql", "WXREPLY_TEST_MYSQL"),
    ] {
        let url = requirements::server(required, variable);
        databases.extend(url.map(|url| TestDatabase {
            name,
            url,
            account: unique_account(),
            _folder: None,
            own: None,
        }));
    }
    databases
}

/// The same, each with nothing in it and for one test alone.
pub fn fresh_databases() -> Vec<TestDatabase> {
    let mut databases = databases();
    for database in &mut databases {
        let Some((server, _)) = database.url.rsplit_once('/') else {
            continue;
        };
        if database.name == "SQLite" {
            continue;
        }
        let name = format!("wxreply_{}", unique_account());
        let url = format!("{server}/{name}");
        let server = std::mem::replace(&mut database.url, url);
        System::new().block_on(execute(&server, format!("CREATE DATABASE {name}")));
        database.own = Some((name, server));
    }
    databases
}

pub async fn connect(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

/// Speaks to a database as any other program would.
pub async fn execute(url: &str, statement: String) {
    let mut connection = connect(url).await;
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// As if the replicas that asked or uploaded for this account had been silent for too long.
pub async fn let_replicas_die(database: &TestDatabase) {
    for (table, of) in [("wx_questions", "account"), ("wx_media", "app_id")] {
        let dead = format!(
            "UPDATE wx_replicas SET leased_ms = 0 WHERE replica IN \
             (SELECT replica FROM {table} WHERE {of} = '{}')",
            database.account
        );
        execute(&database.url, dead).await;
    }
}

/// Runs a test against every database.
pub fn on_each_database(test: impl AsyncFn(&TestDatabase)) {
    for database in databases() {
        say(&format!("on {}", database.name));
        System::new().block_on(test(&database));
    }
}

#[expect(clippy::print_stderr, reason = "tests talk to whoever runs them")]
fn say(text: &str) {
    eprintln!("{text}");
}

fn unique_account() -> String {
    format!("gh_{:016x}", RandomState::new().hash_one(()))
}

pub fn set(key: &str, value: &str) -> Change {
    Change::Set {
        key: key.to_owned(),
        value: value.to_owned(),
        expires: None,
    }
}

pub fn set_for(key: &str, value: &str, expires: Duration) -> Change {
    Change::Set {
        key: key.to_owned(),
        value: value.to_owned(),
        expires: Some(expires),
    }
}

pub fn add(key: &str, item: &str) -> Change {
    Change::Add {
        key: key.to_owned(),
        item: item.to_owned(),
    }
}

pub fn remove(key: &str, item: &str) -> Change {
    Change::Remove {
        key: key.to_owned(),
        item: item.to_owned(),
    }
}

pub fn clear(key: &str) -> Change {
    Change::Clear {
        key: key.to_owned(),
    }
}

/// What a delivery is given that arrives.
pub async fn given(store: &Store, delivery: &Delivery, question: &str) -> Given {
    let given = being_given(store, delivery, question, Duration::from_secs(60)).await;
    store.has_arrived(delivery).await.unwrap();
    given
}

/// What a delivery is given that is under way for so long.
pub async fn being_given(
    store: &Store,
    delivery: &Delivery,
    question: &str,
    lasts: Duration,
) -> Given {
    let given = store.give(delivery, question, "nothing", lasts);
    given.await.unwrap()
}

pub fn part(answer: &str, left: usize) -> Given {
    Given::Part {
        answer: answer.to_owned(),
        left,
    }
}
