//! What placeholders are filled in from. Does not know how a template is written.

use std::fmt;

use crate::message::Message;
use crate::moment::Moment;
use crate::rules::placeholder::{BuiltIn, Source};
use crate::user::{Stored, User};

/// All that one answer is made from.
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

impl Values<'_> {
    /// Adds the value of one placeholder; nothing when there is none.
    pub(super) fn write(&self, source: &Source, output: &mut String) {
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
