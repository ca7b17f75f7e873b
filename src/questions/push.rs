//! An answer that is too late for WeChat's deliveries reaches the follower by itself, at most once:
//! it is claimed before it is sent. What WeChat refuses can be fetched as before.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::i18n::phrase;
use crate::message::{Message, same_name};
use crate::questions::asker::Asker;
use crate::questions::pushes_under_way::OnItsWay;
use crate::questions::{Questions, parts};
use crate::reply::Reply;
use crate::store::{Backoff, Lease, PushClaimed, PushWindow};
use crate::wechat_api::{ApiAccount, ApiError, CustomMessage, KnownCode};

/// A delivery that waits, on whatever replica, finds the answer within this time, and costs nothing
/// of what WeChat takes.
const DELIVERIES_FIRST: Duration = Duration::from_millis(500);

/// The reply that the answer is not there yet goes out first: a message ends the typing.
const REPLY_FIRST: Duration = Duration::from_millis(300);

/// The first part of an answer, which is stored.
pub(super) struct ClaimedPush {
    questions: Arc<Questions>,
    asker: Asker,
    api: ApiAccount,
    lease: Lease,
    window: PushWindow,
    message: CustomMessage,
}

impl ClaimedPush {
    /// None where nothing can be sent, or may not be.
    pub(super) fn of(
        questions: Arc<Questions>,
        asker: Asker,
        lease: Lease,
        first_part: &Reply,
    ) -> Option<ClaimedPush> {
        let (api, window) = way(&asker)?;
        Some(ClaimedPush {
            message: CustomMessage::of(first_part)?,
            api: api.clone(),
            questions,
            asker,
            lease,
            window,
        })
    }

    pub(super) async fn send(self) {
        let Some(_on_its_way) = self.claim().await else {
            return;
        };
        let openid = &self.asker.delivery.openid;
        match self.api.send_message(openid, &self.message).await {
            Ok(()) => {
                self.count("sent");
                log::debug!(account = &*self.asker.account; "{}", phrase!(log_pushed));
                self.given().await;
            }
            Err(error) if error.is_definite() => {
                self.count("refused");
                self.refused().await;
                self.questions.tell_refused(&self.asker, &error);
            }
            Err(error) => {
                self.count("unknown");
                self.given().await;
                self.questions.tell_unknown(&self.asker, &error);
            }
        }
    }

    /// Makes the answer nobody else's, unless it is somebody's already.
    async fn claim(&self) -> Option<OnItsWay> {
        let Asker {
            store, delivery, ..
        } = &self.asker;
        let over = self.questions.timing.over;
        sleep(DELIVERIES_FIRST).await;
        let mut backoff = Backoff::default();
        let mut on_its_way = self.questions.pushing.enter()?;
        loop {
            let claiming = store.claim_push(&self.lease, delivery, over, self.window);
            match claiming.await {
                Ok(PushClaimed::Claimed) => return Some(on_its_way),
                Ok(PushClaimed::Gone) => return None,
                Ok(PushClaimed::Full) => {
                    self.count("no_room");
                    return None;
                }
                Ok(PushClaimed::NotYet(left)) => {
                    // Nothing is claimed that the end of the program would have to wait for.
                    drop(on_its_way);
                    sleep(left + DELIVERIES_FIRST).await;
                    on_its_way = self.questions.pushing.enter()?;
                }
                // It may be claimed all the same.
                Err(_) => {
                    if !backoff.wait().await {
                        self.refused().await;
                        return None;
                    }
                }
            }
        }
    }

    async fn given(&self) {
        let Asker {
            store,
            delivery,
            message,
            ..
        } = &self.asker;
        let nothing = parts::as_stored(&Reply::Silence, message);
        let mut backoff = Backoff::default();
        while store.pushed(delivery, &nothing).await.is_err() && backoff.wait().await {}
    }

    async fn refused(&self) {
        let Asker {
            store, delivery, ..
        } = &self.asker;
        let mut backoff = Backoff::default();
        while store.not_pushed(delivery, self.window).await.is_err() && backoff.wait().await {}
    }

    fn count(&self, outcome: &'static str) {
        self.asker.metrics.pushed(outcome);
    }
}

impl Questions {
    /// Shows the follower that an answer is being made, where that can be shown, as long as a
    /// question of theirs is asked.
    pub(super) fn show_typing(self: &Arc<Self>, asker: &Asker) {
        let Some((api, _)) = way(asker) else { return };
        let (questions, asker, api) = (Arc::clone(self), asker.clone(), api.clone());
        self.runtime.spawn(async move {
            sleep(REPLY_FIRST).await;
            loop {
                match api.typing(&asker.delivery.openid, true).await {
                    Ok(()) => {}
                    Err(error) => match error.refusal() {
                        Some(KnownCode::TypingAlready) => {}
                        Some(KnownCode::NotGranted) => {
                            return questions.tell_refused(&asker, &error);
                        }
                        // The answer matters, and not this.
                        _ => return,
                    },
                }
                sleep(questions.timing.typing).await;
                let Ok(waiting) = asker.store.waiting(&asker.delivery).await else {
                    return;
                };
                let mut questions = waiting.questions.iter();
                if !questions.any(|question| question.state.is_asked()) {
                    return;
                }
            }
        });
    }

    /// That answers are fetched and not pushed, once in a while.
    fn tell_refused(&self, asker: &Asker, error: &ApiError) {
        let why = error.to_string();
        let said = match error.refusal() {
            Some(KnownCode::NotGranted) => phrase!(log_pushes_not_granted, why),
            _ => phrase!(log_push_refused, why),
        };
        self.tell(asker, &said.to_string(), error);
    }

    fn tell_unknown(&self, asker: &Asker, error: &ApiError) {
        let said = phrase!(log_push_unknown, why = error.to_string());
        self.tell(asker, &said.to_string(), error);
    }

    fn tell(&self, asker: &Asker, said: &str, error: &ApiError) {
        let account = &*asker.account;
        // What WeChat says beside its code differs from call to call.
        let cause = error.code().map(|code| code.to_string());
        let cause = cause.unwrap_or_else(|| error.to_string());
        let key = format!("push\n{account}\n{cause}");
        let Some(left_out) = self.log_limit.permit(&key) else {
            return;
        };
        match account {
            "" => log::warn!("{said}{left_out}"),
            account => log::warn!(account; "{account}: {said}{left_out}"),
        }
    }
}

/// How the account reaches the follower by itself, if it may.
fn way(asker: &Asker) -> Option<(&ApiAccount, PushWindow)> {
    let api = asker.api.as_ref().filter(|api| api.may_send_messages())?;
    let pushes = asker.generation.rules.settings.pushes;
    let window = window(&asker.message, asker.delivery.at).filter(|_| pushes)?;
    (jiff::Timestamp::now().as_second() < window.until).then_some((api, window))
}

const HOURS_48: i64 = 48 * 60 * 60;
const MINUTE: i64 = 60;

/// What the message lets the account send: WeChat takes five messages within 48 hours of one that
/// was written, and three within a minute of a tap, a scan or following. One of each is left for
/// people who answer by hand.
fn window(message: &Message, at: i64) -> Option<PushWindow> {
    let is_tap = |event: &str| {
        let taps = [
            "CLICK",
            "scancode_push",
            "scancode_waitmsg",
            "subscribe",
            "SCAN",
        ];
        taps.iter().any(|tap| same_name(tap, event))
    };
    let (name, most, time) = match message.event() {
        Some(event) if is_tap(event) => ("(tap)", 2, MINUTE),
        Some(_) => return None,
        // A tapped link counts as a menu.
        None if message.menu().is_some() => ("(tap)", 2, MINUTE),
        None => ("(text)", 4, HOURS_48),
    };
    Some(PushWindow {
        name,
        most,
        until: at.saturating_add(time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_sent_depends_on_what_the_follower_did() {
        let event = |name: &str| Message::new("event").with("Event", name);
        let text = Message::new("text").with("Content", "1");
        let (written, tapped) = (Some((4, 1000 + HOURS_48)), Some((2, 1060)));
        for (message, expected) in [
            (text.clone(), written),
            (Message::new("voice"), written),
            (text.with("bizmsgmenuid", "7"), tapped),
            (event("CLICK"), tapped),
            (event("scancode_waitmsg"), tapped),
            (event("subscribe"), tapped),
            (event("SCAN"), tapped),
            (event("VIEW"), None),
            (event("LOCATION"), None),
            (event("pic_sysphoto"), None),
            (event("unsubscribe"), None),
        ] {
            let found = window(&message, 1000).map(|window| (window.most, window.until));
            assert_eq!(found, expected, "{message:?}");
        }
    }
}
