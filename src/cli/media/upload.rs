//! `media upload`: every file is looked at before the first is sent.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::api_account::ApiAccountArguments;
use crate::cli::{Exit, OutputFormat, fail, print_json};
use crate::i18n::phrase;
use crate::live_rules::bytes;
use crate::media::{self, MediaContent, MediaKind};
use crate::wechat_api::VideoDescription;

pub(super) struct Upload<'a> {
    /// None where the content says it.
    pub kind: Option<MediaKind>,
    pub is_temporary: bool,
    pub title: Option<&'a str>,
    pub introduction: &'a str,
}

/// A file that WeChat takes, as far as that can be told without it.
struct Ready<'a> {
    path: &'a Path,
    kind: MediaKind,
    /// WeChat believes the end of the name and not the content.
    name: String,
    bytes: Vec<u8>,
}

impl Upload<'_> {
    pub(super) fn run(
        &self,
        files: &[PathBuf],
        account: &ApiAccountArguments,
        format: OutputFormat,
    ) -> Exit {
        let ready: Result<Vec<Ready>, Exit> = files.iter().map(|path| self.ready(path)).collect();
        let ready = match ready {
            Ok(ready) => ready,
            Err(exit) => return exit,
        };
        let connection = match account.connect() {
            Ok(connection) => connection,
            Err(error) => return error.tell(),
        };
        let mut uploaded = Vec::new();
        let mut exit = Exit::Success;
        for file in &ready {
            let (kind, name) = (file.kind, file.name.as_str());
            let description = VideoDescription {
                title: self.title.unwrap_or(name).to_owned(),
                introduction: self.introduction.to_owned(),
            };
            let description = Some(&description).filter(|_| kind == MediaKind::Video);
            let sent = connection.wait(|api| async move {
                if self.is_temporary {
                    let kept = api.upload_temporary(kind, name, &file.bytes).await?;
                    return Ok((kept.media_id, None));
                }
                let kept = api
                    .add_material(kind, name, &file.bytes, description)
                    .await?;
                Ok((kept.media_id, kept.url))
            });
            let path = file.path.display();
            match sent {
                Ok((media_id, url)) => {
                    if format == OutputFormat::Human {
                        println!("{media_id}  {path}");
                    }
                    uploaded.push(json!({
                        "file": path.to_string(), "kind": kind.name(), "media_id": media_id, "url": url,
                    }));
                }
                Err(error) => {
                    exit = fail(&format_args!("{path}: {error}"));
                    break;
                }
            }
        }
        // What was uploaded before a failure is there.
        if format == OutputFormat::Json {
            print_json(&json!({ "ok": exit == Exit::Success, "uploaded": uploaded }));
        }
        exit
    }

    fn ready<'p>(&self, path: &'p Path) -> Result<Ready<'p>, Exit> {
        let bytes = bytes::of_file(path).map_err(|error| {
            fail(&phrase!(
                cannot_read,
                path = path.display(),
                reason = &error
            ))
        })?;
        let content = MediaContent::of(&bytes);
        let kind = self.kind.unwrap_or_else(|| kind_of(&content));
        if let Err(unfit) = kind.check(&content) {
            let (wrong, help) = unfit.told(kind, path);
            let exit = fail(&wrong);
            eprintln!("{}: {help}", phrase!(level_help));
            return Err(exit);
        }
        let name = media_name(path, &content);
        Ok(Ready {
            path,
            kind,
            name,
            bytes,
        })
    }
}

/// The kind that takes such a file; a picture where none does, to be refused as one.
fn kind_of(content: &MediaContent) -> MediaKind {
    let kinds = [MediaKind::Image, MediaKind::Voice, MediaKind::Video];
    let takes = |kind: &MediaKind| {
        let mut formats = kind.formats().iter();
        formats.any(|format| Some(*format) == content.format)
    };
    kinds.into_iter().find(takes).unwrap_or(MediaKind::Image)
}

/// The name of the file, which ends as its content wants it.
fn media_name(path: &Path, content: &MediaContent) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = content.format.map(media::MediaFormat::extension);
    let extension = extension.unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let fits = lower.ends_with(&format!(".{extension}"))
        || (extension == "jpg" && lower.ends_with(".jpeg"));
    match fits {
        true => name.into_owned(),
        false => {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            format!("{stem}.{extension}")
        }
    }
}
