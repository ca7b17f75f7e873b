//! The accounts for which one process answers, as a file of them says. Knows neither HTTP nor
//! what is in a rule file.

mod compile;
mod file;
pub(crate) mod lint;
pub(crate) mod schema;
pub(crate) mod secret;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::accounts::compile::AccountsCompiler;
use crate::accounts::file::AccountsFile;
use crate::accounts::secret::{Environment, Secret, SecretName, SecretSource};
use crate::http_client::AllowList;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::reading::{Document, EntryPart, PathStep};
use crate::rules::sources::SourceText;
use crate::store::{DatabaseFile, DatabaseUrl};
use crate::wechat::{Credentials, Mode};

/// An accounts file that was read; it may be nonsense.
#[derive(Debug)]
pub(crate) struct ParsedAccounts {
    document: Document,
    file: AccountsFile,
}

/// What an accounts file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accounts {
    /// In the order of the file.
    pub(crate) accounts: Vec<CheckedAccount>,
    /// Internal addresses that services may call.
    pub(crate) allow: AllowList,
    pub(crate) secrets: SecretSource,
}

/// An account as written; its secrets by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckedAccount {
    pub(crate) name: Arc<str>,
    /// The 原始ID, gh_….
    pub(crate) id: Option<String>,
    /// Begins with `/`.
    pub(crate) path: String,
    /// Where the rule file is: beside the accounts file, if its path is relative.
    pub(crate) rules: PathBuf,
    pub(crate) mode: Mode,
    pub(crate) app_id: Option<String>,
    /// The current one comes first.
    pub(crate) tokens: Vec<SecretName>,
    pub(crate) aes_keys: Vec<SecretName>,
    pub(crate) app_secret: Option<SecretName>,
    /// Its own, or that of the file; none for that of the flags.
    pub(crate) database: Option<WrittenDatabase>,
}

/// Where a database is, as the file says it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum WrittenDatabase {
    /// Without a password.
    Url(String),
    Secret(SecretName),
}

/// An account with its secrets: all that it takes to answer for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnlockedAccount {
    pub(crate) account: CheckedAccount,
    pub(crate) credentials: Credentials,
    pub(crate) app_secret: Option<Secret>,
    pub(crate) database: Option<AccountDatabase>,
}

/// A checked database URL; equal where it names the same database.
#[derive(Clone, Debug)]
pub(crate) struct AccountDatabase {
    pub(crate) key: DatabaseKey,
    pub(crate) url: DatabaseUrl,
}

/// What tells one database from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DatabaseKey {
    File(DatabaseFile),
    /// As it is written, with a password.
    Server(Secret),
}

impl ParsedAccounts {
    pub(crate) fn of(path: impl Into<PathBuf>, text: impl Into<String>) -> ParsedAccounts {
        let (path, text) = (path.into(), text.into());
        let (file, document) = Document::read(Arc::new(SourceText { path, text }));
        ParsedAccounts { document, file }
    }

    /// Whether a text is meant to be an accounts file and not one of rules.
    pub(crate) fn is_meant_by(text: &str) -> bool {
        let begins = |line: &str| {
            let start = line.trim_start_matches(['{', ' ', '"', '\'']);
            start.starts_with("accounts")
        };
        text.lines().any(begins) && Document::has_root_key(text, "accounts")
    }

    pub(crate) fn path(&self) -> &Path {
        self.document.path()
    }

    /// Where a key of an account stands, or the account.
    pub(crate) fn place(&self, account: &str, key: &str) -> Place {
        let steps = ["accounts", account, key].map(PathStep::Key);
        self.document.place_at(&steps, EntryPart::Value)
    }

    /// The accounts, or every mistake; secrets are not asked for.
    pub(crate) fn compile(
        &self,
        environment: &mut dyn Environment,
    ) -> Result<Accounts, Vec<Diagnostic>> {
        let (accounts, _) = AccountsCompiler::of(self, environment, false).run()?;
        Ok(accounts)
    }

    /// The accounts with their secrets, or every mistake in the file and in the secrets.
    pub(crate) fn unlock(
        &self,
        environment: &mut dyn Environment,
    ) -> Result<(Accounts, Vec<UnlockedAccount>), Vec<Diagnostic>> {
        AccountsCompiler::of(self, environment, true).run()
    }
}

impl CheckedAccount {
    /// What the database knows it by.
    pub(crate) fn stored_under(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }
}

impl Accounts {
    pub(crate) fn named(&self, name: &str) -> Option<&CheckedAccount> {
        self.accounts.iter().find(|account| &*account.name == name)
    }
}

impl PartialEq for AccountDatabase {
    fn eq(&self, other: &AccountDatabase) -> bool {
        self.key == other.key
    }
}

impl Eq for AccountDatabase {}
