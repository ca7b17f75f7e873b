//! The thread that replaces the accounts when their file or a secret changes.

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::web;

use crate::i18n::phrase;
use crate::live_rules::ReloaderHandle;
use crate::live_rules::watch::{Inputs, ReloadHandle, SetId, Watch, Woken};
use crate::lock::lock;
use crate::metrics::Metrics;
use crate::server::ServerState;
use crate::server::account::Account;
use crate::server::accounts_file::outside::RuleSecrets;
use crate::server::accounts_file::{
    AccountsError, AccountsLoading, LoadedAccount, LoadedAccounts, Stores, has_rules,
};
use crate::wechat_api::WechatApi;

/// How long accounts wait to know what WeChat keeps already of what their rules show.
const LOOKING_UP: Duration = Duration::from_secs(2);

/// Somebody who wants to hear what came of reading the file again.
pub(super) type ReadRequest = SyncSender<AccountsResult>;

pub(in crate::server) type AccountsResult = Result<(), Arc<AccountsError>>;

/// The file as it is known to the other threads.
pub(in crate::server) struct FollowedAccountsFile {
    status: Mutex<AccountsStatus>,
    handle: ReloadHandle<ReadRequest>,
    files: SetId,
}

/// The results of the reloads so far.
#[derive(Clone, Default)]
pub(in crate::server) struct AccountsStatus {
    pub(in crate::server) failures: u64,
    /// Why the file as it is now was refused; none when it is live.
    pub(in crate::server) refused: Option<Arc<AccountsError>>,
}

pub(in crate::server) struct AccountsReloader {
    loading: AccountsLoading,
    watch: Watch<ReadRequest>,
    reloader: ReloaderHandle,
    stores: Stores,
    secrets: RuleSecrets,
    served: Vec<ServedAccount>,
    file: Arc<FollowedAccountsFile>,
    /// The rules of new accounts whose rules were refused.
    refused_rules: SetId,
}

/// An account that is served, and what it was made of.
struct ServedAccount {
    loaded: LoadedAccount,
    account: Arc<Account>,
}

impl FollowedAccountsFile {
    pub(in crate::server) fn status(&self) -> AccountsStatus {
        lock(&self.status).clone()
    }

    /// Reads the file again as soon as nobody is in the middle of saving it.
    pub(in crate::server) fn reload(&self) -> Receiver<AccountsResult> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.handle.ask(self.files, sender);
        receiver
    }

    pub(in crate::server) fn stop(&self) {
        self.handle.stop();
    }

    fn set_status(&self, change: impl FnOnce(&mut AccountsStatus)) {
        change(&mut lock(&self.status));
    }
}

impl AccountsReloader {
    /// Serves what was loaded at the start.
    pub(in crate::server) fn new(
        first: LoadedAccounts,
        metrics: &Metrics,
        api: &WechatApi,
    ) -> AccountsReloader {
        let LoadedAccounts {
            loading,
            mut watch,
            files,
            reloader,
            mut stores,
            secrets,
            file: _,
            accounts,
        } = first;
        let served = accounts.into_iter().map(|loaded| {
            let settings = loading.settings(&loaded, &mut stores);
            ServedAccount {
                account: told(Account::new(settings, metrics, api)),
                loaded,
            }
        });
        let refused_rules = watch.add();
        watch.accept(refused_rules, Inputs::default());
        AccountsReloader {
            refused_rules,
            served: served.collect(),
            file: Arc::new(FollowedAccountsFile {
                status: Mutex::default(),
                handle: watch.handle(),
                files,
            }),
            loading,
            watch,
            reloader,
            stores,
            secrets,
        }
    }

    pub(in crate::server) fn accounts(&self) -> Vec<Arc<Account>> {
        let accounts = self.served.iter();
        accounts.map(|served| Arc::clone(&served.account)).collect()
    }

    pub(in crate::server) fn file(&self) -> Arc<FollowedAccountsFile> {
        Arc::clone(&self.file)
    }

    pub(in crate::server) fn start(mut self, state: web::Data<ServerState>) {
        let thread = thread::Builder::new().name("accounts".to_owned());
        let spawned = thread.spawn(move || while self.step(&state) {});
        if let Err(error) = spawned {
            log::warn!("{}", phrase!(log_accounts_no_watcher, reason = &error));
        }
    }

    /// Waits until there is something to do, and does it. False when stopped.
    fn step(&mut self, state: &ServerState) -> bool {
        match self.watch.wait() {
            Woken::Ready(_) => self.reload(state),
            Woken::Idle => {}
            Woken::Stopped => return false,
        }
        true
    }

    fn reload(&mut self, state: &ServerState) {
        let began = Instant::now();
        let served = self.served.iter().map(|served| &served.loaded);
        let known = served.map(|loaded| (loaded.written.account.stored_under(), loaded));
        let known: HashMap<&str, &LoadedAccount> = known.collect();
        let mut inputs = Inputs::default();
        let read = self.loading.read(&known, &mut inputs);
        let Some(requests) = self.watch.accept(self.file.files, inputs) else {
            // Not before: rules that were refused may be ready all the time.
            self.watch.wait_for(self.file.files);
            return;
        };
        let mut refused_rules = Inputs::default();
        let loaded = match read {
            Ok((file, unlocked)) => {
                let rules = self.loading.rules_of_new(&known, &unlocked);
                let new = unlocked.iter();
                let new = new.filter(|account| has_rules(&known, account).is_none());
                let new = new.map(|account| self.loading.rules_of(account));
                // Whoever reads rules has ended: so does the server.
                let Some(new) = self.reloader.add_all(new.collect()) else {
                    return;
                };
                let loaded = self.loading.with_rules(unlocked, &known, new);
                if loaded.is_err() {
                    refused_rules = rules;
                }
                loaded.map(|loaded| (file, loaded))
            }
            Err(error) => Err(error),
        };
        // Rules that are live are followed by who replaces them: here, a save of them would have
        // the accounts wait.
        self.watch.accept(self.refused_rules, refused_rules);
        let result = match loaded {
            Ok((file, loaded)) => {
                self.secrets.replace(&file);
                state.questions.services().reach().allow(file.allow.clone());
                self.replace(loaded, state, began);
                Ok(())
            }
            Err(error) => Err(self.refuse(error)),
        };
        for request in requests {
            // The caller may have timed out.
            let _ = request.try_send(result.clone());
        }
    }

    fn replace(&mut self, loaded: Vec<LoadedAccount>, state: &ServerState, began: Instant) {
        let before = std::mem::take(&mut self.served).into_iter();
        let before = before.map(|served| (Arc::clone(&served.loaded.written.account.name), served));
        let mut before: HashMap<Arc<str>, ServedAccount> = before.collect();
        self.stores.keep_only(&loaded, &self.loading);
        let (mut added, mut changed, mut uploads) = (0, 0, Vec::new());
        for loaded in loaded {
            let settings = self.loading.settings(&loaded, &mut self.stores);
            let account = match before.remove(&loaded.written.account.name) {
                Some(same) if same.loaded.is_as(&loaded) => same.account,
                Some(other) => {
                    changed += 1;
                    let account = told(other.account.with(settings, &state.api));
                    uploads.extend(account.upload_files(&state.uploads));
                    account
                }
                None => {
                    added += 1;
                    let account = told(Account::new(settings, &state.metrics, &state.api));
                    uploads.extend(account.upload_files(&state.uploads));
                    account
                }
            };
            self.served.push(ServedAccount { loaded, account });
        }
        let until = Instant::now() + LOOKING_UP;
        for first in uploads {
            first.wait_for_known(until);
        }
        // Who asks for a path from now on gets the new ones; what is under way ends as it began.
        state.directory.replace(self.accounts());
        self.follow_only_what_is_served();
        let removed = before.len();
        for (_, gone) in before {
            gone.account.metrics.leave();
            state
                .questions
                .services()
                .leave(&gone.loaded.written.account.name);
        }
        let was_refused = self.file.status().refused.is_some();
        self.file.set_status(|status| status.refused = None);
        if added + changed + removed > 0 {
            let path = self.loading.path.display();
            let milliseconds = began.elapsed().as_millis().to_string();
            let said = phrase!(log_accounts, path, added, changed, removed, milliseconds);
            log::info!("{said}");
        } else if was_refused {
            log::info!("{}", phrase!(log_accounts_as_live));
        }
    }

    fn follow_only_what_is_served(&self) {
        let served = self.served.iter().map(|served| &*served.loaded.live);
        self.reloader.serve_only(served);
    }

    fn refuse(&mut self, error: AccountsError) -> Arc<AccountsError> {
        // Rules may have been loaded for the file.
        self.follow_only_what_is_served();
        let before = self.file.status().refused;
        if let Some(before) = before
            && before.to_string() == error.to_string()
        {
            return before;
        }
        let error = Arc::new(error);
        self.file.set_status(|status| {
            status.failures += 1;
            status.refused = Some(Arc::clone(&error));
        });
        log::error!("{}\n{error}", phrase!(log_accounts_not_replaced));
        error
    }
}

/// An account that is about to be served, once the operator knows what is weak about it.
fn told(account: Account) -> Arc<Account> {
    if let (Some(name), Some(weakness)) = (&account.name, account.credentials.weakness()) {
        let error = weakness.to_string();
        let remedy = phrase!(help_new_token);
        log::warn!("{name}: {}", phrase!(error_and_help, error, remedy));
    }
    Arc::new(account)
}

impl LoadedAccount {
    fn is_as(&self, other: &LoadedAccount) -> bool {
        self.written == other.written && Arc::ptr_eq(&self.live, &other.live)
    }
}
