//! Half of what the server can do, for long, with everything that disturbs it:
//! `cargo bench --bench soak -- --seconds 1800`. Followers, questions to a slow service and late
//! answers by WeChat's API, pictures and menus, reloads every second (a quarter of them broken),
//! repeated deliveries, strangers, slow clients, and restarts of a PostgreSQL server of its own.
//! With `--accounts 100` so many accounts, whose file and secrets change as well. Everything is on
//! loopback and ends by itself; ends with 1 when a follower got a wrong answer or memory grew.
//! Linux only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark talks, and stops at the first trouble"
)]

#[path = "../tests/it/account_command.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod account_command;
#[path = "../tests/it/admin.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use more of it")]
mod admin;
#[path = "../tests/it/among.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod among;
/// What rules ask.
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/asking"]
mod asking {
    pub mod endpoint;
    pub mod shop;
}
#[path = "../tests/it/attack.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod attack;
#[path = "../tests/it/database.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod database;
#[path = "../tests/it/http.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod http;
#[path = "../tests/requirements/ports.rs"]
mod ports;
#[path = "../tests/it/postgres.rs"]
mod postgres;
#[path = "../tests/requirements/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod requirements;
#[path = "../tests/it/server.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod server;
#[path = "../tests/it/soak/mod.rs"]
mod soak;
#[path = "../tests/it/support.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod support;
#[path = "../tests/it/wechat.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod wechat;
#[path = "../examples/wechat_api/server/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the example uses more of it")]
mod wechat_api;

use std::process::ExitCode;
use std::time::Duration;

use crate::soak::Plan;

fn main() -> ExitCode {
    let number = |flag: &str, usual: u64| {
        let mut arguments = std::env::args().skip_while(|argument| argument != flag);
        let number = arguments.nth(1);
        number.map_or(usual, |number| number.parse().unwrap())
    };
    let (seconds, accounts) = (number("--seconds", 60), number("--accounts", 1));
    let outcome = soak::run(&Plan {
        time: Duration::from_secs(seconds),
        accounts: usize::try_from(accounts).unwrap(),
        most: f64::INFINITY,
        tell: |line| println!("{line}"),
    });
    if let Some(missing) = &outcome.without_postgres {
        println!("on SQLite, which does not restart: {missing}");
    }
    let (early, late) = outcome.memory_early_and_late();
    let peak = outcome.memory.iter().max().copied().unwrap_or(0);
    for (what, value) in [
        ("seconds", seconds),
        ("accounts", accounts),
        ("capacity, requests a second", outcome.capacity as u64),
        ("sent, requests a second", outcome.rate as u64),
        ("answered", outcome.answered),
        ("of them on_error, database away", outcome.on_error),
        ("of them repeated deliveries", outcome.repeated),
        ("questions asked", outcome.asked),
        ("answers by themselves", outcome.pushed),
        ("answers to deliveries and fetches", outcome.fetched),
        ("looks at the poster", outcome.posters),
        ("posters uploaded", outcome.uploads),
        ("menus set", outcome.menus),
        ("strangers refused", outcome.refused),
        ("reloads", outcome.reloads),
        ("broken reloads refused", outcome.broken),
        ("restarts of the database", outcome.restarts),
        ("slow clients hung up on", outcome.slow),
        ("slowest answer, ms", outcome.slowest.as_millis() as u64),
        ("memory early, KiB", early),
        ("memory late, KiB", late),
        ("memory at most, KiB", peak),
        ("wrong or failed", outcome.wrong),
    ] {
        println!("{what:<34} {value:>12}");
    }
    for complaint in &outcome.complaints {
        println!("{complaint}");
    }
    match outcome.wrong == 0 && outcome.memory_is_flat() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
