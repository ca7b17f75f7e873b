//! The menu below the conversation.

use serde_json::{Value, json};

use crate::menu::{Action, Button, ButtonKind, EventKind, Menu};
use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{ApiRequest, Call};
use crate::wechat_api::error::{ApiError, Cause};

/// The menu that followers see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PresentMenu {
    pub is_open: bool,
    pub menu: Menu,
    /// As WeChat says it, with what the console's buttons send.
    pub said: Value,
}

impl ApiAccount {
    /// Replaces the menu; followers see it within five minutes.
    pub(crate) async fn create_menu(&self, menu: &Menu) -> Result<(), ApiError> {
        let buttons: Vec<Value> = menu.buttons.iter().map(button_json).collect();
        let body = json!({ "button": buttons });
        self.tell(ApiRequest::json(Call::CreateMenu, body)).await
    }

    /// The menu as it is, also one that was made in the console.
    pub(crate) async fn current_menu(&self) -> Result<PresentMenu, ApiError> {
        let call = Call::CurrentMenu;
        let said = self.call(ApiRequest::get(call)).await?;
        present(said).ok_or(ApiError::of(call, Cause::Odd))
    }
}

fn button_json(button: &Button) -> Value {
    let name = &button.name;
    let action = match &button.content {
        ButtonKind::Below(buttons) => {
            let below: Vec<Value> = buttons.iter().map(button_json).collect();
            return json!({ "name": name, "sub_button": below });
        }
        ButtonKind::Action(action) => action,
    };
    let kind = action.kind();
    match action {
        Action::Event { key, .. } => json!({ "type": kind, "name": name, "key": key }),
        Action::View { url } => json!({ "type": kind, "name": name, "url": url }),
        Action::MiniProgram {
            app_id,
            page_path,
            url,
        } => json!({
            "type": kind, "name": name, "url": url, "appid": app_id, "pagepath": page_path,
        }),
        Action::Media { media_id } => json!({ "type": kind, "name": name, "media_id": media_id }),
        Action::Article { article_id, .. } => {
            json!({ "type": kind, "name": name, "article_id": article_id })
        }
        Action::Other { .. } => json!({ "type": kind, "name": name }),
    }
}

/// Nothing if it is not what the documentation says.
fn present(said: Value) -> Option<PresentMenu> {
    let is_open = said.get("is_menu_open")?.as_i64()? != 0;
    let info = said.get("selfmenu_info");
    let buttons = info.and_then(|info| info.get("button")?.as_array());
    let buttons = buttons.map_or(&[][..], Vec::as_slice).iter();
    let buttons = buttons.map(button).collect::<Option<_>>()?;
    Some(PresentMenu {
        is_open,
        menu: Menu { buttons },
        said,
    })
}

fn button(said: &Value) -> Option<Button> {
    let text = |key: &str| said.get(key)?.as_str().map(str::to_owned);
    let name = text("name")?;
    let below = said.get("sub_button").and_then(|below| below.get("list"));
    let below = below.and_then(Value::as_array);
    if let Some(below) = below.filter(|below| !below.is_empty()) {
        let below = below.iter().map(button).collect::<Option<_>>()?;
        let content = ButtonKind::Below(below);
        return Some(Button { name, content });
    }
    let kind = text("type").unwrap_or_default();
    let known = || {
        Some(match kind.as_str() {
            "view" => Action::View { url: text("url")? },
            "miniprogram" => Action::MiniProgram {
                app_id: text("appid")?,
                page_path: text("pagepath")?,
                url: text("url")?,
            },
            "media_id" => Action::Media {
                media_id: text("media_id")?,
            },
            "article_id" | "article_view_limited" => Action::Article {
                article_id: text("article_id")?,
                as_page: kind == "article_view_limited",
            },
            other => Action::Event {
                kind: EventKind::named(other)?,
                key: text("key")?,
            },
        })
    };
    let action = known().unwrap_or_else(|| Action::Other { kind: kind.clone() });
    let content = ButtonKind::Action(action);
    Some(Button { name, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> Menu {
        let button = |name: &str, action: Action| Button {
            name: name.to_owned(),
            content: ButtonKind::Action(action),
        };
        let event = |kind, key: &str| Action::Event {
            kind,
            key: key.to_owned(),
        };
        let below = vec![
            button("扫码", event(EventKind::ScanCode, "SCAN")),
            button(
                "官网",
                Action::View {
                    url: "https://example.com/".to_owned(),
                },
            ),
            button(
                "小程序",
                Action::MiniProgram {
                    app_id: "wx1".to_owned(),
                    page_path: "pages/a".to_owned(),
                    url: "https://example.com/".to_owned(),
                },
            ),
            button(
                "海报",
                Action::Media {
                    media_id: "M1".to_owned(),
                },
            ),
            button(
                "文章",
                Action::Article {
                    article_id: "A1".to_owned(),
                    as_page: true,
                },
            ),
        ];
        Menu {
            buttons: vec![
                button("今日推荐", event(EventKind::Click, "TODAY")),
                Button {
                    name: "服务".to_owned(),
                    content: ButtonKind::Below(below),
                },
            ],
        }
    }

    #[test]
    fn what_wechat_shows_of_a_menu_is_the_menu_that_it_was_given() {
        let menu = menu();
        let given: Vec<Value> = menu.buttons.iter().map(button_json).collect();
        let mut shown = json!(given);
        let below = shown.pointer_mut("/1/sub_button").unwrap();
        *below = json!({ "list": below.take() });
        let said = json!({ "is_menu_open": 1, "selfmenu_info": { "button": shown } });
        let present = present(said).unwrap();
        assert!(present.is_open);
        assert_eq!(present.menu, menu);
    }

    #[test]
    fn what_only_the_console_makes_keeps_its_place() {
        let said = json!({
            "is_menu_open": 0,
            "selfmenu_info": { "button": [{ "type": "text", "name": "电话", "value": "110" }] },
        });
        let present = present(said).unwrap();
        assert!(!present.is_open);
        let kind = "text".to_owned();
        let content = ButtonKind::Action(Action::Other { kind });
        assert_eq!(present.menu.buttons[0].content, content);
    }

    #[test]
    fn an_account_without_a_menu_has_no_buttons() {
        let said = json!({ "is_menu_open": 0 });
        assert_eq!(present(said).unwrap().menu, Menu::default());
        assert_eq!(present(json!({ "ok": true })), None);
    }
}
