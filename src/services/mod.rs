//! Asks services outside: webhooks and language models. Knows HTTP; neither rules nor SQL.

mod breaker;
mod failure;
mod model;
mod model_completion;
mod model_thinking;
mod retry;
mod secret_reader;
mod service_call;
mod signature;
mod state;
#[cfg(test)]
mod tests;
mod webhook;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout_at};

use crate::http_client::{self, HttpClient, Reach, Resolver, trust};
use crate::i18n::phrase;
use crate::lock::lock;
use crate::log_limit::LogLimit;
use crate::metrics::{AccountMetrics, ServiceAsked};
use crate::service::{Question, Service, ServiceAnswer, ServiceError, ServiceKind};
use crate::services::breaker::Breaker;
use crate::services::secret_reader::SecretReader;
use crate::services::service_call::Link;
use crate::services::state::ServiceState;

pub(crate) use crate::services::failure::ServiceCallError;

/// Says the secret of this name that this account has.
pub(crate) type Secrets = Arc<dyn Fn(&str, &str) -> Option<String> + Send + Sync>;

/// What the operator says: where services may be, and what they may be told.
pub(crate) struct Outside {
    pub reach: Reach,
    pub secrets: Secrets,
}

/// Longer than for any other part of a call: a name that is looked up anew, and TLS far away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Less than the five seconds after which Node and others hang up, perhaps just as a question is
/// sent.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// Every service of every account, with the connections that they share.
pub(crate) struct Services {
    client: HttpClient,
    reach: Arc<Reach>,
    secrets: SecretReader,
    log_limit: LogLimit,
    states: Mutex<HashMap<Arc<str>, AccountServices>>,
}

/// The services of one account by their names.
type AccountServices = HashMap<Arc<str>, Arc<ServiceState>>;

/// Who asks, and what of the conversation a model is told.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub account: &'a str,
    /// Where it counts; none in commands, which are over before anybody looks.
    pub metrics: Option<&'a AccountMetrics>,
    /// What all deliveries of one message have in common; a webhook knows a repeated question by
    /// it.
    pub delivery: &'a str,
    /// The openid or a keyed hash of it, as the service may know it.
    pub follower: &'a str,
    /// What was said before, oldest first.
    pub turns: &'a [ModelTurn],
}

/// What a follower asked a model once, and what it answered.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ModelTurn {
    pub question: String,
    pub answer: String,
}

/// What came of a question.
#[derive(Debug)]
pub(crate) struct AskResult {
    pub answer: Result<ServiceAnswer, ServiceCallError>,
    pub usage: Usage,
}

/// What a question cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub took: Duration,
    /// How often the service was called.
    pub tries: u32,
    /// Of the request and the answer, if the model says so.
    pub tokens: Option<u64>,
}

impl Services {
    pub(crate) fn new(outside: Outside) -> Result<Services, http_client::RustlsError> {
        let resolver = http_client::system_resolver();
        Ok(Services::with(trust::usual()?, resolver, outside))
    }

    fn with(tls: Arc<http_client::ClientConfig>, resolver: Resolver, outside: Outside) -> Services {
        let reach = Arc::new(outside.reach);
        let client = HttpClient::new(http_client::ClientSettings {
            tls,
            reach: Arc::clone(&reach),
            resolver,
            connect_timeout: CONNECT_TIMEOUT,
            keep_alive: Some(KEEP_ALIVE),
        });
        Services {
            client,
            reach,
            secrets: SecretReader::start(outside.secrets),
            log_limit: LogLimit::default(),
            states: Mutex::default(),
        }
    }

    /// What internal addresses may be reached, which may change while questions are under way.
    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Forgets what is known of the services of an account that is gone.
    pub(crate) fn leave(&self, account: &str) {
        let mut states = lock(&self.states);
        states.remove(account);
    }

    /// Asks, within the time that the service has in all. A question that is dropped is cancelled.
    pub(crate) async fn ask(&self, question: &Question, asking: &Asking<'_>) -> AskResult {
        let began = Instant::now();
        let mut usage = Usage::default();
        let state = self.state(asking.account, &question.service);
        let answer = self.ask_in_turn(&state, question, asking, &mut usage).await;
        usage.took = began.elapsed();
        let asked = AskResult { answer, usage };
        self.record(&question.service.name, asking, &asked);
        asked
    }

    async fn ask_in_turn(
        &self,
        state: &ServiceState,
        question: &Question,
        asking: &Asking<'_>,
        usage: &mut Usage,
    ) -> Result<ServiceAnswer, ServiceCallError> {
        let service = &*question.service;
        let until = tokio::time::Instant::now() + service.timeout;
        if state.breaker.is_open(Instant::now()) {
            return Err(ServiceCallError::resting());
        }
        let slot = timeout_at(until, state.slots.acquire()).await;
        // One that is free at the last moment is of no use.
        let is_late = tokio::time::Instant::now() >= until;
        let Some(_slot) = slot.ok().filter(|_| !is_late) else {
            return Err(ServiceCallError::no_slot(service));
        };
        let Some(admission) = state.breaker.admit(Instant::now()) else {
            return Err(ServiceCallError::resting());
        };
        let tries = self.try_until(until, question, asking, usage);
        let answer = match timeout_at(until, tries).await {
            Ok(answer) => answer,
            Err(_) => Err(ServiceCallError::late(service)),
        };
        admission.report(answer.as_ref().err().map(|failure| failure.error));
        answer
    }

    /// Counts a question, and says once in a while why there is no answer.
    fn record(&self, service: &str, asking: &Asking<'_>, asked: &AskResult) {
        let Usage {
            took,
            tries,
            tokens,
        } = asked.usage;
        let counted = ServiceAsked {
            took,
            calls: tries,
            tokens: tokens.unwrap_or(0),
            error: asked.error().map(ServiceError::word),
        };
        if let Some(metrics) = asking.metrics {
            metrics.service_asked(service, &counted);
        }
        let account = asking.account;
        let Err(failure) = &asked.answer else { return };
        let key = format!("{account}\n{service}\n{}", failure.cause());
        let Some(left_out) = self.log_limit.permit(&key) else {
            return;
        };
        let said = phrase!(call_failed, service, why = failure.why.clone());
        match account {
            "" => log::warn!(service; "{said}{left_out}"),
            account => log::warn!(account, service; "{account}: {said}{left_out}"),
        }
    }

    async fn try_until(
        &self,
        until: tokio::time::Instant,
        question: &Question,
        asking: &Asking<'_>,
        usage: &mut Usage,
    ) -> Result<ServiceAnswer, ServiceCallError> {
        loop {
            let failure = match self.try_once(question, asking, usage).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let retries_left = question.service.retries.saturating_sub(usage.tries - 1);
            let pause = match &failure.retry {
                Some(retry) if retries_left > 0 => retry.pause(usage.tries),
                _ => return Err(failure),
            };
            // Who cannot wait so long is told now. A header may ask for more than a clock can tell.
            let again = tokio::time::Instant::now().checked_add(pause);
            if again.is_none_or(|again| again >= until) {
                return Err(failure);
            }
            sleep(pause).await;
        }
    }

    async fn try_once(
        &self,
        question: &Question,
        asking: &Asking<'_>,
        usage: &mut Usage,
    ) -> Result<ServiceAnswer, ServiceCallError> {
        usage.tries += 1;
        let link = Link {
            client: &self.client,
            secrets: &self.secrets,
            account: asking.account,
        };
        match &question.service.kind {
            ServiceKind::Webhook(webhook) => webhook::ask(&link, webhook, question, asking).await,
            ServiceKind::LanguageModel(model) => {
                model::ask(&link, model, question, asking, usage).await
            }
        }
    }

    fn state(&self, account: &str, service: &Service) -> Arc<ServiceState> {
        let mut states = lock(&self.states);
        if !states.contains_key(account) {
            states.insert(account.into(), HashMap::new());
        }
        let Some(states) = states.get_mut(account) else {
            return Arc::new(ServiceState::new(service.at_once, Arc::default()));
        };
        match states.get(&service.name) {
            Some(state) if state.at_once == service.at_once => Arc::clone(state),
            earlier => {
                let breaker: Arc<Breaker> =
                    earlier.map_or_else(Arc::default, |state| Arc::clone(&state.breaker));
                let state = Arc::new(ServiceState::new(service.at_once, breaker));
                states.insert(Arc::clone(&service.name), Arc::clone(&state));
                state
            }
        }
    }
}

impl AskResult {
    /// Why there is no answer, in the words of a rule.
    pub(crate) fn error(&self) -> Option<ServiceError> {
        self.answer.as_ref().err().map(|failure| failure.error)
    }
}

/// Without connections and secrets.
impl fmt::Debug for Services {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Services(…)")
    }
}

/// Without what was said.
impl fmt::Debug for ModelTurn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Turn(…)")
    }
}
