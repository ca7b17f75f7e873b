//! WeChat's API, for what an answer to a delivery cannot do: messages that come later, material,
//! the menu, QR codes. Knows HTTP and JSON; neither rules nor SQL.

mod account_info;
mod call;
mod codes;
mod custom_message;
mod error;
mod material;
mod menu;
mod multipart;
mod qr_code;
#[cfg(test)]
mod tests;
mod token;
mod transport;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::sleep;

use crate::http_client::{HttpClient, RustlsError, Url};
use crate::metrics::AccountMetrics;
use crate::wechat_api::call::ApiRequest;
use crate::wechat_api::custom_message::MessageGrant;
use crate::wechat_api::error::Cause;
use crate::wechat_api::token::TokenCell;

pub(crate) use crate::wechat_api::account_info::Interface;
pub(crate) use crate::wechat_api::call::Call;
pub(crate) use crate::wechat_api::codes::{KnownCode, remedy};
pub(crate) use crate::wechat_api::custom_message::CustomMessage;
pub(crate) use crate::wechat_api::error::ApiError;
pub(crate) use crate::wechat_api::material::{ListedMaterial, Material, VideoDescription};
pub(crate) use crate::wechat_api::menu::PresentMenu;
pub(crate) use crate::wechat_api::qr_code::{QrCode, QrScene};
pub(crate) use crate::wechat_api::token::AccessToken;

/// Where WeChat's API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiHosts {
    pub base: Url,
    /// Another site of WeChat's, for when there is no connection to the first.
    pub fallback: Option<Url>,
}

/// What is handed in.
pub(crate) struct ApiSettings {
    pub hosts: ApiHosts,
    /// A number below this one, at random.
    pub choose: fn(usize) -> usize,
}

/// WeChat's API with the connections to it; one for the process.
#[derive(Clone)]
pub(crate) struct WechatApi(Arc<Shared>);

struct Shared {
    client: HttpClient,
    hosts: ApiHosts,
    choose: fn(usize) -> usize,
}

/// How an account is known to WeChat's API.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AppCredentials {
    pub app_id: String,
    pub secret: AppSecret,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AppSecret(String);

/// The API as one account may use it; cheap to clone.
#[derive(Clone)]
pub(crate) struct ApiAccount(Arc<AccountApi>);

struct AccountApi {
    api: WechatApi,
    /// Where calls count; none in commands, which are over before anybody looks.
    metrics: Option<Arc<AccountMetrics>>,
    credentials: AppCredentials,
    token: TokenCell,
    messages: MessageGrant,
}

pub(crate) const DEFAULT_BASE: &str = "https://api.weixin.qq.com";
const DEFAULT_FALLBACK: &str = "https://api2.weixin.qq.com";

impl ApiHosts {
    /// All in one place, but for WeChat itself.
    pub(crate) fn at(base: Url) -> ApiHosts {
        let is_wechat = Url::parse(DEFAULT_BASE).is_ok_and(|wechat| wechat == base);
        let fallback = Url::parse(DEFAULT_FALLBACK).ok();
        ApiHosts {
            fallback: fallback.filter(|_| is_wechat),
            base,
        }
    }
}

impl WechatApi {
    pub(crate) fn new(settings: ApiSettings) -> Result<WechatApi, RustlsError> {
        Ok(WechatApi(Arc::new(Shared {
            client: transport::client()?,
            hosts: settings.hosts,
            choose: settings.choose,
        })))
    }

    pub(crate) fn account(
        &self,
        credentials: AppCredentials,
        metrics: Option<Arc<AccountMetrics>>,
    ) -> ApiAccount {
        ApiAccount(Arc::new(AccountApi {
            api: self.clone(),
            metrics,
            credentials,
            token: TokenCell::default(),
            messages: MessageGrant::default(),
        }))
    }
}

impl ApiAccount {
    pub(crate) fn credentials(&self) -> &AppCredentials {
        &self.0.credentials
    }

    /// The access token, which is asked for when there is none that is good for long enough.
    pub(crate) async fn token(&self) -> Result<AccessToken, ApiError> {
        let fetch = || token::fetch(self);
        self.0.token.get(fetch, self.0.api.0.choose).await
    }

    /// Calls with the access token. One that WeChat does not take is replaced once.
    async fn call(&self, request: ApiRequest) -> Result<Value, ApiError> {
        let mut is_replaced = false;
        loop {
            let token = self.token().await?;
            match self.patiently(&request, Some(&token)).await {
                Err(cause) if cause.refusal() == Some(KnownCode::Token) && !is_replaced => {
                    is_replaced = true;
                    self.0.token.forget(&token).await;
                }
                outcome => return outcome.map_err(|cause| ApiError::of(request.call, cause)),
            }
        }
    }

    /// Once more after a while, if WeChat says that it is busy.
    async fn patiently(
        &self,
        request: &ApiRequest,
        token: Option<&AccessToken>,
    ) -> Result<Value, Cause> {
        for pause in transport::PAUSES {
            match self.once(request, token).await {
                Err(cause) if cause.refusal() == Some(KnownCode::Busy) => sleep(pause).await,
                outcome => return outcome,
            }
        }
        self.once(request, token).await
    }

    async fn once(
        &self,
        request: &ApiRequest,
        token: Option<&AccessToken>,
    ) -> Result<Value, Cause> {
        let AccountApi { api, metrics, .. } = &*self.0;
        let outcome = api.exchange(request, token).await;
        let outcome = outcome.map_err(|cause| self.without_secrets(cause, token));
        if let Some(metrics) = metrics {
            let word = outcome.as_ref().err().map_or("ok", Cause::word);
            metrics.api_called(request.call.name(), word);
        }
        outcome
    }

    /// What WeChat says is shown to people, and may repeat what it was sent.
    fn without_secrets(&self, cause: Cause, token: Option<&AccessToken>) -> Cause {
        let token = token.map(AccessToken::expose);
        let secret = self.0.credentials.secret.expose();
        cause.without(token.into_iter().chain([secret]))
    }

    /// Calls for what says only that all is well.
    async fn tell(&self, request: ApiRequest) -> Result<(), ApiError> {
        let call = request.call;
        let answer = self.call(request).await?;
        // Whatever else is in the way may answer JSON, too.
        match answer.get("errcode").and_then(Value::as_i64) {
            Some(0) => Ok(()),
            _ => Err(ApiError::of(call, Cause::Odd)),
        }
    }
}

impl AppSecret {
    pub(crate) fn new(secret: impl Into<String>) -> AppSecret {
        AppSecret(secret.into())
    }

    fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AppSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// The app id is no secret.
impl fmt::Debug for AppCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AppCredentials({})", self.app_id)
    }
}

impl fmt::Debug for ApiAccount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiAccount({})", self.0.credentials.app_id)
    }
}
