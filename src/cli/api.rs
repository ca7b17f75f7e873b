//! The flags that say how an account uses WeChat's API.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::cli::secrets::{self, SecretsError};
use crate::http_client::Url;
use crate::i18n::{Phrase, phrase};
use crate::wechat_api::{ApiHosts, AppCredentials, AppSecret, DEFAULT_BASE};

#[derive(clap::Args)]
#[group(skip)]
pub(super) struct ApiArguments {
    /// The AppSecret from WeChat's console, for what an answer to WeChat cannot do
    #[arg(
        long,
        env = "WXREPLY_APP_SECRET",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    app_secret: Option<String>,
    /// A file with the AppSecret; - for standard input
    #[arg(long, env = "WXREPLY_APP_SECRET_FILE", value_name = "FILE")]
    app_secret_file: Option<PathBuf>,
    /// Where WeChat's API is
    #[arg(
        long = "api",
        env = "WXREPLY_API",
        default_value = DEFAULT_BASE,
        value_name = "URL",
        value_parser = hosts
    )]
    pub(super) hosts: ApiHosts,
}

pub(super) const APP_SECRET_FILE: &str = "--app-secret-file";

/// Why the account cannot use the API.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiArgumentError {
    #[error(transparent)]
    Secret(#[from] SecretsError),
    #[error("{}", phrase!(app_secret_empty, path = .0.display()))]
    Empty(PathBuf),
    #[error("{}", phrase!(app_secret_needs_app_id))]
    NoAppId,
}

impl ApiArguments {
    pub(super) fn secret_file(&self) -> Option<&Path> {
        self.app_secret_file.as_deref()
    }

    /// How the account is known to the API; nothing without a secret.
    pub(super) fn credentials(
        &self,
        app_id: Option<&str>,
    ) -> Result<Option<AppCredentials>, ApiArgumentError> {
        let given = self.app_secret.as_ref().filter(|it| !it.is_empty());
        let secret = match (given, &self.app_secret_file) {
            (Some(secret), _) => secret.clone(),
            (None, Some(path)) => match secrets::first_line(APP_SECRET_FILE, path)? {
                empty if empty.is_empty() => return Err(ApiArgumentError::Empty(path.clone())),
                secret => secret,
            },
            (None, None) => return Ok(None),
        };
        let app_id = app_id.ok_or(ApiArgumentError::NoAppId)?.to_owned();
        let secret = AppSecret::new(secret);
        Ok(Some(AppCredentials { app_id, secret }))
    }
}

fn hosts(text: &str) -> Result<ApiHosts, Phrase> {
    let url = Url::parse(text).map_err(|_| phrase!(invalid_api_url))?;
    let is_plain = url.query().is_none() && url.fragment().is_none();
    match ["http", "https"].contains(&url.scheme()) && url.has_host() && is_plain {
        true => Ok(ApiHosts::at(url)),
        false => Err(phrase!(invalid_api_url)),
    }
}

impl fmt::Debug for ApiArguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiArguments({})", self.hosts.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_at_an_address_without_a_query() {
        for (text, fallback) in [
            ("https://api.weixin.qq.com", true),
            ("https://api.weixin.qq.com/", true),
            ("http://127.0.0.1:8090", false),
            ("https://proxy.example.com/wechat/", false),
        ] {
            let hosts = hosts(text).unwrap();
            assert_eq!(hosts.fallback.is_some(), fallback, "{text}");
        }
        for text in [
            "",
            "api.weixin.qq.com",
            "ftp://a/",
            "https://a/?b",
            "https://a/#b",
        ] {
            assert!(hosts(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let arguments = ApiArguments {
            app_secret: Some("s3cret".to_owned()),
            app_secret_file: None,
            hosts: hosts(DEFAULT_BASE).unwrap(),
        };
        let credentials = arguments.credentials(Some("wx1")).unwrap();
        let shown = format!("{arguments:?} {credentials:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(matches!(
            arguments.credentials(None),
            Err(ApiArgumentError::NoAppId)
        ));
    }
}
