//! Reads the shape that nearly all of WeChat's pushes have: flat, each value one CDATA or one
//! plain word. Says nothing of any other body, not even that it is wrong: `xml` reads those, and
//! reads these alike, several times slower.

use std::ops::Range;

use memchr::memmem;

/// Longer pushes are rare enough.
const MAX_ELEMENTS: usize = 32;
const MAX_NAME_BYTES: usize = 64;

const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";
const ROOT: &str = "<xml>";
const ROOT_END: &str = "</xml>";

/// Where names and values stand in a body.
pub(super) struct Elements {
    places: [(Range<usize>, Range<usize>); MAX_ELEMENTS],
    count: usize,
}

impl Elements {
    pub(super) fn into_iter(self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        self.places.into_iter().take(self.count)
    }
}

/// None for a body of any other shape. `is_unique` is asked about each name in turn.
pub(super) fn read(body: &str, mut is_unique: impl FnMut(&str) -> bool) -> Option<Elements> {
    let mut elements = Elements {
        places: [const { (0..0, 0..0) }; MAX_ELEMENTS],
        count: 0,
    };
    let mut rest = body.strip_prefix(ROOT)?;
    loop {
        rest = rest.trim_start_matches(is_space);
        if let Some(behind) = rest.strip_prefix(ROOT_END) {
            return behind
                .trim_start_matches(is_space)
                .is_empty()
                .then_some(elements);
        }
        let tag = rest.strip_prefix('<')?;
        let (name, inside) = tag.split_at_checked(word(tag))?;
        let starts_well = name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if !starts_well || name.len() > MAX_NAME_BYTES || !is_unique(name) {
            return None;
        }
        let name_place = place(body, name);
        let inside = inside.strip_prefix('>')?;
        let (value, behind) = match inside.strip_prefix(CDATA) {
            Some(text) => {
                let end = memmem::find(text.as_bytes(), CDATA_END.as_bytes())?;
                let (text, behind) = text.split_at_checked(end)?;
                // Line ends may have to be changed, which needs a copy.
                if memchr::memchr(b'\r', text.as_bytes()).is_some() {
                    return None;
                }
                (place(body, text), behind.strip_prefix(CDATA_END)?)
            }
            None => {
                let (text, behind) = inside.split_at_checked(word(inside))?;
                (place(body, text), behind)
            }
        };
        let behind = behind.strip_prefix("</")?.strip_prefix(name)?;
        rest = behind.strip_prefix('>')?;
        *elements.places.get_mut(elements.count)? = (name_place, value);
        elements.count += 1;
    }
}

/// How long the word is that a text begins with.
fn word(text: &str) -> usize {
    let letters = text.bytes();
    letters
        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == b'_')
        .count()
}

/// Where a part of the body stands in it.
fn place(body: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - body.as_ptr() as usize;
    start..start + part.len()
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n')
}
