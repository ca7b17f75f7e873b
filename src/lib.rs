//! A rule-engine bot for WeChat Official Accounts.

pub mod case_runner;
pub mod cli;
pub mod engine;
pub mod live_rules;
pub mod message;
pub mod metrics;
pub mod moment;
pub mod reply;
pub mod report;
pub mod rules;
pub mod server;
pub mod store;
pub mod user;
pub mod wechat;
