//! One call to a service: what all services have in common.

use crate::http_client::Method;
use crate::http_client::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::http_client::{HttpClient, HttpRequest, HttpResponse};
use crate::i18n::phrase;
use crate::service::ServiceError;
use crate::services::failure::ServiceCallError;
use crate::services::secret_reader::SecretReader;

/// No service may say more.
pub(super) const MAX_ANSWER_BYTES: usize = 256 << 10;

/// The way to a service, and the secrets that it may be told.
pub(super) struct Link<'a> {
    pub(super) client: &'a HttpClient,
    pub(super) secrets: &'a SecretReader,
    pub(super) account: &'a str,
}

impl Link<'_> {
    pub(super) async fn secret(&self, name: &str) -> Result<String, ServiceCallError> {
        let secret = self.secrets.read(self.account, name).await;
        secret.ok_or_else(|| ServiceCallError::no_secret(name))
    }

    /// Posts JSON. What comes back says at least that all is well.
    pub(super) async fn post(
        &self,
        url: &str,
        mut headers: HeaderMap,
        accept: &'static str,
        body: Vec<u8>,
    ) -> Result<HttpResponse, ServiceCallError> {
        let no_url = || ServiceCallError::new(ServiceError::Refused, phrase!(call_no_url));
        let json = HeaderValue::from_static("application/json");
        headers.insert(CONTENT_TYPE, json);
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static(accept));
        let request = HttpRequest {
            method: Method::POST,
            url: Url::parse(url).map_err(|_| no_url())?,
            headers,
            body,
        };
        let response = self.client.send(request).await?;
        match response.status {
            200..=299 => Ok(response),
            status => Err(ServiceCallError::status(
                status,
                response.header("retry-after"),
            )),
        }
    }
}

/// A header with a secret in it, by the name of the secret if it cannot be one.
pub(super) fn sensitive(text: &str, name: &str) -> Result<HeaderValue, ServiceCallError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| ServiceCallError::odd_secret(name))?;
    value.set_sensitive(true);
    Ok(value)
}

pub(super) fn header_name(name: &str) -> Result<HeaderName, ServiceCallError> {
    let odd = |_| ServiceCallError::new(ServiceError::Refused, phrase!(call_odd_header, name));
    HeaderName::try_from(name).map_err(odd)
}

/// JSON as bytes; any value can be written.
pub(super) fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
