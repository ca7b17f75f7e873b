//! The only test binary: each module shows one side of the program as its users meet it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Exit codes and exact output of `check`, `test` and `try`.
mod commands;
/// Every rule file in the documents.
mod documents;
/// Links, names and twins of the documents.
mod pages;
/// Every rule file under `tests/data/rules`.
mod rule_files;
/// What the documents say that the program prints.
mod shown_output;
/// How the program is run here.
mod support;
/// Layers, first lines, and where foreign crates are named.
mod tidy;
/// Wrong usage, help, completions, colours and closed pipes.
mod usage;
