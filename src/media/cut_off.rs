//! Whether the end of a picture is missing, as after a copy that was interrupted. Knows only where
//! pictures end, not what they show.

use crate::media::format::MediaFormat;

/// Not where that cannot be told.
pub(super) fn is_cut_off(format: Option<MediaFormat>, bytes: &[u8]) -> bool {
    let end = match format {
        Some(MediaFormat::Jpeg) => end_of_jpeg(bytes),
        Some(MediaFormat::Png) => end_of_png(bytes),
        _ => EndMarker::Unknown,
    };
    matches!(end, EndMarker::Missing)
}

enum EndMarker {
    Found,
    Missing,
    /// It is built in another way.
    Unknown,
}

const MARKER: u8 = 0xFF;

/// Segments with a length each; behind that of a scan come bytes in which a marker is told by not
/// being followed by zero. [ITU-T T.81, B.1]
fn end_of_jpeg(bytes: &[u8]) -> EndMarker {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        let (marker, behind) = match rest {
            [MARKER, MARKER, ..] => {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            [MARKER, marker, behind @ ..] => (*marker, behind),
            [] | [MARKER] => return EndMarker::Missing,
            _ => return EndMarker::Unknown,
        };
        let length = match (marker, behind) {
            (0xD9, _) => return EndMarker::Found,
            (0x01 | 0xD0..=0xD7, _) => 0,
            (_, [high, low, ..]) => usize::from(u16::from_be_bytes([*high, *low])),
            _ => return EndMarker::Missing,
        };
        rest = match behind.get(length..) {
            Some(behind) if marker == 0xDA => behind_scan(behind),
            Some(behind) => behind,
            None => return EndMarker::Missing,
        };
    }
}

fn behind_scan(bytes: &[u8]) -> &[u8] {
    let is_end = |pair: &[u8]| matches!(pair, [MARKER, second] if !matches!(second, 0 | 0xD0..=0xD7 | &MARKER));
    let end = bytes.windows(2).position(is_end);
    end.and_then(|end| bytes.get(end..)).unwrap_or_default()
}

/// Chunks with a length each, up to one that says it is the last.
/// [https://www.w3.org/TR/png-3/#5Chunk-layout]
fn end_of_png(bytes: &[u8]) -> EndMarker {
    const AROUND: usize = 12;
    let mut rest = bytes.get(8..).unwrap_or_default();
    loop {
        let [a, b, c, d, kind @ ..] = rest else {
            return EndMarker::Missing;
        };
        let is_last = kind.starts_with(b"IEND");
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        rest = match rest.get(length.saturating_add(AROUND)..) {
            Some(_) if is_last => return EndMarker::Found,
            Some(behind) => behind,
            None => return EndMarker::Missing,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a small picture of itself, restarts, and bytes that look like markers.
    const JPEG: &[u8] = b"\xFF\xD8\xFF\xE1\0\x08\xFF\xD8\xFF\xDA\xFF\xD9\xFF\xFF\xC0\0\x03.\
                          \xFF\xDA\0\x02ab\xFF\0c\xFF\xD0d\xFF\xDA\0\x02e\xFF\xD9";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x02IHDRab....\0\0\0\0IEND....";

    #[test]
    fn a_picture_lacks_its_end_wherever_it_was_cut() {
        for whole in [JPEG, PNG] {
            let is_cut_off = |bytes: &[u8]| is_cut_off(MediaFormat::of(bytes), bytes);
            for length in 12..whole.len() {
                assert!(is_cut_off(&whole[..length]), "{length}");
            }
            assert!(!is_cut_off(whole));
            // Cameras append what is theirs.
            assert!(!is_cut_off(&[whole, b"\xFF\xDA more"].concat()));
        }
        for unknown in [&b"\xFF\xD8\xFF\xE0\0\x02odd"[..], b"GIF89a", b""] {
            assert!(!is_cut_off(MediaFormat::of(unknown), unknown));
        }
    }
}
