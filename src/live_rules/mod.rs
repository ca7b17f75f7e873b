//! The rules that answer now, and how they are replaced when their files change.

pub mod watch;
