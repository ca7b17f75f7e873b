//! Runs commands that call WeChat's API, for the account that a server of the tests has.

use crate::support::{Folder, Outcome};
use crate::wechat_api::{APP_ID, APP_SECRET, WechatApiServer};

/// The flags of the account.
pub fn flags(api: &str) -> [&str; 6] {
    ["--api", api, "--app-id", APP_ID, "--app-secret", APP_SECRET]
}

pub fn run(server: &WechatApiServer, folder: &Folder, arguments: &[&str]) -> Outcome {
    folder.run(&[arguments, &flags(&server.url())].concat())
}

pub fn succeeds(outcome: &Outcome) {
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}
