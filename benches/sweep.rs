//! Deleting what is over while followers write: `cargo bench --bench sweep`. Five million values,
//! of which 100,000 have expired, and as many old answers. SQLite always, in the folder of
//! `TMPDIR`; the servers when `WXREPLY_TEST_POSTGRES` and `WXREPLY_TEST_MYSQL` hold the URLs of
//! databases whose `wx_` tables may be dropped.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark talks and stops at the first trouble"
)]

use std::env;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt;
use actix_web::rt::System;
use actix_web::rt::time::sleep;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use wxreply::store::{Delivery, KEEP_ANSWERS, Store};
use wxreply::user::Change;

const VALUES: u64 = 5_000_000;
const OVER: u64 = 100_000;
const NOON: i64 = 1_800_000_000;
/// As `wxreply serve` has it.
const LIMIT: Duration = Duration::from_millis(2250);
const FOLLOWERS: usize = 16;
/// Between the messages of a follower.
const PAUSE: Duration = Duration::from_millis(20);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}/followers.db", folder.path().display());
    println!("{VALUES} values, {OVER} of them expired, {OVER} old answers; {FOLLOWERS} followers");
    println!(
        "{:<11} {:<8} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "", "rows", "rows/s", "p50", "p99", "slowest"
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
        let store = Store::new(url.parse().unwrap(), LIMIT);
        store.ping().await.unwrap();
        fill(name, url).await;
        let nothing = async {
            sleep(Duration::from_secs(3)).await;
            Ok(0)
        };
        report(name, "nobody", &store, nothing).await;
        let now = NOON + KEEP_ANSWERS + 1;
        report(name, "answers", &store, store.sweep_answers(now)).await;
        report(name, "values", &store, store.sweep_values(now)).await;
        drop(store);
        let tables = ["migrations", "deliveries", "items", "values", "followers"];
        let drop = tables.map(|table| format!("DROP TABLE wx_{table}"));
        execute(url, &drop.join("; ")).await;
    });
}

/// What followers wait for while something is swept.
async fn report(
    name: &str,
    what: &str,
    store: &Store,
    sweep: impl Future<Output = Result<u64, wxreply::store::StoreError>>,
) {
    let is_over = Rc::new(std::cell::Cell::new(false));
    let followers: Vec<_> = (0..FOLLOWERS)
        .map(|number| {
            let (store, is_over) = (store.clone(), Rc::clone(&is_over));
            let openid = format!("writer {what} {number}");
            rt::spawn(async move {
                let mut times = Vec::new();
                while !is_over.get() {
                    let sent = Instant::now();
                    send(&store, &openid, times.len()).await;
                    times.push(sent.elapsed());
                    sleep(PAUSE).await;
                }
                times
            })
        })
        .collect();
    let began = Instant::now();
    let rows = sweep.await.unwrap();
    let per_second = rows as f64 / began.elapsed().as_secs_f64();
    is_over.set(true);
    let mut times = Vec::new();
    for follower in followers {
        times.extend(follower.await.unwrap());
    }
    times.sort_unstable();
    println!(
        "{name:<11} {what:<8} {rows:>9} {per_second:>9.0} {:>9.1?} {:>9.1?} {:>9.1?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times.last().unwrap(),
    );
}

async fn send(store: &Store, openid: &str, key: usize) {
    let delivery = Delivery {
        account: "gh_bench".to_owned(),
        openid: openid.to_owned(),
        key: key.to_string(),
        at: NOON + 2 * KEEP_ANSWERS,
    };
    let change = Change::Set {
        key: "threshold".to_owned(),
        value: key.to_string(),
        expires: None,
    };
    store
        .remember(&delivery, None, &[change], "设置成功")
        .await
        .unwrap();
}

/// In steps, as a database may keep all of a transaction in memory.
async fn fill(name: &str, url: &str) {
    const STEP: u64 = 100_000;
    let digits = |places: &[&str]| {
        let digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 \
                      UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 \
                      UNION ALL SELECT 8 UNION ALL SELECT 9)";
        let tables = places.iter().map(|place| format!("{digits} AS {place}"));
        tables.collect::<Vec<_>>().join(", ")
    };
    let numbers = digits(&["a", "b", "c", "d", "e"]);
    let number = "a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d";
    for begin in (0..VALUES).step_by(usize::try_from(STEP).unwrap()) {
        let openid = format!("CONCAT('o', {begin} + {number})");
        let expires = match begin {
            0 => (NOON + 60).to_string(),
            begin if begin < VALUES / 2 => (2 * NOON).to_string(),
            _ => "NULL".to_owned(),
        };
        let followers =
            format!("INSERT INTO wx_followers SELECT {openid}, 'gh_1', 1 FROM {numbers}");
        let values = format!(
            "INSERT INTO wx_values SELECT {openid}, 'gh_1', 'step', 'ask', {expires}, {NOON} FROM {numbers}"
        );
        execute(url, &format!("{followers}; {values}")).await;
        let at = match begin {
            0 => NOON,
            begin if begin <= 5 * STEP => 2 * NOON,
            _ => continue,
        };
        let answers = format!(
            "INSERT INTO wx_deliveries SELECT {openid}, 'gh_1', '1', 'an answer', {at} FROM {numbers}"
        );
        execute(url, &answers).await;
    }
    let analyze = match name {
        "MySQL" => "ANALYZE TABLE wx_values, wx_followers, wx_deliveries",
        "PostgreSQL" => "ANALYZE",
        _ => return,
    };
    execute(url, analyze).await;
}

async fn execute(url: &str, statements: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
