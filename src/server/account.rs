//! The state of one account; nothing in it is shared with others.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::live_rules::{FirstUploads, LiveRules};
use crate::log_limit::LogLimit;
use crate::message::Message;
use crate::metrics::{AccountMetrics, Metrics};
use crate::server::delivery_log::DeliveryLog;
use crate::server::moment_cache::MomentCache;
use crate::server::playground::Warnings;
use crate::store::Store;
use crate::uploads::Uploads;
use crate::wechat::Credentials;
use crate::wechat_api::{ApiAccount, AppCredentials, WechatApi};

/// What the operator says of an account.
pub(crate) struct AccountSettings {
    /// `None` for the account configured by flags.
    pub name: Option<Arc<str>>,
    /// The Official Account, gh_…; then it gets no message for another.
    pub id: Option<String>,
    /// Where WeChat posts.
    pub path: String,
    pub credentials: Credentials,
    /// None where it does not use WeChat's API.
    pub app: Option<AppCredentials>,
    pub live: Arc<LiveRules>,
    /// The same for all accounts on one database.
    pub store: Store,
}

/// A message is answered by one of them from beginning to end. It never changes: an account with
/// another token is another value, which takes over what is kept while the program runs.
pub(crate) struct Account {
    pub(super) name: Option<Arc<str>>,
    pub(super) id: Option<String>,
    pub(super) path: String,
    pub(super) credentials: Credentials,
    pub(super) api: Option<ApiAccount>,
    pub(super) live: Arc<LiveRules>,
    pub(super) store: Store,
    pub(super) metrics: Arc<AccountMetrics>,
    pub(super) moments: Arc<MomentCache>,
    pub(super) delivery_log: Arc<DeliveryLog>,
    /// Refused requests, by their reason.
    pub(super) rejections: Arc<LogLimit>,
    pub(super) warnings: Arc<Warnings>,
    last_key: Arc<ArcSwapOption<String>>,
}

impl Account {
    pub(super) fn new(settings: AccountSettings, metrics: &Metrics, api: &WechatApi) -> Account {
        let app = settings.app;
        let metrics = Arc::new(metrics.account(settings.name.clone()));
        let api = app.map(|app| api.account(app, Some(Arc::clone(&metrics))));
        let delivery_log = DeliveryLog::new(settings.name.clone(), Arc::clone(&metrics));
        Account {
            name: settings.name,
            id: settings.id,
            path: settings.path,
            credentials: settings.credentials,
            api,
            live: settings.live,
            store: settings.store,
            moments: Arc::default(),
            metrics,
            delivery_log: Arc::new(delivery_log),
            rejections: Arc::default(),
            warnings: Arc::default(),
            last_key: Arc::default(),
        }
    }

    /// The same account with other settings.
    pub(super) fn with(&self, settings: AccountSettings, api: &WechatApi) -> Account {
        // With the same secret, the token that is there stays.
        let same = |app: &AppCredentials| self.api.clone().filter(|api| api.credentials() == app);
        let new = |app| api.account(app, Some(Arc::clone(&self.metrics)));
        let app = settings.app;
        let api = app.map(|app| same(&app).unwrap_or_else(|| new(app)));
        Account {
            name: settings.name,
            id: settings.id,
            path: settings.path,
            credentials: settings.credentials,
            api,
            live: settings.live,
            store: settings.store,
            metrics: Arc::clone(&self.metrics),
            moments: Arc::clone(&self.moments),
            delivery_log: Arc::clone(&self.delivery_log),
            rejections: Arc::clone(&self.rejections),
            warnings: Arc::clone(&self.warnings),
            last_key: Arc::clone(&self.last_key),
        }
    }

    /// Has WeChat keep what the rules show; nothing without an app secret.
    pub(super) fn upload_files(&self, uploads: &Uploads) -> Option<FirstUploads> {
        let uploads = uploads.of_account(self.store.clone(), self.api.clone()?);
        Some(self.live.upload_with(uploads))
    }

    /// Whether a message is for this account, as far as that is known.
    pub(super) fn is_meant_by(&self, message: &Message) -> bool {
        self.id.as_deref().is_none_or(|id| id == message.account())
    }

    /// The account under which its data is stored, if that is known without a message. One that has
    /// neither an id nor a name knows it from the last one.
    pub(super) fn known_key(&self) -> Option<Arc<str>> {
        match self.id.as_deref().or(self.name.as_deref()) {
            Some(own) => Some(own.into()),
            None => self.last_key.load_full().map(|key| key.as_str().into()),
        }
    }

    /// Remembers under which key something of this account is stored.
    pub(super) fn note_key(&self, message: &Message) {
        let last = self.last_key.load();
        let key = self.key(message);
        if last.as_deref().is_none_or(|last| last != key) {
            self.last_key.store(Some(Arc::new(key.to_owned())));
        }
    }

    /// The account under which everything about the sender of a message is stored. Where others
    /// may be on the same database, it is nothing that a message says.
    pub(super) fn key<'a>(&'a self, message: &'a Message) -> &'a str {
        let own = self.id.as_deref().or(self.name.as_deref());
        own.unwrap_or_else(|| message.account())
    }
}
