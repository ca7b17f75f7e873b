//! A rule-engine bot for WeChat Official Accounts. The answers are data: the rules in one YAML file.
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
//! The main modules, lowest layer first, which is also a good order to read them in. Each uses only
//! those above it; `docs/architecture.md` has all layers.
//!
//! - [`i18n`] has all messages to people, in English and Chinese
//! - [`message`], [`moment`], [`user`] and [`reply`] are the input and output of a decision,
//!   [`media`] the files that a reply may show; [`menu`] is what stands below the chat
//! - [`service`] is what a rule may ask outside, and what comes back; [`waiting`] how long that is
//!   waited for
//! - [`wechat`] verifies, decrypts and parses a request; writes, encrypts and signs its answer
//! - [`rules`] checks a rule file, and reports every error in it or returns checked rules
//! - [`store`] keeps the stored values of followers in a database
//! - `http_client` calls URLs, with a guard against internal addresses
//! - `services` asks webhooks and language models
//! - `wechat_api` calls WeChat's API
//! - `uploads` has WeChat keep the files that rules show
//! - `accounts` reads the file of the accounts that one process answers for
//! - [`engine`] decides which rule answers, and with what
//! - [`case_runner`] runs the tests of a rule file, `case_writer` writes one; [`report`] shows outcomes as text and JSON
//! - [`import`] converts the auto-replies of an account to a rule file
//! - [`live_rules`] holds the rules that answer now, and reloads them
//! - `server` speaks HTTP
//! - `cli` implements the commands
//!
//! [`wechat`], [`rules`], [`engine`] and [`case_runner`] have examples. `docs/architecture.md` lists
//! the invariants.

#![deny(unreachable_pub)]

mod accounts;
pub mod case_runner;
mod case_writer;
mod cli;
mod conversation;
pub mod engine;
mod http_client;
pub mod i18n;
pub mod import;
pub mod live_rules;
mod lock;
mod log_limit;
pub mod media;
pub mod menu;
pub mod message;
mod metrics;
pub mod moment;
mod own_thread;
#[cfg(any(test, fuzzing))]
pub mod properties;
mod questions;
pub mod reply;
pub mod report;
pub mod rules;
mod server;
pub mod service;
mod services;
pub mod store;
mod uploads;
pub mod user;
pub mod waiting;
pub mod wechat;
mod wechat_api;

/// What tests need that not every machine has.
#[cfg(test)]
#[path = "../tests/requirements/mod.rs"]
#[allow(dead_code, reason = "the tests in `tests` use more of it")]
mod requirements;

/// A server of language models that others wrote.
#[cfg(test)]
#[path = "../tests/requirements/llmock.rs"]
mod llmock;

pub use cli::run;
