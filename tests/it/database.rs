//! The databases to test on, read as any other program reads them. Knows only the documented
//! tables.

use std::hash::{BuildHasher, RandomState};

use actix_web::rt::System;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::requirements;
use crate::support::Folder;

/// The file of the default database, seen from the folder of the test.
pub const FILE: &str = "followers.db";

/// URLs to test on: a file in the folder, and the servers that the environment names.
pub fn databases(folder: &Folder) -> Vec<String> {
    let mut urls = vec![format!("sqlite:{}", folder.path().join(FILE).display())];
    urls.extend(requirements::server("postgres", "WXREPLY_TEST_POSTGRES"));
    urls.extend(requirements::server("mysql", "WXREPLY_TEST_MYSQL"));
    urls
}

/// An openid that no other test and no earlier run has used.
pub fn new_follower() -> String {
    format!("o{:016x}", RandomState::new().hash_one(()))
}

/// What is stored under a key of a follower; empty when nothing is.
pub fn value(url: &str, openid: &str, key: &str) -> String {
    let query = format!("SELECT value FROM wx_values WHERE openid = '{openid}' AND name = '{key}'");
    column(url, &query).concat()
}

/// The list that is stored under a key of a follower.
pub fn items(url: &str, openid: &str, key: &str) -> Vec<String> {
    let query = format!(
        "SELECT item FROM wx_items WHERE openid = '{openid}' AND name = '{key}' ORDER BY position"
    );
    column(url, &query)
}

/// How many items all followers have together whose openid begins like this.
pub fn items_of_all(url: &str, openid: &str) -> usize {
    let query = format!("SELECT item FROM wx_items WHERE openid LIKE '{openid}%'");
    column(url, &query).len()
}

/// The values of these followers, one after the other.
pub fn values_of_all(url: &str, openid: &str) -> String {
    let query = format!("SELECT value FROM wx_values WHERE openid LIKE '{openid}%'");
    column(url, &query).concat()
}

/// Nothing where no table is: the server makes them when it first needs them.
pub fn column(url: &str, query: &str) -> Vec<String> {
    System::new().block_on(async {
        let mut connection = connect(url).await;
        let rows = sqlx::query(AssertSqlSafe(query))
            .fetch_all(&mut connection)
            .await;
        let rows = match rows {
            Err(sqlx::Error::Database(error)) if error.message().contains("no such table") => {
                Vec::new()
            }
            rows => rows.unwrap(),
        };
        connection.close().await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    })
}

/// Reads what the database is now, and goes on reading it for as long as `work` takes.
pub fn read_during<T>(url: &str, work: impl FnOnce() -> T) -> T {
    in_transaction(url, "BEGIN; SELECT COUNT(*) FROM wx_values", work)
}

/// Holds the lock that every writer of a SQLite file needs for as long as `work` takes.
pub fn locked<T>(url: &str, work: impl FnOnce() -> T) -> T {
    in_transaction(url, "BEGIN IMMEDIATE", work)
}

/// A PostgreSQL server says nothing of questions for as long as `work` takes.
pub fn without_questions<T>(url: &str, work: impl FnOnce() -> T) -> T {
    in_transaction(url, "BEGIN; LOCK TABLE wx_questions", work)
}

fn in_transaction<T>(url: &str, begin: &str, work: impl FnOnce() -> T) -> T {
    let system = System::new();
    let connection = system.block_on(async {
        let mut connection = connect(url).await;
        let begin = sqlx::raw_sql(AssertSqlSafe(begin.to_owned()));
        begin.execute(&mut connection).await.unwrap();
        connection
    });
    let done = work();
    system.block_on(connection.close()).unwrap();
    done
}

/// A database of a test's own, on the server of this URL.
pub fn create(url: &str) -> String {
    let name = format!("wxreply_{}", new_follower());
    run(url, &format!("CREATE DATABASE {name}"));
    format!("{}/{name}", url.rsplit_once('/').unwrap().0)
}

/// Takes it away again.
pub fn drop(url: &str) {
    let (server, name) = url.rsplit_once('/').unwrap();
    let (server, options) = match server.starts_with("postgres") {
        true => (format!("{server}/postgres"), " WITH (FORCE)"),
        false => (server.to_owned(), ""),
    };
    run(&server, &format!("DROP DATABASE {name}{options}"));
}

/// Runs statements as the owner of the database would.
pub fn run(url: &str, statements: &str) {
    System::new().block_on(async {
        let mut connection = connect(url).await;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    });
}

async fn connect(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}
