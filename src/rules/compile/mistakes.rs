//! What was wrong in the reading of a file, as diagnostics.

use crate::rules::compile::report::Report;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::nearest::nearest;
use crate::rules::parsed::ParsedSource;
use crate::rules::yaml::aliases::MULTIPLIED;
use crate::rules::yaml::reader::{Mistake, MistakeKind, TOO_MANY};
use crate::rules::yaml::{SyntaxError, hints};

pub(super) fn report(report: &mut Report) {
    let sources = report.sources;
    for source in &sources.files {
        if let Some(broken) = &source.read.broken {
            let place = source.place(broken.range.clone());
            report.push(not_yaml(place, broken));
        }
        for mistake in &source.read.mistakes {
            report.push(diagnostic(source, mistake));
        }
    }
}

/// What the YAML reader says in words of its own, and what one does about it.
const NOT_YAML: &[(&str, &str)] = &[
    ("tab", "indent with spaces; YAML does not allow tabs"),
    (
        "mapping values are not allowed",
        "put a text that holds `: ` in quotes, and indent all keys of a rule alike",
    ),
    (
        "invalid indentation",
        "indent what stands in brackets further than the line that they began in",
    ),
    (
        "document",
        "take out the line `---`, or put what follows it into a file of its own",
    ),
    (
        "control character",
        "take out the character that cannot be seen; an editor can show it",
    ),
    (
        "nested too deeply",
        "no rule needs this many brackets: look for one that is not closed",
    ),
    (
        "aliases",
        "an alias (*name) that holds aliases multiplies; write out what is needed",
    ),
    ("anchor", "put a text that begins with * or & in quotes"),
    ("alias", "put a text that begins with * in quotes"),
    ("tag", "put a text that begins with ! in quotes"),
    (
        "found character",
        "put a text that begins with * & ! % @ or ` in quotes",
    ),
    (
        "escape",
        "write the text in single quotes, where a backslash is a backslash: '\\d+'",
    ),
    ("quoted scalar", "close the quotes that open here"),
    (
        "flow",
        "close the bracket that opens here, and write a comma between its items",
    ),
    (
        "simple key",
        "write a plain colon and a space behind a key: `reply: 你好`",
    ),
    (
        "block",
        "indent all keys of a rule alike, and all `-` of a list",
    ),
];

fn not_yaml(place: Place, broken: &SyntaxError) -> Diagnostic {
    let message = &broken.message;
    let known = || NOT_YAML.iter().find(|(words, _)| message.contains(words));
    let help = match (&broken.help, known()) {
        (Some(help), _) => help,
        (None, Some((_, help))) => *help,
        (None, None) => {
            "put a text with special characters in quotes, and look at the line before, too"
        }
    };
    Diagnostic::error(place, format!("this is not YAML: {message}")).help(help)
}

fn diagnostic(source: &ParsedSource, mistake: &Mistake) -> Diagnostic {
    let place = source.place_of(Some(mistake.node));
    match &mistake.kind {
        MistakeKind::UnknownKey { key, known } => {
            let nearest = || match nearest(key, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if key == "<<" => {
                    "merging is not part of this YAML: write the keys out here".to_owned()
                }
                None => format!("what can stand here: {}", known.join(", ")),
            };
            let help = hints::key_help(key).unwrap_or_else(nearest);
            Diagnostic::error(place, format!("unknown key `{}`", hints::shown(key))).help(help)
        }
        MistakeKind::DuplicateKey { key, first } => {
            Diagnostic::error(place, format!("`{key}` is given twice"))
                .other(source.place_of(Some(*first)), "the first")
                .help(match key.as_str() {
                    "rules" | "tests" | "options" => {
                        "keep one, and move what stands in the other into it"
                    }
                    "type" | "equals" | "prefix" | "suffix" | "contains" | "regex" | "event"
                    | "key" | "scene" | "menu" | "hours" | "days" | "clear" | "include" => {
                        "keep one; several values for one key are a list: [a, b]"
                    }
                    _ => "keep one",
                })
        }
        MistakeKind::WrongType { expected, found } => {
            let (expected, example) = expected.split_once('|').unwrap_or((expected, ""));
            let diagnostic =
                Diagnostic::error(place, format!("expected {expected}, found {found}"));
            let tree = source.read.tree.as_ref();
            let text = tree.and_then(|tree| tree.scalar(mistake.node));
            if let Some(help) = text.and_then(hints::entry_help) {
                return diagnostic.help(help);
            }
            match example {
                "" if expected == "a list" => {
                    diagnostic.help("a list stands in [ ], or has a `-` before each of its items")
                }
                "" => diagnostic.help(format!("write {expected} here")),
                example => diagnostic.help(format!("for example {example}")),
            }
        }
        MistakeKind::Other(message) => {
            let help = match message.as_str() {
                MULTIPLIED => {
                    "an alias (*name) that holds aliases multiplies; write out what is needed"
                }
                TOO_MANY => "mend those above first",
                _ => "put a key that begins with [ { or ? in quotes",
            };
            Diagnostic::error(place, message.clone()).help(help)
        }
    }
}
