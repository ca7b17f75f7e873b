//! What was wrong in the reading of a file, as diagnostics.

use crate::rules::compile::report::Report;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::diagnostic::Place;
use crate::rules::nearest::nearest;
use crate::rules::sources::Source;
use crate::rules::yaml::reader::Mistake;
use crate::rules::yaml::reader::MistakeKind;

pub fn report(report: &mut Report) {
    let sources = report.sources;
    for source in &sources.files {
        if let Some(broken) = &source.read.broken {
            let place = Place::of(&source.path, &source.text, broken.range.clone());
            report.push(not_yaml(source, place, &broken.message));
        }
        for mistake in &source.read.mistakes {
            report.push(diagnostic(source, mistake));
        }
    }
}

fn not_yaml(source: &Source, place: Place, message: &str) -> Diagnostic {
    if source.text.trim().is_empty() {
        return Diagnostic::error(Place::file(&source.path), "the file is empty")
            .help("a rule file begins with `rules:`");
    }
    let help = if message.contains("tab") {
        "indent with spaces; YAML does not allow tabs"
    } else if message.contains("mapping values are not allowed") {
        "put a text that holds `: ` in quotes, and indent all keys of a rule alike"
    } else if message.contains("unknown anchor") || message.contains("found character") {
        "put a text that begins with * & ! % @ or ` in quotes"
    } else {
        "put a text with special characters in quotes, and look at the line before, too"
    };
    Diagnostic::error(place, format!("this is not YAML: {message}")).help(help)
}

fn diagnostic(source: &Source, mistake: &Mistake) -> Diagnostic {
    let place = source.place_of(Some(mistake.node));
    match &mistake.kind {
        MistakeKind::UnknownKey { key, known } => {
            let help = match nearest(key, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("what can stand here: {}", known.join(", ")),
            };
            Diagnostic::error(place, format!("unknown key `{key}`")).help(help)
        }
        MistakeKind::DuplicateKey { key, first } => {
            Diagnostic::error(place, format!("`{key}` is given twice"))
                .other(source.place_of(Some(*first)), "the first")
                .help(match key.as_str() {
                    "rules" | "tests" | "options" => {
                        "keep one, and move what stands in the other into it"
                    }
                    _ => "keep one; several values for one key are a list: [a, b]",
                })
        }
        MistakeKind::WrongType { expected, found } => {
            let (expected, example) = expected.split_once('|').unwrap_or((expected, ""));
            let diagnostic =
                Diagnostic::error(place, format!("expected {expected}, found {found}"));
            match example {
                "" => diagnostic.help(format!("write {expected} here")),
                example => diagnostic.help(format!("for example {example}")),
            }
        }
        MistakeKind::Other(message) => Diagnostic::error(place, message.clone())
            .help("look at the file as YAML reads it: indentation, quotes, anchors"),
    }
}
