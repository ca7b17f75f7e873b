//! What a condition asks for that messages of some types never have.

use crate::rules::condition::{Condition, Subject};
use crate::rules::lint::wechat_catalog;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Never {
    Text,
    Menu,
    Event,
    Key,
    Scene,
}

impl Never {
    /// What a condition asks for that some types of messages never have.
    pub(super) fn of(condition: &Condition) -> Option<Never> {
        match condition {
            Condition::Event(_) => Some(Never::Event),
            Condition::Text(Subject::Content, _) => Some(Never::Text),
            Condition::Text(Subject::Key, _) => Some(Never::Key),
            Condition::Text(Subject::Menu, _) => Some(Never::Menu),
            Condition::Text(Subject::Scene, _) => Some(Never::Scene),
            _ => None,
        }
    }

    pub(super) fn is_event(self) -> bool {
        self.usual() == "event"
    }

    /// The type of message that has this, where a rule names no type. Old hardware sends a
    /// Content too, in base64, which no keyword is meant for.
    pub(super) fn usual(self) -> &'static str {
        match self {
            Never::Text | Never::Menu => "text",
            Never::Event | Never::Key | Never::Scene => "event",
        }
    }

    pub(super) fn allows(self, name: &str) -> bool {
        match self {
            Never::Text => !wechat_catalog::has_no_text(name),
            Never::Menu => name != "event" && !wechat_catalog::lacks(name, "bizmsgmenuid"),
            Never::Key => !wechat_catalog::is_message(name),
            Never::Event | Never::Scene => name == "event",
        }
    }
}
