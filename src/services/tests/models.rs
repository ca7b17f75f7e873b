//! What a language model gets, and what of its answer is left.

use serde_json::json;

use super::*;
use crate::http_client::endpoint::{Endpoint, http, ok};
use crate::http_client::system_resolver;
use crate::services::ModelTurn;

fn ask_model(model: LanguageModel, turns: &[ModelTurn], endpoint: &Endpoint) -> AskResult {
    let service = service(ServiceKind::LanguageModel(Box::new(model)));
    let question = question(service, "", json!("你好"));
    let services = services(system_resolver(), &[endpoint.address]);
    let asking = Asking { turns, ..asking() };
    block_on(services.ask(&question, &asking))
}

fn streamed(chunks: &[&str]) -> Vec<u8> {
    let chunks = chunks.iter().map(|content| {
        let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": content } }] });
        format!("data: {chunk}\n\n")
    });
    let stream: String = chunks.collect();
    http(
        "200 OK",
        "Content-Type: text/event-stream\r\n",
        stream + "data: [DONE]\n\n",
    )
}

#[test]
fn it_gets_the_conversation_and_gives_a_text() {
    let endpoint = Endpoint::saying(streamed(&["<think>嗯", "</thi", "nk>\n你", "好！ "]));
    let mut model = model(&(endpoint.url() + "/v1/"));
    model.key = Some("deepseek".to_owned());
    model.system = Some("只谈书店".to_owned());
    model.limits.tokens = Some(400);
    model
        .extra
        .insert("enable_thinking".to_owned(), json!(false));
    model.extra.insert("stream_options".to_owned(), json!(null));
    let turn = ModelTurn {
        question: "在吗".to_owned(),
        answer: "在".to_owned(),
    };
    let asked = ask_model(model, &[turn], &endpoint);
    assert_eq!(answer(asked), Ok(json!("你好！")));
    let [got] = &endpoint.received()[..] else {
        panic!("one request");
    };
    assert!(
        got.head
            .starts_with("POST /v1/chat/completions HTTP/1.1\r\n")
    );
    assert_eq!(got.header("authorization"), Some("Bearer DEEPSEEK"));
    let body: Value = serde_json::from_slice(&got.body).unwrap();
    let wanted = json!({
        "model": "tiny",
        "messages": [
            { "role": "system", "content": "只谈书店" },
            { "role": "user", "content": "在吗" },
            { "role": "assistant", "content": "在" },
            { "role": "user", "content": "你好" },
        ],
        "stream": true,
        "max_tokens": 400,
        "enable_thinking": false,
    });
    assert_eq!(body, wanted);
}

#[test]
fn it_may_answer_in_one_piece_and_says_what_that_cost() {
    let document = json!({
        "choices": [{ "message": { "role": "assistant", "content": "你好" } }],
        "usage": { "total_tokens": 12 },
    });
    let endpoint = Endpoint::saying(ok(document.to_string()));
    let asked = ask_model(model(&endpoint.url()), &[], &endpoint);
    assert_eq!(asked.usage.tokens, Some(12));
    assert_eq!(answer(asked), Ok(json!("你好")));
}

#[test]
fn an_answer_of_which_nothing_is_left_is_empty_and_an_error_is_a_failure() {
    for (said, error) in [
        (streamed(&["<think>没有想完"]), ServiceError::Empty),
        (streamed(&[" \n", "\t"]), ServiceError::Empty),
        (ok(": keep-alive\n\n"), ServiceError::Empty),
        (ok(r#"{"error": {"code": 429}}"#), ServiceError::Status(429)),
        (ok(r#"{"error": "no money"}"#), ServiceError::NotJson),
        (ok("<html></html>"), ServiceError::NotJson),
        (
            ok("data: {\"choices\":[{\"delta\":{\"content\":\"半"),
            ServiceError::Refused,
        ),
        (
            http("401 Unauthorized", "", "{}"),
            ServiceError::Status(401),
        ),
    ] {
        let endpoint = Endpoint::saying(said.clone());
        let asked = ask_model(model(&endpoint.url()), &[], &endpoint);
        assert_eq!(
            answer(asked),
            Err(error),
            "{}",
            String::from_utf8_lossy(&said)
        );
    }
}
