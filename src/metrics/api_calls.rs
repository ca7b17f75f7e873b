//! How often WeChat's API was called, and what came of it.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::metrics::account::AccountLabel;

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
    calls: Family<(AccountLabel, CallLabel), Counter>,
    pushes: Family<(AccountLabel, PushLabel), Counter>,
}

impl ApiCalls {
    pub(super) fn register(registry: &mut Registry) -> ApiCalls {
        let calls = ApiCalls {
            calls: Family::default(),
            pushes: Family::default(),
        };
        registry.register(
            "api_calls",
            "Calls of WeChat's API, each retry counted, by call and outcome",
            calls.calls.clone(),
        );
        registry.register(
            "pushed_answers",
            "Late answers that were to reach followers by themselves, by outcome",
            calls.pushes.clone(),
        );
        calls
    }

    pub(super) fn count(
        &self,
        account: Option<Arc<str>>,
        call: &'static str,
        outcome: &'static str,
    ) {
        let label = (AccountLabel(account), CallLabel { call, outcome });
        self.calls.get_or_create(&label).inc();
    }

    pub(super) fn push(&self, account: Option<Arc<str>>, outcome: &'static str) {
        let label = (AccountLabel(account), PushLabel { outcome });
        self.pushes.get_or_create(&label).inc();
    }
}
