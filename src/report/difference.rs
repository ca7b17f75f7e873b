//! Where two texts on one line each differ, marked beneath them.

use crate::report::display_width;

/// What stands under a text: marks below all from the first letter that is another one in
/// `wanted` to the last. None when nothing differs.
pub(super) fn marks(wanted: &str, got: &str) -> Option<String> {
    let (before, middle) = differing(wanted, got)?;
    let marks = "^".repeat(display_width(middle).max(1));
    Some(format!("{}{marks}", " ".repeat(display_width(before))))
}

/// Letters of the same that are shown before the first difference.
const BEFORE: usize = 16;

/// Letters that are shown in all.
const MAX_SHOWN: usize = 48;

/// The part of both texts where they begin to differ, where they are too long to stand under each
/// other as a whole.
pub(super) fn excerpts(wanted: &str, got: &str) -> Option<(String, String)> {
    let (before, _) = differing(wanted, got)?;
    let skipped = before.chars().count().saturating_sub(BEFORE);
    Some((excerpt(wanted, skipped), excerpt(got, skipped)))
}

fn excerpt(text: &str, skipped: usize) -> String {
    let mut rest = text.chars().skip(skipped);
    let shown: String = rest.by_ref().take(MAX_SHOWN).collect();
    let start = if skipped > 0 { "…" } else { "" };
    let end = if rest.next().is_some() { "…" } else { "" };
    format!("{start}{shown}{end}")
}

/// What of `got` comes before the first difference, and what reaches from there to the last one.
fn differing<'g>(wanted: &str, got: &'g str) -> Option<(&'g str, &'g str)> {
    if wanted == got {
        return None;
    }
    let mut both = wanted.chars().zip(got.chars());
    let same = both.by_ref().take_while(|(one, other)| one == other);
    let start = same.map(|(_, letter)| letter.len_utf8()).sum();
    let (before, rest) = got.split_at_checked(start)?;
    let left = wanted.get(start..)?;
    let both = left.chars().rev().zip(rest.chars().rev());
    let same = both.take_while(|(one, other)| one == other);
    let end: usize = same.map(|(_, letter)| letter.len_utf8()).sum();
    let (middle, _) = rest.split_at_checked(rest.len() - end)?;
    Some((before, middle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_stand_under_what_differs() {
        for (wanted, got, marked) in [
            ("\"abc\"", "\"axc\"", Some("  ^")),
            ("\"周一到周五\"", "\"周一到周六\"", Some("         ^^")),
            ("\"a b c\"", "\"a xyz c\"", Some("   ^^^")),
            // What is missing is marked where it would stand.
            ("\"abc\"", "\"ab\"", Some("   ^")),
            ("\"ab\"", "\"abc\"", Some("   ^")),
            ("\"aa\"", "\"aaa\"", Some("   ^")),
            ("\"再见\"", "success", Some("^^^^^^^")),
            ("\"🙂a\"", "\"🙂b\"", Some("   ^")),
            ("", "", None),
        ] {
            assert_eq!(marks(wanted, got).as_deref(), marked, "{wanted} {got}");
        }
    }

    #[test]
    fn of_long_texts_the_part_is_shown_where_they_begin_to_differ() {
        let long = "一二三四五六七八九十".repeat(9);
        let (wanted, got) = (format!("{long}甲{long}"), format!("{long}乙{long}"));
        let (wanted, got) = excerpts(&wanted, &got).unwrap();
        assert!(wanted.starts_with("…五六七八九十一二三四五六七八九十甲一二"));
        assert!(wanted.ends_with('…'));
        let marked = marks(&wanted, &got).unwrap();
        assert!(marked.ends_with("  ^^") && marked.trim_start() == "^^");
    }
}
