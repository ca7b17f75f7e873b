//! What a file is, by its first bytes.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Amr,
    Bmp,
    Gif,
    Jpeg,
    Mp3,
    Mp4,
    Png,
    Wav,
    Wma,
}

impl Format {
    pub fn of(bytes: &[u8]) -> Option<Format> {
        let starts: &[(&[u8], Format)] = &[
            (b"#!AMR", Format::Amr),
            (b"BM", Format::Bmp),
            (b"GIF87a", Format::Gif),
            (b"GIF89a", Format::Gif),
            (b"\xff\xd8\xff", Format::Jpeg),
            (b"ID3", Format::Mp3),
            (b"\xff\xfb", Format::Mp3),
            (b"\xff\xf3", Format::Mp3),
            (b"\xff\xf2", Format::Mp3),
            (b"\x89PNG\r\n\x1a\n", Format::Png),
            (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format::Wma),
        ];
        let found = starts.iter().find(|(start, _)| bytes.starts_with(start));
        if let Some((_, format)) = found {
            return Some(*format);
        }
        if bytes.get(4..8) == Some(b"ftyp") {
            return Some(Format::Mp4);
        }
        let wave = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE");
        wave.then_some(Format::Wav)
    }
}
