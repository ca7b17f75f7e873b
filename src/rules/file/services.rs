//! `services`, `ask` and `failed` as written.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use crate::rules::file::json::Json;
use crate::rules::file::text::spelling_lost;
use crate::rules::file::{AnswerParts, Maybe, Pairs, ReplyEntry, SPELLING_LOST, Text, schema};

/// What a rule may ask: an HTTP endpoint (`url`) or a language model (`llm`). Secrets stand here
/// by name only.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a service")]
#[schemars(
    extend("oneOf" = [{ "required": ["url"] }, { "required": ["llm", "model"] }]),
    extend("examples" = [{ "url": "https://api.example.com/track", "timeout": "8s" }])
)]
pub(crate) struct ServiceEntry {
    /// Where the endpoint is. What stands behind `?` may have placeholders, which are
    /// percent-encoded.
    #[schemars(schema_with = "schema::word", extend("examples" = ["https://api.example.com/track"]))]
    pub url: Maybe<Text>,
    /// Where the language model is: the address before `/chat/completions`.
    #[schemars(schema_with = "schema::word", extend("examples" = ["https://api.deepseek.com/v1", "http://127.0.0.1:11434/v1"]))]
    pub llm: Maybe<Text>,
    /// What is sent along; `<secret.NAME>` stands for a secret.
    #[schemars(extend("examples" = [{ "Authorization": "Bearer <secret.track>" }]))]
    pub headers: Maybe<Pairs<Text>>,
    /// The name of the secret with which requests are signed, as Standard Webhooks describes it.
    #[schemars(schema_with = "schema::word")]
    pub sign: Maybe<Text>,
    /// For everything that one question takes; 10s if it is not written, 120s at most.
    #[schemars(schema_with = "schema::length_of_time", extend("examples" = ["8s"]))]
    pub timeout: Maybe<Text>,
    /// How often a call is made again that never reached the service, or that it put off (429,
    /// 502, 503, 504), within `timeout`. Not at all if it is not written.
    #[schemars(schema_with = "schema::whole_number")]
    pub retries: Maybe<Text>,
    /// How many calls run at once; 20 if it is not written. More wait, within `timeout`.
    #[schemars(schema_with = "schema::whole_number")]
    pub at_once: Maybe<Text>,
    /// `plain`: the service learns the openid itself, and not a keyed hash of it.
    #[schemars(schema_with = "schema::openid")]
    pub openid: Maybe<Text>,
    /// What the model is called there.
    #[schemars(schema_with = "schema::word", extend("examples" = ["deepseek-chat"]))]
    pub model: Maybe<Text>,
    /// The name of the secret with the key of the interface. Never the key itself.
    #[schemars(schema_with = "schema::word", extend("examples" = ["deepseek"]))]
    pub key: Maybe<Text>,
    /// What the model is told before each question.
    pub system: Maybe<Text>,
    /// How much of the conversation with each follower the model is given. `clear` with the name
    /// of the service forgets it.
    pub memory: Maybe<MemoryEntry>,
    /// What it may cost.
    pub limits: Maybe<LimitsEntry>,
    /// What every answer begins with, such as the notice that it was generated.
    #[schemars(extend("examples" = ["【AI 生成】"]))]
    pub label: Maybe<Text>,
    /// Merged into the body of the request.
    #[schemars(extend("examples" = [{ "enable_thinking": false }]))]
    pub extra: Maybe<Json>,
}

/// How much of the conversation with each follower the model is given.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "turns and expires")]
#[schemars(extend("required" = ["turns"]))]
pub(crate) struct MemoryEntry {
    /// How many questions with their answers.
    #[schemars(schema_with = "schema::whole_number")]
    pub turns: Maybe<Text>,
    /// How long after the last one; 30m if it is not written.
    #[schemars(schema_with = "schema::length_of_time", extend("examples" = ["30m"]))]
    pub expires: Maybe<Text>,
}

/// What a language model may cost.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "limits")]
pub(crate) struct LimitsEntry {
    /// Questions of one follower in a while.
    #[schemars(schema_with = "schema::rate", extend("examples" = ["20/h", "5/m"]))]
    pub follower: Maybe<Text>,
    /// Questions of all followers in one day.
    #[schemars(schema_with = "schema::whole_number", extend("examples" = [3000]))]
    pub day: Maybe<Text>,
    /// How long an answer may be, in tokens (`max_tokens`).
    #[schemars(schema_with = "schema::whole_number", extend("examples" = [400]))]
    pub tokens: Maybe<Text>,
}

/// What stands under `ask` of a rule.
#[derive(Debug)]
pub(crate) enum AskEntry {
    /// The whole message, or of a language model the text.
    Service(Text),
    /// One service with what is sent.
    With(Pairs<Json>),
}

/// What stands under `failed` of a rule.
#[derive(Debug)]
pub(crate) enum FailedEntry {
    /// However it failed.
    Answer(ReplyEntry),
    ByKind(Pairs<ReplyEntry>),
}

impl<'de> Deserialize<'de> for AskEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AskEntry, D::Error> {
        struct AskVisitor;
        impl<'de> Visitor<'de> for AskVisitor {
            type Value = AskEntry;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a service, or one with what is sent")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<AskEntry, E> {
                Ok(AskEntry::Service(Text(text.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AskEntry, A::Error> {
                Pairs::deserialize(MapAccessDeserializer::new(map)).map(AskEntry::With)
            }
            spelling_lost!();
        }
        deserializer.deserialize_any(AskVisitor)
    }
}

impl<'de> Deserialize<'de> for FailedEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FailedEntry, D::Error> {
        struct FailedVisitor;
        impl<'de> Visitor<'de> for FailedVisitor {
            type Value = FailedEntry;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a reply, or one for each kind of failure")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<FailedEntry, E> {
                Ok(FailedEntry::Answer(ReplyEntry::Line(Text(text.to_owned()))))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FailedEntry, A::Error> {
                let first = map.next_key::<Text>()?.map(|Text(key)| key);
                let is_part = first.as_deref().is_some_and(|key| PARTS.contains(&key));
                let map = MapAccessDeserializer::new(Begun { first, map });
                match is_part {
                    true => AnswerParts::deserialize(map)
                        .map(|parts| FailedEntry::Answer(ReplyEntry::Parts(Box::new(parts)))),
                    false => Pairs::deserialize(map).map(FailedEntry::ByKind),
                }
            }
            spelling_lost!();
        }
        deserializer.deserialize_any(FailedVisitor)
    }
}

/// The keys of `AnswerParts`; none of them is a kind of failure.
const PARTS: [&str; 8] = [
    "text",
    "image",
    "voice",
    "video",
    "music",
    "news",
    "transfer_customer_service",
    "random",
];

/// The entries of a mapping whose first key was read already.
struct Begun<A> {
    first: Option<String>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Begun<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        match self.first.take() {
            Some(first) => seed.deserialize(StringDeserializer::new(first)).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
