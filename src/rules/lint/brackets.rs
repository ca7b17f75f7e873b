//! Placeholders that an input method has spoilt, so that followers would see them as they stand.

use crate::rules::placeholder::{BUILT_IN, is_user_key};
use crate::rules::template::Template;

const OPENING: [char; 6] = ['<', '＜', '〈', '《', '‹', '{'];
const CLOSING: [char; 5] = ['>', '＞', '〉', '》', '›'];

/// No name is longer, and what is not closed is soon given up.
const MAX_INSIDE: usize = 200;

/// The first of a template: what stands there, and what was meant. There are placeholders of these
/// names, too.
pub(super) fn spoilt(template: &Template, names: &[&str]) -> Option<(String, String)> {
    template.literals().find_map(|literal| {
        let mut openings = literal.match_indices(OPENING);
        openings.find_map(|(at, _)| at_opening(literal.get(at..)?, names))
    })
}

fn at_opening(text: &str, names: &[&str]) -> Option<(String, String)> {
    let mut letters = text.chars();
    let opening = letters.next()?;
    let is_closing = |letter: &char| match opening {
        '{' => *letter == '}',
        _ => CLOSING.contains(letter),
    };
    let inside: String = letters
        .by_ref()
        .take(MAX_INSIDE)
        .take_while(|letter| !is_closing(letter))
        .collect();
    let closing = text.chars().nth(1 + inside.chars().count())?;
    let name = inside.trim();
    let is_known = BUILT_IN.iter().any(|(known, ..)| *known == name)
        || name.strip_prefix("user.").is_some_and(is_user_key)
        || names.contains(&name);
    let (whole, meant) = (format!("{opening}{inside}{closing}"), format!("<{name}>"));
    // `<<content>` writes `<content>` as a text, and means it.
    (is_known && is_closing(&closing) && whole != meant).then_some((whole, meant))
}
