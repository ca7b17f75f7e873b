//! A question instead of an answer, and what becomes of it once the service has answered.

use serde_json::Value;

use crate::rules::ask::Ask;
use crate::rules::dialogue;
use crate::rules::template::Values;
use crate::rules::untrusted_text;
use crate::service::{Question, ServiceAnswer, ServiceError, ServiceKind};

pub(super) fn question(ask: &Ask, values: &Values) -> Question {
    let (request, openid_at) = ask.request(values);
    Question {
        service: ask.of.service.clone(),
        url: ask.of.url.render(values),
        request,
        openid_at,
        dialogue: dialogue::stored(values.user).map(str::to_owned),
    }
}

/// An answer as far as it can be used at all: of a model, a text with something in it.
pub(super) fn usable(
    ask: &Ask,
    answer: Result<ServiceAnswer, ServiceError>,
) -> Result<Value, ServiceError> {
    let ServiceAnswer(value) = answer?;
    if !ask.is_of_model() {
        return Ok(value);
    }
    match value.as_str().map(|text| untrusted_text::text(text, true)) {
        Some(text) if text.is_empty() => Err(ServiceError::Empty),
        Some(text) => Ok(Value::String(text)),
        None => Err(ServiceError::NotJson),
    }
}

/// What stands before every answer of a service.
pub(super) fn label(ask: &Ask) -> Option<&str> {
    match &ask.of.service.kind {
        ServiceKind::LanguageModel(model) => model.label.as_deref(),
        ServiceKind::Webhook(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use crate::engine::{AskedBy, Decision, complete, decide};
    use crate::message::Message;
    use crate::moment::Moment;
    use crate::reply::Reply;
    use crate::rules;
    use crate::rules::RuleSet;
    use crate::rules::budget::DecisionBudget;
    use crate::rules::dialogue;
    use crate::rules::parsed::ParsedSources;
    use crate::service::{ServiceAnswer, ServiceError};
    use crate::user::{Change, User};

    const RULES: &str = r#"
options: { on_error: 系统繁忙, slow: "稍等，<fetch:点这里>", fetch: ["1"] }
services:
  快递: { url: "https://api.example.com/track?who=<url:user.city>&text=<content>" }
  订座: { url: "https://api.example.com/book" }
  小助手: { llm: "https://api.example.com/v1", model: m, label: 【AI】 }
rules:
  - name: 快递
    when: { regex: '^快递\s*(?<单号>\w+)$' }
    ask: { 快递: { number: <单号>, id: <openid>, count: 5, deep: [{ at: <1> }, true] } }
    reply: "<单号>：<answer.state>，<answer.steps.0.time|时间未知>，<answer.tags>"
    failed: { 404: 没有<单号>, timeout: 太慢 }
    set: { parcel: <单号>, state: <answer.state> }
  - name: 订座
    when: { prefix: 订座 }
    ask: 订座
  - name: 闲聊
    when: { type: text }
    ask: 小助手
    failed: 我走神了
"#;

    fn rules() -> RuleSet {
        let sources = ParsedSources::of_text("rules.yaml", RULES);
        rules::compile(&sources, &TimeZone::UTC, None).unwrap()
    }

    fn moment() -> Moment {
        Moment::new(jiff::Timestamp::UNIX_EPOCH, &TimeZone::UTC)
    }

    fn text(content: &str) -> Message {
        Message::new("text")
            .with("FromUserName", "o1")
            .with("Content", content)
    }

    fn decided(rules: &RuleSet, content: &str) -> Decision {
        let (user, budget) = (User::default(), DecisionBudget::unlimited());
        let message = text(content);
        decide(rules, &message, &moment(), Some(&user), &mut |_| 0, &budget).unwrap()
    }

    fn completed(content: &str, answer: Result<serde_json::Value, ServiceError>) -> Decision {
        let rules = rules();
        let decision = decided(&rules, content);
        let (rule, question) = (decision.rule.unwrap(), decision.question.unwrap());
        let (message, answer) = (text(content), answer.map(ServiceAnswer));
        let user = User::default();
        let by = AskedBy::now(&user, &question);
        complete(&rules, rule, &message, &moment(), by, answer, &mut |_| 0)
    }

    #[test]
    fn a_rule_that_asks_gives_a_question_and_changes_nothing_yet() {
        let decision = decided(&rules(), "快递 SF1");
        assert_eq!(decision.reply, Reply::Silence);
        assert_eq!(decision.changes, []);
        let mut question = *decision.question.unwrap();
        assert_eq!(&*question.service.name, "快递");
        let address = "https://api.example.com/track?who=&text=%E5%BF%AB%E9%80%92%20SF1";
        assert_eq!(question.url, address);
        question.set_openid("hash");
        let deep = json!([{ "at": "SF1" }, true]);
        let expected = json!({ "number": "SF1", "id": "hash", "count": 5, "deep": deep });
        assert_eq!(question.request, expected);
    }

    #[test]
    fn without_json_a_webhook_is_sent_the_message_and_a_model_the_text() {
        let mut question = *decided(&rules(), "订座三位").question.unwrap();
        question.set_openid("hash");
        let expected = json!({ "type": "text", "content": "订座三位", "openid": "hash" });
        assert_eq!(question.request, expected);
        let question = *decided(&rules(), "你好").question.unwrap();
        assert_eq!(question.request, json!("你好"));
        assert_eq!((question.url.as_str(), question.openid_at.len()), ("", 0));
    }

    #[test]
    fn an_answer_fills_the_reply_and_what_is_stored() {
        let answer = json!({ "state": " 派送中\u{0} ", "tags": ["生鲜", 2, null] });
        let decision = completed("快递 SF1", Ok(answer));
        let reply = "SF1：派送中，时间未知，生鲜、2";
        assert_eq!(decision.reply, Reply::Text(reply.to_owned()));
        let set = |key: &str, value: &str| Change::Set {
            key: key.to_owned(),
            value: value.to_owned(),
            expires: None,
        };
        let expected = [set("parcel", "SF1"), set("state", "派送中")];
        assert_eq!(decision.changes, expected);
        assert_eq!((decision.question, decision.unanswered), (None, None));
    }

    #[test]
    fn a_failure_says_what_the_rule_has_for_it_and_stores_nothing() {
        for (content, answer, reply) in [
            ("快递 SF1", Err(ServiceError::Status(404)), "没有SF1"),
            ("快递 SF1", Err(ServiceError::Timeout), "太慢"),
            ("快递 SF1", Err(ServiceError::Status(500)), "系统繁忙"),
            ("订座三位", Ok(json!({ "replay": "好" })), "系统繁忙"),
            ("你好", Err(ServiceError::Busy), "我走神了"),
            ("你好", Ok(json!(" \u{0} ")), "我走神了"),
            ("你好", Ok(json!({ "text": "好" })), "我走神了"),
        ] {
            let decision = completed(content, answer);
            assert_eq!(decision.reply, Reply::Text(reply.to_owned()), "{content}");
            assert_eq!(decision.changes, []);
            assert!(decision.unanswered.is_some());
        }
    }

    #[test]
    fn a_service_answers_in_the_words_of_a_rule_and_a_model_behind_its_label() {
        let said = json!({ "reply": "已订，<openid>", "set": { "people": "3" } });
        let decision = completed("订座三位", Ok(said));
        assert_eq!(decision.reply, Reply::Text("已订，<openid>".to_owned()));
        assert_eq!(decision.changes.len(), 1);
        let said = json!("见 <a href=\"https://example.com/\">这里</a> <content>");
        let decision = completed("你好", Ok(said));
        let reply = "【AI】见 这里 https://example.com/ <content>";
        assert_eq!(decision.reply, Reply::Text(reply.to_owned()));
    }

    #[test]
    fn the_words_of_the_options_fetch_and_so_does_the_link() {
        let rules = rules();
        assert!(rules.settings.fetches(&text("1")));
        assert!(!rules.settings.fetches(&text("11")));
        let tap = text("1").with("bizmsgmenuid", "wxreply-answer");
        assert!(rules.settings.fetches(&tap));
        let Reply::Text(slow) = &rules.settings.slow else {
            panic!("{:?}", rules.settings.slow);
        };
        assert_eq!(crate::waiting::as_seen(slow), "稍等，点这里");
    }

    const BOOKING: &str = r#"
services: { 订座: { url: "https://api.example.com/book" } }
rules:
  - name: 订座
    when: { equals: 订座 }
    dialogue:
      expires: 10m
      cancel: { equals: 取消, reply: 已取消 }
      give_up: 算了
      steps:
        - { name: people, ask: 几位？, accept: { type: text }, store: people }
        - { name: sure, ask: "<people>位，确认吗？", choices: { 好: next }, tries: 3 }
    ask: { 订座: { people: <people> } }
    set: { booked: <people> }
    reply: "订好了<people>位，<answer.number>"
"#;

    /// Whatever the follower writes while the service is asked.
    #[test]
    fn a_dialogue_is_completed_with_its_own_answers_and_ends_no_other() {
        let sources = ParsedSources::of_text("rules.yaml", BOOKING);
        let rules = rules::compile(&sources, &TimeZone::UTC, None).unwrap();
        let budget = DecisionBudget::unlimited();
        let told = |user: &mut User, content: &str| {
            let message = text(content);
            let decision = decide(&rules, &message, &moment(), Some(user), &mut |_| 0, &budget);
            let decision = decision.unwrap();
            decision
                .changes
                .iter()
                .for_each(|change| user.apply(change));
            decision
        };
        for (meanwhile, goes_on) in [
            (&[][..], None),
            (&["嗯"], None),
            (&["取消"], None),
            (&["订座"], Some("people")),
            (&["订座", "7"], Some("sure")),
        ] {
            let mut user = User::default();
            told(&mut user, "订座");
            told(&mut user, "3");
            let asked = told(&mut user, "好");
            let (rule, question) = (asked.rule.unwrap(), asked.question.unwrap());
            assert_eq!(question.request, json!({ "people": "3" }));
            for content in meanwhile {
                told(&mut user, content);
            }
            let answer = Ok(ServiceAnswer(json!({ "number": 12 })));
            let by = AskedBy::now(&user, &question);
            let decision = complete(&rules, rule, &text("好"), &moment(), by, answer, &mut |_| 0);
            let reply = Reply::Text("订好了3位，12".to_owned());
            assert_eq!(decision.reply, reply, "{meanwhile:?}");
            decision
                .changes
                .iter()
                .for_each(|change| user.apply(change));
            assert_eq!(user.get("booked").unwrap().text(), "3", "{meanwhile:?}");
            assert_eq!(dialogue::step(&user).as_deref(), goes_on, "{meanwhile:?}");
        }
    }
}
