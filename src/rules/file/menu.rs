//! `menu` as written.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::rules::file::{Maybe, Pairs, Text, schema};

/// One entry: the name of the button and what it does.
pub(crate) type ButtonEntry = Pairs<ButtonContent>;

#[derive(Debug)]
pub(crate) enum ButtonContent {
    Parts(Box<ButtonParts>),
    /// The buttons below.
    Below(Vec<ButtonEntry>),
}

/// What a tap does: `key` sends an event, `url` opens a page.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "what a button does")]
#[schemars(
    extend("anyOf" = [
        { "required": ["key"] },
        { "required": ["url"] },
        { "required": ["media_id"] },
        { "required": ["article_id"] },
    ]),
    extend("examples" = [{ "key": "TODAY" }, { "url": "https://example.com/" }])
)]
pub(crate) struct ButtonParts {
    /// What the phone does first, or how it opens: WeChat's word. Without it, `click` for a `key`,
    /// `view` for a `url`, `miniprogram` with `appid`.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::button_type")]
    pub kind: Maybe<Text>,
    /// The EventKey that WeChat sends after a tap; a rule answers it with `key` under `when`.
    #[schemars(schema_with = "schema::word", extend("examples" = ["TODAY"]))]
    pub key: Maybe<Text>,
    /// The page that opens.
    #[schemars(schema_with = "schema::word", extend("examples" = ["https://example.com/"]))]
    pub url: Maybe<Text>,
    /// The app id of a mini program that is linked to the account; with `pagepath`, and with a
    /// `url` for old phones.
    #[schemars(schema_with = "schema::word")]
    pub appid: Maybe<Text>,
    /// The page of the mini program.
    #[schemars(schema_with = "schema::word", extend("examples" = ["pages/index/index"]))]
    pub pagepath: Maybe<Text>,
    /// The material that the follower gets.
    #[schemars(schema_with = "schema::word")]
    pub media_id: Maybe<Text>,
    /// The published article that the follower gets.
    #[schemars(schema_with = "schema::word")]
    pub article_id: Maybe<Text>,
}

impl<'de> Deserialize<'de> for ButtonContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ButtonContent, D::Error> {
        struct ContentVisitor;
        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = ButtonContent;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("what a button does, or the buttons below")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<ButtonContent, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(ButtonContent::Below)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ButtonContent, A::Error> {
                ButtonParts::deserialize(MapAccessDeserializer::new(map))
                    .map(|parts| ButtonContent::Parts(Box::new(parts)))
            }
        }
        deserializer.deserialize_any(ContentVisitor)
    }
}
