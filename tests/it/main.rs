//! The only test binary: each module shows one side of the program as its users meet it.

/// Exit codes and exact output of `check`, `test`, `try` and `completions`.
mod commands;
/// Every rule file under `tests/data/rules`.
mod rule_files;
/// How the program is run here.
mod support;
/// Layers, first lines, and where foreign crates are named.
mod tidy;
