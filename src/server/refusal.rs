//! Why the operator's listener does not do what it is asked for.

use std::io::{self, ErrorKind};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

use crate::i18n::io_error::reason;
use crate::i18n::{Language, Phrase, phrase};
use crate::rules::trial::TrialError;

pub(super) struct RefusedRequest(pub(super) StatusCode, pub(super) Phrase);

impl RefusedRequest {
    pub(super) fn answer(self, language: Language) -> HttpResponse {
        let RefusedRequest(status, why) = self;
        HttpResponse::build(status).json(json!({ "error": why.text(language) }))
    }
}

impl From<TrialError> for RefusedRequest {
    fn from(error: TrialError) -> RefusedRequest {
        let status = match error {
            TrialError::Malformed(_) => StatusCode::BAD_REQUEST,
            TrialError::Wrong(_) | TrialError::Unfit(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        RefusedRequest(status, error.to_phrase())
    }
}

/// Of work on a thread of its own.
impl From<io::Error> for RefusedRequest {
    fn from(error: io::Error) -> RefusedRequest {
        match error.kind() {
            ErrorKind::Other => {
                RefusedRequest(StatusCode::INTERNAL_SERVER_ERROR, phrase!(admin_panicked))
            }
            _ => {
                let why = phrase!(admin_no_thread, reason = reason(&error));
                RefusedRequest(StatusCode::SERVICE_UNAVAILABLE, why)
            }
        }
    }
}
