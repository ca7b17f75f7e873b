//! How often WeChat's API was called, and what came of it.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::registry::Registry;

use crate::metrics::account::AccountLabel;
use crate::metrics::account_counters::AccountCounters;

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CallLabel {
    call: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PushLabel {
    outcome: &'static str,
}

pub(super) struct ApiCalls {
    calls: AccountCounters<CallLabel>,
    pushes: AccountCounters<PushLabel>,
}

impl ApiCalls {
    pub(super) fn register(registry: &mut Registry) -> ApiCalls {
        let calls = ApiCalls {
            calls: AccountCounters::default(),
            pushes: AccountCounters::default(),
        };
        registry.register(
            "api_calls",
            "Calls of WeChat's API, each retry counted, by call and outcome",
            calls.calls.family.clone(),
        );
        registry.register(
            "pushed_answers",
            "Late answers that were to reach followers by themselves, by outcome",
            calls.pushes.family.clone(),
        );
        calls
    }

    pub(super) fn count(&self, account: &AccountLabel, call: &'static str, outcome: &'static str) {
        self.calls.count(account, CallLabel { call, outcome });
    }

    pub(super) fn push(&self, account: &AccountLabel, outcome: &'static str) {
        self.pushes.count(account, PushLabel { outcome });
    }

    pub(super) fn leave(&self, account: &AccountLabel) {
        self.calls.leave(account);
        self.pushes.leave(account);
    }
}
