//! Each service that rules may ask, asked once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::cli::asking;
use crate::cli::doctor::finding::Finding;
use crate::i18n::{Phrase, phrase};
use crate::rules::RuleSet;
use crate::rules::ask::KnownService;
use crate::service::{Question, Service, ServiceError, ServiceKind};
use crate::services::{AskResult, Asking, Outside, Services};

/// Nobody waits longer in front of a terminal.
const MAX_TIMEOUT: Duration = Duration::from_secs(20);

/// All are asked at the same time.
pub(super) fn findings(outside: Outside, rules: Option<&RuleSet>) -> Vec<Finding> {
    let known: Vec<KnownService> = rules.map_or_else(Vec::new, |rules| rules.services.clone());
    if known.is_empty() {
        return Vec::new();
    }
    let asked = asking::with_services(outside, async |services| {
        let mut asking = JoinSet::new();
        for (place, known) in known.into_iter().enumerate() {
            let services = Arc::clone(&services);
            asking.spawn(async move { (place, ask(&services, &known).await) });
        }
        let mut findings = Vec::new();
        while let Some(asked) = asking.join_next().await {
            findings.extend(asked);
        }
        findings
    });
    let mut findings = match asked {
        Ok(findings) => findings,
        Err(error) => {
            let remedy = phrase!(remedy_run_again);
            return vec![Finding::wrong(phrase!(about_service), error, remedy)];
        }
    };
    findings.sort_by_key(|(place, _)| *place);
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// Nothing that could have an effect for a follower: an endpoint that knows no `{}` refuses it.
async fn ask(services: &Services, known: &KnownService) -> Finding {
    let request = match known.service.kind {
        ServiceKind::Webhook(_) => json!({}),
        ServiceKind::LanguageModel(_) => json!("你好"),
    };
    let mut service = Service::clone(&known.service);
    service.timeout = service.timeout.min(MAX_TIMEOUT);
    service.retries = 0;
    let question = Question {
        service: Arc::new(service),
        url: known.url.literal_start().to_owned(),
        request,
        openid_at: Vec::new(),
        dialogue: None,
    };
    let asking = Asking {
        account: "",
        metrics: None,
        delivery: "doctor",
        follower: "doctor",
        turns: &[],
    };
    let asked = services.ask(&question, &asking).await;
    judge(&question.service, &asked)
}

fn judge(service: &Service, asked: &AskResult) -> Finding {
    let name = &*service.name;
    let about = phrase!(about_service);
    let failure = match &asked.answer {
        Ok(_) => {
            let milliseconds = asked.usage.took.as_millis().to_string();
            return Finding::fine(about, phrase!(service_answers, name, milliseconds));
        }
        Err(failure) => failure,
    };
    let is_webhook = matches!(service.kind, ServiceKind::Webhook(_));
    let why = || failure.why.clone();
    let remedy: Phrase = match failure.error {
        // It understood, and does not like an empty question.
        ServiceError::Status(400 | 409 | 422) | ServiceError::Empty if is_webhook => {
            let said = phrase!(service_refuses_empty, name, why = why());
            return Finding::fine(about, said);
        }
        ServiceError::Status(404) if is_webhook => {
            let said = phrase!(call_failed, service = name, why = why());
            return Finding::doubtful(about, said, failure.remedy(service));
        }
        _ => failure.remedy(service),
    };
    let said = phrase!(call_failed, service = name, why = why());
    Finding::wrong(about, said, remedy)
}
