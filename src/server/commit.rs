//! Decides and stores in one transaction: the answer of a delivery is final once it is on disk.
//! Knows the engine and the store, not HTTP.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Instant;

use actix_web::rt::time::timeout;

use crate::engine::Decision;
use crate::i18n::phrase;
use crate::live_rules::Generation;
use crate::message::Message;
use crate::metrics::{Metrics, StoreOperation};
use crate::moment::Moment;
use crate::questions::{QuestionError, read_answer};
use crate::reply::Reply;
use crate::rules::RuleId;
use crate::server::account::Account;
use crate::server::deciding::{OverBudgetError, decide};
use crate::server::store_timing::timed;
use crate::service::Question;
use crate::store::{Delivery, Remembered, StoreError};
use crate::wechat;

/// A message whose answer depends on what is stored of its follower, or changes it.
pub(super) struct PendingMessage {
    pub(super) generation: Arc<Generation>,
    pub(super) moment: Arc<Moment>,
    /// The decision, if it does not depend on stored values.
    pub(super) decision: Option<Decision>,
    /// Whether the message may have been delivered before and its question wait, or fetch.
    pub(super) may_wait: bool,
}

/// A final answer.
pub(super) enum Committed {
    /// Decided now. The changes and the answer are on disk.
    Decided(Decision),
    /// This delivery was answered before; nothing is changed again. Which rule it was is not
    /// kept: what the rules say now, after the change, would be another.
    Repeated(Reply),
    /// An earlier delivery asked a service, by other rules or of a follower who was another then;
    /// nothing is on disk.
    Asked,
    /// A service is to be asked first; nothing is on disk.
    Asks(RuleId, Box<Question>),
}

/// Why there is no final answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommitError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    OverBudget(#[from] OverBudgetError),
    #[error("{}", phrase!(commit_contended))]
    Contended,
    #[error("{}", phrase!(commit_unreadable))]
    Unreadable,
    #[error("{}", phrase!(question_gone))]
    Gone,
}

/// Decides on a message that reads or changes stored values. The changes, the key of the delivery
/// and the answer, as WeChat gets it, are one transaction; a delivery that was answered before gets
/// the same answer and changes nothing.
///
/// The messages of a follower are processed in order: those of this process wait for their turn,
/// and one overtaken by a message on another replica starts again, until the deadline.
pub(super) async fn commit(
    account: &Account,
    deadline: Instant,
    metrics: &Metrics,
    pending: PendingMessage,
    message: &Message,
    has_asked: impl AsyncFn() -> Result<bool, QuestionError>,
) -> Result<Committed, CommitError> {
    let PendingMessage {
        generation,
        moment,
        decision: mut decided,
        ..
    } = pending;
    let delivery = delivery(account, message, &moment);
    let store = account.store.until(deadline);
    let left = deadline.saturating_duration_since(Instant::now());
    let lock = timeout(left, store.lock_follower(&delivery)).await;
    let _lock = lock.map_err(|_| CommitError::Contended)?;
    loop {
        let (mut decision, expected) = match decided.take() {
            Some(decision) => (decision, None),
            None => {
                let recall = store.recall(&delivery);
                let recalled = timed(metrics, StoreOperation::Recall, recall).await?;
                if let Some(answer) = recalled.answer {
                    return Ok(Committed::Repeated(read(&answer)?));
                }
                let user = Some(&recalled.user);
                let decision = decide(&generation, message, &moment, user)?;
                // With a user given, nothing needs one.
                let decision = decision.ok_or(CommitError::Contended)?;
                (decision, Some(recalled.version))
            }
        };
        if let (Some(rule), Some(question)) = (decision.rule, decision.question.take()) {
            return Ok(Committed::Asks(rule, question));
        }
        if has_asked().await? {
            return Ok(Committed::Asked);
        }
        let delivered = wechat::as_delivered(&decision.reply, message);
        let answer =
            serde_json::to_string(&*delivered.reply).map_err(|_| CommitError::Unreadable)?;
        let remember = store.remember(&delivery, expected, &decision.changes, &answer);
        match timed(metrics, StoreOperation::Remember, remember).await? {
            Remembered::Done => return Ok(Committed::Decided(decision)),
            Remembered::AlreadyAnswered(answer) => return Ok(Committed::Repeated(read(&answer)?)),
            Remembered::Conflict => decided = expected.is_none().then_some(decision),
        }
    }
}

pub(super) fn delivery(account: &Account, message: &Message, moment: &Moment) -> Delivery {
    account.note_key(message);
    Delivery {
        account: account.key(message).to_owned(),
        openid: message.openid().to_owned(),
        key: message.delivery_key(),
        at: moment.unix_seconds(),
    }
}

impl From<QuestionError> for CommitError {
    fn from(error: QuestionError) -> CommitError {
        match error {
            QuestionError::Store(error) => CommitError::Store(error),
            QuestionError::Unreadable => CommitError::Unreadable,
            QuestionError::Gone => CommitError::Gone,
        }
    }
}

impl CommitError {
    /// Whether time ran out without a failure.
    pub(super) fn is_late(&self) -> bool {
        match self {
            CommitError::Store(StoreError::Timeout { .. } | StoreError::Unknown { .. })
            | CommitError::Contended => true,
            CommitError::Store(_)
            | CommitError::OverBudget(_)
            | CommitError::Unreadable
            | CommitError::Gone => false,
        }
    }

    /// The same for all failures of one cause.
    pub(super) fn cause(&self) -> String {
        match self {
            CommitError::Store(error @ StoreError::Unstorable { .. }) => error.to_string(),
            CommitError::Store(error) => {
                let source = error.source().map(ToString::to_string);
                format!("{} {}", error.label(), source.unwrap_or_default())
            }
            CommitError::OverBudget(_) => "over budget".to_owned(),
            CommitError::Contended => "contended".to_owned(),
            CommitError::Unreadable => "unreadable".to_owned(),
            CommitError::Gone => "gone".to_owned(),
        }
    }
}

fn read(answer: &str) -> Result<Reply, CommitError> {
    read_answer(answer).ok_or(CommitError::Unreadable)
}
