//! QR codes that lead to the account, and say by their scene where they were scanned.

use std::time::Duration;

use serde_json::{Value, json};

use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{ApiRequest, Call};
use crate::wechat_api::error::{ApiError, Cause};

/// What a scan tells the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QrScene {
    /// 1 to 100 000 for a code that stays, any positive number for one that ends.
    Number(u32),
    /// 1 to 64 characters.
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QrCode {
    /// For the picture.
    pub ticket: String,
    /// What the code says, for a picture of one's own.
    pub url: String,
    /// Nothing for one that stays.
    pub expires_in: Option<Duration>,
}

impl ApiAccount {
    /// A code that ends after this time, at most 30 days, or one that stays.
    pub(crate) async fn create_qr_code(
        &self,
        scene: &QrScene,
        expires_in: Option<Duration>,
    ) -> Result<QrCode, ApiError> {
        let call = Call::CreateQrCode;
        let (action, scene) = match (scene, expires_in) {
            (QrScene::Number(id), Some(_)) => ("QR_SCENE", json!({ "scene_id": id })),
            (QrScene::Text(text), Some(_)) => ("QR_STR_SCENE", json!({ "scene_str": text })),
            (QrScene::Number(id), None) => ("QR_LIMIT_SCENE", json!({ "scene_id": id })),
            (QrScene::Text(text), None) => ("QR_LIMIT_STR_SCENE", json!({ "scene_str": text })),
        };
        let mut body = json!({ "action_name": action, "action_info": { "scene": scene } });
        if let (Some(time), Some(body)) = (expires_in, body.as_object_mut()) {
            body.insert("expire_seconds".to_owned(), time.as_secs().into());
        }
        let answer = self.call(ApiRequest::json(call, body)).await?;
        let text = |key| answer.get(key).and_then(Value::as_str).map(str::to_owned);
        let (Some(ticket), Some(url)) = (text("ticket"), text("url")) else {
            return Err(ApiError::of(call, Cause::Odd));
        };
        let seconds = answer.get("expire_seconds").and_then(Value::as_u64);
        Ok(QrCode {
            ticket,
            url,
            expires_in: seconds.filter(|&it| it > 0).map(Duration::from_secs),
        })
    }
}
