//! A language model that speaks OpenAI's chat completions: the question goes out with what was
//! said before, and a text comes back.

use crate::http_client::header::{AUTHORIZATION, HeaderMap};
use serde_json::{Map, Value, json};

use crate::i18n::phrase;
use crate::service::{LanguageModel, Question, ServiceAnswer, ServiceError};
use crate::services::failure::ServiceCallError;
use crate::services::model_completion::{Completion, CompletionError};
use crate::services::model_thinking::without_thinking;
use crate::services::service_call::{self, Link};
use crate::services::{Asking, Usage};

pub(super) async fn ask(
    link: &Link<'_>,
    model: &LanguageModel,
    question: &Question,
    asking: &Asking<'_>,
    usage: &mut Usage,
) -> Result<ServiceAnswer, ServiceCallError> {
    let mut headers = HeaderMap::new();
    if let Some(name) = &model.key {
        let bearer = format!("Bearer {}", link.secret(name).await?);
        headers.insert(AUTHORIZATION, service_call::sensitive(&bearer, name)?);
    }
    let url = format!("{}/chat/completions", model.base_url.trim_end_matches('/'));
    let body = service_call::bytes(&request(model, question, asking));
    let stream = "text/event-stream, application/json";
    let mut response = link.post(&url, headers, stream, body).await?;
    let mut completion = Completion::default();
    while let Some(bytes) = response.chunk().await? {
        completion.push(&bytes)?;
        if completion.is_done() {
            break;
        }
    }
    let (text, tokens) = completion.finish()?;
    usage.tokens = tokens;
    let text = without_thinking(&text);
    match text.trim() {
        "" => Err(ServiceCallError::empty()),
        text => Ok(ServiceAnswer(Value::from(text))),
    }
}

/// What is asked. `extra` has the last word: what it sets to null is left out, for servers that
/// do not know it.
fn request(model: &LanguageModel, question: &Question, asking: &Asking<'_>) -> Value {
    let said = |role: &str, text: &str| json!({ "role": role, "content": text });
    let system = model.system.iter().map(|text| said("system", text));
    let turns = asking.turns.iter().flat_map(|turn| {
        let (question, answer) = (&turn.question, &turn.answer);
        [said("user", question), said("assistant", answer)]
    });
    let asked = match &question.request {
        Value::String(text) => said("user", text),
        other => said("user", &other.to_string()),
    };
    let messages: Vec<Value> = system.chain(turns).chain([asked]).collect();
    let mut request = Map::new();
    request.insert("model".to_owned(), json!(model.model));
    request.insert("messages".to_owned(), json!(messages));
    request.insert("stream".to_owned(), json!(true));
    let counted = json!({ "include_usage": true });
    request.insert("stream_options".to_owned(), counted);
    if let Some(tokens) = model.limits.tokens {
        request.insert("max_tokens".to_owned(), json!(tokens));
    }
    for (key, value) in &model.extra {
        match value.is_null() {
            true => request.shift_remove(key),
            false => request.insert(key.clone(), value.clone()),
        };
    }
    Value::Object(request)
}

impl From<CompletionError> for ServiceCallError {
    fn from(error: CompletionError) -> ServiceCallError {
        match error {
            CompletionError::TooLarge => ServiceCallError::too_large(),
            CompletionError::NotJson => ServiceCallError::not_json(phrase!(call_no_completion)),
            CompletionError::Cut => ServiceCallError::new(ServiceError::Refused, phrase!(call_cut)),
            CompletionError::Failed(Some(status)) => ServiceCallError::status(status, None),
            CompletionError::Failed(None) => ServiceCallError::not_json(phrase!(call_error_object)),
        }
    }
}
