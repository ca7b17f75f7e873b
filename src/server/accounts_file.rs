//! How an accounts file becomes the accounts that are served, at the start and again whenever it,
//! a secret or the set of rule files changes.

mod error;
mod kept_rules;
mod outside;
mod reloader;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::accounts::{AccountDatabase, Accounts, DatabaseKey, UnlockedAccount};
use crate::live_rules::watch::{Inputs, SetId, Watch};
use crate::live_rules::{LiveRules, Loading, ReloadError, Reloader, ReloaderHandle, files};
use crate::server::account::AccountSettings;
use crate::server::accounts_file::kept_rules::KeptRules;
use crate::server::accounts_file::outside::RuleSecrets;
use crate::services::Outside;
use crate::store::{DatabaseUrl, Store};
use crate::wechat_api::{AppCredentials, AppSecret};

pub(crate) use crate::server::accounts_file::error::AccountsError;
use crate::server::accounts_file::reloader::ReadRequest;
pub(super) use crate::server::accounts_file::reloader::{
    AccountsReloader, AccountsResult, FollowedAccountsFile,
};

/// What is the same for all accounts of a file.
pub(crate) struct AccountsLoading {
    pub(crate) path: PathBuf,
    /// A rule file whose own tests fail is refused.
    pub(crate) require_tests: bool,
    pub(crate) system_zone: TimeZone,
    /// For accounts for which the file names none.
    pub(crate) database: DatabaseUrl,
    /// An answer leaves before this is over.
    pub(crate) deadline: Duration,
    pub(crate) max_age: Option<Duration>,
    /// Where the rules that are live are kept; each account has a file of its own beside it, by
    /// what the database knows it by, so that none ever answers by those of another.
    pub(crate) last_good: Option<PathBuf>,
}

/// An accounts file that was read, with the rules of all accounts.
pub(crate) struct LoadedAccounts {
    pub(super) loading: AccountsLoading,
    pub(super) watch: Watch<ReadRequest>,
    pub(super) files: SetId,
    pub(super) reloader: ReloaderHandle,
    pub(super) stores: Stores,
    pub(super) secrets: RuleSecrets,
    /// What it says of all accounts.
    pub(super) file: Accounts,
    pub(super) accounts: Vec<LoadedAccount>,
}

impl LoadedAccounts {
    /// How many databases they have together.
    pub(crate) fn databases(&self) -> usize {
        let accounts = self.accounts.iter();
        let databases = accounts.map(|account| account.written.database.as_ref());
        let keys = databases.map(|database| key(database, &self.loading));
        keys.collect::<HashSet<_>>().len()
    }

    /// What the rules may use outside of the program.
    pub(crate) fn outside(&self) -> Outside {
        self.secrets.outside(&self.file)
    }
}

/// An account as it is written, and the rules that answer for it.
pub(super) struct LoadedAccount {
    pub(super) written: UnlockedAccount,
    pub(super) live: Arc<LiveRules>,
}

/// Accounts that are answered already, by what the database knows them by: a name may be another's
/// by now.
type AccountsByKey<'k> = HashMap<&'k str, &'k LoadedAccount>;

impl AccountsLoading {
    /// Reads the file, its secrets and all rule files, and follows them from then on. The rules are
    /// followed once the reloader is started.
    pub(crate) fn load(
        self,
        mut reloader: Reloader,
    ) -> Result<(LoadedAccounts, ReloaderHandle), AccountsError> {
        let mut watch = Watch::start();
        let files = watch.add();
        let (file, unlocked) =
            watch.read(files, |inputs| self.read(&AccountsByKey::new(), inputs))?;
        let new = unlocked.iter().map(|account| self.rules_of(account));
        let loaded = reloader.add_all(new.collect());
        let accounts = self.with_rules(unlocked, &AccountsByKey::new(), loaded)?;
        let reloader = reloader.start();
        let loaded = LoadedAccounts {
            stores: Stores::default(),
            loading: self,
            watch,
            files,
            reloader: reloader.clone(),
            secrets: RuleSecrets::of(&file),
            file,
            accounts,
        };
        Ok((loaded, reloader))
    }

    /// Reads the file and the secrets, and notes what the result depends on.
    fn read(
        &self,
        known: &AccountsByKey<'_>,
        inputs: &mut Inputs,
    ) -> Result<(Accounts, Vec<UnlockedAccount>), AccountsError> {
        let parsed = files::read_accounts(&self.path, inputs).map_err(ReloadError::File)?;
        let loading = self;
        let unlocked = parsed.unlock(&mut KeptRules {
            loading,
            known,
            inputs,
        });
        let (file, accounts) = unlocked.map_err(|diagnostics| ReloadError::Wrong {
            root: self.path.clone(),
            diagnostics,
        })?;
        Ok((file, accounts))
    }

    /// What the rules of new accounts depend on, so that one that is refused is noticed once it is
    /// fixed. What is wrong with them is told by who makes them live.
    fn rules_of_new(&self, known: &AccountsByKey<'_>, accounts: &[UnlockedAccount]) -> Inputs {
        let mut inputs = Inputs::default();
        let new = accounts.iter();
        for account in new.filter(|account| has_rules(known, account).is_none()) {
            let _ = files::read_noting(&account.account.rules, &mut inputs);
        }
        inputs
    }

    fn rules_of(&self, account: &UnlockedAccount) -> Loading {
        Loading {
            path: account.account.rules.clone(),
            require_tests: self.require_tests,
            system_zone: self.system_zone.clone(),
            can_upload: account.account.app_id.is_some() && account.app_secret.is_some(),
            last_good: self.last_good_of(account.account.stored_under()),
            // A name may be given to another account.
            last_good_of_path: account.account.id.is_none(),
        }
    }

    /// A name may have anything in it, a path only what is no separator.
    fn last_good_of(&self, stored_under: &str) -> Option<PathBuf> {
        let mut path = self.last_good.clone()?.into_os_string();
        path.push(".");
        path.push(stored_under.replace('%', "%25").replace('/', "%2F"));
        Some(path.into())
    }

    /// Gives each account its rules: those that it has, or the next that were loaded.
    fn with_rules(
        &self,
        unlocked: Vec<UnlockedAccount>,
        known: &AccountsByKey<'_>,
        loaded: Vec<Result<Arc<LiveRules>, ReloadError>>,
    ) -> Result<Vec<LoadedAccount>, AccountsError> {
        let mut loaded = loaded.into_iter();
        let (mut accounts, mut refused) = (Vec::new(), Vec::new());
        for written in unlocked {
            let live = match has_rules(known, &written) {
                Some(live) => Some(Ok(live)),
                None => loaded.next(),
            };
            match live {
                Some(Ok(live)) => accounts.push(LoadedAccount { written, live }),
                Some(Err(error)) => refused.push(error),
                None => {}
            }
        }
        match refused.is_empty() {
            true => Ok(accounts),
            false => Err(AccountsError(refused)),
        }
    }

    /// What the server is told of an account.
    fn settings(&self, loaded: &LoadedAccount, stores: &mut Stores) -> AccountSettings {
        let UnlockedAccount {
            account,
            credentials,
            app_secret,
            database,
        } = &loaded.written;
        let app = account.app_id.clone().zip(app_secret.as_ref());
        let app = app.map(|(app_id, secret)| AppCredentials {
            app_id,
            secret: AppSecret::new(secret.expose()),
        });
        AccountSettings {
            name: Some(Arc::clone(&account.name)),
            id: account.id.clone(),
            path: account.path.clone(),
            credentials: credentials.clone().with_max_age(self.max_age),
            app,
            live: Arc::clone(&loaded.live),
            store: stores.on(database.as_ref(), self).for_one_of_several(),
        }
    }
}

/// The rules that answer for this account already. They stay with it as long as their file does,
/// and WeChat knows what they show by the same ids.
fn has_rules(known: &AccountsByKey<'_>, account: &UnlockedAccount) -> Option<Arc<LiveRules>> {
    let known = known.get(account.account.stored_under())?;
    let used = |it: &'_ UnlockedAccount| {
        (
            it.account.rules.clone(),
            it.account.app_id.clone(),
            it.app_secret.is_some(),
        )
    };
    let is_same = used(&known.written) == used(account);
    is_same.then(|| Arc::clone(&known.live))
}

/// One store for each database, however many accounts are on it; none is the key of a server that
/// a flag names.
#[derive(Default)]
pub(super) struct Stores(HashMap<Option<DatabaseKey>, Store>);

impl Stores {
    fn on(&mut self, database: Option<&AccountDatabase>, loading: &AccountsLoading) -> Store {
        let store = self.0.entry(key(database, loading));
        let store = store.or_insert_with(|| {
            let url = database.map_or(&loading.database, |database| &database.url);
            Store::new(url.clone(), loading.deadline)
        });
        store.clone()
    }

    /// Drops those that no account is on.
    fn keep_only(&mut self, used: &[LoadedAccount], loading: &AccountsLoading) {
        let used = used.iter().map(|account| &account.written.database);
        let used = used.map(|database| key(database.as_ref(), loading));
        let used: HashSet<Option<DatabaseKey>> = used.collect();
        self.0.retain(|database, _| used.contains(database));
    }
}

fn key(database: Option<&AccountDatabase>, loading: &AccountsLoading) -> Option<DatabaseKey> {
    match database {
        Some(database) => Some(database.key.clone()),
        None => loading.database.named_file().map(DatabaseKey::File),
    }
}
