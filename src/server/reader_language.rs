//! The language of whoever reads an answer of the operator's listener: that of `Accept-Language`,
//! or of the process.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::{Error, FromRequest, HttpRequest};

use crate::i18n::Language;

pub(super) struct ReaderLanguage(pub(super) Language);

impl FromRequest for ReaderLanguage {
    type Error = Error;
    type Future = Ready<Result<ReaderLanguage, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(ReaderLanguage(of(request))))
    }
}

/// Browsers list first what is liked best.
pub(super) fn of(request: &HttpRequest) -> Language {
    let accepted = request.headers().get(ACCEPT_LANGUAGE);
    match accepted.and_then(|tags| tags.to_str().ok()) {
        Some(tags) if tags.trim() != "*" => Language::of_tag(tags),
        _ => Language::current(),
    }
}
