//! What becomes of the questions of followers, and how many are under way.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::metrics::account::AccountLabel;

/// What happens to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuestionEvent {
    /// The service is asked.
    Asked,
    /// It is asked once more, as whoever asked it is gone.
    AskedAgain,
    /// A further delivery waits for its answer.
    Joined,
    /// It is not asked: there are too many, of this follower or of all.
    Busy,
    /// There is an answer.
    Answered,
    /// There is none, and the follower gets `failed` or `on_error`.
    Failed,
    /// A delivery of the message itself got the answer, or its first part.
    Given,
    /// The last delivery of the message was told to wait.
    Slow,
    /// A later message got the answer, or a part of it.
    Fetched,
    /// Nobody got it to the end in the time that it is kept.
    Expired,
}

impl QuestionEvent {
    const ALL: [QuestionEvent; 10] = [
        QuestionEvent::Asked,
        QuestionEvent::AskedAgain,
        QuestionEvent::Joined,
        QuestionEvent::Busy,
        QuestionEvent::Answered,
        QuestionEvent::Failed,
        QuestionEvent::Given,
        QuestionEvent::Slow,
        QuestionEvent::Fetched,
        QuestionEvent::Expired,
    ];

    fn word(self) -> &'static str {
        match self {
            QuestionEvent::Asked => "asked",
            QuestionEvent::AskedAgain => "asked_again",
            QuestionEvent::Joined => "joined",
            QuestionEvent::Busy => "busy",
            QuestionEvent::Answered => "answered",
            QuestionEvent::Failed => "failed",
            QuestionEvent::Given => "given",
            QuestionEvent::Slow => "slow",
            QuestionEvent::Fetched => "fetched",
            QuestionEvent::Expired => "expired",
        }
    }
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByEvent {
    event: &'static str,
}

pub(super) struct QuestionCounts {
    events: Family<(AccountLabel, ByEvent), Counter>,
    under_way: Family<AccountLabel, Gauge>,
}

/// Counts a question as under way until it is dropped.
#[derive(Default)]
pub(crate) struct QuestionUnderWay(Gauge);

impl QuestionCounts {
    pub(super) fn register(registry: &mut Registry) -> QuestionCounts {
        let counts = QuestionCounts {
            events: Family::default(),
            under_way: Family::default(),
        };
        registry.register(
            "questions",
            "What became of questions to services, by event",
            counts.events.clone(),
        );
        registry.register(
            "questions_under_way",
            "Questions that this process asks now",
            counts.under_way.clone(),
        );
        counts
    }

    pub(super) fn count(&self, account: &AccountLabel, event: QuestionEvent, times: u64) {
        let label = label(account, event);
        self.events.get_or_create(&label).inc_by(times);
    }

    pub(super) fn begin(&self, account: &AccountLabel) -> QuestionUnderWay {
        let gauge = self.under_way.get_or_create_owned(account);
        gauge.inc();
        QuestionUnderWay(gauge)
    }

    pub(super) fn leave(&self, account: &AccountLabel) {
        for event in QuestionEvent::ALL {
            self.events.remove(&label(account, event));
        }
        self.under_way.remove(account);
    }
}

fn label(account: &AccountLabel, event: QuestionEvent) -> (AccountLabel, ByEvent) {
    let event = event.word();
    (account.clone(), ByEvent { event })
}

impl Drop for QuestionUnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}
