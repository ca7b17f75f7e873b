//! Who asks: everything about one message that its question needs, as one value.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::engine::{self, AskedBy, Decision};
use crate::live_rules::Generation;
use crate::message::Message;
use crate::metrics::AccountMetrics;
use crate::moment::Moment;
use crate::rules::RuleId;
use crate::service::{LanguageModel, Question, Rate, ServiceAnswer, ServiceError, ServiceKind};
use crate::store::{Count, Delivery, Store};
use crate::wechat_api::ApiAccount;

const ID_BYTES: usize = 16;

#[derive(Clone)]
pub(crate) struct Asker {
    /// The account as the operator names it; empty for the one that flags describe.
    pub account: Arc<str>,
    pub metrics: Arc<AccountMetrics>,
    pub store: Store,
    pub generation: Arc<Generation>,
    pub message: Message,
    pub moment: Arc<Moment>,
    pub delivery: Delivery,
    /// The openid as services may know it, if they may not know the openid itself.
    pub keyed_openid: String,
    /// None where the account does not use WeChat's API.
    pub api: Option<ApiAccount>,
}

impl Asker {
    /// The decision of the rule that asked, once there is an answer or none will come.
    pub(super) fn complete(
        &self,
        rule: RuleId,
        by: AskedBy,
        answer: Result<ServiceAnswer, ServiceError>,
        choose: fn(usize) -> usize,
    ) -> Decision {
        let (rules, message, moment) = (&self.generation.rules, &self.message, &self.moment);
        let mut choose = choose;
        let completed = engine::complete(rules, rule, message, moment, by, answer, &mut choose);
        self.generation.sendable(completed)
    }

    /// Where no rule can say anything.
    pub(super) fn on_error(&self) -> Decision {
        Decision {
            reply: self.generation.on_error(),
            ..Decision::NONE
        }
    }

    /// The follower as this service may know them.
    pub(super) fn follower<'a>(&'a self, question: &Question) -> &'a str {
        match question.service.sends_plain_openid {
            true => &self.delivery.openid,
            false => &self.keyed_openid,
        }
    }

    /// Identifies the question to services: followers can share the key of a delivery, and nobody
    /// outside shall find the openid in it.
    pub(super) fn id(&self) -> String {
        let Delivery { account, key, .. } = &self.delivery;
        let mut hash = Sha256::new();
        for part in [account, &self.keyed_openid, key] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize().get(..ID_BYTES).unwrap_or_default())
    }

    pub(super) fn counts(&self, question: &Question) -> Vec<Count> {
        let Some(model) = model(question) else {
            return Vec::new();
        };
        let now = self.delivery.at;
        let of_follower = model.limits.follower.map(|Rate { count, per }| Count {
            is_of_all: false,
            most: u64::from(count),
            until: now.saturating_add(seconds(per)),
        });
        let of_day = model.limits.day.map(|most| Count {
            is_of_all: true,
            most,
            until: now.saturating_add(seconds(self.moment.until_midnight())),
        });
        of_follower.into_iter().chain(of_day).collect()
    }
}

pub(super) fn model(question: &Question) -> Option<&LanguageModel> {
    match &question.service.kind {
        ServiceKind::LanguageModel(model) => Some(model),
        ServiceKind::Webhook(_) => None,
    }
}

pub(super) fn seconds(time: std::time::Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
