//! A rule file made tidy: its comments, their order and its meaning stay.

use std::borrow::Cow;

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions, LineBreak};

use crate::i18n::phrase;
use crate::rules::file::RuleFile;
use crate::rules::yaml;

/// As long as a line may become before it is broken, in columns.
pub const WIDTH: usize = 120;

/// A file that is not settled after so many more never will be.
const ROUNDS: usize = 3;

/// Why a file stays as it is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FormatError {
    #[error("{}", phrase!(format_mistakes))]
    Mistakes,
    #[error("{}", phrase!(format_blanks, line = *.0))]
    Blanks(usize),
    #[error("{}", phrase!(format_changed))]
    Changed,
}

/// The same file, tidy. What was tidy already comes back as it is.
pub fn formatted(text: &str) -> Result<String, FormatError> {
    match tidied(text) {
        Err(FormatError::Changed) => {
            Err(line_of_blanks(text).map_or(FormatError::Changed, FormatError::Blanks))
        }
        tidied => tidied,
    }
}

fn tidied(text: &str) -> Result<String, FormatError> {
    let meaning = meaning(text).ok_or(FormatError::Mistakes)?;
    let options = FormatOptions {
        layout: LayoutOptions {
            print_width: WIDTH,
            indent_width: 2,
            line_break: line_break(text),
        },
        language: LanguageOptions {
            trailing_comma: false,
            ..LanguageOptions::default()
        },
    };
    let format = |text: &str| {
        let tidy = pretty_yaml::format_text(text, &options);
        tidy.map_err(|_| FormatError::Changed)
    };
    let mut tidy = format(text)?;
    // Odd line breaks within brackets take a second time to settle.
    for _ in 0..ROUNDS {
        let again = format(&tidy)?;
        if again == tidy {
            return match self::meaning(&tidy) {
                Some(after) if after == meaning => Ok(tidy),
                _ => Err(FormatError::Changed),
            };
        }
        tidy = again;
    }
    Err(FormatError::Changed)
}

/// Everything that is read of a file, so that two of one meaning make the same rules.
fn meaning(text: &str) -> Option<String> {
    let read = yaml::read::<RuleFile>(text);
    let is_whole = read.unread.mistakes.is_empty() && read.unread.broken.is_none();
    is_whole.then(|| format!("{:?}", read.file))
}

/// The first line, from 1, that says something else without the blanks at its end.
fn line_of_blanks(text: &str) -> Option<usize> {
    let whole = meaning(text)?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let matters = |first: usize| {
        let bare = lines.iter().take(first).map(|line| without_blanks(line));
        let rest = lines.iter().skip(first).copied();
        let text: String = bare.map(Cow::from).chain(rest.map(Cow::from)).collect();
        meaning(&text).as_ref() != Some(&whole)
    };
    if !matters(lines.len()) {
        return None;
    }
    let (mut harmless, mut enough) = (0, lines.len());
    while enough - harmless > 1 {
        let middle = harmless.midpoint(enough);
        match matters(middle) {
            true => enough = middle,
            false => harmless = middle,
        }
    }
    Some(enough)
}

fn without_blanks(line: &str) -> String {
    let words = line.trim_end_matches(['\r', '\n']);
    let end = line.get(words.len()..).unwrap_or_default();
    format!("{}{end}", words.trim_end_matches([' ', '\t']))
}

fn line_break(text: &str) -> LineBreak {
    match text.lines().next() {
        Some(first) if text.starts_with(&format!("{first}\r\n")) => LineBreak::Crlf,
        _ => LineBreak::Lf,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn untidy_becomes_tidy_and_comments_stay() {
        let untidy = "\
# above
rules:
    -   name:   a   # beside
        when: {type: text,prefix: [ 'a', \"b\" ]}


        reply: x
    # between
    - {name: b, reply: y}
";
        let tidy = "\
# above
rules:
  - name: a # beside
    when: { type: text, prefix: [\"a\", \"b\"] }

    reply: x
  # between
  - { name: b, reply: y }
";
        assert_eq!(formatted(untidy).unwrap(), tidy);
        assert_eq!(formatted(tidy).unwrap(), tidy);
        let windows = tidy.replace('\n', "\r\n");
        assert_eq!(formatted(&windows).unwrap(), windows);
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        for text in [
            "rules: [",
            "rulez: []",
            "rules:\n\t- a",
            "rules: []\n---\nrules: []\n",
        ] {
            assert_eq!(formatted(text), Err(FormatError::Mistakes), "{text}");
        }
    }

    #[test]
    fn blanks_that_would_be_lost_are_told_with_their_line() {
        for (text, line) in [
            ("|\n      一  \n      二\n", 4),
            (">\n      一\n      二\t\n", 5),
            ("|\n      一\n        \n      二\n", 5),
        ] {
            let text = format!("rules:   \n  - name: a   \n    reply: {text}");
            assert_eq!(formatted(&text), Err(FormatError::Blanks(line)), "{text}");
            let windows = text.replace('\n', "\r\n");
            assert_eq!(
                formatted(&windows),
                Err(FormatError::Blanks(line)),
                "{text}"
            );
        }
        let harmless = "rules:\n".to_owned() + &"  - include: a.yaml   \n".repeat(300);
        let late = format!("{harmless}  - name: a\n    reply: |\n      一  \n      二\n");
        assert_eq!(formatted(&late), Err(FormatError::Blanks(304)));
        let other = "rules:\n  - { name: a, set: { a:   , b: 1 }, reply: x }   \n";
        assert_ne!(formatted(other), Err(FormatError::Blanks(2)));
    }

    /// The lines that are comments and nothing else.
    fn comments(text: &str) -> Vec<&str> {
        let lines = text.lines().map(str::trim);
        lines.filter(|line| line.starts_with('#')).collect()
    }

    fn check(path: &Path) -> usize {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).unwrap();
            return entries.map(|entry| check(&entry.unwrap().path())).sum();
        }
        if path.extension().is_none_or(|extension| extension != "yaml") {
            return 0;
        }
        let Ok(text) = std::fs::read_to_string(path) else {
            return 0;
        };
        let shown = path.display();
        let tidy = match formatted(&text) {
            Ok(tidy) => tidy,
            Err(FormatError::Mistakes) => {
                assert_eq!(meaning(&text), None, "{shown}");
                return 0;
            }
            // A key with nothing behind it in brackets; hardly anybody means that.
            Err(FormatError::Changed | FormatError::Blanks(_)) => {
                assert!(shown.to_string().contains("/invalid/"), "{shown}");
                return 0;
            }
        };
        assert_eq!(formatted(&tidy).as_deref(), Ok(tidy.as_str()), "{shown}");
        assert_eq!(comments(&tidy), comments(&text), "{shown}");
        1
    }

    /// `formatted` itself compares the meaning.
    #[test]
    fn every_rule_file_of_the_tests_keeps_its_meaning_and_comments() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = check(&root.join("tests/data"));
        assert!(files > 80, "only {files} files");
        let shipped = std::fs::read_to_string(root.join("tests/data/shipped.yaml")).unwrap();
        assert_eq!(formatted(&shipped).unwrap(), shipped);
    }
}
