//! A menu as lines for people, and what differs between two.

use crate::i18n::phrase;
use crate::menu::{Action, Button, ButtonKind, Menu};
use crate::wechat_api::PresentMenu;

/// One line for each button, those below another indented.
pub(super) fn lines(menu: &Menu) -> Vec<String> {
    let mut lines = Vec::new();
    for button in &menu.buttons {
        push(&mut lines, button, "");
    }
    lines
}

fn push(lines: &mut Vec<String>, button: &Button, indent: &str) {
    let name = &button.name;
    match &button.content {
        ButtonKind::Below(buttons) => {
            lines.push(format!("{indent}{name}"));
            for button in buttons {
                push(lines, button, "  ");
            }
        }
        ButtonKind::Action(action) => {
            let (kind, what) = (action.kind(), what(action));
            lines.push(format!("{indent}{name}: {kind} {what}"));
        }
    }
}

fn what(action: &Action) -> String {
    match action {
        Action::Event { key, .. } => key.clone(),
        Action::View { url } => url.clone(),
        Action::MiniProgram {
            app_id,
            page_path,
            url,
        } => format!("{app_id} {page_path} {url}"),
        Action::Media { media_id } => media_id.clone(),
        Action::Article { article_id, .. } => article_id.clone(),
        Action::Other { .. } => phrase!(menu_of_console).to_string(),
    }
}

/// The lines of both, with `-` before what goes and `+` before what comes.
pub(super) fn changes(present: &PresentMenu, wanted: &Menu) -> String {
    let (old, new) = (lines(&present.menu), lines(wanted));
    let mut text = String::new();
    if !present.is_open && !old.is_empty() {
        text.push_str(&format!("{}\n", phrase!(menu_closed)));
    }
    let kept = common(&old, &new);
    let (mut at_old, mut at_new) = (0, 0);
    for (in_old, in_new) in kept.into_iter().chain([(old.len(), new.len())]) {
        for line in old.get(at_old..in_old).unwrap_or_default() {
            text.push_str(&format!("- {line}\n"));
        }
        for line in new.get(at_new..in_new).unwrap_or_default() {
            text.push_str(&format!("+ {line}\n"));
        }
        if let Some(line) = old.get(in_old) {
            text.push_str(&format!("  {line}\n"));
        }
        (at_old, at_new) = (in_old + 1, in_new + 1);
    }
    text
}

/// The longest sequence of lines that both have, as places in each. Menus have 18 lines at most.
fn common(old: &[String], new: &[String]) -> Vec<(usize, usize)> {
    let mut longest: Vec<Vec<Vec<(usize, usize)>>> =
        vec![vec![Vec::new(); new.len() + 1]; old.len() + 1];
    for (at_old, old) in old.iter().enumerate().rev() {
        for (at_new, new) in new.iter().enumerate().rev() {
            let found = match old == new {
                true => {
                    let mut found = vec![(at_old, at_new)];
                    found.extend(&longest[at_old + 1][at_new + 1]);
                    found
                }
                false => {
                    let (one, other) = (&longest[at_old + 1][at_new], &longest[at_old][at_new + 1]);
                    if one.len() >= other.len() { one } else { other }.clone()
                }
            };
            longest[at_old][at_new] = found;
        }
    }
    longest.swap_remove(0).swap_remove(0)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::menu::EventKind;

    fn click(name: &str, key: &str) -> Button {
        let (kind, key) = (EventKind::Click, key.to_owned());
        Button {
            name: name.to_owned(),
            content: ButtonKind::Action(Action::Event { kind, key }),
        }
    }

    fn present(buttons: Vec<Button>, is_open: bool) -> PresentMenu {
        PresentMenu {
            is_open,
            menu: Menu { buttons },
            said: Value::Null,
        }
    }

    #[test]
    fn what_goes_stands_before_what_comes_and_what_stays_is_shown_too() {
        let below = |buttons| Button {
            name: "服务".to_owned(),
            content: ButtonKind::Below(buttons),
        };
        let old = present(
            vec![
                click("今日", "A"),
                below(vec![click("甲", "1"), click("乙", "2")]),
            ],
            true,
        );
        let wanted = Menu {
            buttons: vec![
                click("今日", "A"),
                below(vec![click("乙", "2"), click("丙", "3")]),
                click("明日", "B"),
            ],
        };
        let expected = "\x20 今日: click A\n  服务\n-   甲: click 1\n    乙: click 2\n\
                        +   丙: click 3\n+ 明日: click B\n";
        assert_eq!(changes(&old, &wanted), expected);
    }

    #[test]
    fn a_menu_where_there_was_none_only_comes() {
        let wanted = Menu {
            buttons: vec![click("今日", "A")],
        };
        let none = present(Vec::new(), false);
        assert_eq!(changes(&none, &wanted), "+ 今日: click A\n");
    }
}
