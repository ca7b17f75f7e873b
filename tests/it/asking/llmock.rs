//! Followers and a language model that others wrote: llmock from PyPI answers through a rule, and
//! breaks its answers as it is told.

use serde_json::{Value, json};

use crate::asking::shop::{FLAGS, SLOW, deliver};
use crate::llmock::Llmock;
use crate::server::Server;
use crate::support::Folder;
use crate::{http, wechat};

const RULES: &str = "
options: { slow: '稍等，回复【1】', fetch: ['1'] }
services:
  模型:
    llm: 'http://LLMOCK/v1'
    model: m
    timeout: 20s
    memory: { turns: 1, expires: 30m }
    label: 【AI】
rules:
  - { name: 营业时间, when: { contains: 几点 }, reply: 九点到五点 }
  - name: 其他
    when: { type: text }
    ask: 模型
    failed: { 500: 出错了, refused: 断了, not_json: 乱码, empty: 没话说, other: 别的 }
";

impl Llmock {
    fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let target = format!("/_llmock/{path}");
        let said = http::request(self.address(), method, &target, body.to_string().as_bytes());
        serde_json::from_slice(&said.unwrap().body).unwrap()
    }

    /// What the model is asked next is answered like this.
    fn behaves(&self, behavior: &Value) {
        let behaviors = json!({ "behaviors": [behavior] });
        self.control("POST", "scenario", &behaviors);
    }

    /// What was said in the last request.
    fn last_messages(&self) -> Value {
        let requests = self.control("GET", "requests", &json!({}));
        let last = requests["requests"].as_array().unwrap().last().unwrap();
        last["body"]["messages"].clone()
    }
}

#[test]
fn a_model_of_others_answers_what_no_keyword_does() {
    let Some(llmock) = Llmock::start() else {
        return;
    };
    let address = llmock.address().to_string();
    let folder = Folder::with(&[("rules.yaml", &RULES.replace("LLMOCK", &address))]);
    let server = Server::start(&folder, &[&FLAGS[..], &["--allow", &address]].concat());
    let told = |openid: &str, text: &str| {
        let told = deliver(&[&server], &wechat::text(openid, text));
        told.map_or_else(|| "nothing".to_owned(), |(_, text)| text)
    };

    assert_eq!(told("o1", "几点开门"), "九点到五点");
    let asked = llmock.control("GET", "requests", &json!({}));
    assert_eq!(asked["requests"], json!([]), "a keyword asks nobody");

    let said = |role: &str, content: &str| json!({ "role": role, "content": content });
    // It echoes all that it is told of the conversation.
    assert_eq!(told("o1", "在吗"), "【AI】Hello! You said: 在吗");
    let both = "【AI】Hello! You said: 在吗 Hello! You said: 在吗 忙吗";
    assert_eq!(told("o1", "忙吗"), both);
    let answer = said("assistant", "Hello! You said: 在吗");
    let turns = json!([said("user", "在吗"), answer, said("user", "忙吗")]);
    assert_eq!(llmock.last_messages(), turns);

    let reply = |text: &str| json!({ "type": "reply", "text": text });
    let fault = |kind: &str| json!({ "type": "stream_fault", "kind": kind });
    for (behavior, wanted) in [
        (reply("<think>嗯…</think>好的"), "【AI】好的"),
        (json!({ "type": "fail", "status": 500 }), "出错了"),
        (fault("disconnect"), "断了"),
        (fault("truncate"), "断了"),
        // So that it is not left alone.
        (reply("在的"), "【AI】在的"),
        (fault("malformed"), "乱码"),
        (reply("<think>没有想完"), "没话说"),
    ] {
        llmock.behaves(&behavior);
        assert_eq!(told("o2", "说点什么"), wanted, "{behavior}");
    }

    // Later than WeChat waits: fetched, and then an ordinary word again.
    llmock.behaves(&json!({ "type": "delay", "seconds": 4 }));
    assert_eq!(told("o3", "讲个故事"), SLOW);
    let fetched = loop {
        match told("o3", "1") {
            waiting if waiting == SLOW || waiting == "nothing" => {}
            answer => break answer,
        }
    };
    assert_eq!(fetched, "【AI】Hello! You said: 讲个故事");
    let turns = "讲个故事 Hello! You said: 讲个故事 1";
    let next = told("o3", "1");
    assert_eq!(
        next,
        format!("【AI】Hello! You said: {turns}"),
        "no longer a word that fetches"
    );
}
