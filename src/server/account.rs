//! Everything that belongs to one account, and nothing that is shared.

use std::sync::Arc;

use crate::live_rules::LiveRules;
use crate::log_limit::LogLimit;
use crate::message::Message;
use crate::metrics::Metrics;
use crate::server::delivery_log::DeliveryLog;
use crate::server::moment_cache::MomentCache;
use crate::server::playground::Warnings;
use crate::store::Store;
use crate::wechat::Credentials;

/// What the operator says of an account.
pub(crate) struct AccountSettings {
    /// None for the one that flags describe.
    pub name: Option<Arc<str>>,
    /// Where WeChat posts.
    pub path: String,
    pub credentials: Credentials,
    pub live: Arc<LiveRules>,
    /// The same for all accounts on one database.
    pub store: Store,
}

/// A message is answered by one of them from beginning to end. It never changes: an account with
/// another token is another value, which takes over what is kept while the program runs.
pub(crate) struct Account {
    pub(super) name: Option<Arc<str>>,
    pub(super) path: String,
    pub(super) credentials: Credentials,
    pub(super) live: Arc<LiveRules>,
    pub(super) store: Store,
    pub(super) moments: Arc<MomentCache>,
    pub(super) delivery_log: Arc<DeliveryLog>,
    /// Refused requests, by their reason.
    pub(super) rejections: Arc<LogLimit>,
    pub(super) warnings: Arc<Warnings>,
}

impl Account {
    pub(super) fn new(settings: AccountSettings, metrics: &Arc<Metrics>) -> Account {
        Account {
            name: settings.name,
            path: settings.path,
            credentials: settings.credentials,
            live: settings.live,
            store: settings.store,
            moments: Arc::default(),
            delivery_log: Arc::new(DeliveryLog::new(Arc::clone(metrics))),
            rejections: Arc::default(),
            warnings: Arc::default(),
        }
    }

    /// The account under which everything about the sender of a message is stored.
    pub(super) fn key<'a>(&'a self, message: &'a Message) -> &'a str {
        message.account()
    }
}
