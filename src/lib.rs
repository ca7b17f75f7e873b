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
//! - [`message`], [`moment`], [`user`], [`reply`]: what is sent, when, by whom, and the answer
//! - [`wechat`]: verify, decrypt and read a push; write, encrypt and sign its answer
//! - [`rules`]: a rule file, every mistake in it, and the checked rules
//! - [`store`]: what is remembered of followers
//! - [`engine`]: which rule answers, and with what
//! - [`case_runner`]: the tests of a rule file; [`report`]: how outcomes are shown
//! - [`live_rules`]: the rules that answer now, and how new ones take their place
//! - [`server`]: HTTP
//! - [`cli`]: what a person types
//!
//! `docs/architecture.md` says what always holds between them.

pub mod case_runner;
pub mod cli;
pub mod engine;
pub mod live_rules;
pub mod message;
pub mod moment;
pub mod reply;
pub mod report;
pub mod rules;
pub mod server;
pub mod store;
pub mod user;
pub mod wechat;
