//! What WeChat says of the account: its auto-replies, from where it calls back, and how often the
//! account may still call.

use serde_json::{Value, json};

use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{Call, Request};
use crate::wechat_api::error::{ApiError, Cause};

/// How often the account may call an interface in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub daily_limit: u64,
    pub used: u64,
    pub remain: u64,
}

impl ApiAccount {
    /// The auto-replies of the console, as `import` reads them.
    pub(crate) async fn autoreply_info(&self) -> Result<Value, ApiError> {
        self.call(Request::get(Call::AutoreplyInfo)).await
    }

    /// The addresses and networks from which WeChat delivers messages.
    pub(crate) async fn callback_ips(&self) -> Result<Vec<String>, ApiError> {
        let call = Call::CallbackIps;
        let answer = self.call(Request::get(call)).await?;
        let list = answer.get("ip_list").and_then(Value::as_array);
        let list = list.ok_or(ApiError::of(call, Cause::Odd))?.iter();
        let texts = list.filter_map(Value::as_str);
        Ok(texts.map(str::to_owned).collect())
    }

    /// For an interface by its path, such as `/cgi-bin/message/custom/send`.
    pub(crate) async fn quota(&self, path: &str) -> Result<Quota, ApiError> {
        let call = Call::Quota;
        let answer = self
            .call(Request::json(call, json!({ "cgi_path": path })))
            .await?;
        let number = |key: &str| answer.get("quota")?.get(key)?.as_u64();
        let quota = || {
            Some(Quota {
                daily_limit: number("daily_limit")?,
                used: number("used")?,
                remain: number("remain")?,
            })
        };
        quota().ok_or(ApiError::of(call, Cause::Odd))
    }
}
