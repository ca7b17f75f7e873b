//! A text with placeholders, parsed once and rendered often. Values are never parsed as templates,
//! so followers cannot inject placeholders. Knows neither rules nor replies.

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::i18n::Phrase;
use crate::message::same_name;
use crate::rules::placeholder;
use crate::rules::placeholder::{BuiltIn, TagReading, ValueSource};

pub use crate::rules::placeholder::Scope;
pub use crate::rules::values::{Captures, Values};

/// A text checked against the values that its rule provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    segments: Vec<Segment>,
    literal_bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Box<str>),
    Value(ValueSource),
    /// With the text for when there is none. In a box, as every segment has room for the rest.
    ValueOr(Box<(ValueSource, Box<str>)>),
}

/// Far more than WeChat takes. Without a limit, a rule file could have one message fill the memory,
/// and outside of the time for a decision.
const MAX_RENDERED_BYTES: usize = 1 << 20;

/// One placeholder that cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Where it stands in the text, in bytes, `<` and `>` included.
    pub range: Range<usize>,
    pub message: Phrase,
    pub help: Phrase,
}

impl Template {
    /// Parses a text, or reports every error in it, in order.
    pub fn parse(text: &str, scope: &Scope) -> Result<Template, Vec<TemplateError>> {
        let mut template = Template {
            segments: Vec::new(),
            literal_bytes: 0,
        };
        let mut errors = Vec::new();
        let mut literal = String::new();
        let mut position = 0;
        while let Some(ahead) = text.get(position..) {
            let Some(found) = ahead.find('<') else {
                literal.push_str(ahead);
                break;
            };
            let Some((before, at)) = ahead.split_at_checked(found) else {
                break;
            };
            literal.push_str(before);
            position += found;
            if at.starts_with("<<") {
                literal.push('<');
                position += 2;
                continue;
            }
            match placeholder::read(at, scope) {
                TagReading::Text => {
                    literal.push('<');
                    position += 1;
                }
                TagReading::Placeholder {
                    source,
                    default,
                    length,
                } => {
                    template.push_literal(&mut literal);
                    template.segments.push(match default {
                        "" => Segment::Value(source),
                        _ => Segment::ValueOr(Box::new((source, default.into()))),
                    });
                    position += length;
                }
                TagReading::Mistake {
                    message,
                    help,
                    length,
                } => {
                    let range = position..position + length;
                    errors.push(TemplateError {
                        range,
                        message,
                        help,
                    });
                    position += length;
                }
            }
        }
        template.push_literal(&mut literal);
        template.segments.shrink_to_fit();
        if errors.is_empty() {
            Ok(template)
        } else {
            Err(errors)
        }
    }

    /// What the message is about, whatever its type.
    pub(super) fn whatever_was_sent() -> Template {
        Template {
            segments: vec![Segment::Value(ValueSource::WhateverWasSent)],
            literal_bytes: 0,
        }
    }

    /// A text in which nothing is a placeholder.
    pub(crate) fn verbatim(text: &str) -> Template {
        let mut template = Template {
            segments: Vec::new(),
            literal_bytes: 0,
        };
        template.push_literal(&mut text.to_owned());
        template
    }

    /// What stands before the first placeholder.
    pub(crate) fn literal_start(&self) -> &str {
        match self.segments.first() {
            Some(Segment::Literal(literal)) => literal,
            _ => "",
        }
    }

    fn push_literal(&mut self, literal: &mut String) {
        if !literal.is_empty() {
            self.literal_bytes += literal.len();
            let literal = std::mem::take(literal).into_boxed_str();
            self.segments.push(Segment::Literal(literal));
        }
    }

    pub fn render(&self, values: &Values) -> String {
        // Room for most values, so that one allocation is usually enough.
        let room = 24 * self.segments.len();
        let room = (self.literal_bytes + room).min(MAX_RENDERED_BYTES);
        let mut output = String::with_capacity(room);
        self.render_into(values, &mut output);
        output
    }

    pub fn render_into(&self, values: &Values, output: &mut String) {
        let end = output.len().saturating_add(MAX_RENDERED_BYTES);
        for segment in &self.segments {
            match segment {
                _ if output.len() >= end => break,
                Segment::Literal(literal) => {
                    let room = end - output.len();
                    output.push_str(
                        literal
                            .get(..literal.floor_char_boundary(room))
                            .unwrap_or(""),
                    );
                }
                Segment::Value(source) => values.write(source, output),
                Segment::ValueOr(value) => {
                    let (source, default) = &**value;
                    let before = output.len();
                    values.write(source, output);
                    if output.len() == before {
                        output.push_str(default);
                    }
                }
            }
        }
    }

    /// The text itself, when nothing is to be filled in.
    pub fn literal(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [] => Some(""),
            [Segment::Literal(literal)] => Some(literal),
            _ => None,
        }
    }

    /// The texts between the placeholders.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(literal) => Some(&**literal),
            Segment::Value(_) | Segment::ValueOr(_) => None,
        })
    }

    /// How long the text is when every placeholder gives nothing.
    pub fn min_bytes(&self) -> usize {
        self.literal_bytes
    }

    /// The elements of the message that are shown: what each placeholder is called, and which
    /// element it gives.
    pub fn elements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources().filter_map(|source| match source {
            ValueSource::Element(name) => Some((&**name, &**name)),
            ValueSource::BuiltIn(BuiltIn::Content) => Some(("content", "content")),
            ValueSource::BuiltIn(BuiltIn::Event) => Some(("event", "event")),
            ValueSource::BuiltIn(BuiltIn::Key) => Some(("key", "event_key")),
            ValueSource::BuiltIn(BuiltIn::Scene) => Some(("scene", "event_key")),
            ValueSource::BuiltIn(BuiltIn::Menu) => Some(("menu", "bizmsgmenuid")),
            _ => None,
        })
    }

    /// Whether anything that a regex found is shown.
    pub fn shows_match(&self) -> bool {
        self.sources()
            .any(|source| matches!(source, ValueSource::Group(_) | ValueSource::Named(_)))
    }

    fn sources(&self) -> impl Iterator<Item = &ValueSource> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Value(source) => Some(source.inner()),
            Segment::ValueOr(value) => Some(value.0.inner()),
        })
    }

    /// Follower input that is used in an address without encoding.
    pub(crate) fn bare_in_address(&self) -> Option<&'static str> {
        let mut before = "";
        self.segments.iter().find_map(|segment| {
            let source = match segment {
                Segment::Literal(literal) => {
                    before = literal;
                    return None;
                }
                Segment::Value(source) => source,
                Segment::ValueOr(value) => &value.0,
            };
            let address = before
                .rsplit_once("://")
                .map_or(" ", |(_, address)| address);
            let within = !address
                .contains(|letter: char| letter.is_whitespace() || "\"'<>，。）".contains(letter));
            match source {
                ValueSource::BuiltIn(BuiltIn::Content) if within => Some("content"),
                ValueSource::BuiltIn(BuiltIn::Rest) if within => Some("rest"),
                _ => None,
            }
        })
    }

    /// The same with each value percent-encoded, whatever is written.
    pub(crate) fn encoded(mut self) -> Template {
        let encode = |source: &mut ValueSource| {
            if !matches!(source, ValueSource::Encoded(_)) {
                let inner = std::mem::replace(source, ValueSource::Group(0));
                *source = ValueSource::Encoded(Box::new(inner));
            }
        };
        for segment in &mut self.segments {
            match segment {
                Segment::Literal(_) => {}
                Segment::Value(source) => encode(source),
                Segment::ValueOr(value) => encode(&mut value.0),
            }
        }
        self
    }

    /// Whether the openid of the follower is shown, however it is called.
    pub(crate) fn shows_openid(&self) -> bool {
        self.sources().any(|source| match source {
            ValueSource::BuiltIn(BuiltIn::OpenId) => true,
            ValueSource::Element(name) => {
                same_name(name, "FromUserName") || same_name(name, "OpenID")
            }
            _ => false,
        })
    }

    /// Whether it is the openid and nothing else.
    pub(crate) fn is_openid(&self) -> bool {
        matches!(
            self.segments.as_slice(),
            [Segment::Value(ValueSource::BuiltIn(BuiltIn::OpenId))]
        )
    }

    /// Whether it is the text of the message and nothing else.
    pub(crate) fn is_content(&self) -> bool {
        matches!(
            self.segments.as_slice(),
            [Segment::Value(ValueSource::BuiltIn(BuiltIn::Content))]
        )
    }

    /// The paths of `<answer.PATH>`, each once for every time that it stands there; a value for
    /// when there is none excuses one that is never there.
    pub(crate) fn answer_paths(&self) -> impl Iterator<Item = &[Box<str>]> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Value(source) => match source.inner() {
                ValueSource::Asked(path) => Some(&**path),
                _ => None,
            },
            Segment::Literal(_) | Segment::ValueOr(_) => None,
        })
    }

    /// Whether nothing but links that fetch is filled in.
    pub(crate) fn is_fixed_but_for_links(&self) -> bool {
        self.sources()
            .all(|source| matches!(source, ValueSource::FetchLink(_)))
    }

    /// Whether there is a link that fetches.
    pub(crate) fn has_fetch_link(&self) -> bool {
        self.sources()
            .any(|source| matches!(source, ValueSource::FetchLink(_)))
    }

    /// Whether what a dialogue has kept is shown.
    pub(crate) fn shows_answers(&self) -> bool {
        self.sources()
            .any(|source| matches!(source, ValueSource::Answer(_)))
    }

    /// Whether what is stored afterwards is shown.
    pub(crate) fn shows_changes(&self) -> bool {
        self.sources()
            .any(|source| matches!(source, ValueSource::Changed(_)))
    }

    /// The keys of `<user.KEY>`, in order and as often as they stand there.
    pub fn user_keys(&self) -> impl Iterator<Item = &str> {
        self.sources().filter_map(|source| match source {
            ValueSource::Stored(key) | ValueSource::Changed(key) => Some(&**key),
            _ => None,
        })
    }
}
