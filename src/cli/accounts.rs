//! `--accounts` and `--account`: commands that are about one account of a file.

use std::path::{Path, PathBuf};

use crate::accounts::secret::{SecretName, SecretSource};
use crate::accounts::{
    Accounts, CheckedAccount, ParsedAccounts, UnlockedAccount, WrittenDatabase, lint,
};
use crate::cli::{Exit, fail};
use crate::i18n::phrase;
use crate::live_rules::files;
use crate::live_rules::files::FileError;
use crate::live_rules::watch::Inputs;
use crate::rules::diagnostic::Diagnostic;
use crate::store::DatabaseUrl;

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct AccountsArguments {
    /// The accounts file that has the account
    #[arg(long, env = "WXREPLY_ACCOUNTS", value_name = "FILE")]
    pub(super) accounts: Option<PathBuf>,
}

/// Why there is no account to work with.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccountError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}", phrase!(accounts_wrong, path = path.display(), count = Diagnostic::count(diagnostics)))]
    Wrong {
        path: PathBuf,
        diagnostics: Vec<Diagnostic>,
    },
    #[error("{}", phrase!(unknown_account, path = path.display(), name, names = names.as_str()))]
    Unknown {
        path: PathBuf,
        name: String,
        names: String,
    },
    #[error("{}", phrase!(which_account, path = path.display(), names = names.as_str()))]
    NotNamed { path: PathBuf, names: String },
    #[error("{}", phrase!(account_without_file))]
    NoFile,
    #[error("{}", phrase!(unusable_database_secret, name))]
    Database { name: String },
}

impl AccountsArguments {
    /// The account of this name with its secrets; none where no file is named.
    pub(super) fn unlocked(
        &self,
        name: Option<&str>,
    ) -> Result<Option<UnlockedAccount>, AccountError> {
        match (&self.accounts, name) {
            (Some(path), name) => Ok(Some(chosen_in(path, name)?.unlocked)),
            (None, Some(_)) => Err(AccountError::NoFile),
            (None, None) => Ok(None),
        }
    }
}

/// An account with its secrets, and what is to be said of its file.
pub(super) struct ChosenAccount {
    pub(super) path: PathBuf,
    pub(super) unlocked: UnlockedAccount,
    pub(super) secrets: SecretSource,
    /// How many accounts the file has.
    pub(super) accounts: usize,
    pub(super) warnings: usize,
}

/// The account of this name, or the only one.
pub(super) fn chosen_in(path: &Path, name: Option<&str>) -> Result<ChosenAccount, AccountError> {
    let mut inputs = Inputs::default();
    let file = files::read_accounts(path, &mut inputs)?;
    let unlocked = file.unlock(&mut inputs);
    let (accounts, unlocked) = unlocked.map_err(|diagnostics| wrong(path, diagnostics))?;
    let chosen = chosen(path, &accounts, name)?;
    let warnings = lint::warnings(&file, &unlocked).len();
    let mut unlocked = unlocked.into_iter();
    let found = unlocked.find(|unlocked| unlocked.account.name == chosen.name);
    Ok(ChosenAccount {
        path: path.to_owned(),
        unlocked: found.ok_or_else(|| unknown(path, &accounts, &chosen.name))?,
        accounts: accounts.accounts.len(),
        secrets: accounts.secrets,
        warnings,
    })
}

/// Where what followers of an account have stored is.
pub(super) struct AccountStore {
    /// The account as the database knows it; none for all.
    pub(super) account: Option<String>,
    /// Each once; none for the one that flags name.
    pub(super) databases: Vec<Result<Option<DatabaseUrl>, AccountError>>,
}

impl AccountsArguments {
    /// Without a file, `account` is a gh_… itself.
    pub(super) fn stored(&self, account: Option<&str>) -> Result<AccountStore, AccountError> {
        let Some(path) = &self.accounts else {
            return Ok(AccountStore {
                account: account.map(str::to_owned),
                databases: vec![Ok(None)],
            });
        };
        let mut inputs = Inputs::default();
        let file: ParsedAccounts = files::read_accounts(path, &mut inputs)?;
        let compiled = file.compile(&mut inputs);
        let accounts = compiled.map_err(|diagnostics| wrong(path, diagnostics))?;
        let meant: Vec<&CheckedAccount> = match account {
            Some(name) => vec![chosen(path, &accounts, Some(name))?],
            None => accounts.accounts.iter().collect(),
        };
        let key = match (account, meant.as_slice()) {
            (Some(_), [meant]) => Some(meant.stored_under().to_owned()),
            _ => None,
        };
        let mut written: Vec<&Option<WrittenDatabase>> = Vec::new();
        for account in meant {
            if !written.contains(&&account.database) {
                written.push(&account.database);
            }
        }
        let databases = written.into_iter().map(|written| match written {
            None => Ok(None),
            Some(written) => opened(written, &accounts, &mut inputs).map(Some),
        });
        Ok(AccountStore {
            account: key,
            databases: databases.collect(),
        })
    }
}

fn opened(
    written: &WrittenDatabase,
    accounts: &Accounts,
    inputs: &mut Inputs,
) -> Result<DatabaseUrl, AccountError> {
    let unusable = |name: &SecretName| AccountError::Database {
        name: name.as_str().to_owned(),
    };
    match written {
        WrittenDatabase::Url(url) => url
            .parse()
            .map_err(|_| AccountError::Database { name: url.clone() }),
        WrittenDatabase::Secret(name) => {
            let secret = accounts.secrets.get(name, inputs);
            let secret = secret.map_err(|_| unusable(name))?;
            secret.expose().parse().map_err(|_| unusable(name))
        }
    }
}

fn chosen<'a>(
    path: &Path,
    accounts: &'a Accounts,
    name: Option<&str>,
) -> Result<&'a CheckedAccount, AccountError> {
    match (name, accounts.accounts.as_slice()) {
        (Some(name), all) => {
            let by_id = |account: &&CheckedAccount| account.id.as_deref() == Some(name);
            let found = accounts.named(name).or_else(|| all.iter().find(by_id));
            found.ok_or_else(|| unknown(path, accounts, name))
        }
        (None, [only]) => Ok(only),
        (None, _) => Err(AccountError::NotNamed {
            path: path.to_owned(),
            names: names(accounts),
        }),
    }
}

fn wrong(path: &Path, diagnostics: Vec<Diagnostic>) -> AccountError {
    AccountError::Wrong {
        path: path.to_owned(),
        diagnostics,
    }
}

fn unknown(path: &Path, accounts: &Accounts, name: &str) -> AccountError {
    AccountError::Unknown {
        path: path.to_owned(),
        name: name.to_owned(),
        names: names(accounts),
    }
}

/// So many names are listed for whoever has mistyped one.
const MAX_LISTED: usize = 10;

fn names(accounts: &Accounts) -> String {
    let names = accounts.accounts.iter().map(|account| &*account.name);
    let listed: Vec<&str> = names.take(MAX_LISTED).collect();
    let more = if accounts.accounts.len() > MAX_LISTED {
        ", …"
    } else {
        ""
    };
    listed.join(", ") + more
}

impl AccountError {
    pub(super) fn tell(&self) -> Exit {
        fail(self)
    }
}
