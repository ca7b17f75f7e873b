//! Pictures, voices, videos and thumbs that the account keeps at WeChat: for good, or for three
//! days.

use serde_json::{Value, json};

use crate::media::MediaKind;
use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{ApiRequest, Call};
use crate::wechat_api::error::{ApiError, Cause};
use crate::wechat_api::multipart::Form;

/// What a video says about itself, which WeChat wants for one that is kept for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VideoDescription {
    pub title: String,
    pub introduction: String,
}

/// Material that was added for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Material {
    pub media_id: String,
    /// Of pictures only.
    pub url: Option<String>,
}

/// Material that is there for three days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemporaryMaterial {
    pub media_id: String,
    /// In seconds since 1970.
    pub created_at: i64,
}

/// Part of the list of what is there of one kind, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MaterialPage {
    pub total: u64,
    pub items: Vec<ListedMaterial>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedMaterial {
    pub media_id: String,
    /// The name of the file.
    pub name: String,
    /// In seconds since 1970.
    pub updated_at: i64,
    pub url: Option<String>,
}

impl ApiAccount {
    /// Uploads a file to be kept for good. WeChat knows its kind by the end of its name.
    pub(crate) async fn add_material(
        &self,
        kind: MediaKind,
        file_name: &str,
        bytes: &[u8],
        description: Option<&VideoDescription>,
    ) -> Result<Material, ApiError> {
        let call = Call::AddMaterial;
        let mut form = Form::with_file(file_name, mime(file_name), bytes);
        if let Some(VideoDescription {
            title,
            introduction,
        }) = description
        {
            let description = json!({ "title": title, "introduction": introduction });
            form = form.field("description", &description.to_string());
        }
        let answer = self.call(ApiRequest::form(call, kind.name(), form)).await?;
        Ok(Material {
            media_id: text(&answer, "media_id").ok_or(ApiError::of(call, Cause::Odd))?,
            url: text(&answer, "url").filter(|url| !url.is_empty()),
        })
    }

    /// Uploads a file for three days.
    pub(crate) async fn upload_temporary(
        &self,
        kind: MediaKind,
        file_name: &str,
        bytes: &[u8],
    ) -> Result<TemporaryMaterial, ApiError> {
        let call = Call::UploadTemporary;
        let form = Form::with_file(file_name, mime(file_name), bytes);
        let answer = self.call(ApiRequest::form(call, kind.name(), form)).await?;
        let media_id = text(&answer, "media_id").or_else(|| text(&answer, "thumb_media_id"));
        Ok(TemporaryMaterial {
            media_id: media_id.ok_or(ApiError::of(call, Cause::Odd))?,
            created_at: number(&answer, "created_at"),
        })
    }

    /// At most 20 at once. WeChat has no list of thumbs; if it shows them, then among the pictures.
    pub(crate) async fn list_material(
        &self,
        kind: MediaKind,
        offset: u64,
        count: u64,
    ) -> Result<MaterialPage, ApiError> {
        let kind = match kind {
            MediaKind::Thumb => MediaKind::Image,
            kind => kind,
        };
        let body = json!({ "type": kind.name(), "offset": offset, "count": count });
        let answer = self
            .call(ApiRequest::json(Call::ListMaterial, body))
            .await?;
        let items = answer.get("item").and_then(Value::as_array);
        let items = items.into_iter().flatten();
        let items = items.filter_map(|item| {
            Some(ListedMaterial {
                media_id: text(item, "media_id")?,
                name: text(item, "name").unwrap_or_default(),
                updated_at: number(item, "update_time"),
                url: text(item, "url").filter(|url| !url.is_empty()),
            })
        });
        Ok(MaterialPage {
            total: number(&answer, "total_count"),
            items: items.collect(),
        })
    }

    pub(crate) async fn delete_material(&self, media_id: &str) -> Result<(), ApiError> {
        let body = json!({ "media_id": media_id });
        self.tell(ApiRequest::json(Call::DeleteMaterial, body))
            .await
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn number<T: TryFrom<i64> + Default>(value: &Value, key: &str) -> T {
    let number = value.get(key).and_then(Value::as_i64);
    number.and_then(|it| it.try_into().ok()).unwrap_or_default()
}

fn mime(file_name: &str) -> &'static str {
    let ending = file_name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "mp3" => "audio/mpeg",
        "amr" => "audio/amr",
        "wav" => "audio/wav",
        "wma" => "audio/x-ms-wma",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_empty_or_no_text_is_none() {
        for (said, id) in [
            (json!({ "media_id": "M" }), Some("M")),
            (json!({ "media_id": "" }), None),
            (json!({ "media_id": 1 }), None),
            (json!({}), None),
        ] {
            assert_eq!(text(&said, "media_id").as_deref(), id, "{said}");
        }
    }
}
