//! The client and a server of models that others wrote: llmock from PyPI, which breaks answers as
//! it is told, and judges its clients.

use serde_json::json;

use super::*;
use crate::http_client::header::HeaderMap;
use crate::http_client::{BlockingClient, HttpRequest, Method, Timeouts, Url};
use crate::llmock::Llmock;

impl Llmock {
    fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("http://{}/_llmock/{path}", self.address());
        let request = HttpRequest {
            method,
            url: Url::parse(&url).unwrap(),
            headers: HeaderMap::new(),
            body: body.to_string().into_bytes(),
        };
        let timeouts = Timeouts {
            whole: PATIENT,
            to_connect: PATIENT,
        };
        let client = BlockingClient::new(trust::usual().unwrap(), timeouts).unwrap();
        let response = client.call(request, 1 << 20).unwrap();
        assert!(response.status < 300, "{path}: {}", response.status);
        serde_json::from_slice(&response.body).unwrap()
    }

    fn ask(&self, text: &str) -> AskResult {
        let model = model(&format!("http://{}/v1", self.address()));
        let mut service = service(ServiceKind::LanguageModel(Box::new(model)));
        service.retries = 1;
        ask(&question(service, "", json!(text)), self.address())
    }
}

#[test]
fn a_server_of_others_answers_fails_and_breaks_off() {
    let Some(llmock) = Llmock::start() else {
        return;
    };
    let asked = llmock.ask("你好");
    assert!(asked.usage.tokens.is_some_and(|tokens| tokens > 0));
    assert_eq!(answer(asked), Ok(json!("Hello! You said: 你好")));
    let fault = |kind: &str| json!({ "type": "stream_fault", "kind": kind });
    let text = |text: &str| json!({ "type": "reply", "text": text });
    for (behavior, tries, wanted) in [
        (text("<think>嗯…</think>在的"), 1, Ok(json!("在的"))),
        (text("<think>没有想完"), 1, Err(ServiceError::Empty)),
        (fault("disconnect"), 1, Err(ServiceError::Refused)),
        (fault("truncate"), 1, Err(ServiceError::Refused)),
        (fault("malformed"), 1, Err(ServiceError::NotJson)),
        (
            json!({ "type": "fail", "status": 401 }),
            1,
            Err(ServiceError::Status(401)),
        ),
        (
            json!({ "type": "fail", "status": 500 }),
            1,
            Err(ServiceError::Status(500)),
        ),
        (
            json!({ "type": "fail", "status": 503 }),
            2,
            Ok(json!("Hello! You said: 在吗")),
        ),
        (
            json!({ "type": "fail", "status": 429, "retry_after": 1 }),
            2,
            Ok(json!("Hello! You said: 在吗")),
        ),
    ] {
        llmock.control(Method::POST, "reset", json!({}));
        let behaviors = json!({ "behaviors": [behavior] });
        llmock.control(Method::POST, "scenario", behaviors);
        let asked = llmock.ask("在吗");
        assert_eq!(asked.usage.tries, tries, "{behavior}");
        assert_eq!(answer(asked), wanted, "{behavior}");
        let verdict = llmock.control(Method::GET, "verdict", json!({}));
        // Whoever does not ask again has taken half an answer for a whole one, it believes.
        let is_misjudged = behavior["kind"] == "truncate";
        assert!(is_misjudged || verdict["errors"] == 0, "{verdict}");
    }
}
