//! One row of the list, before it is known how it is written.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

pub(super) struct Row {
    /// An openid or what stands for it.
    pub(super) follower: String,
    pub(super) account: String,
    pub(super) key: String,
    pub(super) value: String,
    /// Unix seconds.
    pub(super) stored_at: i64,
    pub(super) expires_at: Option<i64>,
}

impl Row {
    /// With the times in UTC, as programs like them.
    pub(super) fn json(&self) -> Value {
        let utc = |seconds| match Timestamp::from_second(seconds) {
            Ok(time) => json!(time.to_string()),
            Err(_) => json!(seconds),
        };
        json!({
            "stored_at": utc(self.stored_at),
            "follower": self.follower,
            "account": self.account,
            "key": self.key,
            "value": self.value,
            "expires_at": self.expires_at.map(utc),
        })
    }
}

/// `2026-01-02 03:04:05`, which spreadsheet programs know as a time; a number that is none stays.
pub(super) fn local_time(unix_seconds: i64, zone: &TimeZone) -> String {
    match Timestamp::from_second(unix_seconds) {
        Ok(time) => {
            let local = zone.to_datetime(time);
            local.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        Err(_) => unix_seconds.to_string(),
    }
}
