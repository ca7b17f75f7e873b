//! What a rule asks of a service, with its texts still to be filled in.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::rules::answer::Answer;
use crate::rules::template::{Template, Values};
use crate::service::{Service, ServiceError, ServiceKind};

/// A service that rules may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownService {
    pub service: Arc<Service>,
    /// The address of a webhook; empty for a model.
    pub url: Arc<Template>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub of: KnownService,
    pub request: RequestTemplate,
    pub failed: FailedReplies,
    /// Whether the service answers in the words of a rule, as the rule itself has no `reply`.
    pub answers_as_rule: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestTemplate {
    /// The whole message, in the words of tests.
    Message,
    Json(JsonTemplate),
}

/// JSON whose texts are templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonTemplate {
    Fixed(Value),
    Text(Template),
    /// The openid, or the keyed hash of it.
    OpenId,
    List(Vec<JsonTemplate>),
    Mapping(Vec<(Box<str>, JsonTemplate)>),
}

/// What the follower gets when a service gives no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedReplies {
    pub by_kind: Vec<(ServiceError, Answer)>,
    /// However else it failed; none is `on_error`.
    pub other: Option<Answer>,
}

impl FailedReplies {
    pub fn answer(&self, error: ServiceError) -> Option<&Answer> {
        let mut by_kind = self.by_kind.iter();
        let found = by_kind.find(|(kind, _)| *kind == error);
        found.map(|(_, answer)| answer).or(self.other.as_ref())
    }

    pub(crate) fn answers(&self) -> impl Iterator<Item = &Answer> {
        let by_kind = self.by_kind.iter().map(|(_, answer)| answer);
        by_kind.chain(&self.other)
    }
}

impl Ask {
    /// Whether it goes to a language model.
    pub fn is_of_model(&self) -> bool {
        matches!(self.of.service.kind, ServiceKind::LanguageModel(_))
    }

    /// Whether it says nothing but what the message says.
    pub(crate) fn sends_the_message(&self) -> bool {
        match &self.request {
            RequestTemplate::Message => true,
            RequestTemplate::Json(JsonTemplate::Text(text)) => text.is_content(),
            RequestTemplate::Json(_) => false,
        }
    }

    /// What is sent, and where in it the openid is still to be put.
    pub fn request(&self, values: &Values) -> (Value, Vec<String>) {
        let mut openid_at = Vec::new();
        let value = match &self.request {
            RequestTemplate::Message => {
                openid_at.push("/openid".to_owned());
                Value::Object(words(values))
            }
            RequestTemplate::Json(template) => template.render(values, "", &mut openid_at),
        };
        (value, openid_at)
    }

    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        let mut templates = vec![&*self.of.url];
        if let RequestTemplate::Json(json) = &self.request {
            json.collect(&mut templates);
        }
        templates.extend(self.failed.answers().flat_map(Answer::templates));
        templates
    }
}

impl JsonTemplate {
    fn render(&self, values: &Values, at: &str, openid_at: &mut Vec<String>) -> Value {
        match self {
            JsonTemplate::Fixed(value) => value.clone(),
            JsonTemplate::Text(template) => Value::String(template.render(values)),
            JsonTemplate::OpenId => {
                openid_at.push(at.to_owned());
                Value::Null
            }
            JsonTemplate::List(items) => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| item.render(values, &format!("{at}/{index}"), openid_at))
                    .collect()
            }
            JsonTemplate::Mapping(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    let step = key.replace('~', "~0").replace('/', "~1");
                    let value = value.render(values, &format!("{at}/{step}"), openid_at);
                    (key.to_string(), value)
                });
                Value::Object(entries.collect())
            }
        }
    }

    fn collect<'t>(&'t self, templates: &mut Vec<&'t Template>) {
        match self {
            JsonTemplate::Fixed(_) | JsonTemplate::OpenId => {}
            JsonTemplate::Text(template) => templates.push(template),
            JsonTemplate::List(items) => items.iter().for_each(|item| item.collect(templates)),
            JsonTemplate::Mapping(entries) => {
                entries
                    .iter()
                    .for_each(|(_, value)| value.collect(templates));
            }
        }
    }
}

/// The message as a test would write it. The openid is left out.
fn words(values: &Values) -> Map<String, Value> {
    let message = values.message;
    let mut words = Map::new();
    let mut put = |word: &str, value: &str| {
        // An element that comes several times gives its first value, as it does for placeholders.
        words
            .entry(word)
            .or_insert_with(|| Value::String(value.to_owned()));
    };
    put("type", message.msg_type());
    for (name, value) in message.elements() {
        match name {
            "MsgType" => {}
            "FromUserName" => {}
            "ToUserName" => put("account", value),
            "EventKey" => put("key", value),
            "bizmsgmenuid" => put("menu", value),
            name => put(&snake_case(name), value),
        }
    }
    if let Some(scene) = message.scene() {
        put("scene", scene);
    }
    words.insert("openid".to_owned(), Value::Null);
    words
}

/// `Location_X` is `location_x`, `MediaId` is `media_id`.
fn snake_case(name: &str) -> String {
    if let Some(known) = crate::rules::elements::respelled(name) {
        return known.to_owned();
    }
    let mut written = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for letter in name.chars() {
        let begins_word = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins_word {
            written.push('_');
        }
        written.push(letter.to_ascii_lowercase());
        before = letter;
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_named_as_tests_name_them() {
        for (wire, word) in [
            ("Content", "content"),
            ("MediaId", "media_id"),
            ("Location_X", "location_x"),
            ("ScanCodeInfo.ScanResult", "scan_code_info.scan_result"),
            ("SomeNewThing", "some_new_thing"),
            ("already_written", "already_written"),
        ] {
            assert_eq!(snake_case(wire), word);
        }
    }
}
