//! The small words of a rule file: texts as they were spelled, lists of them, mappings, switches.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text as it was spelled: `110`, `007`, `no` and `1.0` are texts too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub String);

/// One text, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts(pub Vec<Text>);

/// A mapping whose keys the author chooses, in the order of writing.
#[derive(Clone, Debug)]
pub struct Pairs<T>(pub Vec<(String, T)>);

/// A key that may be left out. Written with nothing behind it, it is there and empty:
/// `when:` alone must not silently become a rule that matches everything.
#[derive(Debug)]
pub struct Maybe<T>(pub Option<T>);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Switch(pub bool);

#[derive(Debug, Default)]
pub(crate) struct Ignored;

/// What the streaming reader says of a number whose spelling it has lost; the file is then read
/// from the tree, which has kept it.
pub(crate) const SPELLING_LOST: &str = "the spelling of a number or a yes/no is needed here";

/// Refuses what serde_yaml has already turned into a number, so that the spelling is never guessed.
macro_rules! spelling_lost {
    () => {
        spelling_lost! {
            visit_bool: bool,
            visit_i64: i64,
            visit_u64: u64,
            visit_i128: i128,
            visit_u128: u128,
            visit_f64: f64
        }
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Err(E::custom(SPELLING_LOST))
        }
    };
    ($($method:ident: $type:ty),*) => {
        $(fn $method<E: Error>(self, _: $type) -> Result<Self::Value, E> {
            Err(E::custom(SPELLING_LOST))
        })*
    };
}

pub(super) use spelling_lost;

impl<T> Default for Pairs<T> {
    fn default() -> Pairs<T> {
        Pairs(Vec::new())
    }
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
                formatter.write_str("a text or a list of texts")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![Text(text.to_owned())]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Texts, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Texts)
            }
            spelling_lost!();
        }
        deserializer.deserialize_any(TextsVisitor)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<T>, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
            type Value = Pairs<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a mapping")
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
