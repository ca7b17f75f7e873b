//! A rule-engine bot for WeChat Official Accounts.

pub mod message;
pub mod moment;
pub mod reply;
pub mod store;
pub mod user;
