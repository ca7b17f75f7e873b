//! A QR code as PNG and as SVG.

use std::path::Path;

use qrcodegen::{QrCode, QrCodeEcc};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PictureKind {
    Png,
    Svg,
}

impl PictureKind {
    /// By the end of the name.
    pub(super) fn of(path: &Path) -> Option<PictureKind> {
        let extension = path.extension()?.to_str()?;
        match extension.to_ascii_lowercase().as_str() {
            "png" => Some(PictureKind::Png),
            "svg" => Some(PictureKind::Svg),
            _ => None,
        }
    }
}

/// Around the code nothing else may be for four modules.
const MARGIN: i32 = 4;
/// Of a module of a PNG, in pixels; wide enough for a poster of a hand's width.
const SCALE: usize = 16;

pub(super) struct Picture(QrCode);

impl Picture {
    /// Nothing where it is too long for a code.
    pub(super) fn of(text: &str) -> Option<Picture> {
        QrCode::encode_text(text, QrCodeEcc::Medium)
            .ok()
            .map(Picture)
    }

    pub(super) fn as_kind(&self, kind: PictureKind) -> Vec<u8> {
        match kind {
            PictureKind::Png => self.png(),
            PictureKind::Svg => self.svg().into_bytes(),
        }
    }

    fn side(&self) -> i32 {
        self.0.size() + 2 * MARGIN
    }

    /// Whether a module is dark, with the margin.
    fn is_dark(&self, column: i32, row: i32) -> bool {
        self.0.get_module(column - MARGIN, row - MARGIN)
    }

    fn svg(&self) -> String {
        let side = self.side();
        let mut path = String::new();
        for row in 0..side {
            for column in (0..side).filter(|column| self.is_dark(*column, row)) {
                path.push_str(&format!("M{column},{row}h1v1h-1z"));
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\
             <path d=\"{path}\"/></svg>\n"
        )
    }

    /// One bit for each pixel, which needs no compression.
    fn png(&self) -> Vec<u8> {
        let side = self.side();
        let pixels = usize::try_from(side).unwrap_or_default() * SCALE;
        let mut rows = Vec::new();
        for row in 0..side {
            let mut line = vec![0_u8; 1 + pixels.div_ceil(8)];
            let columns = (0..side).flat_map(|column| std::iter::repeat_n(column, SCALE));
            for (pixel, column) in columns.enumerate() {
                let is_light = !self.is_dark(column, row);
                if let Some(byte) = line.get_mut(1 + pixel / 8) {
                    *byte |= u8::from(is_light) << (7 - pixel % 8);
                }
            }
            rows.extend(std::iter::repeat_n(line, SCALE).flatten());
        }
        let size = u32::try_from(pixels).unwrap_or_default().to_be_bytes();
        let head = [&size[..], &size, &[1, 0, 0, 0, 0]].concat();
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut png, b"IHDR", &head);
        chunk(&mut png, b"IDAT", &stored(&rows));
        chunk(&mut png, b"IEND", &[]);
        png
    }
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or_default();
    png.extend(length.to_be_bytes());
    let content = [kind.as_slice(), data].concat();
    png.extend(&content);
    png.extend(crc32(&content).to_be_bytes());
}

/// As zlib writes what it does not compress.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or_default();
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(bytes).to_be_bytes());
    stream
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    (high << 16) | low
}

fn crc32(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    });
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_png_and_zlib() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn a_picture_has_the_size_of_its_code_with_a_margin() {
        let picture = Picture::of("http://weixin.qq.com/q/02abcdefghijklmnopqrst").unwrap();
        let pixels = u32::try_from(picture.side()).unwrap() * 16;
        let png = picture.as_kind(PictureKind::Png);
        assert_eq!(png[16..20], pixels.to_be_bytes());
        let side = picture.side();
        let svg = picture.svg();
        assert!(
            svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")),
            "{svg}"
        );
        // The finder pattern in the corner, behind the margin.
        assert!(picture.is_dark(4, 4) && !picture.is_dark(3, 3) && !picture.is_dark(5, 5));
    }

    #[test]
    fn the_end_of_the_name_says_what_is_drawn() {
        let kind = |name: &str| PictureKind::of(Path::new(name));
        assert_eq!(kind("a.PNG"), Some(PictureKind::Png));
        assert_eq!(kind("a.svg"), Some(PictureKind::Svg));
        assert_eq!(kind("a.jpg"), None);
        assert_eq!(kind("png"), None);
    }
}
