//! A text with placeholders, read once and filled in often. What is filled in is never read again,
//! so that no follower can write a placeholder. Knows neither rules nor replies.

use std::fmt;
use std::ops::Range;

use crate::message::Message;
use crate::moment::Moment;
use crate::rules::placeholder;
use crate::rules::placeholder::BuiltIn;
use crate::rules::placeholder::Reading;
use crate::rules::placeholder::Source;
use crate::user::Stored;
use crate::user::User;

pub use crate::rules::placeholder::Scope;

/// A text that was checked against what its rule offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    segments: Vec<Segment>,
    literal_bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Box<str>),
    Placeholder { source: Source, default: Box<str> },
}

/// What a template is filled in from.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    pub message: &'a Message,
    pub user: &'a User,
    pub moment: &'a Moment,
    /// What follows the matched prefix, trimmed.
    pub rest: Option<&'a str>,
    pub captures: &'a Captures<'a>,
}

/// What the groups of a rule's regex found, in the follower's own spelling.
/// Empty, and without an allocation, for a rule that has no regex.
#[derive(Clone, Default)]
pub struct Captures<'a> {
    /// By number, the whole match first.
    pub groups: Vec<Option<&'a str>>,
    /// In the order of `Scope::names`.
    pub named: Vec<Option<&'a str>>,
}

/// One placeholder that cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Where it stands in the text, in bytes, `<` and `>` included.
    pub range: Range<usize>,
    pub message: String,
    pub help: String,
}

impl Template {
    /// Reads a text, or tells every mistake in it, in order.
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
                Reading::Text => {
                    literal.push('<');
                    position += 1;
                }
                Reading::Placeholder {
                    source,
                    default,
                    length,
                } => {
                    template.push_literal(&mut literal);
                    let default = default.into();
                    template
                        .segments
                        .push(Segment::Placeholder { source, default });
                    position += length;
                }
                Reading::Mistake {
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
        if errors.is_empty() {
            Ok(template)
        } else {
            Err(errors)
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
        // Room for most values, so that one allocation is the rule.
        let room = 24 * self.segments.len();
        let mut output = String::with_capacity(self.literal_bytes + room);
        self.render_into(values, &mut output);
        output
    }

    pub fn render_into(&self, values: &Values, output: &mut String) {
        for segment in &self.segments {
            match segment {
                Segment::Literal(literal) => output.push_str(literal),
                Segment::Placeholder { source, default } => {
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

    /// How long the text is when every placeholder gives nothing.
    pub fn min_bytes(&self) -> usize {
        self.literal_bytes
    }

    /// The keys of `<user.KEY>`, in order and as often as they stand there.
    pub fn user_keys(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Placeholder {
                source: Source::Stored(key),
                ..
            } => Some(&**key),
            _ => None,
        })
    }
}

impl Values<'_> {
    fn write(&self, source: &Source, output: &mut String) {
        let value = match source {
            Source::BuiltIn(built_in) => self.built_in(*built_in),
            Source::TimeAs(format) => {
                output.push_str(&self.moment.format(format));
                None
            }
            Source::Group(number) => self.captures.groups.get(*number).copied().flatten(),
            Source::Named(place) => self.captures.named.get(*place).copied().flatten(),
            // An element that comes several times gives its first value.
            Source::Element(name) => self.message.fields(name).next(),
            Source::Stored(key) => match self.user.get(key) {
                Some(Stored::Value(value)) => Some(value.as_str()),
                Some(list) => {
                    output.push_str(&list.text());
                    None
                }
                None => None,
            },
        };
        output.push_str(value.unwrap_or_default());
    }

    fn built_in(&self, built_in: BuiltIn) -> Option<&str> {
        match built_in {
            BuiltIn::Content => self.message.content(),
            BuiltIn::Rest => self.rest,
            BuiltIn::Time => Some(self.moment.text()),
            BuiltIn::OpenId => Some(self.message.openid()),
            BuiltIn::Account => Some(self.message.account()),
            BuiltIn::Type => Some(self.message.msg_type()),
            BuiltIn::Event => self.message.event(),
            BuiltIn::Key => self.message.key(),
            BuiltIn::Scene => self.message.scene(),
            BuiltIn::Menu => self.message.menu(),
        }
    }
}

/// Followers' words stay out of logs: only how many groups there are is shown.
impl fmt::Debug for Captures<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Captures({} groups)", self.groups.len())
    }
}
