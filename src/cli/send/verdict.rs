//! What WeChat makes of one delivery, in words and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::http_client::{HttpReply, UnreadAnswerError};
use crate::i18n::{Phrase, phrase};
use crate::report;
use crate::wechat::Credentials;
use crate::wechat::push::{self, AnswerError, ServerAnswer};

/// What one delivery got, so long after it began.
pub(super) struct DeliveryVerdict {
    pub(super) got: Got,
    took: Duration,
}

pub(super) enum Got {
    Answer(ServerAnswer),
    /// What WeChat reads and does not take.
    Unusable(AnswerError),
    Status(u16),
    /// No answer at all, or none that is whole.
    Nothing(UnreadAnswerError),
}

impl DeliveryVerdict {
    pub(super) fn of(
        credentials: &Credentials,
        said: Result<HttpReply, UnreadAnswerError>,
        took: Duration,
    ) -> DeliveryVerdict {
        let got = match said {
            Err(fault) => Got::Nothing(fault),
            Ok(said) if said.status != 200 => Got::Status(said.status),
            Ok(said) => match push::read_answer(credentials, &said.body) {
                Ok(answer) => Got::Answer(answer),
                Err(bad) => Got::Unusable(bad),
            },
        };
        DeliveryVerdict { got, took }
    }

    pub(super) fn is_answer(&self) -> bool {
        matches!(self.got, Got::Answer(_))
    }

    /// Whether WeChat has read something, and does not deliver again.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.got, Got::Answer(_) | Got::Unusable(_))
    }

    /// Of the only delivery.
    pub(super) fn alone(&self) -> Phrase {
        match (&self.got, self.fault()) {
            (Got::Answer(answer), _) => {
                let (reply, milliseconds) = (report::reply(&answer.reply), self.milliseconds());
                match answer.encrypted {
                    true => phrase!(answered_encrypted, reply, milliseconds),
                    false => phrase!(answered, reply, milliseconds),
                }
            }
            (_, why) => phrase!(fault_would_be_shown, why),
        }
    }

    /// Of one among several.
    pub(super) fn among_others(&self) -> Phrase {
        let seconds = seconds(self.took);
        match &self.got {
            Got::Answer(answer) => {
                let reply = report::reply(&answer.reply);
                match answer.encrypted {
                    true => phrase!(delivery_answered_encrypted, seconds, reply),
                    false => phrase!(delivery_answered, seconds, reply),
                }
            }
            Got::Nothing(UnreadAnswerError::Late) => phrase!(delivery_held, seconds),
            _ => phrase!(delivery_failed, seconds, why = self.fault()),
        }
    }

    /// Since the message was delivered for the first time.
    pub(super) fn json(&self, at: Duration) -> Value {
        let mut value = json!({
            "ok": self.is_answer(),
            "status": match self.got {
                Got::Nothing(_) => None,
                Got::Status(status) => Some(status),
                Got::Answer(_) | Got::Unusable(_) => Some(200),
            },
            "at_milliseconds": milliseconds(at),
            "milliseconds": self.milliseconds(),
        });
        match &self.got {
            Got::Answer(answer) => {
                value["encrypted"] = json!(answer.encrypted);
                value["reply"] = answer.reply.written();
            }
            Got::Status(_) => {}
            Got::Unusable(_) | Got::Nothing(_) => value["fault"] = json!(self.fault().to_string()),
        }
        value
    }

    /// Why WeChat would show a fault.
    fn fault(&self) -> Phrase {
        match &self.got {
            Got::Answer(_) => Phrase::verbatim(""),
            Got::Unusable(bad) => Phrase::verbatim(bad.to_string()),
            Got::Nothing(fault) => Phrase::verbatim(fault.to_string()),
            Got::Status(403) => phrase!(status_forbidden),
            Got::Status(404) => phrase!(status_not_found),
            Got::Status(status) => phrase!(http_status, status = *status),
        }
    }

    fn milliseconds(&self) -> u64 {
        milliseconds(self.took)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// As people read it.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}
