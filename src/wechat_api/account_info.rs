//! What WeChat says of the account: its auto-replies, which interfaces it may use, and how often
//! it may still call.

use serde_json::{Value, json};

use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{ApiRequest, Call};
use crate::wechat_api::codes::KnownCode;
use crate::wechat_api::error::{ApiError, Cause};

/// How often the account may call an interface in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub daily_limit: u64,
    pub used: u64,
    pub remain: u64,
}

/// Interfaces that not every account may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    /// Messages later than an answer.
    Messages,
    Material,
    Menu,
    QrCodes,
}

impl Interface {
    pub(crate) const ALL: [Interface; 4] = [
        Interface::Messages,
        Interface::Material,
        Interface::Menu,
        Interface::QrCodes,
    ];

    /// The call whose quota runs out first.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Interface::Messages => "/cgi-bin/message/custom/send",
            Interface::Material => "/cgi-bin/material/add_material",
            Interface::Menu => "/cgi-bin/menu/create",
            Interface::QrCodes => "/cgi-bin/qrcode/create",
        }
    }
}

impl ApiAccount {
    /// Whether the account may use an interface. Where nothing can be read, it is asked for what
    /// cannot be: WeChat says first whether the account may ask at all.
    pub(crate) async fn may(&self, interface: Interface) -> Result<bool, ApiError> {
        let request = match interface {
            Interface::Messages => {
                let nobody = json!({ "touser": "", "command": "CancelTyping" });
                ApiRequest::json(Call::Typing, nobody)
            }
            Interface::Material => ApiRequest::get(Call::CountMaterial),
            Interface::Menu => ApiRequest::get(Call::Menu),
            Interface::QrCodes => {
                ApiRequest::json(Call::CreateQrCode, json!({ "action_name": "" }))
            }
        };
        match self.call(request).await {
            Ok(_) => Ok(true),
            Err(error) => match error.refusal() {
                Some(KnownCode::NotGranted | KnownCode::NotForAccount) => Ok(false),
                // Nobody is written to, there is no menu, and this is no code.
                Some(KnownCode::Request) => Ok(true),
                _ => Err(error),
            },
        }
    }

    /// The auto-replies of the console, as `import` reads them.
    pub(crate) async fn autoreply_info(&self) -> Result<Value, ApiError> {
        self.call(ApiRequest::get(Call::AutoreplyInfo)).await
    }

    /// For an interface by its path, such as `/cgi-bin/message/custom/send`.
    pub(crate) async fn quota(&self, path: &str) -> Result<Quota, ApiError> {
        let call = Call::Quota;
        let answer = self
            .call(ApiRequest::json(call, json!({ "cgi_path": path })))
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
