//! What is wrong with a regex that cannot be read, as a message.

use regex_syntax::Error;
use regex_syntax::ast::{ErrorKind, Span};

use crate::i18n::{Phrase, phrase};

/// None for a pattern that can be read.
pub(in crate::rules) fn of(pattern: &str) -> Option<Phrase> {
    let (problem, span) = match regex_syntax::parse(pattern).err()? {
        Error::Parse(error) => (problem(error.kind()), *error.span()),
        Error::Translate(error) => (phrase!(regex_unsupported), *error.span()),
        _ => return Some(phrase!(regex_unsupported)),
    };
    let found = shown(pattern, span);
    let column = span.start.column;
    Some(phrase!(regex_problem_at, problem, column, found))
}

/// Whether a pattern looks ahead or behind, which no regex here can.
pub(in crate::rules) fn looks_around(pattern: &str) -> bool {
    match regex_syntax::parse(pattern) {
        Err(Error::Parse(error)) => *error.kind() == ErrorKind::UnsupportedLookAround,
        _ => false,
    }
}

fn shown(pattern: &str, span: Span) -> String {
    const MAX_SHOWN: usize = 20;
    let from = pattern.get(span.start.offset..).unwrap_or_default();
    let part = pattern.get(span.start.offset..span.end.offset);
    let part = part.filter(|part| !part.is_empty()).unwrap_or(from);
    part.chars().take(MAX_SHOWN).collect()
}

fn problem(kind: &ErrorKind) -> Phrase {
    match kind {
        ErrorKind::ClassUnclosed => phrase!(regex_unclosed_class),
        ErrorKind::ClassRangeInvalid | ErrorKind::ClassRangeLiteral => {
            phrase!(regex_invalid_range)
        }
        ErrorKind::GroupUnclosed => phrase!(regex_unclosed_group),
        ErrorKind::GroupUnopened => phrase!(regex_unopened_group),
        ErrorKind::GroupNameDuplicate { .. } => phrase!(regex_duplicate_name),
        ErrorKind::GroupNameEmpty
        | ErrorKind::GroupNameInvalid
        | ErrorKind::GroupNameUnexpectedEof => phrase!(regex_invalid_name),
        ErrorKind::RepetitionMissing => phrase!(regex_nothing_to_repeat),
        ErrorKind::RepetitionCountInvalid
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountUnclosed
        | ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid => phrase!(regex_invalid_count),
        ErrorKind::EscapeUnrecognized
        | ErrorKind::EscapeUnexpectedEof
        | ErrorKind::EscapeHexEmpty
        | ErrorKind::EscapeHexInvalid
        | ErrorKind::EscapeHexInvalidDigit
        | ErrorKind::ClassEscapeInvalid => phrase!(regex_invalid_escape),
        ErrorKind::UnicodeClassInvalid => phrase!(regex_unknown_class),
        ErrorKind::UnsupportedLookAround => phrase!(regex_look_around),
        ErrorKind::UnsupportedBackreference => phrase!(regex_back_reference),
        ErrorKind::FlagDanglingNegation
        | ErrorKind::FlagDuplicate { .. }
        | ErrorKind::FlagRepeatedNegation { .. }
        | ErrorKind::FlagUnexpectedEof
        | ErrorKind::FlagUnrecognized => phrase!(regex_invalid_flag),
        _ => phrase!(regex_unsupported),
    }
}
