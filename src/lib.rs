//! A rule-engine bot for WeChat Official Accounts.

pub mod live_rules;
pub mod message;
pub mod moment;
pub mod reply;
pub mod user;
