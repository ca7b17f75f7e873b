//! The access token of an account: asked for by one caller at a time, renewed before it ends, and
//! forgotten when WeChat no longer takes it.
//!
//! `stable_token` in normal mode gives every replica and every other program the same token, and
//! ends nobody's. `force_refresh` would.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{ApiRequest, Call};
use crate::wechat_api::error::{ApiError, Cause};

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccessToken(Arc<str>);

/// A token, and how long it is good from when it came.
pub(super) struct Fetched {
    token: AccessToken,
    expires_in: Duration,
}

#[derive(Default)]
pub(super) struct TokenCell(Mutex<TokenState>);

#[derive(Default)]
struct TokenState {
    held: Option<Held>,
    /// When asking came to nothing last.
    failed: Option<(Instant, ApiError)>,
}

struct Held {
    token: AccessToken,
    renew_at: Instant,
    expires_at: Instant,
}

/// From then on WeChat gives a new token, and takes the old one until it ends.
const OVERLAP: Duration = Duration::from_secs(300);
/// So that not all replicas ask at once.
const MAX_JITTER_SECONDS: usize = 60;
/// Before a renewal that failed is tried again, as long as the old token is good.
const RENEW_AGAIN: Duration = Duration::from_secs(20);

impl TokenCell {
    /// The token, or one that is fetched. Those who waited for the same call share what came of
    /// it.
    pub(super) async fn get<F: Future<Output = Result<Fetched, ApiError>>>(
        &self,
        fetch: impl FnOnce() -> F,
        choose: fn(usize) -> usize,
    ) -> Result<AccessToken, ApiError> {
        let asked = Instant::now();
        let mut state = self.0.lock().await;
        if let Some(held) = &state.held
            && Instant::now() < held.renew_at
        {
            return Ok(held.token.clone());
        }
        if let Some((at, error)) = &state.failed
            && *at >= asked
        {
            return Err(error.clone());
        }
        let began = Instant::now();
        match fetch().await {
            Ok(Fetched { token, expires_in }) => {
                let jitter = choose(MAX_JITTER_SECONDS).try_into().unwrap_or(0);
                let renew_in = renew_after(expires_in, Duration::from_secs(jitter));
                state.held = Some(Held {
                    token: token.clone(),
                    renew_at: began + renew_in,
                    expires_at: began + expires_in,
                });
                Ok(token)
            }
            Err(error) => {
                let now = Instant::now();
                state.failed = Some((now, error.clone()));
                match &mut state.held {
                    Some(held) if now < held.expires_at => {
                        held.renew_at = now + RENEW_AGAIN;
                        Ok(held.token.clone())
                    }
                    _ => Err(error),
                }
            }
        }
    }

    /// As if it were time to renew the token, which is good for so much longer.
    #[cfg(test)]
    pub(super) async fn due_now(&self, good_for: Duration) {
        let now = Instant::now();
        if let Some(held) = &mut self.0.lock().await.held {
            (held.renew_at, held.expires_at) = (now, now + good_for);
        }
    }

    /// Forgets this token, unless there is another one by now.
    pub(super) async fn forget(&self, token: &AccessToken) {
        let mut state = self.0.lock().await;
        if state.held.as_ref().is_some_and(|held| held.token == *token) {
            state.held = None;
        }
    }
}

/// Earlier, WeChat would give the same token once more.
fn renew_after(expires_in: Duration, jitter: Duration) -> Duration {
    match expires_in.checked_sub(OVERLAP) {
        Some(until_overlap) if until_overlap > OVERLAP => until_overlap + jitter,
        _ => expires_in / 2,
    }
}

pub(super) async fn fetch(account: &ApiAccount) -> Result<Fetched, ApiError> {
    let call = Call::StableToken;
    let credentials = account.credentials();
    let body = json!({
        "grant_type": "client_credential",
        "appid": credentials.app_id,
        "secret": credentials.secret.expose(),
        "force_refresh": false,
    });
    let answer = account.patiently(&ApiRequest::json(call, body), None).await;
    let answer = answer.map_err(|cause| ApiError::of(call, cause))?;
    let token = answer.get("access_token").and_then(Value::as_str);
    let seconds = answer.get("expires_in").and_then(Value::as_u64);
    match (token, seconds) {
        (Some(token), Some(seconds)) if !token.is_empty() => Ok(Fetched {
            token: AccessToken(token.into()),
            expires_in: Duration::from_secs(seconds.min(MAX_SECONDS)),
        }),
        _ => Err(ApiError::of(call, Cause::Odd)),
    }
}

/// No token of WeChat's is good for longer.
const MAX_SECONDS: u64 = 7200;

impl AccessToken {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_once_wechat_has_another_and_before_it_ends() {
        for (expires_in, jitter, renewed) in [
            (7200, 0, 6900),
            (7200, 59, 6959),
            (3000, 10, 2710),
            (600, 59, 300),
            (310, 59, 155),
            (2, 59, 1),
        ] {
            let seconds = Duration::from_secs;
            let renew_in = renew_after(seconds(expires_in), seconds(jitter));
            assert_eq!(renew_in, seconds(renewed), "{expires_in}");
        }
    }
}
