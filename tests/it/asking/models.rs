//! What a language model is told of the conversation, and how often it is asked.

use serde_json::{Value, json};

use crate::asking::shop::Shop;
use crate::wechat;

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": text })
}

fn assistant(text: &str) -> Value {
    json!({ "role": "assistant", "content": text })
}

#[test]
fn a_model_is_told_the_last_turns_of_this_follower_until_they_are_cleared() {
    Shop::on_each_database(|shop| {
        let (one, other) = (shop.replica(), shop.replica());
        let told = |server, name, text| {
            assert_eq!(shop.told(server, name, text), format!("【AI】答{text}"));
            shop.endpoint.last_request()["messages"].clone()
        };
        assert_eq!(told(&one, "o1", "聊1"), json!([user("聊1")]));
        assert_eq!(told(&one, "o2", "聊2"), json!([user("聊2")]));
        // On another replica, without the label.
        let expected = json!([user("聊1"), assistant("答聊1"), user("聊3")]);
        assert_eq!(told(&other, "o1", "聊3"), expected);
        let expected = json!([
            user("聊1"),
            assistant("答聊1"),
            user("聊3"),
            assistant("答聊3"),
            user("聊坏")
        ]);
        assert_eq!(shop.told(&one, "o1", "聊坏"), "坏了");
        assert_eq!(shop.endpoint.last_request()["messages"], expected);
        // What failed is no turn.
        let told = told(&one, "o1", "聊4");
        assert_eq!(told[0], user("聊1"));
        assert_eq!(told.as_array().unwrap().len(), 5);
        assert_eq!(shop.told(&one, "o1", "忘了吧"), "忘了");
        assert_eq!(shop.told(&other, "o2", "聊5"), "【AI】答聊5");
        let expected = json!([user("聊2"), assistant("答聊2"), user("聊5")]);
        assert_eq!(shop.endpoint.last_request()["messages"], expected);
    });
}

#[test]
fn limits_of_a_model_hold_on_all_replicas_for_a_follower_and_for_the_day() {
    Shop::on_each_database(|shop| {
        let servers = [shop.replica(), shop.replica()];
        let told = |number: usize, name| {
            let text = format!("聊{number}");
            shop.told(&servers[number % 2], name, &text)
        };
        for number in 1..=4 {
            assert_eq!(told(number, "o1"), format!("【AI】答聊{number}"));
        }
        assert_eq!(told(5, "o1"), "聊够了", "an hour's questions of a follower");
        assert_eq!(shop.endpoint.asked("聊5"), 0);
        assert_eq!(told(6, "o2"), "【AI】答聊6");
        assert_eq!(told(7, "o2"), "【AI】答聊7");
        assert_eq!(told(8, "o3"), "聊够了", "a day's questions of all");
        assert_eq!(shop.endpoint.asked("聊8"), 0);
        assert_eq!(shop.endpoint.last_request()["max_tokens"], 400);
    });
}

#[test]
fn a_refused_question_gets_the_same_again_and_counts_as_none() {
    let shop = Shop::on_a_file();
    let server = shop.replica();
    for number in 1..=4 {
        shop.told(&server, "o1", &format!("聊{number}"));
    }
    let message = shop.text("o1", "聊5");
    for _ in 0..3 {
        let said = server.post(&wechat::plain(&message));
        assert_eq!(wechat::element(&said.body, "Content"), "聊够了");
    }
    // Of the six of the day two are left.
    assert_eq!(shop.told(&server, "o2", "聊6"), "【AI】答聊6");
    assert_eq!(shop.told(&server, "o2", "聊7"), "【AI】答聊7");
    assert_eq!(shop.told(&server, "o2", "聊8"), "聊够了");
}
