//! A rule file exactly as written: it may be nonsense. `compile` makes a `RuleSet` of it.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::Deserializer;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;
use serde::de::value::SeqAccessDeserializer;

// What stands behind a `|` in these `expecting` lines is the example that `help:` shows.

#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a mapping of options, rules and tests"
)]
pub struct RuleFile {
    #[serde(default)]
    pub options: Options,
    #[serde(default)]
    pub rules: Vec<Entry>,
    #[serde(default)]
    pub tests: Vec<Case>,
    /// A place for YAML anchors; never looked at.
    #[serde(default, rename = "definitions")]
    pub _definitions: Ignored,
}

pub const FILE_KEYS: &[&str] = &["options", "rules", "tests", "definitions"];

#[derive(Debug, Default)]
pub struct Ignored;

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a mapping of options|options: { ignore_case: true }"
)]
pub struct Options {
    pub trim: Maybe<Switch>,
    pub ignore_case: Maybe<Switch>,
    pub ignore_width: Maybe<Switch>,
    pub timezone: Maybe<Text>,
    pub on_error: Maybe<Answer>,
}

#[derive(Clone, Copy, Debug)]
pub struct Switch(pub bool);

/// One item under `rules`: a rule, or the rules of other files.
#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a rule|- { name: 你好, when: { prefix: 你好 }, reply: 欢迎 }"
)]
pub struct Entry {
    pub name: Maybe<Text>,
    pub when: Maybe<When>,
    pub unless: Maybe<When>,
    pub reply: Maybe<Answer>,
    pub set: Maybe<Pairs<Text>>,
    pub add: Maybe<Pairs<Text>>,
    pub remove: Maybe<Pairs<Text>>,
    pub clear: Maybe<Texts>,
    pub expires: Maybe<Text>,
    pub include: Maybe<Texts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a mapping of conditions|when: { type: text, prefix: 你好 }"
)]
pub struct When {
    pub r#type: Maybe<Texts>,
    pub equals: Maybe<Texts>,
    pub prefix: Maybe<Texts>,
    pub suffix: Maybe<Texts>,
    pub contains: Maybe<Texts>,
    pub regex: Maybe<Texts>,
    pub event: Maybe<Texts>,
    pub key: Maybe<ValueTest>,
    pub scene: Maybe<ValueTest>,
    pub menu: Maybe<ValueTest>,
    pub fields: Maybe<Pairs<ValueTest>>,
    pub user: Maybe<Pairs<Option<ValueTest>>>,
    pub hours: Maybe<Texts>,
    pub days: Maybe<Texts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a mapping of text operators|{ prefix: buy_ }"
)]
pub struct Operators {
    pub equals: Maybe<Texts>,
    pub prefix: Maybe<Texts>,
    pub suffix: Maybe<Texts>,
    pub contains: Maybe<Texts>,
    pub regex: Maybe<Texts>,
}

/// How a key, a field or a stored value is tested.
#[derive(Debug)]
pub enum ValueTest {
    Equals(Texts),
    Operators(Box<Operators>),
}

/// What stands under `reply`.
#[derive(Debug)]
pub enum Answer {
    /// `success`, `transfer_customer_service` or a text.
    Line(Text),
    Parts(Box<AnswerParts>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a reply|reply: { image: <media_id> }"
)]
pub struct AnswerParts {
    pub text: Maybe<Text>,
    pub image: Maybe<Text>,
    pub voice: Maybe<Text>,
    pub video: Maybe<VideoParts>,
    pub music: Maybe<MusicParts>,
    pub news: Maybe<Vec<ArticleParts>>,
    pub transfer_customer_service: Maybe<Text>,
    pub random: Maybe<Vec<Answer>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "the parts of a video|video: { media_id: ID, title: 标题 }"
)]
pub struct VideoParts {
    pub media_id: Maybe<Text>,
    pub title: Maybe<Text>,
    pub description: Maybe<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "the parts of a music reply|music: { title: 歌名, thumb_media_id: ID }"
)]
pub struct MusicParts {
    pub title: Maybe<Text>,
    pub description: Maybe<Text>,
    pub music_url: Maybe<Text>,
    pub hq_music_url: Maybe<Text>,
    pub thumb_media_id: Maybe<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "an article|news: [{ title: 标题, url: 'https://example.com/' }]"
)]
pub struct ArticleParts {
    pub title: Maybe<Text>,
    pub description: Maybe<Text>,
    pub pic_url: Maybe<Text>,
    pub url: Maybe<Text>,
}

/// One item under `tests`.
#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a test|- { name: greets, send: 你好, expect: { rule: 你好 } }"
)]
pub struct Case {
    pub name: Maybe<Text>,
    pub send: Maybe<Sent>,
    pub expect: Maybe<Expected>,
    pub talk: Maybe<Vec<Turn>>,
    pub user: Maybe<Pairs<Option<Kept>>>,
    pub at: Maybe<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a turn of the talk|- { send: 你好, expect: { rule: 你好 } }"
)]
pub struct Turn {
    pub send: Maybe<Sent>,
    pub expect: Maybe<Expected>,
    pub at: Maybe<Text>,
}

#[derive(Debug)]
pub enum Sent {
    Text(Text),
    Elements(Pairs<Text>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a mapping of rule, reply and user|expect: { rule: 你好, reply: 欢迎 }"
)]
pub struct Expected {
    pub rule: Maybe<Text>,
    pub reply: Maybe<Answer>,
    pub user: Maybe<Pairs<Option<Kept>>>,
}

/// A key that may be left out. Written with nothing behind it, it is there and empty:
/// `when:` alone must not silently become a rule that matches everything.
#[derive(Debug)]
pub struct Maybe<T>(pub Option<T>);

/// What a test says is stored of a follower.
#[derive(Clone, Debug)]
pub enum Kept {
    Value(Text),
    List(Vec<Text>),
}

/// A text as it was spelled: `110`, `007`, `no` and `1.0` are texts too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub String);

/// One text, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<Text>);

/// A mapping whose keys the author chooses, in the order of writing.
#[derive(Clone, Debug)]
pub struct Pairs<T>(pub Vec<(String, T)>);

/// What the streaming reader says of a number whose spelling it has lost; the file is then read
/// from the tree, which has kept it.
pub const SPELLING_LOST: &str = "the spelling of a number or a yes/no is needed here";

/// Refuses what serde_yaml has already turned into a number, so that the spelling is never guessed.
macro_rules! spelling_lost {
    ($($method:ident: $type:ty),*) => {
        $(fn $method<E: Error>(self, _: $type) -> Result<Self::Value, E> {
            Err(E::custom(SPELLING_LOST))
        })*
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Err(E::custom(SPELLING_LOST))
        }
    };
}

impl<T> Default for Maybe<T> {
    fn default() -> Maybe<T> {
        Maybe(None)
    }
}

impl<T> std::ops::Deref for Maybe<T> {
    type Target = Option<T>;
    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Maybe<T>, D::Error> {
        T::deserialize(deserializer).map(|value| Maybe(Some(value)))
    }
}

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ignored, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Ignored)
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Switch, D::Error> {
        struct SwitchVisitor;
        impl Visitor<'_> for SwitchVisitor {
            type Value = Switch;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("true or false")
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Switch, E> {
                Ok(Switch(value))
            }
        }
        deserializer.deserialize_bool(SwitchVisitor)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a text")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts, D::Error> {
        struct TextsVisitor;
        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a text or a list of texts|[a, b]")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![Text(text.to_owned())]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Texts, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Texts)
            }
            spelling_lost!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
        }
        deserializer.deserialize_any(TextsVisitor)
    }
}

impl<'de> Deserialize<'de> for ValueTest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ValueTest, D::Error> {
        struct ValueTestVisitor;
        impl<'de> Visitor<'de> for ValueTestVisitor {
            type Value = ValueTest;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str(
                    "a text, a list of texts or a mapping of text operators|{ prefix: buy_ }",
                )
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
            spelling_lost!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
        }
        deserializer.deserialize_any(ValueTestVisitor)
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Answer, D::Error> {
        struct AnswerVisitor;
        impl<'de> Visitor<'de> for AnswerVisitor {
            type Value = Answer;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a text or one kind of reply|reply: { image: <media_id> }")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Answer, E> {
                Ok(Answer::Line(Text(text.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Answer, A::Error> {
                AnswerParts::deserialize(MapAccessDeserializer::new(map))
                    .map(|parts| Answer::Parts(Box::new(parts)))
            }
            spelling_lost!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
        }
        deserializer.deserialize_any(AnswerVisitor)
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Kept, D::Error> {
        struct KeptVisitor;
        impl<'de> Visitor<'de> for KeptVisitor {
            type Value = Kept;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a stored value or a list of them|user: { stocks: [600519] }")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Kept, E> {
                Ok(Kept::Value(Text(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Kept, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Kept::List)
            }
            spelling_lost!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
        }
        deserializer.deserialize_any(KeptVisitor)
    }
}

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sent, D::Error> {
        struct SentVisitor;
        impl<'de> Visitor<'de> for SentVisitor {
            type Value = Sent;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str(
                    "a text or the elements of a message|send: { type: image, media_id: M1 }",
                )
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Sent, E> {
                Ok(Sent::Text(Text(text.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sent, A::Error> {
                Pairs::deserialize(MapAccessDeserializer::new(map)).map(Sent::Elements)
            }
            spelling_lost!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
        }
        deserializer.deserialize_any(SentVisitor)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<T>, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
            type Value = Pairs<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a mapping|{ threshold: 100 }")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs: Vec<(String, T)> = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    if pairs.iter().any(|(present, _)| *present == key) {
                        return Err(A::Error::custom("a key that was given before"));
                    }
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}
