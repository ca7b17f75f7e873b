//! The menu of an account: what its buttons are called and what a tap does. Knows neither the rule
//! file nor WeChat's JSON.

/// One to three buttons, perhaps with one to five below each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Menu {
    pub buttons: Vec<Button>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub name: String,
    pub content: ButtonKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ButtonKind {
    Action(Action),
    /// A tap shows these.
    Below(Vec<Button>),
}

/// What a tap does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// WeChat sends an event with the key.
    Event {
        kind: EventKind,
        key: String,
    },
    View {
        url: String,
    },
    MiniProgram {
        app_id: String,
        page_path: String,
        /// What phones open that are too old for mini programs.
        url: String,
    },
    Media {
        media_id: String,
    },
    Article {
        article_id: String,
        /// Opened as a page and not sent as a message.
        as_page: bool,
    },
    /// Of a type that only the console makes.
    Other {
        kind: String,
    },
}

/// What the phone does before it sends the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    Click,
    ScanCode,
    ScanCodeAndWait,
    TakePhoto,
    TakeOrChoosePhoto,
    ChoosePhoto,
    ChooseLocation,
}

impl EventKind {
    const ALL: [EventKind; 7] = [
        EventKind::Click,
        EventKind::ScanCode,
        EventKind::ScanCodeAndWait,
        EventKind::TakePhoto,
        EventKind::TakeOrChoosePhoto,
        EventKind::ChoosePhoto,
        EventKind::ChooseLocation,
    ];

    /// WeChat's word for the type of the button.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Click => "click",
            EventKind::ScanCode => "scancode_push",
            EventKind::ScanCodeAndWait => "scancode_waitmsg",
            EventKind::TakePhoto => "pic_sysphoto",
            EventKind::TakeOrChoosePhoto => "pic_photo_or_album",
            EventKind::ChoosePhoto => "pic_weixin",
            EventKind::ChooseLocation => "location_select",
        }
    }

    pub fn named(name: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The event that is sent.
    pub fn event(self) -> &'static str {
        match self {
            EventKind::Click => "CLICK",
            other => other.name(),
        }
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        EventKind::ALL.into_iter().map(EventKind::name)
    }
}

impl Action {
    /// WeChat's word for the type of the button.
    pub fn kind(&self) -> &str {
        match self {
            Action::Event { kind, .. } => kind.name(),
            Action::View { .. } => "view",
            Action::MiniProgram { .. } => "miniprogram",
            Action::Media { .. } => "media_id",
            Action::Article { as_page: false, .. } => "article_id",
            Action::Article { as_page: true, .. } => "article_view_limited",
            Action::Other { kind } => kind,
        }
    }

    /// The event and the EventKey that WeChat sends after a tap, where it sends one.
    pub fn event(&self) -> Option<(&str, &str)> {
        match self {
            Action::Event { kind, key } => Some((kind.event(), key)),
            Action::View { url } => Some(("VIEW", url)),
            Action::MiniProgram { page_path, .. } => Some(("view_miniprogram", page_path)),
            Action::Media { .. } | Action::Article { .. } | Action::Other { .. } => None,
        }
    }
}

impl Menu {
    /// Every button that does something.
    pub fn actions(&self) -> impl Iterator<Item = (&Button, &Action)> {
        self.placed().map(|(_, button, action)| (button, action))
    }

    /// The same with where each is.
    pub fn placed(&self) -> impl Iterator<Item = (ButtonPlace, &Button, &Action)> {
        self.buttons.iter().enumerate().flat_map(|(top, button)| {
            let (own, below) = match &button.content {
                ButtonKind::Action(action) => (
                    Some((ButtonPlace { top, below: None }, button, action)),
                    &[][..],
                ),
                ButtonKind::Below(buttons) => (None, buttons.as_slice()),
            };
            let below = below.iter().enumerate().filter_map(move |(place, button)| {
                let ButtonKind::Action(action) = &button.content else {
                    return None;
                };
                let below = Some(place);
                Some((ButtonPlace { top, below }, button, action))
            });
            own.into_iter().chain(below)
        })
    }
}

/// Where a button is in its menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ButtonPlace {
    pub top: usize,
    pub below: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_that_does_something_is_found_with_its_place() {
        let view = |name: &str| Button {
            name: name.to_owned(),
            content: ButtonKind::Action(Action::View {
                url: format!("https://example.com/{name}"),
            }),
        };
        let below = Button {
            name: "more".to_owned(),
            content: ButtonKind::Below(vec![view("b"), view("c")]),
        };
        let menu = Menu {
            buttons: vec![view("a"), below],
        };
        let found: Vec<_> = menu
            .placed()
            .map(|(place, button, _)| (place.top, place.below, button.name.as_str()))
            .collect();
        assert_eq!(
            found,
            [(0, None, "a"), (1, Some(0), "b"), (1, Some(1), "c")]
        );
    }

    #[test]
    fn each_kind_of_event_is_known_by_its_name() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::named(kind.name()), Some(kind));
        }
        assert_eq!(EventKind::named("dance"), None);
    }
}
