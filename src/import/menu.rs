//! The menu of an account as it stands in a rule file. What buttons of the console send becomes
//! rules.

use serde_json::Value;

use crate::i18n::{Phrase, phrase};
use crate::import::Imported;
use crate::import::console::{self, ConsoleItem};
use crate::import::write::{comment, fits_a_line, reply};
use crate::menu::{Action, Button, ButtonKind, Menu};
use crate::rules::scalar::inline;

/// WeChat takes no more articles in answer to a tap.
const MAX_ARTICLES: usize = 1;

pub(super) fn read(menu: &Menu, said: &Value) -> Imported {
    let mut text = String::from("menu:\n");
    let mut rules = String::new();
    let mut notes = Vec::new();
    let buttons = said.pointer("/selfmenu_info/button");
    for (top, button) in menu.buttons.iter().enumerate() {
        let said = buttons.and_then(|buttons| buttons.get(top));
        let ButtonKind::Below(below) = &button.content else {
            let key = format!("MENU_{}", top + 1);
            self::button(&mut text, "  ", button, &key);
            rules_of(&mut rules, &mut notes, button, said, &key);
            continue;
        };
        text.push_str(&format!("  - {}:\n", inline(&button.name)));
        for (place, button) in below.iter().enumerate() {
            let said = said.and_then(|said| said.pointer(&format!("/sub_button/list/{place}")));
            let key = format!("MENU_{}_{}", top + 1, place + 1);
            self::button(&mut text, "      ", button, &key);
            rules_of(&mut rules, &mut notes, button, said, &key);
        }
    }
    if !rules.is_empty() {
        text.push_str(&format!("\nrules:\n{rules}"));
    }
    Imported { rules: text, notes }
}

/// One entry of the list; `key` is for what only the console makes.
fn button(text: &mut String, indent: &str, button: &Button, key: &str) {
    let ButtonKind::Action(action) = &button.content else {
        return;
    };
    let parts: Vec<(&str, &str)> = match action {
        Action::Event { kind, key } if kind.name() == "click" => vec![("key", key)],
        Action::Event { kind, key } => vec![("type", kind.name()), ("key", key)],
        Action::View { url } => vec![("url", url)],
        Action::MiniProgram {
            app_id,
            page_path,
            url,
        } => vec![("appid", app_id), ("pagepath", page_path), ("url", url)],
        Action::Media { media_id } => vec![("media_id", media_id)],
        Action::Article {
            article_id,
            as_page: false,
        } => vec![("article_id", article_id)],
        Action::Article { article_id, .. } => {
            vec![("type", action.kind()), ("article_id", article_id)]
        }
        Action::Other { .. } => vec![("key", key)],
    };
    let name = inline(&button.name);
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(key, value)| format!("{key}: {}", inline(value)))
        .collect();
    let line = format!("{indent}- {name}: {{ {} }}\n", parts.join(", "));
    if fits_a_line(&line) {
        text.push_str(&line);
        return;
    }
    text.push_str(&format!("{indent}- {name}:\n"));
    for part in parts {
        text.push_str(&format!("{indent}    {part}\n"));
    }
}

/// The rule that answers in place of the console.
fn rules_of(
    rules: &mut String,
    notes: &mut Vec<Phrase>,
    button: &Button,
    said: Option<&Value>,
    key: &str,
) {
    let ButtonKind::Action(Action::Other { kind }) = &button.content else {
        return;
    };
    let mut about = Vec::new();
    let item = said.and_then(ConsoleItem::of_button);
    let answer = item.and_then(|item| console::reply(&item, &mut about));
    let name = &button.name;
    let Some(answer) = answer else {
        notes.push(phrase!(import_button_lost, name, kind));
        return;
    };
    for note in about {
        let note = phrase!(import_note_of_rule, rule = name, note);
        comment(rules, "  ", &note);
        notes.push(note);
    }
    rules.push_str(&format!(
        "  - name: {}\n    when: {{ event: CLICK, key: {key} }}\n    reply:{}\n",
        inline(&format!("{name} {key}")),
        reply(&answer, 6, MAX_ARTICLES)
    ));
}
