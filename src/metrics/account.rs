//! What is counted of one account, under its name.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::metrics::account_counters::AccountCounters;
use crate::metrics::api_calls::ApiCalls;
use crate::metrics::deliveries::{Deliveries, DeliveriesOf, DeliveryOutcome};
use crate::metrics::live_rules::{Live, RulesReading};
use crate::metrics::questions::{QuestionCounts, QuestionEvent, QuestionUnderWay};
use crate::metrics::rule_answers::{AnswersOf, RuleAnswers, RuleCounter};
use crate::metrics::service_calls::{ServiceAsked, ServiceCalls};

/// The label `account`; none for an account without a name.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(super) struct AccountLabel(pub(super) Option<Arc<str>>);

impl EncodeLabelSet for AccountLabel {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), std::fmt::Error> {
        match &self.0 {
            Some(name) => ("account", &**name).encode(encoder.encode_label()),
            None => Ok(()),
        }
    }
}

/// Everything that is counted by account.
pub(super) struct ByAccount {
    deliveries: Deliveries,
    rules: RuleAnswers,
    handshakes: Family<AccountLabel, Counter>,
    refusals: AccountCounters<ReasonLabel>,
    replies_cut: Family<AccountLabel, Counter>,
    live: Live,
    questions: QuestionCounts,
    services: ServiceCalls,
    api: ApiCalls,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, prometheus_client::encoding::EncodeLabelSet)]
pub(super) struct ReasonLabel {
    reason: &'static str,
}

impl ByAccount {
    pub(super) fn register(registry: &mut Registry) -> ByAccount {
        let by_account = ByAccount {
            deliveries: Deliveries::register(registry),
            rules: RuleAnswers::register(registry),
            handshakes: Family::default(),
            refusals: AccountCounters::default(),
            replies_cut: Family::default(),
            live: Live::register(registry),
            questions: QuestionCounts::register(registry),
            services: ServiceCalls::register(registry),
            api: ApiCalls::register(registry),
        };
        registry.register(
            "handshakes",
            "Handshakes of WeChat's console that were answered",
            by_account.handshakes.clone(),
        );
        registry.register(
            "refused_requests",
            "Requests that got no answer, by reason",
            by_account.refusals.family.clone(),
        );
        registry.register(
            "cut_replies",
            "Answers that were longer than WeChat takes",
            by_account.replies_cut.clone(),
        );
        by_account
    }

    /// A request that came to no account.
    pub(super) fn refused(&self, reason: &'static str) {
        self.refusals
            .count(&AccountLabel(None), ReasonLabel { reason });
    }

    /// Answers that nobody got, of whatever accounts.
    pub(super) fn expired(&self, questions: u64) {
        let all = AccountLabel(None);
        self.questions
            .count(&all, QuestionEvent::Expired, questions);
    }
}

/// Counts for one account.
pub(crate) struct AccountMetrics {
    label: AccountLabel,
    shared: Arc<ByAccount>,
    deliveries: DeliveriesOf,
    rules: AnswersOf,
    handshakes: Counter,
    replies_cut: Counter,
    /// The account is gone. A series of what is still under way would stay for ever.
    has_left: RwLock<bool>,
}

impl AccountMetrics {
    pub(super) fn new(name: Option<Arc<str>>, shared: &Arc<ByAccount>) -> AccountMetrics {
        let label = AccountLabel(name);
        AccountMetrics {
            deliveries: shared.deliveries.of(&label),
            rules: shared.rules.of(label.clone()),
            handshakes: shared.handshakes.get_or_create_owned(&label),
            replies_cut: shared.replies_cut.get_or_create_owned(&label),
            has_left: RwLock::default(),
            shared: Arc::clone(shared),
            label,
        }
    }

    pub(crate) fn delivered(&self, outcome: DeliveryOutcome, took: Duration) {
        self.deliveries.count(outcome, took);
    }

    /// Takes a lock and allocates, so keep the result.
    pub(crate) fn rule(&self, name: &str) -> RuleCounter {
        self.while_there(|| self.rules.counter(name))
            .unwrap_or_default()
    }

    /// How often a rule has answered; unknown once it shares a series.
    pub(crate) fn answers(&self, name: &str) -> Option<u64> {
        self.rules.so_far(name)
    }

    pub(crate) fn handshaken(&self) {
        self.handshakes.inc();
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        let reason = ReasonLabel { reason };
        self.while_there(|| self.shared.refusals.count(&self.label, reason));
    }

    pub(crate) fn cut(&self) {
        self.replies_cut.inc();
    }

    pub(crate) fn question(&self, event: QuestionEvent) {
        self.while_there(|| self.shared.questions.count(&self.label, event, 1));
    }

    /// A question is under way for as long as what comes back lives.
    pub(crate) fn question_begins(&self) -> QuestionUnderWay {
        self.while_there(|| self.shared.questions.begin(&self.label))
            .unwrap_or_default()
    }

    /// A question to a service is over.
    pub(crate) fn service_asked(&self, service: &str, asked: &ServiceAsked) {
        self.while_there(|| self.shared.services.count(&self.label, service, asked));
    }

    /// A call of WeChat's API.
    pub(crate) fn api_called(&self, call: &'static str, outcome: &'static str) {
        self.while_there(|| self.shared.api.count(&self.label, call, outcome));
    }

    /// A late answer that was to reach its follower by itself.
    pub(crate) fn pushed(&self, outcome: &'static str) {
        self.while_there(|| self.shared.api.push(&self.label, outcome));
    }

    /// Takes in what was read just now for a scrape.
    pub(crate) fn read(&self, reading: &RulesReading) {
        self.while_there(|| self.shared.live.set(&self.label, reading));
    }

    /// Does what may make a series.
    fn while_there<T>(&self, count: impl FnOnce() -> T) -> Option<T> {
        let has_left = self.has_left.read();
        let has_left = has_left.unwrap_or_else(PoisonError::into_inner);
        (!*has_left).then(count)
    }

    /// Shows nothing of the account any more.
    pub(crate) fn leave(&self) {
        let has_left = self.has_left.write();
        *has_left.unwrap_or_else(PoisonError::into_inner) = true;
        let ByAccount {
            deliveries,
            rules,
            handshakes,
            refusals,
            replies_cut,
            live,
            questions,
            services,
            api,
        } = &*self.shared;
        deliveries.leave(&self.label);
        rules.leave(&self.rules);
        live.leave(&self.label);
        questions.leave(&self.label);
        services.leave(&self.label);
        api.leave(&self.label);
        refusals.leave(&self.label);
        handshakes.remove(&self.label);
        replies_cut.remove(&self.label);
    }
}
