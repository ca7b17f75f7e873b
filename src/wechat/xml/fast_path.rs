//! Fast path for the shape of nearly all of WeChat's pushes: flat elements, each value one CDATA or
//! one plain word. Gives up on anything else without judging it: `xml` reads those, and gives the
//! same result for these, several times slower.

use std::ops::Range;

use memchr::memchr2;

/// Longer pushes are rare and use the general reader.
const MAX_ELEMENTS: usize = 32;
const MAX_NAME_BYTES: usize = 64;

const CDATA: &[u8] = b"<![CDATA[";
const CDATA_END: &[u8] = b"]]>";
const ROOT: &[u8] = b"<xml>";
const ROOT_END: &[u8] = b"</xml>";

/// The ranges of names and values in a body.
pub(super) struct ElementRanges {
    places: [(Range<usize>, Range<usize>); MAX_ELEMENTS],
    count: usize,
}

impl ElementRanges {
    pub(super) fn into_iter(self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        self.places.into_iter().take(self.count)
    }
}

/// `None` for a body of any other shape. `is_unique` is called for each name in turn.
pub(super) fn read(body: &str, mut is_unique: impl FnMut(&str) -> bool) -> Option<ElementRanges> {
    let bytes = body.as_bytes();
    let mut elements = ElementRanges {
        places: [const { (0..0, 0..0) }; MAX_ELEMENTS],
        count: 0,
    };
    let mut at = after(bytes, 0, ROOT)?;
    loop {
        at = skip_space(bytes, at);
        if let Some(end) = after(bytes, at, ROOT_END) {
            return (skip_space(bytes, end) == bytes.len()).then_some(elements);
        }
        let start = after(bytes, at, b"<")?;
        let end = skip_word(bytes, start);
        let name = body.get(start..end)?;
        let starts_well = bytes.get(start)?.is_ascii_alphabetic();
        if !starts_well || name.len() > MAX_NAME_BYTES || !is_unique(name) {
            return None;
        }
        let inside = after(bytes, end, b">")?;
        let (value, behind) = match after(bytes, inside, CDATA) {
            Some(text) => {
                let length = cdata_length(bytes.get(text..)?)?;
                let end = text + length;
                (text..end, end + CDATA_END.len())
            }
            None => {
                let end = skip_word(bytes, inside);
                (inside..end, end)
            }
        };
        let behind = after(bytes, behind, b"</")?;
        let behind = after(bytes, behind, name.as_bytes())?;
        at = after(bytes, behind, b">")?;
        *elements.places.get_mut(elements.count)? = (start..end, value);
        elements.count += 1;
    }
}

/// The position after a word at this position.
fn after(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes
        .get(at..)?
        .starts_with(word)
        .then_some(at + word.len())
}

/// The length of a text up to `]]>`. `None` if its line ends have to be changed, which needs a
/// copy.
fn cdata_length(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = from + memchr2(b']', b'\r', text.get(from..)?)?;
        let here = text.get(found..)?;
        if here.starts_with(CDATA_END) {
            return Some(found);
        }
        if here.first() == Some(&b'\r') {
            return None;
        }
        from = found + 1;
    }
}

fn skip_word(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let other = |byte: &u8| !(byte.is_ascii_alphanumeric() || *byte == b'_');
    at + rest.iter().position(other).unwrap_or(rest.len())
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let other = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\n');
    at + rest.iter().position(other).unwrap_or(rest.len())
}
