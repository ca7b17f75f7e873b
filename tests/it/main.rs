//! The only test binary: each module shows one side of the program as its users meet it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, which Clippy only sees in tests themselves"
)]

/// `export` and `forget`: what is stored of one person.
mod followers;
/// How the program is run here.
mod support;
