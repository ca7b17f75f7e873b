//! Stored messages per second and their 99th percentile, beside the bare driver doing the same
//! transaction: `cargo bench --bench store`. SQLite always, in the folder of `TMPDIR`; the
//! servers when `WXREPLY_TEST_POSTGRES` and `WXREPLY_TEST_MYSQL` hold their URLs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark talks and stops at the first trouble"
)]

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt;
use actix_web::rt::System;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, AssertSqlSafe};
use wxreply::store::{Delivery, Remembered, Store};
use wxreply::user::Change;

const FOLLOWERS: usize = 64;
const DURATION: Duration = Duration::from_secs(3);
const LIMIT: Duration = Duration::from_secs(10);
const ANSWER: &str = "设置成功";
const NOON: i64 = 1_800_000_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}/followers.db", folder.path().display());
    println!("{FOLLOWERS} followers at once, {DURATION:?} each, every message safe on disk");
    println!(
        "{:<11} {:>11} {:>10} {:>13} {:>10} {:>6}",
        "", "stored/s", "p99", "bare driver/s", "p99", "ratio"
    );
    measure("SQLite", &sqlite);
    for (name, variable) in [
        ("PostgreSQL", "WXREPLY_TEST_POSTGRES"),
        ("MySQL", "WXREPLY_TEST_MYSQL"),
    ] {
        match env::var(variable) {
            Ok(url) => measure(name, &url),
            Err(_) => println!("{name:<11} not run: {variable} is not set"),
        }
    }
}

fn measure(name: &str, url: &str) {
    System::new().block_on(async {
        let account = format!("gh_{:016x}", RandomState::new().hash_one(()));
        let bare_account = format!("{account}_bare");
        let store = Store::new(url.parse().unwrap(), LIMIT);
        store.ping().await.unwrap();
        let stored = rate(async move |openid: &str, key: &str| {
            let delivery = Delivery {
                account: account.clone(),
                openid: openid.to_owned(),
                key: key.to_owned(),
                at: NOON,
            };
            let changes = [Change::Set {
                key: "threshold".to_owned(),
                value: key.to_owned(),
                expires: None,
            }];
            let outcome = store.remember(&delivery, None, &changes, ANSWER).await;
            assert_eq!(outcome.unwrap(), Remembered::Done);
        })
        .await;

        let bare = Bare::connect(name, url).await;
        let driven = rate(async move |openid: &str, key: &str| {
            bare.store(&bare_account, openid, key).await;
        })
        .await;
        println!(
            "{name:<11} {:>11.0} {:>10.1?} {:>13.0} {:>10.1?} {:>6.2}",
            stored.per_second,
            stored.p99,
            driven.per_second,
            driven.p99,
            stored.per_second / driven.per_second
        );
    });
}

struct Rate {
    per_second: f64,
    p99: Duration,
}

/// Each follower sends the next message when the last one is answered.
async fn rate<F: AsyncFn(&str, &str) + 'static>(send: F) -> Rate {
    let send = Rc::new(send);
    let start = Instant::now();
    let followers: Vec<_> = (0..FOLLOWERS)
        .map(|number| {
            let send = Rc::clone(&send);
            rt::spawn(async move {
                let openid = format!("o{number}");
                let mut times = Vec::new();
                while start.elapsed() < DURATION {
                    let sent = Instant::now();
                    send(&openid, &times.len().to_string()).await;
                    times.push(sent.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for follower in followers {
        times.extend(follower.await.unwrap());
    }
    let seconds = start.elapsed().as_secs_f64();
    times.sort_unstable();
    Rate {
        per_second: times.len() as f64 / seconds,
        p99: times[times.len() * 99 / 100],
    }
}

/// The same transaction through sqlx's own pool, one message each.
struct Bare {
    pool: AnyPool,
    begin: &'static str,
    statements: [String; 4],
}

impl Bare {
    async fn connect(name: &str, url: &str) -> Bare {
        let (connections, begin, upsert) = match name {
            "SQLite" => (1, "BEGIN IMMEDIATE", "ON CONFLICT DO UPDATE SET"),
            "PostgreSQL" => (
                8,
                "BEGIN",
                "ON CONFLICT (openid, account{name}) DO UPDATE SET",
            ),
            _ => (8, "BEGIN", "ON DUPLICATE KEY UPDATE"),
        };
        let excluded = |column: &str| match name {
            "MySQL" => format!("{column} = VALUES({column})"),
            _ => format!("{column} = excluded.{column}"),
        };
        let numbered = |statement: String| match name {
            "MySQL" => statement
                .split('$')
                .map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()))
                .collect::<Vec<_>>()
                .join("?"),
            _ => statement,
        };
        let statements = [
            format!(
                "INSERT INTO wx_followers (openid, account, version) VALUES ($1, $2, 1) {} {}",
                upsert.replace("{name}", ""),
                excluded("version")
            ),
            "INSERT INTO wx_deliveries (openid, account, delivery, answer, answered_at) \
             VALUES ($1, $2, $3, $4, $5)"
                .to_owned(),
            "DELETE FROM wx_items WHERE openid = $1 AND account = $2 AND name = $3".to_owned(),
            format!(
                "INSERT INTO wx_values (openid, account, name, value, updated_at) \
                 VALUES ($1, $2, $3, $4, $5) {} {}",
                upsert.replace("{name}", ", name"),
                excluded("value")
            ),
        ]
        .map(numbered);
        let is_sqlite = name == "SQLite";
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if is_sqlite {
                        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";
                        sqlx::raw_sql(settings).execute(connection).await?;
                    }
                    Ok(())
                })
            })
            .connect(url)
            .await
            .unwrap();
        Bare {
            pool,
            begin,
            statements,
        }
    }

    async fn store(&self, account: &str, openid: &str, key: &str) {
        let [claim, deliver, clear, set] = &self.statements;
        let query = |statement: &String| {
            let statement = AssertSqlSafe(statement.clone());
            sqlx::query(statement)
                .bind(openid.to_owned())
                .bind(account.to_owned())
        };
        let mut transaction = self.pool.begin_with(self.begin).await.unwrap();
        let connection = &mut *transaction;
        query(claim).execute(&mut *connection).await.unwrap();
        let deliver = query(deliver).bind(key.to_owned()).bind(ANSWER).bind(NOON);
        deliver.execute(&mut *connection).await.unwrap();
        let clear = query(clear).bind("threshold");
        clear.execute(&mut *connection).await.unwrap();
        let set = query(set).bind("threshold").bind(key.to_owned()).bind(NOON);
        set.execute(&mut *connection).await.unwrap();
        transaction.commit().await.unwrap();
    }
}
