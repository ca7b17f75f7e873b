//! Uploads one file, unless somebody has.

use std::path::Path;

use jiff::Timestamp;

use crate::i18n::io_error::reason;
use crate::i18n::phrase;
use crate::media::{ContentHash, MediaKind};
use crate::own_thread;
use crate::store::{Backoff, Lease, MediaClaim, MediaKey};
use crate::uploads::upload_round::{Round, UploadResult};
use crate::uploads::{UploadError, WantedFile};
use crate::wechat_api::{ListedMaterial, Material, VideoDescription};

/// Where an upload is looked for that may have come to its end: among the newest of its kind.
const PAGES: u64 = 3;
const PAGE: u64 = 20;

impl Round {
    pub(super) async fn one(&self, place: usize) -> Result<UploadResult, UploadError> {
        let Some(file) = self.files.get(place) else {
            return Ok(UploadResult::Here);
        };
        let key = self.key(file);
        let (uploads, store) = (&self.account.uploads, &self.account.store);
        let Some(_under_way) = uploads.take(&key) else {
            return Ok(UploadResult::Elsewhere);
        };
        let _room = uploads.0.room.acquire().await;
        if !self.is_wanted() {
            return Ok(UploadResult::Elsewhere);
        }
        let lease = store.lease().await?;
        let media_id = match store.claim_media(&lease, &key, now()).await? {
            MediaClaim::Kept(media_id) => media_id,
            MediaClaim::Elsewhere => return Ok(UploadResult::Elsewhere),
            MediaClaim::Ours { is_new } => {
                let found = match is_new {
                    true => None,
                    false => self.find(file).await?,
                };
                let material = match found {
                    Some(material) => material,
                    None => self.upload(file, &lease, &key).await?,
                };
                self.keep(&key, &material).await
            }
        };
        self.ids.insert(file.kind, file.content.hash, &media_id);
        Ok(UploadResult::Here)
    }

    /// What somebody uploaded who could not say so any more.
    async fn find(&self, file: &WantedFile) -> Result<Option<Material>, UploadError> {
        let name = name(file);
        for page in 0..PAGES {
            let listed = self.account.api.list_material(file.kind, page * PAGE, PAGE);
            let items = listed.await?.items;
            let count = items.len() as u64;
            let is_it = |item: &ListedMaterial| item.name == name;
            if let Some(item) = items.into_iter().find(is_it) {
                let ListedMaterial { media_id, url, .. } = item;
                return Ok(Some(Material { media_id, url }));
            }
            if count < PAGE {
                break;
            }
        }
        Ok(None)
    }

    async fn upload(
        &self,
        file: &WantedFile,
        lease: &Lease,
        key: &MediaKey,
    ) -> Result<Material, UploadError> {
        let outcome = match self.bytes(file).await {
            Ok(bytes) => {
                let (name, described) = (name(file), description(file));
                let api = &self.account.api;
                let added = api.add_material(file.kind, &name, &bytes, described.as_ref());
                added.await.map_err(UploadError::Api)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome
            && is_definite(error)
        {
            // Otherwise the file may be there, and is looked for the next time.
            let _ = self.account.store.release_media(lease, key).await;
        }
        outcome
    }

    /// What is uploaded is what the rules were read with.
    async fn bytes(&self, file: &WantedFile) -> Result<Vec<u8>, UploadError> {
        let (read, path, hash) = (self.read, file.path.clone(), file.content.hash);
        let reading = own_thread::run("upload", move || {
            let bytes = read(&path).map_err(|error| UploadError::Unreadable(reason(&error)))?;
            match ContentHash::of(&bytes) == hash {
                true => Ok(bytes),
                false => Err(UploadError::Changed),
            }
        });
        let no_thread = |error| Err(UploadError::Unreadable(reason(&error)));
        reading.await.unwrap_or_else(no_thread)
    }

    /// The id that counts from now on. Where the database does not come back, this process has one
    /// all the same, and the next one finds the file.
    async fn keep(&self, key: &MediaKey, material: &Material) -> String {
        let (media_id, url) = (&material.media_id, material.url.as_deref().unwrap_or(""));
        let (store, mut backoff) = (&self.account.store, Backoff::default());
        let mut is_told = false;
        loop {
            match store.keep_media(key, media_id, url, now()).await {
                Ok(Some(kept)) => return kept,
                Ok(None) => return media_id.clone(),
                Err(error) => {
                    if !is_told {
                        let why = error.to_string();
                        log::warn!("{}", phrase!(log_upload_not_kept, media_id, why));
                        is_told = true;
                    }
                    if !backoff.wait().await {
                        return media_id.clone();
                    }
                }
            }
        }
    }
}

/// Whether WeChat certainly does not have the file.
fn is_definite(error: &UploadError) -> bool {
    match error {
        UploadError::Api(error) => error.is_definite(),
        _ => true,
    }
}

/// WeChat takes a file as what its name says, so that the name says what is in it. It also tells
/// which file it was, should nobody have kept the id.
fn name(file: &WantedFile) -> String {
    let extension = file.content.format.map(|format| format.extension());
    let hash: String = file.content.hash.to_string().chars().take(12).collect();
    let (stem, extension) = (stem(&file.path, file.kind), extension.unwrap_or_default());
    format!("{stem}-{hash}.{extension}")
}

/// The beginning of the name, as far as every program reads it.
fn stem(path: &Path, kind: MediaKind) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let letters = stem
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-');
    let stem: String = letters.take(32).collect();
    match stem.is_empty() {
        true => kind.name().to_owned(),
        false => stem,
    }
}

/// WeChat wants words about a video; what followers see is in the answer.
fn description(file: &WantedFile) -> Option<VideoDescription> {
    let title = || stem(&file.path, file.kind);
    (file.kind == MediaKind::Video).then(|| VideoDescription {
        title: title(),
        introduction: title(),
    })
}

fn now() -> i64 {
    Timestamp::now().as_second()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::MediaContent;

    #[test]
    fn the_name_says_what_is_in_the_file_and_which_it_is() {
        let png = b"\x89PNG\r\n\x1a\n";
        for (path, kind, expected) in [
            ("a/poster.png", MediaKind::Image, "poster-4c4b6a3be131.png"),
            ("poster.jpg", MediaKind::Image, "poster-4c4b6a3be131.png"),
            ("海报.png", MediaKind::Image, "image-4c4b6a3be131.png"),
            ("a \"b\"\r\n.png", MediaKind::Thumb, "ab-4c4b6a3be131.png"),
            ("poster", MediaKind::Image, "poster-4c4b6a3be131.png"),
        ] {
            let file = WantedFile {
                kind,
                content: MediaContent::of(png),
                path: path.into(),
            };
            assert_eq!(name(&file), expected, "{path}");
        }
    }
}
