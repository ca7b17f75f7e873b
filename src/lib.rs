//! A rule-engine bot for WeChat Official Accounts.

pub mod case_runner;
pub mod cli;
pub mod engine;
pub mod message;
pub mod moment;
#[doc(hidden)]
pub mod properties;
pub mod reply;
pub mod rule_files;
pub mod rules;
pub mod user;
pub mod wechat;
