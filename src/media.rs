//! Files that WeChat keeps for an account: what each kind of them may be. Knows no disk.

mod cut_off;
mod format;

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::i18n::{Phrase, phrase};
pub use crate::media::format::MediaFormat;

/// What WeChat keeps a file as. It knows one file as several kinds by several ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaKind {
    Image,
    Voice,
    Video,
    /// The small picture of a music card.
    Thumb,
}

/// What is in a file, without keeping it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaContent {
    pub hash: ContentHash,
    pub bytes: u64,
    /// None where it is nothing that anybody would send.
    pub format: Option<MediaFormat>,
    /// Whether its end is missing, as far as that can be told.
    #[serde(default)]
    pub is_cut_off: bool,
}

/// Why WeChat does not take a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    Empty,
    /// It has so many bytes.
    TooLarge(u64),
    Format(Option<MediaFormat>),
    CutOff,
}

impl Unfit {
    /// What is wrong with the file at this place, and what to do.
    pub(crate) fn told(self, kind: MediaKind, path: &Path) -> (Phrase, Phrase) {
        let path = path.display();
        let limit = size(kind.max_bytes());
        let kind = kind.name();
        match self {
            Unfit::Empty => (phrase!(media_empty, path), phrase!(help_media_empty)),
            Unfit::CutOff => (phrase!(media_cut_off, path), phrase!(help_media_cut_off)),
            Unfit::TooLarge(bytes) => (
                phrase!(media_too_large, path, size = size(bytes)),
                phrase!(help_media_too_large, kind, limit),
            ),
            Unfit::Format(format) => {
                let content = match format {
                    Some(format) => phrase!(content_is, format = format.name()),
                    None => phrase!(content_unknown),
                };
                (
                    phrase!(media_wrong_format, path, kind, content),
                    phrase!(help_media_wrong_format, kind),
                )
            }
        }
    }
}

/// The SHA-256 of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash([u8; 32]);

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// No kind may have more.
pub(crate) const MAX_BYTES: u64 = 10 * MIB;

impl MediaKind {
    pub(crate) const ALL: [MediaKind; 4] = [
        MediaKind::Image,
        MediaKind::Voice,
        MediaKind::Video,
        MediaKind::Thumb,
    ];

    /// The word for it in WeChat's interface.
    pub fn name(self) -> &'static str {
        match self {
            MediaKind::Image => "image",
            MediaKind::Voice => "voice",
            MediaKind::Video => "video",
            MediaKind::Thumb => "thumb",
        }
    }

    /// The kind that has this name.
    pub(crate) fn named(name: &str) -> Option<MediaKind> {
        MediaKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// As permanent material.
    pub fn max_bytes(self) -> u64 {
        match self {
            MediaKind::Image | MediaKind::Video => MAX_BYTES,
            MediaKind::Voice => 2 * MIB,
            MediaKind::Thumb => 64 * KIB,
        }
    }

    /// What WeChat keeps as this kind.
    pub fn formats(self) -> &'static [MediaFormat] {
        match self {
            MediaKind::Image => &[
                MediaFormat::Jpeg,
                MediaFormat::Png,
                MediaFormat::Bmp,
                MediaFormat::Gif,
            ],
            MediaKind::Voice => &[
                MediaFormat::Mp3,
                MediaFormat::Amr,
                MediaFormat::Wma,
                MediaFormat::Wav,
            ],
            MediaKind::Video => &[MediaFormat::Mp4],
            MediaKind::Thumb => &[MediaFormat::Jpeg],
        }
    }

    /// Whether WeChat takes a file as this kind, as far as that can be told without it.
    pub(crate) fn check(self, content: &MediaContent) -> Result<(), Unfit> {
        let takes = |format: MediaFormat| self.formats().contains(&format);
        match content {
            MediaContent { bytes: 0, .. } => Err(Unfit::Empty),
            MediaContent { bytes, .. } if *bytes > self.max_bytes() => Err(Unfit::TooLarge(*bytes)),
            MediaContent { format, .. } if !format.is_some_and(takes) => {
                Err(Unfit::Format(*format))
            }
            content if content.is_cut_off => Err(Unfit::CutOff),
            _ => Ok(()),
        }
    }
}

impl MediaContent {
    pub fn of(bytes: &[u8]) -> MediaContent {
        let format = MediaFormat::of(bytes);
        MediaContent {
            hash: ContentHash::of(bytes),
            bytes: bytes.len() as u64,
            format,
            is_cut_off: cut_off::is_cut_off(format, bytes),
        }
    }
}

impl ContentHash {
    pub fn of(bytes: &[u8]) -> ContentHash {
        ContentHash(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> String {
        hash.to_string()
    }
}

impl TryFrom<String> for ContentHash {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<ContentHash, hex::FromHexError> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash)?;
        Ok(ContentHash(hash))
    }
}

/// A number of bytes as people write it: `64 KB`, `10.3 MB`.
pub(crate) fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        MIB.. => (MIB, "MB"),
        KIB.. => (KIB, "KB"),
        _ => return format!("{bytes} B"),
    };
    // Rounded up, so that what is too large never looks as if it were not.
    let tenths = (bytes * 10).div_ceil(unit);
    match tenths % 10 {
        0 => format!("{} {name}", tenths / 10),
        tenth => format!("{}.{tenth} {name}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_as_people_write_them() {
        for (bytes, told) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (64 * KIB, "64 KB"),
            (64 * KIB + 1, "64.1 KB"),
            (10 * MIB, "10 MB"),
            (10 * MIB + 1, "10.1 MB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }

    #[test]
    fn a_hash_is_that_of_other_programs() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(MediaContent::of(b"abc").hash.to_string(), known);
    }
}
