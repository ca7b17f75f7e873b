//! Permanent material and temporary media.

use serde_json::{Value, json};

use super::account::Account;
use super::call::{Call, Outcome, Refusal, done, refuse};
use super::content::Format;
use super::multipart::{self, Part};

const THREE_DAYS: u64 = 3 * 24 * 60 * 60 * 1000;
const MIB: usize = 1024 * 1024;

/// What WeChat takes of one kind.
struct Kind {
    name: &'static str,
    max_bytes: usize,
    too_large: (i64, &'static str),
    formats: &'static [Format],
    /// Of permanent material; articles count as images.
    max_count: usize,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "image",
        max_bytes: 10 * MIB,
        too_large: (40009, "invalid image size"),
        formats: &[Format::Bmp, Format::Png, Format::Jpeg, Format::Gif],
        max_count: 100_000,
    },
    Kind {
        name: "voice",
        max_bytes: 2 * MIB,
        too_large: (40010, "invalid voice size"),
        formats: &[Format::Mp3, Format::Wma, Format::Wav, Format::Amr],
        max_count: 1000,
    },
    Kind {
        name: "video",
        max_bytes: 10 * MIB,
        too_large: (40011, "invalid video size"),
        formats: &[Format::Mp4],
        max_count: 1000,
    },
    Kind {
        name: "thumb",
        max_bytes: 64 * 1024,
        too_large: (40012, "invalid thumb size"),
        formats: &[Format::Jpeg],
        max_count: 1000,
    },
];

struct Material {
    kind: &'static str,
    media_id: String,
    name: String,
    at: u64,
    /// Temporary media end.
    until: Option<u64>,
}

#[derive(Default)]
pub(super) struct Materials {
    all: Vec<Material>,
    serial: u64,
    pub uploads: u64,
}

impl Materials {
    pub fn knows(&self, media_id: &str, now: u64) -> bool {
        let mut all = self.all.iter();
        all.any(|one| one.media_id == media_id && one.until.is_none_or(|until| until > now))
    }

    fn permanent(&self, kind: &str) -> Vec<&Material> {
        let all = self.all.iter().rev();
        all.filter(|one| one.kind == kind && one.until.is_none())
            .collect()
    }

    /// A picture that was there before, under an id that is known.
    pub fn keep_picture(&mut self, media_id: &str, at: u64) {
        self.all.push(Material {
            kind: "image",
            media_id: media_id.to_owned(),
            name: "picture.png".to_owned(),
            at,
            until: None,
        });
    }

    fn add(&mut self, kind: &'static str, name: &str, at: u64, until: Option<u64>) -> String {
        self.serial += 1;
        let media_id = format!("{kind}-{:0>40}-{}", self.serial, self.serial);
        self.all.push(Material {
            kind,
            media_id: media_id.clone(),
            name: name.to_owned(),
            at,
            until,
        });
        media_id
    }
}

/// The file of an upload, checked as WeChat checks it.
fn uploaded<'a>(call: &'a Call) -> Result<(&'static Kind, Vec<Part<'a>>, usize), Refusal> {
    let kind = KINDS
        .iter()
        .find(|kind| kind.name == call.parameter("type"));
    let kind = kind.ok_or_else(|| refuse(40004, "invalid media type"))?;
    let missing = || refuse(41005, "media data missing");
    let parts = multipart::parts(&call.content_type, &call.body).ok_or_else(missing)?;
    let at = parts.iter().position(|part| part.name == "media");
    let at = at.filter(|at| parts.get(*at).is_some_and(|part| part.file_name.is_some()));
    let at = at.ok_or_else(missing)?;
    let bytes = parts.get(at).map_or(&[][..], |part| part.bytes);
    if bytes.is_empty() {
        return Err(refuse(44001, "empty media data"));
    }
    if bytes.len() > kind.max_bytes {
        return Err(refuse(kind.too_large.0, kind.too_large.1));
    }
    if !Format::of(bytes).is_some_and(|format| kind.formats.contains(&format)) {
        return Err(refuse(40113, "unsupported file type"));
    }
    Ok((kind, parts, at))
}

pub(super) fn add_material(account: &mut Account, call: &Call) -> Outcome {
    let (kind, parts, at) = uploaded(call)?;
    if kind.name == "video" {
        let description = parts.iter().find(|part| part.name == "description");
        let description =
            description.and_then(|part| serde_json::from_slice::<Value>(part.bytes).ok());
        let title = description.as_ref().and_then(|said| said.get("title"));
        if title.and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(refuse(40035, "invalid parameter: description"));
        }
    }
    let materials = &mut account.materials;
    if materials.permanent(kind.name).len() >= kind.max_count {
        return Err(refuse(45073, "reach the max count of material"));
    }
    let name = parts.get(at).and_then(|part| part.file_name.as_deref());
    let media_id = materials.add(kind.name, name.unwrap_or_default(), call.now, None);
    materials.uploads += 1;
    Ok(match kind.name {
        "image" | "thumb" => {
            let url = format!("http://mmbiz.qpic.cn/mmbiz_png/{media_id}/0?wx_fmt=png");
            json!({ "media_id": media_id, "url": url, "item": [] })
        }
        _ => json!({ "media_id": media_id, "item": [] }),
    })
}

pub(super) fn upload(account: &mut Account, call: &Call) -> Outcome {
    let (kind, parts, at) = uploaded(call)?;
    let name = parts.get(at).and_then(|part| part.file_name.as_deref());
    let until = Some(call.now + THREE_DAYS);
    let materials = &mut account.materials;
    let media_id = materials.add(kind.name, name.unwrap_or_default(), call.now, until);
    let id = match kind.name {
        "thumb" => "thumb_media_id",
        _ => "media_id",
    };
    Ok(json!({ "type": kind.name, id: media_id, "created_at": call.now / 1000 }))
}

pub(super) fn batchget(account: &mut Account, call: &Call) -> Outcome {
    let body = call.json()?;
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    if !["image", "voice", "video", "news"].contains(&kind) {
        return Err(refuse(40004, "invalid media type"));
    }
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let (offset, count) = (number("offset"), number("count"));
    let count = count.filter(|count| (1..=20).contains(count));
    let (Some(offset), Some(count)) = (offset, count) else {
        return Err(refuse(40097, "invalid args"));
    };
    let all = account.materials.permanent(kind);
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    let some = all.iter().skip(skipped).take(count as usize);
    let items: Vec<Value> = some
        .map(|one| {
            let url = format!("http://mmbiz.qpic.cn/mmbiz_png/{}/0", one.media_id);
            json!({
                "media_id": one.media_id, "name": one.name, "update_time": one.at / 1000, "url": url,
            })
        })
        .collect();
    Ok(json!({ "item": items, "total_count": all.len(), "item_count": items.len() }))
}

pub(super) fn count(account: &mut Account, _: &Call) -> Outcome {
    let count = |kind: &str| account.materials.permanent(kind).len();
    Ok(json!({
        "voice_count": count("voice"), "video_count": count("video"),
        "image_count": count("image"), "news_count": count("news"),
    }))
}

pub(super) fn delete(account: &mut Account, call: &Call) -> Outcome {
    let body = call.json()?;
    let media_id = body.get("media_id").and_then(Value::as_str);
    let media_id = media_id.unwrap_or_default();
    let mut all = account.materials.all.iter();
    let at = all.position(|one| one.media_id == media_id && one.until.is_none());
    let at = at.ok_or_else(|| refuse(40007, "invalid media_id"))?;
    if account.menus.uses(media_id) {
        return Err(refuse(
            48005,
            "api forbid to delete material used by auto-reply or menu",
        ));
    }
    account.materials.all.remove(at);
    Ok(done())
}
