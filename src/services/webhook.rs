//! A webhook: JSON goes out, signed if there is a secret for that, and JSON comes back.

use jiff::Timestamp;
use serde_json::{Number, Value};

use crate::http_client::header::{HeaderMap, HeaderValue};
use crate::i18n::phrase;
use crate::service::{HeaderPart, HeaderText, Question, ServiceAnswer, Webhook};
use crate::services::Asking;
use crate::services::failure::ServiceCallError;
use crate::services::service_call::{self, Link, MAX_ANSWER_BYTES};
use crate::services::signature;

/// Some programs begin a text with it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) async fn ask(
    link: &Link<'_>,
    webhook: &Webhook,
    question: &Question,
    asking: &Asking<'_>,
) -> Result<ServiceAnswer, ServiceCallError> {
    let body = service_call::bytes(&question.request);
    let headers = headers(link, webhook, asking, &body).await?;
    let json = "application/json";
    let mut response = link.post(&question.url, headers, json, body).await?;
    answer(&response.read(MAX_ANSWER_BYTES).await?)
}

async fn headers(
    link: &Link<'_>,
    webhook: &Webhook,
    asking: &Asking<'_>,
    body: &[u8],
) -> Result<HeaderMap, ServiceCallError> {
    let mut headers = HeaderMap::new();
    for (name, text) in &webhook.headers {
        headers.append(
            service_call::header_name(name)?,
            filled_in(link, name, text).await?,
        );
    }
    let plain = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    let seconds = Timestamp::now().as_second();
    headers.insert("webhook-id", plain(asking.delivery));
    headers.insert("webhook-timestamp", HeaderValue::from(seconds));
    headers.insert("wxreply-follower", plain(asking.follower));
    if let Some(name) = &webhook.sign {
        let secret = link.secret(name).await?;
        let signature = signature::sign(&secret, asking.delivery, seconds, body);
        let signature = signature.ok_or_else(|| ServiceCallError::odd_secret(name))?;
        headers.insert("webhook-signature", plain(&signature));
    }
    Ok(headers)
}

async fn filled_in(
    link: &Link<'_>,
    header: &str,
    text: &HeaderText,
) -> Result<HeaderValue, ServiceCallError> {
    let mut whole = String::new();
    // What is odd is most likely the secret, if there is one.
    let mut odd = header;
    for part in &text.0 {
        match part {
            HeaderPart::Literal(text) => whole.push_str(text),
            HeaderPart::Secret(name) => {
                whole.push_str(&link.secret(name).await?);
                odd = name;
            }
        }
    }
    service_call::sensitive(&whole, odd)
}

/// Any JSON but null. Of keys that are there twice the last one counts, as for most programs.
fn answer(body: &[u8]) -> Result<ServiceAnswer, ServiceCallError> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Err(ServiceCallError::empty());
    }
    let why = match body.trim_ascii_start().first() {
        Some(b'<') => phrase!(call_html),
        _ => phrase!(call_not_json),
    };
    match read(body) {
        Ok(Value::Null) => Err(ServiceCallError::empty()),
        Ok(value) => Ok(ServiceAnswer(value)),
        Err(_) => Err(ServiceCallError::not_json(why)),
    }
}

fn read(body: &[u8]) -> serde_json::Result<Value> {
    let value = serde_json::from_slice(body)?;
    match str::from_utf8(body) {
        Ok(json) => serde_json::from_str(&with_exact_numbers(json)),
        Err(_) => Ok(value),
    }
}

/// Numbers are texts where a float would spell them otherwise, such as 12.50 or one of twenty
/// digits: in the end it is text that is shown and stored.
fn with_exact_numbers(json: &str) -> String {
    let (mut exact, mut number) = (String::with_capacity(json.len()), String::new());
    let (mut in_text, mut is_escaped) = (false, false);
    for letter in json.chars().chain(['\n']) {
        let of_number = match letter {
            '0'..='9' | '-' => true,
            '+' | '.' | 'e' | 'E' => !number.is_empty(),
            _ => false,
        };
        if of_number && !in_text {
            number.push(letter);
            continue;
        }
        let is_exact = |parsed: Number| parsed.to_string() == number;
        match number.parse().is_ok_and(is_exact) || number.is_empty() {
            true => exact.push_str(&number),
            false => exact.extend(["\"", &number, "\""]),
        }
        number.clear();
        exact.push(letter);
        in_text ^= letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
    }
    exact
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::service::ServiceError;

    #[test]
    fn an_answer_is_json_of_any_kind() {
        let of = |body: &[u8]| answer(body).map(|answer| answer.0).map_err(|it| it.error);
        for (body, value) in [
            (
                &br#"{"state": "on its way"}"#[..],
                json!({"state": "on its way"}),
            ),
            (b"\xEF\xBB\xBF\r\n[1, 2]\n", json!([1, 2])),
            (b"\"text\"", json!("text")),
            (br#"{"a": 1, "a": 2}"#, json!({"a": 2})),
            (
                br#"[7, 12.5, 12.50, -0.10, 1e2, 20261128123456789012, "1e2\\\"", "\\"]"#,
                json!([
                    7,
                    12.5,
                    "12.50",
                    "-0.10",
                    "1e2",
                    "20261128123456789012",
                    "1e2\\\"",
                    "\\"
                ]),
            ),
        ] {
            assert_eq!(of(body), Ok(value));
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        for (body, error) in [
            (&b""[..], ServiceError::Empty),
            (b" \n", ServiceError::Empty),
            (b"null", ServiceError::Empty),
            (b"<html>", ServiceError::NotJson),
            (b"{\"a\": 1", ServiceError::NotJson),
            (b"{} {}", ServiceError::NotJson),
            (b"\"\xFF\xFE\"", ServiceError::NotJson),
            (b"\"a\x00b\"", ServiceError::NotJson),
            (b"NaN", ServiceError::NotJson),
            (deep.as_bytes(), ServiceError::NotJson),
        ] {
            assert_eq!(of(body), Err(error), "{body:?}");
        }
    }
}
