//! Questions to endpoints that behave, and to those that do anything else.

mod documented;
mod llmock;
mod misbehaving;
mod models;
mod tls;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::http_client::{AllowList, Reach, Resolver, system_resolver, trust};
use crate::service::{
    LanguageModel, Limits, Question, Service, ServiceAnswer, ServiceError, ServiceKind, Webhook,
};
use crate::services::{AskResult, Asking, Outside, Services};

/// Long enough for what is answered at all.
const PATIENT: Duration = Duration::from_secs(60);

/// For what is never answered.
const IMPATIENT: Duration = Duration::from_millis(300);

fn service(kind: ServiceKind) -> Service {
    Service {
        name: "track".into(),
        kind,
        timeout: PATIENT,
        retries: 0,
        at_once: 20,
        sends_plain_openid: false,
    }
}

fn webhook() -> Service {
    let (headers, sign) = (Vec::new(), None);
    service(ServiceKind::Webhook(Webhook { headers, sign }))
}

fn model(base_url: &str) -> LanguageModel {
    LanguageModel {
        base_url: base_url.to_owned(),
        model: "tiny".to_owned(),
        key: None,
        system: None,
        memory: None,
        limits: Limits::default(),
        label: None,
        extra: Map::new(),
    }
}

fn question(service: Service, url: &str, request: Value) -> Question {
    // What others put into a question does not matter here.
    Question {
        service: Arc::new(service),
        url: url.to_owned(),
        request,
        openid_at: Vec::new(),
        dialogue: None,
    }
}

/// The secrets of these tests are their names in capitals.
fn secrets(_: &str, name: &str) -> Option<String> {
    if name == "hangs" {
        loop {
            thread::park();
        }
    }
    (name != "missing").then(|| name.to_uppercase())
}

fn services(resolver: Resolver, allowed: &[SocketAddr]) -> Services {
    let allowed = allowed
        .iter()
        .map(|address| address.to_string().parse().unwrap());
    let reach = Reach::public(AllowList(allowed.collect()));
    let outside = Outside {
        reach,
        secrets: Arc::new(secrets),
    };
    Services::with(trust::usual().unwrap(), resolver, outside)
}

fn asking() -> Asking<'static> {
    Asking {
        account: "books",
        metrics: None,
        delivery: "msg_1",
        follower: "f0110e4",
        turns: &[],
    }
}

/// Asks once, with services that may reach this address only.
fn ask(question: &Question, allowed: SocketAddr) -> AskResult {
    let services = services(system_resolver(), &[allowed]);
    block_on(services.ask(question, &asking()))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcome = runtime.block_on(future);
    runtime.shutdown_background();
    outcome
}

fn answer(asked: AskResult) -> Result<Value, ServiceError> {
    asked
        .answer
        .map(|ServiceAnswer(value)| value)
        .map_err(|failure| failure.error)
}

fn parcel() -> Value {
    json!({ "number": "SF123" })
}
