//! Every interface of the server, and what is checked before each of them.

use serde_json::{Value, json};

use super::account::{Account, Group, Kind};
use super::call::{Call, Outcome, Refusal, refuse};
use super::state::State;
use super::{customer, material, menu, qr_code, tokens};

struct Interface {
    path: &'static str,
    post: bool,
    group: Group,
    /// Calls of one day; a test account has a tenth.
    daily: u64,
    answer: fn(&mut Account, &Call) -> Outcome,
}

const fn get(
    path: &'static str,
    daily: u64,
    answer: fn(&mut Account, &Call) -> Outcome,
) -> Interface {
    Interface {
        path,
        post: false,
        group: Group::Basic,
        daily,
        answer,
    }
}

const fn post(
    path: &'static str,
    daily: u64,
    answer: fn(&mut Account, &Call) -> Outcome,
) -> Interface {
    Interface {
        post: true,
        ..get(path, daily, answer)
    }
}

const fn of(group: Group, interface: Interface) -> Interface {
    Interface { group, ..interface }
}

const STABLE_TOKEN: &str = "/cgi-bin/stable_token";
const TOKEN: &str = "/cgi-bin/token";

const INTERFACES: &[Interface] = &[
    post(STABLE_TOKEN, 500_000, tokens::stable_token),
    get(TOKEN, 2000, tokens::token),
    of(
        Group::CustomerMessages,
        post("/cgi-bin/message/custom/send", 500_000, customer::send),
    ),
    of(
        Group::CustomerMessages,
        post("/cgi-bin/message/custom/typing", 500_000, customer::typing),
    ),
    of(
        Group::Material,
        post(
            "/cgi-bin/material/add_material",
            1000,
            material::add_material,
        ),
    ),
    of(
        Group::Material,
        post("/cgi-bin/media/upload", 100_000, material::upload),
    ),
    of(
        Group::Material,
        post(
            "/cgi-bin/material/batchget_material",
            1000,
            material::batchget,
        ),
    ),
    of(
        Group::Material,
        get("/cgi-bin/material/get_materialcount", 1000, material::count),
    ),
    of(
        Group::Material,
        post("/cgi-bin/material/del_material", 1000, material::delete),
    ),
    of(
        Group::Menu,
        post("/cgi-bin/menu/create", 1000, menu::create),
    ),
    of(
        Group::Menu,
        post("/cgi-bin/menu/addconditional", 2000, menu::add_conditional),
    ),
    of(Group::Menu, get("/cgi-bin/menu/get", 10_000, menu::get)),
    of(Group::Menu, get("/cgi-bin/menu/delete", 1000, menu::delete)),
    get("/cgi-bin/get_current_selfmenu_info", 10_000, menu::current),
    get("/cgi-bin/get_current_autoreply_info", 10_000, autoreply),
    of(
        Group::QrCodes,
        post("/cgi-bin/qrcode/create", 100_000, qr_code::create),
    ),
    get("/cgi-bin/get_api_domain_ip", 10_000, api_addresses),
    get("/cgi-bin/getcallbackip", 10_000, callback_addresses),
    post("/cgi-bin/openapi/quota/get", 10_000, quota),
];

fn autoreply(account: &mut Account, _: &Call) -> Outcome {
    Ok(account.autoreply.clone())
}

fn api_addresses(_: &mut Account, _: &Call) -> Outcome {
    Ok(json!({ "ip_list": ["101.226.212.27", "101.226.233.128"] }))
}

fn callback_addresses(_: &mut Account, _: &Call) -> Outcome {
    Ok(json!({ "ip_list": ["101.226.103.0/25", "127.0.0.1"] }))
}

fn quota(account: &mut Account, call: &Call) -> Outcome {
    let body = call.json()?;
    let path = body.get("cgi_path").and_then(Value::as_str);
    let path = path.unwrap_or_default();
    let asked = INTERFACES.iter().find(|one| one.path == path);
    let asked = asked.ok_or_else(|| refuse(76021, "cgi_path not found, please check"))?;
    let limit = account.quota.limit(path, daily(account, asked));
    let used = account.quota.used(path, call.now);
    let quota = json!({
        "daily_limit": limit, "used": used, "remain": limit.saturating_sub(used),
    });
    Ok(json!({ "errcode": 0, "errmsg": "ok", "quota": quota }))
}

fn daily(account: &Account, interface: &Interface) -> u64 {
    match account.kind {
        Kind::Test => interface.daily / 10,
        _ => interface.daily,
    }
}

/// Answers a call as the account that it is for.
pub(super) fn answer(state: &mut State, call: &Call) -> Outcome {
    let interface = INTERFACES.iter().find(|one| one.path == call.path);
    let interface = interface.ok_or_else(|| refuse(40066, "invalid url"))?;
    if interface.post != call.post {
        return Err(match interface.post {
            true => refuse(43002, "require POST method"),
            false => refuse(43001, "require GET method"),
        });
    }
    let account = match call.path.as_str() {
        STABLE_TOKEN => {
            let body = call.json()?;
            let app_id = body.get("appid").and_then(Value::as_str);
            by_app_id(state, app_id.unwrap_or_default())?
        }
        TOKEN => by_app_id(state, call.parameter("appid"))?,
        _ => by_token(state, call)?,
    };
    if !account.kind.grants(interface.group) {
        return Err(refuse(48001, "api unauthorized"));
    }
    let limit = daily(account, interface);
    if !account.quota.take(interface.path, limit, call.now) {
        return Err(refuse(45009, "reach max api daily quota limit"));
    }
    (interface.answer)(account, call)
}

fn by_app_id<'a>(state: &'a mut State, app_id: &str) -> Result<&'a mut Account, Refusal> {
    if app_id.is_empty() {
        return Err(refuse(41002, "appid missing"));
    }
    let account = state.accounts.get_mut(app_id);
    account.ok_or_else(|| refuse(40013, "invalid appid"))
}

fn by_token<'a>(state: &'a mut State, call: &Call) -> Result<&'a mut Account, Refusal> {
    let token = call.parameter("access_token");
    if token.is_empty() {
        return Err(refuse(41001, "access_token missing"));
    }
    for account in state.accounts.values_mut() {
        if let Some(checked) = account.tokens.check(token, call.now) {
            return checked.map(|()| account);
        }
    }
    Err(match token.len() < 40 {
        true => refuse(40014, "invalid access_token"),
        false => tokens::not_the_latest(),
    })
}
