//! Writes texts so that YAML, or a template, reads them back unchanged.

use crate::rules::template::{Scope, Template};

/// A text on one line, quoted only if YAML requires it.
pub fn inline(text: &str) -> String {
    if is_bare(text) {
        return text.to_owned();
    }
    let awkward = text.contains(['"', '\\']);
    if awkward && !text.contains('\'') && text.chars().all(is_printable) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if is_printable(letter) => quoted.push(letter),
            letter => quoted.push_str(&format!("\\U{:08X}", u32::from(letter))),
        }
    }
    quoted + "\""
}

/// The same on lines of its own where it has several, each behind so many spaces.
pub fn lines(text: &str, indent: usize) -> String {
    let plain = |line: &str| {
        !line.starts_with(char::is_whitespace)
            && !line.ends_with(char::is_whitespace)
            && line.chars().all(is_printable)
    };
    let ends_with_words = |line: Option<&str>| line.is_some_and(|line| !line.is_empty());
    let mut all = text.split('\n');
    let block = text.contains('\n')
        && all.clone().all(plain)
        && ends_with_words(all.next())
        && ends_with_words(all.next_back());
    if !block {
        return inline(text);
    }
    let mut written = String::from("|-");
    for line in text.split('\n') {
        written.push('\n');
        if !line.is_empty() {
            written.push_str(&" ".repeat(indent));
            written.push_str(line);
        }
    }
    written
}

/// The template that renders exactly this text, with escaped placeholders.
pub fn template(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut pieces = text.split('<');
    written.push_str(pieces.next().unwrap_or_default());
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        // No placeholder has a `<` in it, so that each piece is read as it stands.
        let alone = format!("<{piece}");
        let reads_alike = Template::parse(&alone, &Scope::default())
            .is_ok_and(|template| template.literal() == Some(&alone));
        let before_another = piece.is_empty() && pieces.peek().is_some();
        if !reads_alike || before_another {
            written.push('<');
        }
        written.push_str(&alone);
    }
    written
}

/// On one line, without control characters for terminals.
pub fn printable(text: &str) -> String {
    let text = text.replace(|letter: char| !is_printable(letter), " ");
    text.trim().to_owned()
}

/// Whether it is plain text to YAML and harmless to terminals.
pub fn is_printable(letter: char) -> bool {
    !letter.is_control()
        && !matches!(
            letter,
            // Line breaks to YAML, marks that turn the direction of writing, and no characters.
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

fn is_bare(text: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    // 、 parts words: a keyword with it is only meant as one when it is in quotes.
    const MARKS: &str = " _-.，。！？；：（）《》【】→";
    let is_word = |letter: char| letter.is_alphabetic() && !letter.is_ascii();
    let first = text.chars().next();
    // Text that begins with a digit and is pure ASCII may be a number or a date.
    first.is_some_and(|first| {
        first.is_alphabetic() || first.is_ascii_digit() && text.contains(is_word)
    }) && !text.ends_with(' ')
        // Not every reader accepts a lone dash before a closing bracket.
        && !text.contains(" -")
        && text
            .chars()
            .all(|letter| letter.is_alphanumeric() || MARKS.contains(letter))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_only_where_yaml_would_read_something_else() {
        for (text, written) in [
            ("帮助", "帮助"),
            ("第1期", "第1期"),
            ("10086", "\"10086\""),
            ("no", "\"no\""),
            ("", "\"\""),
            ("1 查询", "1 查询"),
            ("2026-01-02", "\"2026-01-02\""),
            ("a: b", "\"a: b\""),
            ("a -", "\"a -\""),
            ("【1】", "\"【1】\""),
            ("<a href=\"x\">", "'<a href=\"x\">'"),
            ("it's \"so\"", "\"it's \\\"so\\\"\""),
            ("a\nb", "\"a\\nb\""),
            ("\u{1b}[2J", "\"\\U0000001B[2J\""),
        ] {
            assert_eq!(inline(text), written);
        }
    }

    #[test]
    fn a_text_of_several_lines_stands_on_several_lines_where_yaml_keeps_all_of_it() {
        assert_eq!(lines("a: 1\n\n# b", 4), "|-\n    a: 1\n\n    # b");
        for text in [
            "a\n",
            "\na",
            " a\nb",
            "a \nb",
            "a\n\tb",
            "a\r\nb",
            "a\n\u{2028}b",
        ] {
            assert!(lines(text, 4).starts_with('"'), "{text:?}");
        }
    }

    #[test]
    fn only_what_looks_like_a_placeholder_is_doubled() {
        for (text, written) in [
            ("<a href=\"x\">官网</a>", "<a href=\"x\">官网</a>"),
            ("<time>", "<<time>"),
            ("<nobody|x>", "<<nobody|x>"),
            ("1 < 2 <time> <", "1 < 2 <<time> <"),
            ("<<", "<<<"),
            ("<<time>", "<<<<time>"),
        ] {
            assert_eq!(template(text), written);
            let read = Template::parse(written, &Scope::default());
            assert_eq!(read.ok().as_ref().and_then(Template::literal), Some(text));
        }
    }
}
