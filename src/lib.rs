//! A rule-engine bot for WeChat Official Accounts: what to answer is data.
//!
//! ```text
//! bytes ─open─▶ Opened ─▶ Message ─decide─▶ Decision ─▶ Reply ─into_response─▶ bytes
//!       wechat  (verified)          engine   rule, reply,       wechat
//!                                     ▲      changes
//!                rules.yaml ─load─▶ RuleSet      │
//!                                     ▲          ▼
//!                                   User ◀──── store
//! ```
//!
//! The modules in the order in which they are best read, lowest layer first; each uses only
//! those above it in this list:
//!
//! - [`i18n`] has everything that is said to people, in English and in Chinese
//! - [`message`], [`moment`], [`user`] and [`reply`] are what is sent, when, by whom, and the answer
//! - [`service`] is what a rule may ask outside, and what comes back; [`waiting`] how long that is
//!   waited for
//! - [`wechat`] verifies, decrypts and reads a push; writes, encrypts and signs its answer
//! - [`rules`] reads a rule file, tells every mistake in it, and makes checked rules of it
//! - [`store`] keeps what is remembered of followers
//! - `http_client` calls URLs, with a guard against internal addresses
//! - `services` asks webhooks and language models
//! - `accounts` reads the file of the accounts that one process answers for
//! - [`engine`] decides which rule answers, and with what
//! - [`case_runner`] runs the tests of a rule file, `case_writer` writes one; [`report`] shows outcomes as text and JSON
//! - [`import`] makes a rule file of auto-replies that an account has already
//! - [`live_rules`] has the rules that answer now, and puts new ones in their place
//! - `server` speaks HTTP
//! - `cli` does what a person types
//!
//! `docs/architecture.md` says what always holds between them.

#![deny(unreachable_pub)]

#[allow(dead_code, reason = "`serve`, `check` and others are about to use it")]
mod accounts;
pub mod case_runner;
mod case_writer;
mod cli;
pub mod engine;
#[allow(dead_code, unused_imports, reason = "rules cannot ask yet")]
mod http_client;
pub mod i18n;
pub mod import;
pub mod live_rules;
mod log_limit;
pub mod message;
mod metrics;
pub mod moment;
#[cfg(any(test, fuzzing))]
pub mod properties;
pub mod reply;
pub mod report;
pub mod rules;
mod server;
pub mod service;
#[allow(dead_code, reason = "rules cannot ask yet")]
mod services;
pub mod store;
pub mod user;
pub mod waiting;
pub mod wechat;

/// What tests need that not every machine has.
#[cfg(test)]
#[path = "../tests/requirements/mod.rs"]
#[allow(dead_code, reason = "the tests in `tests` use more of it")]
mod requirements;

pub use cli::run;
