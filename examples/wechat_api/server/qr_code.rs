//! `qrcode/create`, and the picture of `showqrcode`.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::account::Account;
use super::call::{Call, Outcome, refuse};

const MAX_SECONDS: u64 = 2_592_000;
const MAX_PERMANENT: u64 = 100_000;
const MAX_PERMANENT_ID: u64 = 100_000;
const MAX_TEXT: usize = 64;

#[derive(Default)]
pub(super) struct QrCodes {
    /// Until when each ticket has a picture.
    tickets: HashMap<String, Option<u64>>,
    serial: u64,
    permanent: u64,
    /// Of each code the kind and the scene, in order.
    pub scenes: Vec<String>,
}

impl QrCodes {
    pub fn shows(&self, ticket: &str, now: u64) -> bool {
        let until = self.tickets.get(ticket);
        until.is_some_and(|until| until.is_none_or(|until| until > now))
    }
}

pub(super) fn create(account: &mut Account, call: &Call) -> Outcome {
    let body = call.json()?;
    let scene = body.pointer("/action_info/scene");
    let id = scene.and_then(|scene| scene.get("scene_id")?.as_u64());
    let text = scene.and_then(|scene| scene.get("scene_str")?.as_str());
    let text = text.filter(|text| (1..=MAX_TEXT).contains(&text.len()));
    let fits = match body.get("action_name").and_then(Value::as_str) {
        Some("QR_SCENE") => id.is_some_and(|id| id > 0 && u32::try_from(id).is_ok()),
        Some("QR_STR_SCENE" | "QR_LIMIT_STR_SCENE") => text.is_some(),
        Some("QR_LIMIT_SCENE") => id.is_some_and(|id| (1..=MAX_PERMANENT_ID).contains(&id)),
        _ => return Err(refuse(40053, "invalid action info")),
    };
    if !fits {
        return Err(refuse(40053, "invalid action info"));
    }
    let name = body.get("action_name").and_then(Value::as_str);
    let permanent = name.is_some_and(|name| name.starts_with("QR_LIMIT"));
    let seconds = body.get("expire_seconds").and_then(Value::as_u64);
    let seconds = seconds.unwrap_or(60).min(MAX_SECONDS);
    let codes = &mut account.qr_codes;
    if permanent && codes.permanent >= MAX_PERMANENT {
        return Err(refuse(45029, "qrcode count out of limit"));
    }
    codes.serial += 1;
    let scene = id.map(|id| id.to_string()).or(text.map(str::to_owned));
    let scene = format!("{} {}", name.unwrap_or_default(), scene.unwrap_or_default());
    codes.scenes.push(scene);
    codes.permanent += u64::from(permanent);
    let url = format!("http://weixin.qq.com/q/02{:0>20}", codes.serial);
    // With the letters that have to be encoded in a URL.
    let ticket = format!(
        "gQH+8DwAAAAAAAAAAS5odHRwOi8vd2VpeGluLnFxLmNvbS9x/{:0>20}==",
        codes.serial
    );
    let until = (!permanent).then_some(call.now + seconds * 1000);
    codes.tickets.insert(ticket.clone(), until);
    Ok(match permanent {
        true => json!({ "ticket": ticket, "url": url }),
        false => json!({ "ticket": ticket, "expire_seconds": seconds, "url": url }),
    })
}
