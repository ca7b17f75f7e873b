//! What is wrong with a file that cannot be read, as diagnostics.

use crate::i18n::phrase;
use crate::rules::compile::report::Report;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::nearest::nearest;
use crate::rules::parsed::ParsedSource;
use crate::rules::yaml::reader::{Mistake, MistakeKind};
use crate::rules::yaml::{SyntaxError, hints};

pub(super) fn report(report: &mut Report) {
    let sources = report.sources;
    for source in &sources.files {
        if let Some(broken) = &source.read.broken {
            let place = source.place(broken.range.clone());
            report.push(not_yaml(place, broken));
        }
        for mistake in &source.read.mistakes {
            match report.is_full() {
                true => report.leave_out(1),
                false => report.push(diagnostic(source, mistake)),
            }
        }
        report.leave_out(source.read.mistakes_left_out);
    }
}

fn not_yaml(place: Place, broken: &SyntaxError) -> Diagnostic {
    let message = match broken.problem == phrase!(too_many_aliases) {
        true => phrase!(too_many_aliases),
        false => phrase!(invalid_yaml, problem = broken.problem.clone()),
    };
    Diagnostic::error(place, message).help(broken.help.clone())
}

fn diagnostic(source: &ParsedSource, mistake: &Mistake) -> Diagnostic {
    let place = source.place_of(Some(mistake.node));
    match &mistake.kind {
        MistakeKind::UnknownKey { key, known } => {
            let nearest = || match nearest(key, known.iter().copied()) {
                Some(meant) => phrase!(help_did_you_mean, meant),
                None if key == "<<" => phrase!(help_no_merge),
                None => phrase!(help_known_keys, keys = known.join(", ")),
            };
            let help = hints::key_help(key).unwrap_or_else(nearest);
            Diagnostic::error(place, phrase!(unknown_key, key = hints::shown(key))).help(help)
        }
        MistakeKind::DuplicateKey { key, first } => {
            let help = match key.as_str() {
                "rules" | "tests" | "options" => phrase!(help_merge_into_first),
                "type" | "equals" | "prefix" | "suffix" | "contains" | "regex" | "event"
                | "key" | "scene" | "menu" | "hours" | "days" | "clear" | "include" => {
                    phrase!(help_several_values)
                }
                _ => phrase!(help_keep_one),
            };
            Diagnostic::error(place, phrase!(duplicate_key, key))
                .other(source.place_of(Some(*first)), phrase!(label_first))
                .help(help)
        }
        MistakeKind::WrongType { expected, found } => {
            let name = expected.name.clone();
            let message = phrase!(wrong_type, expected = name.clone(), found = found.clone());
            let tree = source.read.tree.as_ref();
            let text = tree.and_then(|tree| tree.scalar(mistake.node));
            let help = text.and_then(hints::entry_help);
            let help = help.unwrap_or_else(|| match expected.example {
                Some(example) => phrase!(help_example, example),
                None if name == phrase!(expected_list) => phrase!(help_write_a_list),
                None => phrase!(help_write_expected, expected = name),
            });
            Diagnostic::error(place, message).help(help)
        }
        MistakeKind::KeyNotText => {
            Diagnostic::error(place, phrase!(key_not_text)).help(phrase!(help_quote_key))
        }
        MistakeKind::TooManyAliases => Diagnostic::error(place, phrase!(too_many_aliases))
            .help(phrase!(help_multiplied_aliases)),
        MistakeKind::TooMany => {
            Diagnostic::error(place, phrase!(too_many_errors)).help(phrase!(help_fix_those_first))
        }
        MistakeKind::Unreadable => {
            let message = phrase!(invalid_yaml, problem = phrase!(yaml_unreadable));
            Diagnostic::error(place, message).help(phrase!(help_unreadable))
        }
    }
}
