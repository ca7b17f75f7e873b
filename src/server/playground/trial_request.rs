//! What a request wants to try, and what it is told if that cannot be.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};

use crate::i18n::{Language, phrase};
use crate::rules::trial::Trial;
use crate::server::body;
use crate::server::body::BodyError;
use crate::server::refusal::RefusedRequest;

/// What a page of this very server sends is far smaller.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Only programs and the page itself can send this content type; a form on another site cannot.
pub(super) async fn read_trial(
    request: &HttpRequest,
    payload: web::Payload,
    patience: Duration,
    language: Language,
) -> Result<Trial, RefusedRequest> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let why = phrase!(trial_no_json);
        return Err(RefusedRequest(StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
    }
    let body = match body::read(payload, None, MAX_BODY_BYTES, patience).await {
        Ok(body) => body,
        Err(unread) => {
            let why = match unread {
                BodyError::TooLarge => phrase!(trial_large_body, limit = MAX_BODY_BYTES),
                BodyError::Cut => phrase!(trial_cut_body),
                BodyError::Slow => phrase!(trial_slow_body, limit = format!("{patience:?}")),
            };
            return Err(RefusedRequest(unread.status(), why));
        }
    };
    Ok(language.during(|| Trial::from_json(&body))?)
}
