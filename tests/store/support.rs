//! Databases to test against, and short ways to say what a follower does.

use std::env;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::time::Duration;

use actix_web::rt::System;
use tempfile::TempDir;
use wxreply::store::Delivery;
use wxreply::store::Store;
use wxreply::user::Change;

/// Long enough for a busy machine: no test waits for it to pass.
pub const LIMIT: Duration = Duration::from_secs(20);

pub const NOON: i64 = 1_800_000_000;

pub struct TestDatabase {
    pub name: &'static str,
    pub url: String,
    /// Tests share servers, never an account.
    pub account: String,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    pub fn sqlite() -> TestDatabase {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/followers.db", folder.path().display());
        TestDatabase {
            name: "SQLite",
            url,
            account: unique_account(),
            _folder: Some(folder),
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
}

/// SQLite, and the servers whose URLs the environment holds.
pub fn databases() -> Vec<TestDatabase> {
    let mut databases = vec![TestDatabase::sqlite()];
    for (name, variable) in [
        ("PostgreSQL", "WXREPLY_TEST_POSTGRES"),
        ("MySQL", "WXREPLY_TEST_MYSQL"),
    ] {
        match env::var(variable) {
            Ok(url) => databases.push(TestDatabase {
                name,
                url,
                account: unique_account(),
                _folder: None,
            }),
            Err(_) => say(&format!("not run on {name}: {variable} is not set")),
        }
    }
    databases
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
