//! What a file is by its first bytes. Its name may say anything.

use serde::{Deserialize, Serialize};

/// Formats that people try to send, among them those that WeChat does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaFormat {
    Amr,
    Avif,
    Bmp,
    Flac,
    Gif,
    Heic,
    Jpeg,
    M4a,
    Mov,
    Mp3,
    Mp4,
    Ogg,
    Pdf,
    Png,
    Silk,
    Svg,
    Wav,
    WebM,
    WebP,
    Wma,
}

/// A frame of MPEG audio begins with eleven bits that are set; those of layer III have 01 there.
fn is_frame_of_mp3(head: &[u8]) -> bool {
    matches!(head, [0xFF, second, ..] if second & 0xE0 == 0xE0 && second & 0x06 == 0x02)
}

impl MediaFormat {
    pub fn of(bytes: &[u8]) -> Option<MediaFormat> {
        let begins = |start: &[u8]| bytes.starts_with(start);
        let at = |from: usize, part: &[u8]| bytes.get(from..from + part.len()) == Some(part);
        Some(match bytes {
            _ if begins(b"\x89PNG\r\n\x1a\n") => MediaFormat::Png,
            _ if begins(b"\xFF\xD8\xFF") => MediaFormat::Jpeg,
            _ if begins(b"GIF87a") || begins(b"GIF89a") => MediaFormat::Gif,
            _ if begins(b"RIFF") && at(8, b"WEBP") => MediaFormat::WebP,
            _ if begins(b"RIFF") && at(8, b"WAVE") => MediaFormat::Wav,
            _ if begins(b"#!AMR") => MediaFormat::Amr,
            _ if begins(b"#!SILK") || begins(b"\x02#!SILK") => MediaFormat::Silk,
            _ if begins(b"\x30\x26\xB2\x75\x8E\x66\xCF\x11") => MediaFormat::Wma,
            _ if begins(b"ID3") || is_frame_of_mp3(bytes) => MediaFormat::Mp3,
            _ if begins(b"OggS") => MediaFormat::Ogg,
            _ if begins(b"fLaC") => MediaFormat::Flac,
            _ if begins(b"\x1A\x45\xDF\xA3") => MediaFormat::WebM,
            _ if begins(b"%PDF") => MediaFormat::Pdf,
            _ if at(4, b"ftyp") => of_brand(bytes.get(8..12)?),
            _ if is_bmp(bytes) => MediaFormat::Bmp,
            _ if is_svg(bytes) => MediaFormat::Svg,
            _ => return None,
        })
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            MediaFormat::Amr => "AMR",
            MediaFormat::Avif => "AVIF",
            MediaFormat::Bmp => "BMP",
            MediaFormat::Flac => "FLAC",
            MediaFormat::Gif => "GIF",
            MediaFormat::Heic => "HEIC",
            MediaFormat::Jpeg => "JPEG",
            MediaFormat::M4a => "M4A",
            MediaFormat::Mov => "MOV",
            MediaFormat::Mp3 => "MP3",
            MediaFormat::Mp4 => "MP4",
            MediaFormat::Ogg => "Ogg",
            MediaFormat::Pdf => "PDF",
            MediaFormat::Png => "PNG",
            MediaFormat::Silk => "SILK",
            MediaFormat::Svg => "SVG",
            MediaFormat::Wav => "WAV",
            MediaFormat::WebM => "WebM",
            MediaFormat::WebP => "WebP",
            MediaFormat::Wma => "WMA",
        }
    }

    /// How the name must end for WeChat to take the file as what it is.
    pub fn extension(self) -> String {
        match self {
            MediaFormat::Jpeg => "jpg".to_owned(),
            other => other.name().to_ascii_lowercase(),
        }
    }
}

/// One container holds pictures, sound and films.
fn of_brand(brand: &[u8]) -> MediaFormat {
    match brand {
        b"avif" | b"avis" => MediaFormat::Avif,
        b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => MediaFormat::Heic,
        b"qt  " => MediaFormat::Mov,
        b"M4A " | b"M4B " => MediaFormat::M4a,
        _ => MediaFormat::Mp4,
    }
}

/// Two letters are no proof: behind them stands the size of the file, and then nothing.
fn is_bmp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM") && bytes.get(6..10) == Some(&[0; 4])
}

fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..512).unwrap_or(bytes));
    let head = head.trim_start_matches('\u{FEFF}').trim_start();
    head.starts_with("<svg") || head.starts_with("<?xml") && head.contains("<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (bytes, format) in [
            (
                &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
                Some(MediaFormat::Png),
            ),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF", Some(MediaFormat::Jpeg)),
            (b"GIF89a", Some(MediaFormat::Gif)),
            (b"BM\x46\0\0\0\0\0\0\0\x36", Some(MediaFormat::Bmp)),
            (b"BMW is no picture", None),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some(MediaFormat::Wav)),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(MediaFormat::WebP)),
            (b"RIFF\x24\0\0\0AVI LIST", None),
            (b"#!AMR\n", Some(MediaFormat::Amr)),
            (b"\x02#!SILK_V3", Some(MediaFormat::Silk)),
            (b"ID3\x04", Some(MediaFormat::Mp3)),
            (b"\xFF\xFB\x90\x64", Some(MediaFormat::Mp3)),
            (b"\xFF\xF3\x40\xC4", Some(MediaFormat::Mp3)),
            // AAC begins like this.
            (b"\xFF\xF1\x50\x80", None),
            (b"\0\0\0\x18ftypmp42", Some(MediaFormat::Mp4)),
            (b"\0\0\0\x14ftypqt  ", Some(MediaFormat::Mov)),
            (b"\0\0\0\x18ftypheic", Some(MediaFormat::Heic)),
            (b"\0\0\0\x1cftypM4A ", Some(MediaFormat::M4a)),
            (b"%PDF-1.7", Some(MediaFormat::Pdf)),
            (b"\n<svg xmlns=", Some(MediaFormat::Svg)),
            (b"<!doctype html>", None),
            (b"", None),
            (b"\xFF", None),
            (b"\0\0\0\x18ftyp", None),
        ] {
            assert_eq!(MediaFormat::of(bytes), format, "{}", bytes.escape_ascii());
        }
    }
}
