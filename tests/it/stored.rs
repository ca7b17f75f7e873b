//! What a test stores of followers without a bot.

use std::time::Duration;

use wxreply::reply::Reply;
use wxreply::store::{Delivery, Remembered, Store, wait_for};
use wxreply::user::Change;

/// 2026-01-02, 12:00 in Shanghai.
pub(crate) const NOON: i64 = 1_767_326_400;

pub(crate) fn set(key: &str, value: &str) -> Change {
    Change::Set {
        key: key.to_owned(),
        value: value.to_owned(),
        expires: None,
    }
}

pub(crate) fn add(key: &str, item: &str) -> Change {
    Change::Add {
        key: key.to_owned(),
        item: item.to_owned(),
    }
}

/// Changes, and 设置成功 as the answer to a delivery of this time.
pub(crate) fn store(url: &str, account: &str, openid: &str, at: i64, changes: &[Change]) {
    let store = Store::new(url.parse().unwrap(), Duration::from_secs(20));
    let delivery = Delivery {
        account: account.to_owned(),
        openid: openid.to_owned(),
        key: format!("{account} {openid} {at}"),
        at,
    };
    let answer = serde_json::to_string(&Reply::<String>::Text("设置成功".to_owned())).unwrap();
    let remembered = wait_for(async {
        let remembered = store.remember(&delivery, None, changes, &answer).await;
        // So that all of it is in the file.
        store.close().await;
        remembered
    });
    assert_eq!(remembered.unwrap().unwrap(), Remembered::Done);
}
