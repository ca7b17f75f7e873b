//! What each part of a rule file is called where something else is written, and an example of it.

use crate::i18n::{Phrase, phrase};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpectedValue {
    pub name: Phrase,
    pub example: Option<&'static str>,
}

impl ExpectedValue {
    /// By the name that serde has for it.
    pub(crate) fn named(name: &str) -> ExpectedValue {
        let (name, example) = match name {
            "a text" => (phrase!(expected_text), ""),
            "true or false" => (phrase!(expected_switch), ""),
            "a text or a list of texts" => (phrase!(expected_texts), "[a, b]"),
            "a list" | "a sequence" => (phrase!(expected_list), ""),
            "a list of rules" => (phrase!(expected_list_of_rules), "rules:\n  - name: …"),
            "a list of tests" => (phrase!(expected_list_of_tests), "tests:\n  - name: …"),
            "an accounts file" => (phrase!(expected_accounts_file), "accounts:\n  书店: …"),
            "accounts by their names" => (
                phrase!(expected_accounts),
                "花店: { path: /wx/flowers, rules: flowers.yaml, token: flowers-token }",
            ),
            "an account" => (
                phrase!(expected_account),
                "花店: { path: /wx/flowers, rules: flowers.yaml, token: flowers-token }",
            ),
            "a mapping" => (phrase!(expected_mapping), "{ threshold: 100 }"),
            "a rule file" => (phrase!(expected_file), "rules:\n  - name: …"),
            "options" => (phrase!(expected_options), "options: { ignore_case: true }"),
            "a rule" => (
                phrase!(expected_rule),
                "- { name: 你好, when: { prefix: 你好 }, reply: 欢迎 }",
            ),
            "conditions" => (
                phrase!(expected_conditions),
                "when: { type: text, prefix: 你好 }",
            ),
            "operators" => (phrase!(expected_operators), "{ prefix: buy_ }"),
            "a text, a list of texts or operators" => {
                (phrase!(expected_value_test), "{ prefix: buy_ }")
            }
            "a reply" => (phrase!(expected_reply), "reply: { image: <media_id> }"),
            "a text or one kind of reply" => {
                (phrase!(expected_answer), "reply: { image: <media_id> }")
            }
            "the parts of a video" => (
                phrase!(expected_video),
                "video: { media_id: ID, title: 标题 }",
            ),
            "the parts of a music reply" => (
                phrase!(expected_music),
                "music: { title: 歌名, thumb_media_id: ID }",
            ),
            "an article" => (
                phrase!(expected_article),
                "news: [{ title: 标题, url: 'https://example.com/' }]",
            ),
            "a test" => (
                phrase!(expected_test),
                "- { name: greets, send: 你好, expect: { rule: 你好 } }",
            ),
            "a turn of the talk" => (
                phrase!(expected_turn),
                "- { send: 你好, expect: { rule: 你好 } }",
            ),
            "rule, reply, user, step and asked" => (
                phrase!(expected_expectation),
                "expect: { rule: 你好, reply: 欢迎 }",
            ),
            "a text or the elements of a message" => (
                phrase!(expected_sent),
                "send: { type: image, media_id: M1 }",
            ),
            "a stored value or a list of them" => {
                (phrase!(expected_kept), "user: { stocks: [600519] }")
            }
            "a length of time, or one for each key" => (phrase!(expected_expires), "expires: 10m"),
            "a dialogue" => (
                phrase!(expected_dialogue),
                "dialogue: { steps: [{ ask: 请问几位？, store: people }] }",
            ),
            "a step" => (
                phrase!(expected_step),
                "- { ask: 请问几位？, store: people }",
            ),
            "conditions of an answer" => {
                (phrase!(expected_accept), "accept: { regex: '^[0-9]+$' }")
            }
            "conditions and a reply" => (
                phrase!(expected_cancel),
                "cancel: { equals: 取消, reply: 好的 }",
            ),
            "answers and what they mean" => (
                phrase!(expected_choices),
                "choices: { 是: next, 否: restart }",
            ),
            "a service" => (
                phrase!(expected_service),
                "services:\n  快递: { url: 'https://api.example.com/track' }",
            ),
            "turns and expires" => (
                phrase!(expected_memory),
                "memory: { turns: 6, expires: 30m }",
            ),
            "limits" => (
                phrase!(expected_limits),
                "limits: { follower: 20/h, day: 3000, tokens: 400 }",
            ),
            "a service, or one with what is sent" => {
                (phrase!(expected_ask), "ask: { 快递: { number: <rest> } }")
            }
            "a reply, or one for each kind of failure" => (
                phrase!(expected_failed),
                "failed: { 404: 没有这个单号, other: 请稍后再试 }",
            ),
            "what a button does" => (phrase!(expected_button), "- 今日推荐: { key: TODAY }"),
            "what a button does, or the buttons below" => (
                phrase!(expected_button_content),
                "- 今日推荐: { key: TODAY }",
            ),
            "JSON" => (phrase!(expected_json), "{ number: <rest> }"),
            other => (Phrase::verbatim(other), ""),
        };
        let example = Some(example).filter(|example| !example.is_empty());
        ExpectedValue { name, example }
    }
}
