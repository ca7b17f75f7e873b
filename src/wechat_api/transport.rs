//! One exchange with WeChat's API: to the other site where there is no connection to the first, and
//! what came back as JSON or as a fault.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use crate::http_client::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use crate::http_client::{
    ClientSettings, HttpClient, HttpError, HttpRequest, Method, Reach, RustlsError, Url,
    system_resolver, trust,
};
use crate::wechat_api::WechatApi;
use crate::wechat_api::call::{ApiRequest, RequestBody};
use crate::wechat_api::error::Cause;
use crate::wechat_api::token::AccessToken;

/// Short enough for two sites within the time of a call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// Before WeChat is asked again that says it is busy.
pub(super) const PAUSES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_millis(1000),
];

/// Above the longest menu, and a page of the list of material.
const MAX_ANSWER_BYTES: usize = 4 << 20;

pub(super) fn client() -> Result<HttpClient, RustlsError> {
    Ok(HttpClient::new(ClientSettings {
        tls: trust::usual()?,
        // Where it is, the operator says, and no rule file.
        reach: Arc::new(Reach::Anywhere),
        resolver: system_resolver(),
        connect_timeout: CONNECT_TIMEOUT,
        keep_alive: Some(KEEP_ALIVE),
    }))
}

impl WechatApi {
    pub(super) async fn exchange(
        &self,
        request: &ApiRequest,
        token: Option<&AccessToken>,
    ) -> Result<Value, Cause> {
        let (mime, body) = content(&request.body);
        let send = async |base: &Url| {
            let url = address(base, request, token).ok_or(Cause::Http(HttpError::NoUrl))?;
            let mut headers = HeaderMap::new();
            if let Some(mime) = mime.clone() {
                headers.insert(CONTENT_TYPE, mime);
            }
            let method = match request.body {
                RequestBody::None => Method::GET,
                _ => Method::POST,
            };
            self.read(HttpRequest {
                method,
                url,
                headers,
                body: body.clone(),
            })
            .await
        };
        let hosts = &self.0.hosts;
        let exchange = async {
            match (send(&hosts.base).await, &hosts.fallback) {
                // Nothing was sent yet.
                (Err(Cause::Connect { .. }), Some(fallback)) => send(fallback).await,
                (outcome, _) => outcome,
            }
        };
        let body = timeout(request.call.timeout(), exchange).await;
        read_json(&body.map_err(|_| Cause::Late)??)
    }

    async fn read(&self, request: HttpRequest) -> Result<Vec<u8>, Cause> {
        let url = request.url.clone();
        let fault = |fault| Cause::http(fault, &url);
        let mut response = self.0.client.send(request).await.map_err(fault)?;
        match response.status {
            200..=299 => response.read(MAX_ANSWER_BYTES).await.map_err(fault),
            status => Err(Cause::Status(status)),
        }
    }
}

/// JSON is sent as UTF-8 and never with `\uXXXX`, which WeChat shows as it is.
fn content(body: &RequestBody) -> (Option<HeaderValue>, Vec<u8>) {
    match body {
        RequestBody::None => (None, Vec::new()),
        RequestBody::Json(value) => (
            Some(HeaderValue::from_static("application/json; charset=utf-8")),
            value.to_string().into_bytes(),
        ),
        RequestBody::Form(form) => (HeaderValue::from_str(&form.mime()).ok(), form.bytes()),
    }
}

fn address(base: &Url, request: &ApiRequest, token: Option<&AccessToken>) -> Option<Url> {
    let base = base.as_str().trim_end_matches('/');
    let mut url = Url::parse(&format!("{base}/cgi-bin/{}", request.call.name())).ok()?;
    if token.is_none() && request.parameters.is_empty() {
        return Some(url);
    }
    let mut pairs = url.query_pairs_mut();
    if let Some(token) = token {
        pairs.append_pair("access_token", token.expose());
    }
    for (name, value) in &request.parameters {
        pairs.append_pair(name, value);
    }
    drop(pairs);
    Some(url)
}

/// Faults come with status 200, and what is no fault without a code or with code 0.
pub(super) fn read_json(body: &[u8]) -> Result<Value, Cause> {
    let Ok(answer @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
        return Err(Cause::NotJson);
    };
    match answer.get("errcode").and_then(Value::as_i64) {
        None | Some(0) => Ok(answer),
        Some(code) => Err(Cause::wechat(code, answer.get("errmsg"))),
    }
}
