//! `when` and `unless` as written.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::rules::file::text::spelling_lost;
use crate::rules::file::{Maybe, Pairs, SPELLING_LOST, Text, Texts, schema};

/// Conditions. Every key must hold; a list under a key means any of.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "conditions")]
#[schemars(
    extend("minProperties" = 1),
    extend("examples" = [{ "type": "text", "prefix": "你好" }])
)]
pub(crate) struct When {
    /// The type of the message: `text`, `image`, `voice`, `video`, `shortvideo`, `location`,
    /// `link`, `event`, or any other that WeChat may send.
    #[schemars(
        schema_with = "schema::words",
        extend("examples" = ["text", "image", "voice", "video", "shortvideo", "location", "link", "event"])
    )]
    pub r#type: Maybe<Texts>,
    /// The text is this, letter by letter.
    #[schemars(schema_with = "schema::words", extend("examples" = ["帮助", ["帮助", "help"]]))]
    pub equals: Maybe<Texts>,
    /// The text begins with this. What follows it is `<rest>` in the reply.
    #[schemars(schema_with = "schema::words", extend("examples" = ["你好", ["你好", "您好"]]))]
    pub prefix: Maybe<Texts>,
    /// The text ends with this.
    #[schemars(schema_with = "schema::words", extend("examples" = [["?", "？"]]))]
    pub suffix: Maybe<Texts>,
    /// The text has this in it.
    #[schemars(schema_with = "schema::words", extend("examples" = ["投诉", ["几点", "营业"]]))]
    pub contains: Maybe<Texts>,
    /// The text has every one of these in it, in any order.
    #[schemars(schema_with = "schema::words", extend("examples" = [["退", "款"]]))]
    pub contains_all: Maybe<Texts>,
    /// A regular expression, searched anywhere in the text unless it has `^` and `$`. Its groups
    /// are `<1>` or `<name>` in the reply. Single quotes keep YAML from reading backslashes.
    #[schemars(schema_with = "schema::words", extend("examples" = ["^1\\d{10}$", "(?<城市>\\p{Han}{2,4})的?天气"]))]
    pub regex: Maybe<Texts>,
    /// The event, in any capitals: `subscribe`, `CLICK`, `SCAN`, … Implies `type: event`.
    #[schemars(
        schema_with = "schema::words",
        extend("examples" = ["subscribe", "unsubscribe", "CLICK", "SCAN", "VIEW", "LOCATION", "scancode_waitmsg"])
    )]
    pub event: Maybe<Texts>,
    /// The key of an event: of a menu button, as it was named when the menu was made.
    #[schemars(extend("examples" = ["TODAY", { "prefix": "BUY_" }]))]
    pub key: Maybe<ValueTest>,
    /// The scene of a QR code, scanned by a follower or by somebody who follows now.
    #[schemars(extend("examples" = ["expo2026"]))]
    pub scene: Maybe<ValueTest>,
    /// The id of a tapped menu link (`bizmsgmenuid`).
    #[schemars(extend("examples" = [5]))]
    pub menu: Maybe<ValueTest>,
    /// Any other element of the message by its WeChat name in snake_case, dotted when nested.
    #[schemars(extend("minProperties" = 1), extend("examples" = [{ "scan_code_info.scan_result": { "prefix": "EAN_13," } }]))]
    pub fields: Maybe<Pairs<ValueTest>>,
    /// What is stored of this follower; of a list, any item. `null` means that nothing is stored.
    #[schemars(schema_with = "schema::stored_tests", extend("examples" = [{ "step": "ask_price" }, { "price": null }]))]
    pub user: Maybe<Pairs<Option<ValueTest>>>,
    /// The local time, from a minute until before another; across midnight when the end is the
    /// earlier one.
    #[schemars(schema_with = "schema::hours", extend("examples" = ["09:00-18:00", ["09:00-12:00", "13:30-18:00"], "22:00-06:00"]))]
    pub hours: Maybe<Texts>,
    /// The local day of the week, a range of days, or a list.
    #[schemars(schema_with = "schema::days", extend("examples" = ["mon-fri", ["sat", "sun"]]))]
    pub days: Maybe<Texts>,
    /// The local date: a day, a range of days with both its ends, or a list of them. Without a
    /// year it is every year's; one end of a range may be left out.
    #[schemars(schema_with = "schema::dates", extend("examples" = ["2027-02-15..2027-02-23", ["2027-10-01", "12-25"]]))]
    pub dates: Maybe<Texts>,
    /// At least one of these alternatives holds, each with conditions of its own. Groups and
    /// `<rest>` come from the first that does.
    #[schemars(extend("minItems" = 1), extend("examples" = [[{ "equals": "订购" }, { "event": "CLICK", "key": "ORDER" }]]))]
    pub any: Maybe<Vec<When>>,
}

/// Text operators. Every key must hold; a list under a key means any of.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "operators")]
#[schemars(extend("minProperties" = 1))]
pub(crate) struct Operators {
    /// It is this, letter by letter.
    #[schemars(schema_with = "schema::words")]
    pub equals: Maybe<Texts>,
    /// It begins with this.
    #[schemars(schema_with = "schema::words")]
    pub prefix: Maybe<Texts>,
    /// It ends with this.
    #[schemars(schema_with = "schema::words")]
    pub suffix: Maybe<Texts>,
    /// It has this in it.
    #[schemars(schema_with = "schema::words")]
    pub contains: Maybe<Texts>,
    /// It has every one of these in it, in any order.
    #[schemars(schema_with = "schema::words")]
    pub contains_all: Maybe<Texts>,
    /// A regular expression finds something in it.
    #[schemars(schema_with = "schema::words")]
    pub regex: Maybe<Texts>,
    /// It is a number, and not less than this. Of a stored value, nothing counts as 0.
    #[schemars(schema_with = "schema::number")]
    pub at_least: Maybe<Text>,
    /// It is a number, and less than this. Of a stored value, nothing counts as 0.
    #[schemars(schema_with = "schema::number")]
    pub below: Maybe<Text>,
}

/// How a key, a field or a stored value is tested.
#[derive(Debug)]
pub(crate) enum ValueTest {
    Equals(Texts),
    Operators(Box<Operators>),
}

impl<'de> Deserialize<'de> for ValueTest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ValueTest, D::Error> {
        struct ValueTestVisitor;
        impl<'de> Visitor<'de> for ValueTestVisitor {
            type Value = ValueTest;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a text, a list of texts or operators")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<ValueTest, E> {
                Ok(ValueTest::Equals(Texts(vec![Text(text.to_owned())])))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<ValueTest, A::Error> {
                let texts = Vec::deserialize(SeqAccessDeserializer::new(items));
                texts.map(|texts| ValueTest::Equals(Texts(texts)))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ValueTest, A::Error> {
                Operators::deserialize(MapAccessDeserializer::new(map))
                    .map(|operators| ValueTest::Operators(Box::new(operators)))
            }
            spelling_lost!();
        }
        deserializer.deserialize_any(ValueTestVisitor)
    }
}
