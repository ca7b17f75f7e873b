//! `expires` as written.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::rules::file::text::spelling_lost;
use crate::rules::file::{Pairs, SPELLING_LOST, Text};

#[derive(Debug)]
pub(crate) enum Expires {
    /// For all values of `set`.
    All(Text),
    ByKey(Pairs<Text>),
}

impl<'de> Deserialize<'de> for Expires {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Expires, D::Error> {
        struct ExpiresVisitor;
        impl<'de> Visitor<'de> for ExpiresVisitor {
            type Value = Expires;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a length of time, or one for each key")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Expires, E> {
                Ok(Expires::All(Text(text.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Expires, A::Error> {
                Pairs::deserialize(MapAccessDeserializer::new(map)).map(Expires::ByKey)
            }
            spelling_lost!();
        }
        deserializer.deserialize_any(ExpiresVisitor)
    }
}
