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

pub(super) struct ApiCalls(Family<(AccountLabel, CallLabel), Counter>);

impl ApiCalls {
    pub(super) fn register(registry: &mut Registry) -> ApiCalls {
        let calls = ApiCalls(Family::default());
        registry.register(
            "api_calls",
            "Calls of WeChat's API, each retry counted, by call and outcome",
            calls.0.clone(),
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
        self.0.get_or_create(&label).inc();
    }
}
