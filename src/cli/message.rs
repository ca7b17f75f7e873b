//! The flags that make up a message, for `try` and `send`.

use crate::i18n::{Phrase, phrase};
use crate::message::Message;
use crate::rules::message_of;
use crate::user::User;

#[derive(Debug, clap::Args)]
pub(super) struct MessageArguments {
    /// The text that the follower sends
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
    /// The message's type: text, image, voice, location, …
    #[arg(long = "type", value_name = "TYPE")]
    msg_type: Option<String>,
    /// The event: subscribe, CLICK, SCAN, …
    #[arg(long)]
    event: Option<String>,
    /// The event's key: of a menu button, of a QR code
    #[arg(long)]
    key: Option<String>,
    /// Any other element, by its WeChat name in snake_case, dotted when nested
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = pair)]
    fields: Vec<(String, String)>,
}

impl MessageArguments {
    pub(super) fn has_text(&self) -> bool {
        self.text.is_some()
    }

    pub(super) fn message(&self) -> Result<Message, Phrase> {
        let pairs = self.pairs();
        message_of(&pairs).map_err(|_| match pairs.is_empty() {
            true => phrase!(nothing_to_send),
            false => phrase!(nothing_typed),
        })
    }

    /// In the words of a test.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs = Vec::new();
        for (name, value) in [
            ("type", &self.msg_type),
            ("event", &self.event),
            ("key", &self.key),
            ("content", &self.text),
        ] {
            if let Some(value) = value {
                pairs.push((name, value.as_str()));
            }
        }
        let fields = self.fields.iter();
        pairs.extend(fields.map(|(name, value)| (name.as_str(), value.as_str())));
        pairs
    }
}

/// The message with an element that WeChat sends with each, unless it is there already.
pub(super) fn with_default(message: Message, name: &str, value: &str) -> Message {
    let is_there = message.fields(name).next().is_some();
    match is_there {
        true => message,
        false => message.with(name, value),
    }
}

/// What is stored of the follower: a key that comes several times is a list.
pub(super) fn user(pairs: &[(String, String)]) -> User {
    let mut user = User::default();
    for (key, value) in pairs {
        let several = pairs.iter().filter(|(other, _)| other == key).count() > 1;
        match several {
            true => user.add(key, value),
            false => user.set(key, value),
        }
    }
    user
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(phrase!(not_a_pair).to_string()),
    }
}
