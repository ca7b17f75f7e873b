//! The store, on every database there is: SQLite always, PostgreSQL and MySQL when
//! `WXREPLY_TEST_POSTGRES` and `WXREPLY_TEST_MYSQL` hold their URLs.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, which Clippy only sees in tests themselves"
)]

/// Two messages at once, on two replicas, and the same message twice.
mod at_once;
/// What is stored is what `User::apply` says, and stays.
mod behaviour;
/// docs/database.md tells the truth.
mod documented;
/// Databases that are away, slow, locked, damaged or come back.
mod failures;
/// A server that has few connections to give.
mod few_connections;
/// Export and forget.
mod forgetting;
/// The write-ahead log of a SQLite file.
mod log;
/// Files that WeChat keeps.
mod media;
/// PgBouncer between the bot and PostgreSQL.
mod pooler;
/// Ports for servers that cannot choose one.
#[path = "../requirements/ports.rs"]
mod ports;
/// A network that fails on demand.
mod proxy;
/// Questions to services outside, and the answers that wait.
mod pushes;
mod questions;
/// A SQLite file that is removed, moved or replaced under a running bot.
mod replaced;
#[path = "../requirements/mod.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod requirements;
mod support;
/// What is over is deleted, and nobody waits for it.
mod sweeping;
/// What fits, and what is refused in the same way everywhere.
mod texts;
/// Databases that cannot be used as they are, and what is said of each.
mod unfit;
