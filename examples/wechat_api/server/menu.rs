//! The menu: `menu/create`, `menu/get`, `menu/delete`, `menu/addconditional`, and
//! `get_current_selfmenu_info`, which shows it however it was made.

use serde_json::{Map, Value, json};

use super::account::Account;
use super::call::{Call, Outcome, Refusal, done, refuse};

const MAX_KEY: usize = 128;
const MAX_URL: usize = 1024;
const WITH_KEY: [&str; 7] = [
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
];

#[derive(Default)]
pub(super) struct Menus {
    default: Option<Value>,
    conditional: Vec<Value>,
    /// As somebody made it in the console.
    console: Option<Value>,
    serial: u64,
}

impl Menus {
    pub fn default_menu(&self) -> Option<&Value> {
        self.default.as_ref()
    }

    pub fn set_console(&mut self, info: Value) {
        self.console = Some(info);
    }

    pub fn uses(&self, media_id: &str) -> bool {
        let menus = self.default.iter().chain(&self.conditional);
        menus
            .map(Value::to_string)
            .any(|menu| menu.contains(media_id))
    }

    fn id(&mut self) -> u64 {
        self.serial += 1;
        200_000_000 + self.serial
    }
}

/// The codes of one level of a menu.
struct Level {
    max_name: usize,
    kind: (i64, &'static str),
    name: (i64, &'static str),
    key: (i64, &'static str),
    url: (i64, &'static str),
    domain: (i64, &'static str),
}

const TOP: Level = Level {
    max_name: 16,
    kind: (40017, "invalid button type"),
    name: (40018, "invalid button name size"),
    key: (40019, "invalid button key size"),
    url: (40020, "invalid button url size"),
    domain: (40055, "invalid button url domain"),
};

const BELOW: Level = Level {
    max_name: 60,
    kind: (40024, "invalid sub button type"),
    name: (40025, "invalid sub button name size"),
    key: (40026, "invalid sub button key size"),
    url: (40027, "invalid sub button url size"),
    domain: (40054, "invalid sub button url domain"),
};

fn because((code, message): (i64, &str)) -> Refusal {
    refuse(code, message)
}

fn text<'a>(button: &'a Value, name: &str) -> &'a str {
    button.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn below(button: &Value) -> &[Value] {
    let list = button.get("sub_button").and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// The buttons with the fields that they are kept with.
fn checked(account: &Account, menu: &Value, now: u64) -> Result<Vec<Value>, Refusal> {
    let buttons = menu.get("button").and_then(Value::as_array);
    let buttons = buttons.filter(|buttons| (1..=3).contains(&buttons.len()));
    let buttons = buttons.ok_or_else(|| refuse(40016, "invalid button size"))?;
    let checked = buttons.iter().map(|button| {
        let sub = below(button);
        if sub.is_empty() {
            return check_button(account, button, &TOP, now);
        }
        check_name(button, &TOP)?;
        if sub.len() > 5 {
            return Err(refuse(40023, "invalid sub button size"));
        }
        if sub.iter().any(|button| !below(button).is_empty()) {
            return Err(refuse(40022, "invalid sub menu level"));
        }
        let sub = sub
            .iter()
            .map(|one| check_button(account, one, &BELOW, now));
        let sub: Vec<Value> = sub.collect::<Result<_, _>>()?;
        Ok(json!({ "name": text(button, "name"), "sub_button": sub }))
    });
    checked.collect()
}

fn check_name(button: &Value, level: &Level) -> Result<(), Refusal> {
    let length = text(button, "name").len();
    let fits = (1..=level.max_name).contains(&length);
    fits.then_some(()).ok_or_else(|| because(level.name))
}

fn check_button(
    account: &Account,
    button: &Value,
    level: &Level,
    now: u64,
) -> Result<Value, Refusal> {
    check_name(button, level)?;
    let kind = text(button, "type");
    let mut kept = Map::new();
    kept.insert("type".to_owned(), json!(kind));
    kept.insert("name".to_owned(), json!(text(button, "name")));
    let mut keep = |name: &str| {
        kept.insert(name.to_owned(), json!(text(button, name)));
    };
    let media = |name: &str| {
        let known = account.materials.knows(text(button, name), now);
        known
            .then_some(())
            .ok_or_else(|| refuse(40007, "invalid media_id"))
    };
    match kind {
        _ if WITH_KEY.contains(&kind) => {
            let fits = (1..=MAX_KEY).contains(&text(button, "key").len());
            fits.then_some(()).ok_or_else(|| because(level.key))?;
            keep("key");
        }
        "view" => {
            check_url(text(button, "url"), level)?;
            keep("url");
        }
        "miniprogram" => {
            check_url(text(button, "url"), level)?;
            if text(button, "appid").is_empty() {
                return Err(refuse(40166, "invalid weapp appid"));
            }
            if text(button, "pagepath").is_empty() {
                return Err(refuse(40165, "invalid weapp pagepath"));
            }
            ["url", "appid", "pagepath"].into_iter().for_each(keep);
        }
        "media_id" | "view_limited" => {
            media("media_id")?;
            keep("media_id");
        }
        "article_id" | "article_view_limited" => {
            if text(button, "article_id").is_empty() {
                return Err(refuse(53600, "invalid article_id"));
            }
            keep("article_id");
        }
        _ => return Err(because(level.kind)),
    }
    Ok(Value::Object(kept))
}

fn check_url(url: &str, level: &Level) -> Result<(), Refusal> {
    if !(1..=MAX_URL).contains(&url.len()) {
        return Err(because(level.url));
    }
    let web = url.starts_with("http://") || url.starts_with("https://");
    web.then_some(()).ok_or_else(|| because(level.domain))
}

pub(super) fn create(account: &mut Account, call: &Call) -> Outcome {
    let buttons = checked(account, &call.json()?, call.now)?;
    account.menus.default = Some(json!({ "button": buttons }));
    account.menus.console = None;
    Ok(done())
}

pub(super) fn add_conditional(account: &mut Account, call: &Call) -> Outcome {
    let menu = call.json()?;
    let buttons = checked(account, &menu, call.now)?;
    if account.menus.default.is_none() {
        return Err(refuse(
            65303,
            "there is no selfmenu, please create selfmenu first",
        ));
    }
    let rule = menu.get("matchrule").and_then(Value::as_object);
    let rule = rule.filter(|rule| rule.values().any(|value| *value != json!("")));
    let rule = rule.ok_or_else(|| refuse(65304, "match rule empty"))?;
    if ["sex", "country", "province", "city", "language"]
        .iter()
        .any(|old| rule.contains_key(*old))
    {
        return Err(refuse(65320, "invalid match rule"));
    }
    let id = account.menus.id();
    let kept = json!({ "button": buttons, "matchrule": rule, "menuid": id });
    account.menus.conditional.insert(0, kept);
    Ok(json!({ "menuid": id.to_string() }))
}

pub(super) fn get(account: &mut Account, _: &Call) -> Outcome {
    let menus = &account.menus;
    let menu = menus.default.as_ref();
    let menu = menu.ok_or_else(|| refuse(46003, "menu no exist"))?;
    let mut menu = menu.clone();
    let buttons = menu.get_mut("button").and_then(Value::as_array_mut);
    for button in buttons.into_iter().flatten() {
        empty_below(button);
    }
    Ok(match menus.conditional.is_empty() {
        true => json!({ "menu": menu }),
        false => json!({ "menu": menu, "conditionalmenu": menus.conditional }),
    })
}

/// `menu/get` says of each button that nothing is below it.
fn empty_below(button: &mut Value) {
    let Some(fields) = button.as_object_mut() else {
        return;
    };
    let sub = fields.entry("sub_button").or_insert_with(|| json!([]));
    sub.as_array_mut()
        .into_iter()
        .flatten()
        .for_each(empty_below);
}

pub(super) fn delete(account: &mut Account, _: &Call) -> Outcome {
    account.menus.default = None;
    account.menus.conditional.clear();
    account.menus.console = None;
    Ok(done())
}

pub(super) fn current(account: &mut Account, _: &Call) -> Outcome {
    if let Some(console) = &account.menus.console {
        return Ok(console.clone());
    }
    let Some(menu) = &account.menus.default else {
        return Ok(json!({ "is_menu_open": 0, "selfmenu_info": { "button": [] } }));
    };
    let mut menu = menu.clone();
    let buttons = menu.get_mut("button").and_then(Value::as_array_mut);
    for button in buttons.into_iter().flatten() {
        if let Some(sub) = button.get_mut("sub_button") {
            *sub = json!({ "list": sub.take() });
        }
    }
    Ok(json!({ "is_menu_open": 1, "selfmenu_info": menu }))
}
