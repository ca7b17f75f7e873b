//! Deserialises serde types from the tree and, unlike a stream, continues after an error. Knows
//! which node is wrong and why, but no rules.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Unexpected, Visitor,
};
use serde::{de, forward_to_deserialize_any};

use crate::i18n::{Phrase, phrase};
use crate::rules::file::expected::ExpectedValue;
use crate::rules::file::json::JSON;
use crate::rules::yaml::tree::{NodeId, Tree, Value};

/// A node that does not match the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub node: NodeId,
    pub kind: MistakeKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MistakeKind {
    UnknownKey {
        key: String,
        known: &'static [&'static str],
    },
    DuplicateKey {
        key: String,
        first: NodeId,
    },
    WrongType {
        expected: ExpectedValue,
        found: Phrase,
    },
    KeyNotText,
    TooManyAliases,
    TooMany,
    Unreadable,
}

/// Reads as much of a node as possible, and finds every error below it: each pass notes the first
/// error, prunes its node, and reads again until there are no more errors, or too many.
pub(crate) fn read<T: DeserializeOwned>(
    tree: &mut Tree,
    node: NodeId,
    mistakes: &mut Vec<Mistake>,
) -> Option<T> {
    prune_duplicates(tree, node, mistakes);
    for _ in 0..MAX_MISTAKES {
        let reader = TreeReader { tree, node };
        let mistake = match T::deserialize(reader) {
            Ok(value) => return Some(value),
            Err(error) => error.at(node),
        };
        let at = mistake.node;
        mistakes.push(mistake);
        if at == node {
            return None;
        }
        tree.prune(at);
    }
    let kind = MistakeKind::TooMany;
    mistakes.push(Mistake { node, kind });
    None
}

/// A later entry with a repeated key is an error anywhere.
fn prune_duplicates(tree: &mut Tree, node: NodeId, mistakes: &mut Vec<Mistake>) {
    let mut waiting = vec![node];
    let mut seen = HashSet::new();
    while let Some(node) = waiting.pop() {
        if !seen.insert(node) {
            continue;
        }
        waiting.extend(tree.items(node));
        let entries: Vec<_> = tree.entries(node).collect();
        let mut keys: HashMap<String, NodeId> = HashMap::new();
        for (key, value) in entries {
            let Some(name) = tree.scalar(key).map(str::to_owned) else {
                continue;
            };
            match keys.get(&name) {
                Some(first) => {
                    let kind = MistakeKind::DuplicateKey {
                        key: name,
                        first: *first,
                    };
                    mistakes.push(Mistake { node: key, kind });
                    tree.prune(key);
                }
                None => {
                    keys.insert(name, key);
                    waiting.push(value);
                }
            }
        }
    }
}

/// Each error costs another pass over its rule or test.
const MAX_MISTAKES: usize = 100;

#[derive(Clone, Copy)]
struct TreeReader<'t> {
    tree: &'t Tree,
    node: NodeId,
}

#[derive(Debug)]
struct ReadError {
    node: Option<NodeId>,
    kind: MistakeKind,
}

impl ReadError {
    fn at(self, node: NodeId) -> Mistake {
        Mistake {
            node: self.node.unwrap_or(node),
            kind: self.kind,
        }
    }

    fn or_at(mut self, node: NodeId) -> ReadError {
        self.node.get_or_insert(node);
        self
    }
}

impl<'t> TreeReader<'t> {
    fn child(&self, node: NodeId) -> TreeReader<'t> {
        TreeReader { node, ..*self }
    }

    fn is_null(&self) -> bool {
        match self.tree.node(self.node).map(|node| &node.value) {
            Some(Value::Scalar { text, plain }) => {
                *plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    fn any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.tree.node(self.node).map(|node| &node.value) {
            Some(Value::Scalar { text, .. }) => visitor.visit_str(text),
            Some(Value::Sequence(_)) => self.sequence(visitor),
            Some(Value::Mapping(_)) => self.mapping(visitor),
            None => visitor.visit_unit(),
        }
    }

    /// As JSON: what YAML takes for a number or a yes/no is one.
    fn typed<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.is_null() {
            return visitor.visit_unit();
        }
        if let Some(boolean) = self.boolean() {
            return visitor.visit_bool(boolean);
        }
        let number = match self.tree.node(self.node).map(|node| &node.value) {
            Some(Value::Scalar { text, plain: true }) => number(text),
            _ => None,
        };
        let Some(number) = number else {
            return self.any(visitor);
        };
        if let Some(number) = number.as_u64() {
            visitor.visit_u64(number)
        } else if let Some(number) = number.as_i64() {
            visitor.visit_i64(number)
        } else {
            visitor.visit_f64(number.as_f64().unwrap_or_default())
        }
    }

    fn sequence<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_seq(Items {
            reader: self,
            items: self.tree.items(self.node).collect::<Vec<_>>().into_iter(),
        })
    }

    fn mapping<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_map(MappingReader {
            reader: self,
            entries: self.tree.entries(self.node).collect::<Vec<_>>().into_iter(),
            value: None,
        })
    }

    /// A missing list or mapping reads as an empty one.
    fn is_empty(&self) -> bool {
        match self.tree.node(self.node).map(|node| &node.value) {
            Some(Value::Scalar { text, plain }) => *plain && text.is_empty(),
            _ => false,
        }
    }

    fn boolean(&self) -> Option<bool> {
        match &self.tree.node(self.node)?.value {
            Value::Scalar { text, plain: true } => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'de> Deserializer<'de> for TreeReader<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.any(visitor).map_err(|error| error.or_at(self.node))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.boolean() {
            Some(value) => visitor.visit_bool(value),
            None => self.any(visitor),
        }
        .map_err(|error| error.or_at(self.node))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.is_null() {
            return visitor.visit_none();
        }
        visitor
            .visit_some(self)
            .map_err(|error| error.or_at(self.node))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.is_empty() {
            self.sequence(visitor)
        } else {
            self.any(visitor)
        }
        .map_err(|error| error.or_at(self.node))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let is_list = matches!(
            self.tree.node(self.node).map(|node| &node.value),
            Some(Value::Sequence(_))
        );
        if is_list {
            // A derived struct would accept a list as its fields in order.
            Err(de::Error::invalid_type(Unexpected::Seq, &visitor))
        } else if self.is_empty() {
            self.mapping(visitor)
        } else {
            self.any(visitor)
        }
        .map_err(|error: ReadError| error.or_at(self.node))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match name {
            JSON => self.typed(visitor),
            _ => self.any(visitor),
        }
        .map_err(|error| error.or_at(self.node))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple tuple_struct enum identifier
    }
}

/// The number that a plain text is to the other reader, if JSON has it.
fn number(text: &str) -> Option<serde_json::Number> {
    let begins_like_one =
        text.starts_with(|letter: char| "+-.".contains(letter) || letter.is_ascii_digit());
    if !begins_like_one {
        return None;
    }
    match serde_yaml::from_str(text) {
        Ok(serde_yaml::Value::Number(number)) => {
            let unsigned = number.as_u64().map(Into::into);
            let signed = || number.as_i64().map(Into::into);
            let float = || number.as_f64().and_then(serde_json::Number::from_f64);
            unsigned.or_else(signed).or_else(float)
        }
        _ => None,
    }
}

struct Items<'t> {
    reader: TreeReader<'t>,
    items: std::vec::IntoIter<NodeId>,
}

impl<'t> de::SeqAccess<'t> for Items<'t> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'t>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ReadError> {
        match self.items.next() {
            Some(item) => seed
                .deserialize(self.reader.child(item))
                .map(Some)
                .map_err(|error| error.or_at(item)),
            None => Ok(None),
        }
    }
}

struct MappingReader<'t> {
    reader: TreeReader<'t>,
    entries: std::vec::IntoIter<(NodeId, NodeId)>,
    value: Option<NodeId>,
}

impl<'t> de::MapAccess<'t> for MappingReader<'t> {
    type Error = ReadError;

    fn next_key_seed<S: DeserializeSeed<'t>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ReadError> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        let Some(name) = self.reader.tree.scalar(key) else {
            // Only a few mappings allow lists as keys.
            let found = seed.deserialize(self.reader.child(key)).map(Some);
            return found.map_err(|_| ReadError {
                node: Some(key),
                kind: MistakeKind::KeyNotText,
            });
        };
        seed.deserialize(name.into_deserializer())
            .map(Some)
            .map_err(|error: ReadError| error.or_at(key))
    }

    fn next_value_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let Some(value) = self.value.take() else {
            return Err(de::Error::custom("a key without a value"));
        };
        seed.deserialize(self.reader.child(value))
            .map_err(|error| error.or_at(value))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.kind)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(_: T) -> ReadError {
        ReadError {
            node: None,
            kind: MistakeKind::Unreadable,
        }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn de::Expected) -> ReadError {
        let found = match unexpected {
            Unexpected::Str(text) => found_text(text),
            Unexpected::Map => phrase!(found_mapping),
            Unexpected::Seq => phrase!(found_list),
            Unexpected::Unit => phrase!(found_nothing),
            other => Phrase::verbatim(other.to_string()),
        };
        ReadError {
            node: None,
            kind: MistakeKind::WrongType {
                expected: ExpectedValue::named(&expected.to_string()),
                found,
            },
        }
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> ReadError {
        ReadError {
            node: None,
            kind: MistakeKind::UnknownKey {
                key: field.to_owned(),
                known,
            },
        }
    }
}

/// Describes the value of a node for a message.
pub(crate) fn found(value: &Value) -> Phrase {
    match value {
        Value::Scalar { text, .. } => found_text(text),
        Value::Sequence(_) => phrase!(found_list),
        Value::Mapping(_) => phrase!(found_mapping),
    }
}

fn found_text(text: &str) -> Phrase {
    match text {
        "" => phrase!(found_nothing),
        text => phrase!(found_text, text = shortened(text)),
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(20).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
