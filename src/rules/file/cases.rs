//! `tests` as written.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::rules::file::text::spelling_lost;
use crate::rules::file::{Json, Maybe, Pairs, ReplyEntry, SPELLING_LOST, Text, schema};

/// What one follower sends, and what must come of it. It goes through the whole file, first rule
/// first.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a test")]
#[schemars(
    extend("required" = ["name"]),
    extend("if" = { "required": ["talk"] }),
    extend("then" = { "properties": { "send": false, "expect": false } }),
    extend("else" = { "required": ["send", "expect"] }),
    extend("examples" = [{ "name": "greets whoever says hello", "send": "你好呀", "expect": { "rule": "你好" } }])
)]
pub struct CaseEntry {
    /// A sentence about what is shown.
    #[schemars(schema_with = "schema::name")]
    pub name: Maybe<Text>,
    /// What the follower sends: a text, or a mapping in the words of `when` and the message's
    /// elements.
    #[schemars(extend("examples" = ["你好", { "type": "image", "media_id": "M1" }, { "event": "CLICK", "key": "TODAY" }]))]
    pub send: Maybe<Sent>,
    /// What the services that are asked answer, instead of being asked: JSON, the text of a
    /// language model, or `{ fails: 404 }`; with `after: 20s` not before that time.
    #[schemars(schema_with = "schema::canned", extend("examples" = [{ "快递": { "state": "派送中" } }, { "小助手": { "text": "从前有座山", "after": "20s" } }]))]
    pub answers: Maybe<Pairs<Json>>,
    /// What must come of it: `rule`, `reply`, `user`, or several of them.
    pub expect: Maybe<CaseExpectation>,
    /// Instead of `send` and `expect`: a list of them, by one follower in turn.
    #[schemars(extend("minItems" = 1))]
    pub talk: Maybe<Vec<TurnEntry>>,
    /// What is stored of the follower before.
    #[schemars(with = "Option<Pairs<Option<StoredValue>>>", extend("examples" = [{ "step": "ask_price" }]))]
    pub user: Maybe<Pairs<Option<StoredValue>>>,
    /// The local time: a date and a time, or a time of 2026-01-02, a Friday. Without it
    /// 2026-01-02 03:04:05.
    #[schemars(schema_with = "schema::word", extend("examples" = ["2026-01-02 03:04:05", "22:30"]))]
    pub at: Maybe<Text>,
}

/// What the follower sends in turn, and what must come of it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a turn of the talk")]
#[schemars(extend("required" = ["send", "expect"]))]
pub struct TurnEntry {
    /// What the follower sends: a text, or a mapping in the words of `when` and the message's
    /// elements.
    pub send: Maybe<Sent>,
    /// What the services that are asked answer, instead of being asked.
    #[schemars(schema_with = "schema::canned")]
    pub answers: Maybe<Pairs<Json>>,
    /// What must come of it: `rule`, `reply`, `user`, or several of them.
    pub expect: Maybe<CaseExpectation>,
    /// The local time of this turn; without a date, on the day of the turn before.
    #[schemars(schema_with = "schema::word", extend("examples" = ["2026-01-02 03:04:05", "22:30"]))]
    pub at: Maybe<Text>,
    /// So long after the turn before; what expires meanwhile is forgotten.
    #[schemars(schema_with = "schema::length_of_time", extend("examples" = ["11m", "1d"]))]
    pub later: Maybe<Text>,
}

#[derive(Debug)]
pub enum Sent {
    Text(Text),
    Elements(Pairs<Text>),
}

/// What must come of a message.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "rule, reply, user, step and asked"
)]
#[schemars(
    extend("minProperties" = 1),
    extend("examples" = [{ "rule": "你好" }, { "rule": "none" }])
)]
pub struct CaseExpectation {
    /// The name of the rule that answers, or `none`.
    #[schemars(schema_with = "schema::word", extend("examples" = ["none"]))]
    pub rule: Maybe<Text>,
    /// What a service is asked: its name with the JSON or the text that is sent. Of mappings, what
    /// is not written is not compared. `null` when none is asked.
    #[schemars(extend("examples" = [{ "快递": { "number": "SF1234567890" } }]))]
    pub asked: Maybe<Json>,
    /// Exactly what the rule answers, as the follower sees it.
    #[schemars(extend("examples" = ["success", { "image": "M1" }]))]
    pub reply: Maybe<ReplyEntry>,
    /// What is stored of the follower afterwards; `null` for nothing.
    #[schemars(with = "Option<Pairs<Option<StoredValue>>>", extend("examples" = [{ "threshold": 100 }]))]
    pub user: Maybe<Pairs<Option<StoredValue>>>,
    /// The step of a dialogue at which the follower stands afterwards; `null` for none.
    #[schemars(with = "Option<Text>", extend("examples" = ["phone"]))]
    pub step: Maybe<Option<Text>>,
}

/// What a test says is stored of a follower.
#[derive(Clone, Debug)]
pub enum StoredValue {
    Value(Text),
    List(Vec<Text>),
}

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sent, D::Error> {
        struct SentVisitor;
        impl<'de> Visitor<'de> for SentVisitor {
            type Value = Sent;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a text or the elements of a message")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Sent, E> {
                Ok(Sent::Text(Text(text.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sent, A::Error> {
                Pairs::deserialize(MapAccessDeserializer::new(map)).map(Sent::Elements)
            }
            spelling_lost!();
        }
        deserializer.deserialize_any(SentVisitor)
    }
}

impl<'de> Deserialize<'de> for StoredValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StoredValue, D::Error> {
        struct KeptVisitor;
        impl<'de> Visitor<'de> for KeptVisitor {
            type Value = StoredValue;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a stored value or a list of them")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<StoredValue, E> {
                Ok(StoredValue::Value(Text(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<StoredValue, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(StoredValue::List)
            }
            spelling_lost!();
        }
        deserializer.deserialize_any(KeptVisitor)
    }
}
