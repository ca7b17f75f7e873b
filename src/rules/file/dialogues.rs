//! `dialogue` as written.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::json;

use crate::rules::file::schema;
use crate::rules::file::text::Switch;
use crate::rules::file::{Maybe, ReplyEntry, Text, Texts, When};

/// Questions that are asked one after another. What is answered is kept until the last is
/// answered: then `set`, `reply` and the like of the rule follow.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a dialogue")]
#[schemars(extend("required" = ["steps"]))]
pub(crate) struct Dialogue {
    /// How long each answer is waited for; 10m if it is not written.
    #[schemars(schema_with = "schema::length_of_time", extend("examples" = ["10m"]))]
    pub expires: Maybe<Text>,
    /// What ends it at any step: conditions as in `when`, and the `reply` to them.
    pub cancel: Maybe<Cancel>,
    /// The reply to the last of `tries` answers that do not fit; the dialogue is over then.
    pub give_up: Maybe<ReplyEntry>,
    /// The questions in turn.
    #[schemars(extend("minItems" = 1))]
    pub steps: Maybe<Vec<DialogueStep>>,
}

/// One question, and which answers fit.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a step")]
#[schemars(extend("required" = ["ask"]))]
pub(crate) struct DialogueStep {
    /// What the step is called in `choices` and tests; without it, what `store` names.
    #[schemars(schema_with = "schema::name")]
    pub name: Maybe<Text>,
    /// The question. `<KEY>` gives what an earlier step has stored.
    pub ask: Maybe<ReplyEntry>,
    /// Under which name the answer is kept until the dialogue ends.
    #[schemars(schema_with = "schema::name", extend("examples" = ["people"]))]
    pub store: Maybe<Text>,
    /// Which answers fit: conditions as in `when`, and the `value` that is kept of them. Without
    /// `accept` and `choices`, any text does.
    pub accept: Maybe<Accept>,
    /// Single answers, each with the value that is kept, or with where it leads: `next`,
    /// `restart`, `cancel`, or the name of a step.
    pub choices: Maybe<Choices>,
    /// The reply to what does not fit; without it, the question again.
    pub otherwise: Maybe<ReplyEntry>,
    /// Not to ask what is stored of the follower under the name in `store` already.
    pub skip_if_known: Maybe<Switch>,
    /// After so many answers that do not fit, the dialogue ends with `give_up`.
    #[schemars(schema_with = "schema::count")]
    pub tries: Maybe<Text>,
}

/// Conditions, and the value that is kept of an answer.
#[derive(Debug, Default)]
pub(crate) struct Accept {
    pub when: When,
    pub value: Maybe<Text>,
}

/// Conditions, and the reply to them.
#[derive(Debug, Default)]
pub(crate) struct Cancel {
    pub when: When,
    pub reply: Maybe<ReplyEntry>,
}

/// Answers with what each means, in the order of writing. Several answers for one meaning are a
/// list.
#[derive(Debug)]
pub(crate) struct Choices(pub Vec<(Texts, Text)>);

/// The keys of conditions, with the one more that stands among them.
macro_rules! keys_besides {
    ($key:literal) => {
        &[
            "type",
            "equals",
            "prefix",
            "suffix",
            "contains",
            "contains_all",
            "regex",
            "event",
            "key",
            "scene",
            "menu",
            "fields",
            "user",
            "hours",
            "days",
            "dates",
            "any",
            $key,
        ]
    };
}

const ACCEPT_KEYS: &[&str] = keys_besides!("value");
const CANCEL_KEYS: &[&str] = keys_besides!("reply");

impl<'de> Deserialize<'de> for Accept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Accept, D::Error> {
        let expecting = "conditions of an answer";
        let (when, value) = deserializer.deserialize_map(Besides {
            key: "value",
            known: ACCEPT_KEYS,
            expecting,
            extra: std::marker::PhantomData,
        })?;
        Ok(Accept { when, value })
    }
}

impl<'de> Deserialize<'de> for Cancel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Cancel, D::Error> {
        let expecting = "conditions and a reply";
        let (when, reply) = deserializer.deserialize_map(Besides {
            key: "reply",
            known: CANCEL_KEYS,
            expecting,
            extra: std::marker::PhantomData,
        })?;
        Ok(Cancel { when, reply })
    }
}

/// Reads conditions with one more key among them.
struct Besides<E> {
    key: &'static str,
    known: &'static [&'static str],
    expecting: &'static str,
    extra: std::marker::PhantomData<E>,
}

impl<'de, E: Deserialize<'de>> Visitor<'de> for Besides<E> {
    type Value = (When, Maybe<E>);

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.expecting)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut extra = Maybe(None);
        let others = Others {
            map,
            key: self.key,
            known: self.known,
            extra: &mut extra,
        };
        let when = When::deserialize(MapAccessDeserializer::new(others))?;
        Ok((when, extra))
    }
}

/// The entries of a mapping but for one, which is put aside.
struct Others<'e, A, E> {
    map: A,
    key: &'static str,
    known: &'static [&'static str],
    extra: &'e mut Maybe<E>,
}

impl<'de, A: MapAccess<'de>, E: Deserialize<'de>> MapAccess<'de> for Others<'_, A, E> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let (key, known) = (self.key, self.known);
        // The seed is used once, for the first key that is not put aside.
        let mut seed = Some(seed);
        loop {
            let found = self.map.next_key_seed(KeyOr {
                key,
                known,
                seed: &mut seed,
            })?;
            match found {
                None => return Ok(None),
                Some(Some(other)) => return Ok(Some(other)),
                Some(None) => *self.extra = Maybe(Some(self.map.next_value()?)),
            }
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A certain key as nothing, and any other as the seed reads it.
struct KeyOr<'s, S> {
    key: &'static str,
    known: &'static [&'static str],
    seed: &'s mut Option<S>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for KeyOr<'_, S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == self.key {
            return Ok(None);
        }
        // Whoever reads the others would name only theirs.
        if !self.known.contains(&name.as_str()) {
            return Err(D::Error::unknown_field(&name, self.known));
        }
        let seed = self.seed.take();
        let seed = seed.ok_or_else(|| D::Error::custom("a key that was read before"))?;
        let name = serde::de::value::StringDeserializer::new(name);
        seed.deserialize(name).map(Some)
    }
}

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Choices, D::Error> {
        struct ChoicesVisitor;
        impl<'de> Visitor<'de> for ChoicesVisitor {
            type Value = Choices;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("answers and what they mean")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Choices, A::Error> {
                let mut choices = Vec::new();
                while let Some(choice) = map.next_entry()? {
                    choices.push(choice);
                }
                Ok(Choices(choices))
            }
        }
        deserializer.deserialize_map(ChoicesVisitor)
    }
}

/// The schema of conditions with one more key.
fn besides(generator: &mut SchemaGenerator, key: &str, value: Schema) -> Schema {
    let mut schema = When::json_schema(generator);
    let properties = schema.ensure_object().get_mut("properties");
    if let Some(properties) = properties.and_then(|properties| properties.as_object_mut()) {
        properties.insert(key.to_owned(), value.to_value());
    }
    schema
}

impl JsonSchema for Accept {
    fn schema_name() -> Cow<'static, str> {
        "Accept".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut value = schema::word(generator);
        let said = "What is kept of the answer; without it, all of the text.";
        value.insert("description".to_owned(), json!(said));
        besides(generator, "value", value)
    }
}

impl JsonSchema for Cancel {
    fn schema_name() -> Cow<'static, str> {
        "Cancel".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut reply = ReplyEntry::json_schema(generator);
        let said = "What the follower gets when the dialogue is cancelled.";
        reply.insert("description".to_owned(), json!(said));
        besides(generator, "reply", reply)
    }
}

impl JsonSchema for Choices {
    fn schema_name() -> Cow<'static, str> {
        "Choices".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = schema::word(generator);
        schemars::json_schema!({ "type": "object", "minProperties": 1, "additionalProperties": value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_keys_are_those_of_the_schema() {
        fn keys<T: JsonSchema>() -> Vec<String> {
            let schema = T::json_schema(&mut SchemaGenerator::default()).to_value();
            let keys = schema["properties"].as_object().unwrap().keys();
            let mut keys: Vec<String> = keys.cloned().collect();
            keys.sort();
            keys
        }
        for (found, known) in [
            (keys::<Accept>(), ACCEPT_KEYS),
            (keys::<Cancel>(), CANCEL_KEYS),
        ] {
            let mut known = known.to_vec();
            known.sort_unstable();
            assert_eq!(found, known);
        }
    }
}
