//! Where the lines of a text begin, found once for all the places in it.

use std::ops::Range;

/// A line can be a whole file: its characters are counted block by block, too.
const BLOCK: usize = 1024;

#[derive(Debug)]
pub struct Lines {
    starts: Vec<usize>,
    /// How many characters begin before each block, and at last how many there are.
    before: Vec<usize>,
}

impl Lines {
    pub fn of(text: &str) -> Lines {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = breaks.map(|(at, _)| at + 1);
        let mut characters = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            characters += beginnings(block);
            characters
        });
        Lines {
            before: std::iter::once(0).chain(blocks).collect(),
            starts: std::iter::once(0).chain(starts).collect(),
        }
    }

    /// The number, from 1, of the line that holds a byte, and all of that line but its end.
    pub fn around(&self, text: &str, at: usize) -> (usize, Range<usize>) {
        let number = self.starts.partition_point(|start| *start <= at);
        let start = number.checked_sub(1).and_then(|last| self.starts.get(last));
        let end = self.starts.get(number).map(|next| next - 1);
        (
            number.max(1),
            start.copied().unwrap_or(0)..end.unwrap_or(text.len()),
        )
    }

    pub fn characters(&self, text: &str, range: Range<usize>) -> usize {
        self.up_to(text, range.end)
            .saturating_sub(self.up_to(text, range.start))
    }

    fn up_to(&self, text: &str, end: usize) -> usize {
        let block = end / BLOCK;
        let before = self.before.get(block).copied().unwrap_or(0);
        let rest = text.as_bytes().get(block * BLOCK..end);
        before + beginnings(rest.unwrap_or_default())
    }
}

/// The nearest beginning of a character at or before a byte.
pub(super) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn beginnings(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_where_counting_from_the_top_finds_it() {
        let long = "一a🙂".repeat(1000);
        let texts = [
            "",
            "\n",
            "a",
            "a\n",
            "\n\na\r\nb",
            "你好\n<time>\n",
            &format!("{long}\n{long}"),
            &"x".repeat(BLOCK),
            &"x".repeat(BLOCK - 1),
        ];
        for text in texts {
            let lines = Lines::of(text);
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            for at in ends {
                let (before, after) = text.split_at(at);
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                let end = after.find('\n').map_or(text.len(), |next| at + next);
                let number = before.matches('\n').count() + 1;
                assert_eq!(lines.around(text, at), (number, start..end), "{at} {text}");
                let (_, line) = before.split_at(start);
                let characters = lines.characters(text, start..at);
                assert_eq!(characters, line.chars().count(), "{at} {text}");
            }
        }
    }
}
