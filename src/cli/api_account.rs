//! The account that a command is about, at WeChat's API.

use std::io;
use std::path::PathBuf;

use tokio::runtime::{Builder, Runtime};

use crate::cli::accounts::{AccountError, AccountsArguments};
use crate::cli::api::{ApiArgumentError, ApiArguments};
use crate::cli::{Exit, fail};
use crate::http_client::RustlsError;
use crate::i18n::phrase;
use crate::store::DatabaseUrl;
use crate::wechat_api::{
    ApiAccount, ApiError, ApiHosts, ApiSettings, AppCredentials, AppSecret, WechatApi,
};

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct ApiAccountArguments {
    /// The app id of the account (wx…)
    #[arg(long, env = "WXREPLY_APP_ID", value_name = "ID")]
    app_id: Option<String>,
    #[command(flatten)]
    api: ApiArguments,
    #[command(flatten)]
    accounts: AccountsArguments,
    /// The account of the accounts file that is meant; app id and secret are its own
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
}

/// Why no call can be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiAccountError {
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Argument(#[from] ApiArgumentError),
    #[error("{}", phrase!(api_needs_secret))]
    NoSecret,
    #[error("{}", phrase!(api_needs_secret_of, name = .0))]
    NoSecretOf(String),
    #[error(transparent)]
    Tls(#[from] RustlsError),
    #[error(transparent)]
    Runtime(#[from] io::Error),
}

/// What calls for one account.
pub(super) struct ApiConnection {
    account: ApiAccount,
    runtime: Runtime,
    /// The rule file that the accounts file has for it.
    pub(super) rules: Option<PathBuf>,
    /// The same for its database.
    pub(super) database: Option<DatabaseUrl>,
}

impl ApiAccountArguments {
    pub(super) fn connect(&self) -> Result<ApiConnection, ApiAccountError> {
        let chosen = self.accounts.unlocked(self.account.as_deref())?;
        let (credentials, rules, database) = match chosen {
            Some(unlocked) => {
                let account = unlocked.account;
                let app = account.app_id.zip(unlocked.app_secret);
                let (app_id, secret) =
                    app.ok_or_else(|| ApiAccountError::NoSecretOf(account.name.to_string()))?;
                let secret = AppSecret::new(secret.expose());
                let database = unlocked.database.map(|database| database.url);
                (
                    AppCredentials { app_id, secret },
                    Some(account.rules),
                    database,
                )
            }
            None => {
                let app_id = self.app_id.as_deref().filter(|id| !id.is_empty());
                let credentials = self.api.credentials(app_id)?;
                (credentials.ok_or(ApiAccountError::NoSecret)?, None, None)
            }
        };
        let connection = ApiConnection::new(&self.api.hosts, credentials)?;
        Ok(ApiConnection {
            rules,
            database,
            ..connection
        })
    }
}

impl ApiConnection {
    pub(super) fn new(
        hosts: &ApiHosts,
        credentials: AppCredentials,
    ) -> Result<ApiConnection, ApiAccountError> {
        let api = WechatApi::new(ApiSettings {
            hosts: hosts.clone(),
            choose: |_| 0,
        })?;
        Ok(ApiConnection {
            account: api.account(credentials, None),
            runtime: Builder::new_current_thread().enable_all().build()?,
            rules: None,
            database: None,
        })
    }

    pub(super) fn app_id(&self) -> &str {
        &self.account.credentials().app_id
    }

    /// Waits for what is asked of the API.
    pub(super) fn wait<T, F: Future<Output = Result<T, ApiError>>>(
        &self,
        ask: impl FnOnce(ApiAccount) -> F,
    ) -> Result<T, ApiError> {
        self.runtime.block_on(ask(self.account.clone()))
    }
}

impl ApiAccountError {
    pub(super) fn tell(&self) -> Exit {
        fail(self)
    }
}

/// Asks on the terminal whether to go on; nothing where nobody can be asked.
pub(super) fn confirmed(question: &dyn std::fmt::Display) -> Option<bool> {
    use std::io::IsTerminal;
    let is_asked = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !is_asked {
        return None;
    }
    eprint!("{question} ");
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    let answer = answer.trim().to_lowercase();
    Some(read.is_ok() && ["y", "yes", "是", "好"].contains(&answer.as_str()))
}
