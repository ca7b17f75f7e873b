//! Why the operator's listener does not do what it is asked for.

use std::io::{self, ErrorKind};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

use crate::i18n::io_error::reason;
use crate::i18n::{Language, Phrase, phrase};
use crate::rules::trial::TrialError;

pub(super) struct Refusal(pub(super) StatusCode, pub(super) Phrase);

impl Refusal {
    pub(super) fn answer(self, language: Language) -> HttpResponse {
        let Refusal(status, why) = self;
        HttpResponse::build(status).json(json!({ "error": why.text(language) }))
    }
}

impl From<TrialError> for Refusal {
    fn from(error: TrialError) -> Refusal {
        let status = match error {
            TrialError::Malformed(_) => StatusCode::BAD_REQUEST,
            TrialError::Wrong(_) | TrialError::Unfit(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Refusal(status, error.to_phrase())
    }
}

/// Of work on a thread of its own.
impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        match error.kind() {
            ErrorKind::Other => Refusal(StatusCode::INTERNAL_SERVER_ERROR, phrase!(admin_panicked)),
            _ => {
                let why = phrase!(admin_no_thread, reason = reason(&error));
                Refusal(StatusCode::SERVICE_UNAVAILABLE, why)
            }
        }
    }
}
