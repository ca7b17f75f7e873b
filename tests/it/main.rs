//! The only test binary: each module shows one side of the program as its users meet it.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, which Clippy only sees in tests themselves"
)]

/// The operator's listener, and how the server ends.
mod admin;
/// What the callback says to WeChat, and to everyone else.
mod callback;
/// Exit codes and exact output of `check`, `test`, `try` and `completions`.
mod commands;
/// `kill -9` in the middle of writes.
mod crash;
/// The databases to test on, and what is in them.
mod database;
/// Plain HTTP, as exact or as broken as a test wants it.
mod http;
/// What is packaged and documented for operators.
mod operating;
/// The rules are replaced while the server answers.
mod reload;
/// Followers are remembered, whatever happens to the database.
mod remembering;
/// The running server.
mod server;
/// What it takes to start the server, and what is said when it does not.
mod starting;
/// How the program is run here.
mod support;
/// WeChat and its followers, as the server meets them.
mod wechat;
