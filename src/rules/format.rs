//! A rule file made tidy: its comments, their order and its meaning stay.

use pretty_yaml::config::FormatOptions;
use pretty_yaml::config::LanguageOptions;
use pretty_yaml::config::LayoutOptions;
use pretty_yaml::config::LineBreak;

use crate::rules::yaml;

/// As wide as a line may become before it is broken.
const WIDTH: usize = 100;

/// A file that is not settled after so many more never will be.
const ROUNDS: usize = 3;

/// Why a file stays as it is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unformatted {
    #[error("it has mistakes; `wxreply check` tells them")]
    Mistakes,
    #[error("the formatter cannot keep all that it says; tidy it by hand")]
    Changed,
}

/// The same file, tidy. What was tidy already comes back as it is.
pub fn formatted(text: &str) -> Result<String, Unformatted> {
    let meaning = meaning(text).ok_or(Unformatted::Mistakes)?;
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
        tidy.map_err(|_| Unformatted::Changed)
    };
    let mut tidy = format(text)?;
    // Odd line breaks within brackets take a second time to settle.
    for _ in 0..ROUNDS {
        let again = format(&tidy)?;
        if again == tidy {
            return match self::meaning(&tidy) {
                Some(after) if after == meaning => Ok(tidy),
                _ => Err(Unformatted::Changed),
            };
        }
        tidy = again;
    }
    Err(Unformatted::Changed)
}

/// Everything that is read of a file, so that two of one meaning make the same rules.
fn meaning(text: &str) -> Option<String> {
    let read = yaml::read(text);
    let is_whole = read.mistakes.is_empty() && read.broken.is_none();
    is_whole.then(|| format!("{:?}", read.file))
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
            assert_eq!(formatted(text), Err(Unformatted::Mistakes), "{text}");
        }
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
            Err(Unformatted::Mistakes) => {
                assert_eq!(meaning(&text), None, "{shown}");
                return 0;
            }
            // A key with nothing behind it in brackets; hardly anybody means that.
            Err(Unformatted::Changed) => {
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
        let shipped = std::fs::read_to_string(root.join("rules.yaml")).unwrap();
        assert_eq!(formatted(&shipped).unwrap(), shipped);
    }
}
