//! Which account a request of the operator is about: `?account=NAME`, or the first.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::i18n::phrase;
use crate::server::account::Account;
use crate::server::{ServerState, reader_language};

pub(super) struct RequestedAccount(pub(super) Arc<Account>);

impl FromRequest for RequestedAccount {
    type Error = Error;
    type Future = Ready<Result<RequestedAccount, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(chosen(request))
    }
}

/// Whether the request is about one account, and not about all that there are.
pub(super) fn is_named(request: &HttpRequest) -> bool {
    named(request).is_some()
}

fn named(request: &HttpRequest) -> Option<String> {
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string());
    query.ok()?.into_inner().remove("account")
}

fn chosen(request: &HttpRequest) -> Result<RequestedAccount, Error> {
    let state = request.app_data::<web::Data<ServerState>>();
    let account = state.and_then(|state| match named(request) {
        Some(name) => state.directory.named(&name),
        None => state.directory.first(),
    });
    account.map(RequestedAccount).ok_or_else(|| {
        let why = phrase!(admin_no_account).text(reader_language::of(request));
        let why = json!({ "error": why });
        InternalError::from_response("account", HttpResponse::NotFound().json(why)).into()
    })
}
