//! `menu`: the buttons of the account, with WeChat's limits.

use crate::i18n::phrase;
use crate::menu::{Action, Button, ButtonKind, EventKind, Menu};
use crate::message::Message;
use crate::rules::compile::Compiler;
use crate::rules::compile::cases::from_follower;
use crate::rules::compile::path::At;
use crate::rules::compile::web_address;
use crate::rules::file::{self, ButtonContent, ButtonParts, Maybe, Text};
use crate::rules::nearest::nearest;
use crate::rules::yaml::tree::EntryPart;

const MAX_KEY_BYTES: usize = 128;
const MAX_URL_BYTES: usize = 1024;

/// One level of a menu.
#[derive(Clone, Copy)]
struct Level {
    max_buttons: usize,
    max_name_bytes: usize,
    is_top: bool,
}

const TOP: Level = Level {
    max_buttons: 3,
    max_name_bytes: 16,
    is_top: true,
};

const BELOW: Level = Level {
    max_buttons: 5,
    max_name_bytes: 60,
    is_top: false,
};

/// The types that take no `key`.
const OTHER_TYPES: [&str; 5] = [
    "view",
    "miniprogram",
    "media_id",
    "article_id",
    "article_view_limited",
];

impl Compiler<'_> {
    /// The menu of the file where the reading began.
    pub(super) fn menu(&mut self) -> Option<Menu> {
        let source = self.sources.files.first()?;
        let written = source.file.menu.as_ref()?;
        let root = At::File(0);
        let buttons = self.buttons(written, TOP, &root.key("menu"))?;
        Some(Menu { buttons })
    }

    pub(super) fn included_menu(&mut self, file: usize) {
        let Some(source) = self.sources.files.get(file) else {
            return;
        };
        if source.file.menu.is_some() {
            let root = At::File(file);
            self.report
                .error(&root.key("menu"), EntryPart::Key, phrase!(menu_in_include))
                .help(phrase!(help_menu_in_include));
        }
    }

    /// The message of a test that taps a button, and how the author wrote it.
    pub(super) fn tapped(&mut self, name: &str, at: &At) -> Option<(Message, String)> {
        let buttons: Vec<(&Button, &Action)> = self.menu.iter().flat_map(Menu::actions).collect();
        let Some((_, action)) = buttons.iter().find(|(button, _)| button.name == name) else {
            let names = buttons.iter().map(|(button, _)| button.name.as_str());
            let help = match nearest(name, names) {
                Some(meant) => phrase!(help_did_you_mean, meant),
                None => phrase!(help_unknown_button),
            };
            // A menu with mistakes has no buttons; those are what there is to correct.
            let is_written = self
                .sources
                .files
                .first()
                .is_some_and(|source| source.file.menu.is_some());
            if self.menu.is_some() || !is_written {
                self.report
                    .error(at, EntryPart::Value, phrase!(unknown_button, name))
                    .help(help);
            }
            return None;
        };
        let Some((event, key)) = action.event() else {
            self.report
                .error(at, EntryPart::Value, phrase!(button_without_event, name))
                .help(phrase!(help_button_without_event));
            return None;
        };
        let message = from_follower("event")
            .with("Event", event)
            .with("EventKey", key);
        Some((message, format!("{{ tap: {name} }}")))
    }

    fn buttons(
        &mut self,
        written: &[file::ButtonEntry],
        level: Level,
        at: &At,
    ) -> Option<Vec<Button>> {
        if written.is_empty() {
            self.report
                .missing(at, phrase!(no_buttons))
                .help(phrase!(help_no_buttons));
            return None;
        }
        if written.len() > level.max_buttons {
            let limit = level.max_buttons;
            self.report
                .error(
                    &at.index(limit),
                    EntryPart::Value,
                    phrase!(too_many_buttons, limit),
                )
                .help(phrase!(help_too_many_buttons));
        }
        let buttons = written.iter().enumerate();
        let buttons: Vec<Option<Button>> = buttons
            .map(|(index, written)| self.button(written, level, &at.index(index)))
            .collect();
        buttons.into_iter().collect()
    }

    fn button(&mut self, written: &file::ButtonEntry, level: Level, at: &At) -> Option<Button> {
        let [(name, content)] = written.0.as_slice() else {
            self.report
                .missing(at, phrase!(not_one_button))
                .help(phrase!(help_not_one_button));
            return None;
        };
        let at = at.key(name);
        let bytes = name.len();
        let limit = level.max_name_bytes;
        if name.trim().is_empty() || bytes > limit {
            self.report
                .error(
                    &at,
                    EntryPart::Key,
                    phrase!(invalid_button_name, bytes, limit),
                )
                .help(phrase!(help_invalid_button_name, limit));
            return None;
        }
        let content = match content {
            ButtonContent::Parts(parts) => ButtonKind::Action(self.action(parts, &at)?),
            ButtonContent::Below(below) if level.is_top => {
                ButtonKind::Below(self.buttons(below, BELOW, &at)?)
            }
            ButtonContent::Below(_) => {
                self.report
                    .error(&at, EntryPart::Key, phrase!(third_menu_level))
                    .help(phrase!(help_third_menu_level));
                return None;
            }
        };
        let name = name.clone();
        Some(Button { name, content })
    }

    fn action(&mut self, parts: &ButtonParts, at: &At) -> Option<Action> {
        let kind = self.button_type(parts, at)?;
        self.parts_of_other_type(parts, kind, at);
        let before = self.report.count();
        let action = match kind {
            "view" => Action::View {
                url: self.button_url(parts, at)?,
            },
            "miniprogram" => Action::MiniProgram {
                app_id: self.button_part(&parts.appid, "appid", at)?,
                page_path: self.button_part(&parts.pagepath, "pagepath", at)?,
                url: self.button_url(parts, at)?,
            },
            "media_id" => Action::Media {
                media_id: self.button_part(&parts.media_id, "media_id", at)?,
            },
            "article_id" | "article_view_limited" => Action::Article {
                article_id: self.button_part(&parts.article_id, "article_id", at)?,
                as_page: kind == "article_view_limited",
            },
            _ => Action::Event {
                kind: EventKind::named(kind)?,
                key: self.button_key(parts, at)?,
            },
        };
        (self.report.count() == before).then_some(action)
    }

    /// The type as written, or as what is there implies.
    fn button_type(&mut self, parts: &ButtonParts, at: &At) -> Option<&'static str> {
        let mut types = EventKind::names().chain(OTHER_TYPES);
        if let Some(Text(written)) = parts.kind.as_ref() {
            let known = types.find(|kind| kind == written);
            if known.is_none() {
                let types = || EventKind::names().chain(OTHER_TYPES);
                let help = match nearest(&written.to_lowercase(), types()) {
                    Some(meant) => phrase!(help_did_you_mean, meant),
                    None => phrase!(
                        help_button_types,
                        types = types().collect::<Vec<_>>().join(", ")
                    ),
                };
                let message = phrase!(unknown_button_type, kind = written);
                self.report
                    .error(&at.key("type"), EntryPart::Value, message)
                    .help(help);
            }
            return known;
        }
        let implied = [
            (
                parts.appid.is_some() || parts.pagepath.is_some(),
                "miniprogram",
            ),
            (parts.key.is_some(), "click"),
            (parts.media_id.is_some(), "media_id"),
            (parts.article_id.is_some(), "article_id"),
            (parts.url.is_some(), "view"),
        ];
        let implied = implied.into_iter().find(|(is, _)| *is);
        if implied.is_none() {
            self.report
                .missing(at, phrase!(button_without_action))
                .help(phrase!(help_button_without_action));
        }
        implied.map(|(_, kind)| kind)
    }

    fn parts_of_other_type(&mut self, parts: &ButtonParts, kind: &str, at: &At) {
        let takes: &[&str] = match kind {
            "view" => &["url"],
            "miniprogram" => &["appid", "pagepath", "url"],
            "media_id" => &["media_id"],
            "article_id" | "article_view_limited" => &["article_id"],
            _ => &["key"],
        };
        let written = [
            ("key", &parts.key),
            ("url", &parts.url),
            ("appid", &parts.appid),
            ("pagepath", &parts.pagepath),
            ("media_id", &parts.media_id),
            ("article_id", &parts.article_id),
        ];
        for (key, part) in written {
            if part.is_some() && !takes.contains(&key) {
                let message = phrase!(part_of_other_button, key, kind);
                self.report
                    .error(&at.key(key), EntryPart::Key, message)
                    .help(phrase!(help_part_of_other_button, keys = takes.join(", ")));
            }
        }
    }

    fn button_part(&mut self, written: &Maybe<Text>, key: &str, at: &At) -> Option<String> {
        match written.as_ref() {
            Some(Text(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => {
                self.report
                    .missing(at, phrase!(missing_key, key))
                    .help(phrase!(help_missing_key, key));
                None
            }
        }
    }

    fn button_key(&mut self, parts: &ButtonParts, at: &At) -> Option<String> {
        let key = self.button_part(&parts.key, "key", at)?;
        if key.len() > MAX_KEY_BYTES {
            let (bytes, limit) = (key.len(), MAX_KEY_BYTES);
            self.report
                .error(
                    &at.key("key"),
                    EntryPart::Value,
                    phrase!(button_key_too_long, bytes),
                )
                .help(phrase!(help_button_key_too_long, limit));
            return None;
        }
        Some(key)
    }

    fn button_url(&mut self, parts: &ButtonParts, at: &At) -> Option<String> {
        let url = self.button_part(&parts.url, "url", at)?;
        if web_address::check(&url).is_err() || url.len() > MAX_URL_BYTES {
            self.report
                .error(
                    &at.key("url"),
                    EntryPart::Value,
                    phrase!(invalid_button_url),
                )
                .help(phrase!(help_invalid_button_url, limit = MAX_URL_BYTES));
            return None;
        }
        Some(url)
    }
}
