//! The only test binary: each module shows one side of the program as its users meet it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// The operator's listener.
mod admin;
/// Any message and any rules: the answer is one that WeChat takes.
mod anything;
/// What the callback says to WeChat, and to everyone else.
mod callback;
/// Exit codes and exact output of `check`, `test` and `try`.
mod commands;
/// `kill -9` in the middle of writes.
mod crash;
/// The databases to test on, and what is in them.
mod database;
/// Every rule file in the documents.
mod documents;
/// Signals, restarts and supervisors.
mod ending;
/// `export` and `forget`: what is stored of one person.
mod followers;
/// Plain HTTP, as exact or as broken as a test wants it.
mod http;
/// `import`: what answered an account answers on, and what cannot is said.
mod importing;
/// What is packaged and documented for operators.
mod operating;
/// Links, names and twins of the documents.
mod pages;
/// The rules are replaced while the server answers.
mod reload;
/// Followers are remembered, whatever happens to the database.
mod remembering;
/// Every rule file under `tests/data/rules`.
mod rule_files;
/// `send` plays WeChat against the running server, and against others.
mod sending;
/// The running server.
mod server;
/// What the documents say that the program prints.
mod shown_output;
/// What it takes to start the server, and what is said when it does not.
mod starting;
/// How the program is run here.
mod support;
/// Layers, first lines, and where foreign crates are named.
mod tidy;
/// Wrong usage, help, completions, colours and closed pipes.
mod usage;
/// WeChat and its followers, as the server meets them.
mod wechat;
