//! Finds where a text stops being YAML, and the message for it. Knows the scanner's errors, but no
//! rules.

use std::ops::Range;

use crate::i18n::{Phrase, phrase};
use crate::rules::yaml::hints::{hint, unseen_at};
use crate::rules::yaml::tree::{MistakeReason, TreeError};

#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub range: Range<usize>,
    pub problem: Phrase,
    pub help: Phrase,
}

/// What the scanner was reading when it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A second `: ` on a line, or a key deeper than those above it.
    MappingValue,
    /// A `- ` after the colon of a key.
    BlockItem,
    /// Quotes that are not closed.
    Quotes,
    /// A backslash in double quotes.
    Escape,
    /// A key without a colon.
    Key,
    /// A text after `|` or `>`.
    BlockSign,
    /// The lines of a mapping or list that is not in brackets.
    Block,
    /// Entries in brackets.
    Brackets,
    /// A character that cannot start anything.
    Character,
    Tab,
    Anchor,
    Tag,
    Document,
    Other,
}

/// Parts of a problem and of its context; the first line that matches classifies the error.
const STOPS: &[(&str, &str, Stop)] = &[
    ("mapping values are not allowed", "", Stop::MappingValue),
    ("block sequence entries", "", Stop::BlockItem),
    ("", "parsing a quoted scalar", Stop::Escape),
    ("", "scanning a quoted scalar", Stop::Quotes),
    ("", "simple key", Stop::Key),
    ("", "block scalar", Stop::BlockSign),
    ("tab character", "", Stop::Tab),
    ("", "anchor", Stop::Anchor),
    ("", "alias", Stop::Anchor),
    ("", "%TAG", Stop::Document),
    ("tag", "", Stop::Tag),
    ("", "tag", Stop::Tag),
    ("document", "", Stop::Document),
    ("", "directive", Stop::Document),
    ("cannot start any token", "", Stop::Character),
    ("", "flow", Stop::Brackets),
    ("", "block", Stop::Block),
];

impl Stop {
    fn of(problem: &str, context: &str) -> Stop {
        let fits = |(of_problem, of_context, _): &&(&str, &str, Stop)| {
            problem.contains(of_problem) && context.contains(of_context)
        };
        let stop = STOPS.iter().find(fits);
        stop.map_or(Stop::Other, |(_, _, stop)| *stop)
    }

    /// The start of something unclosed is more useful than the place where the search ended.
    fn is_unfinished(self) -> bool {
        matches!(self, Stop::Quotes | Stop::Brackets | Stop::Key)
    }

    fn explained(self) -> (Phrase, Phrase) {
        match self {
            Stop::MappingValue => (
                phrase!(yaml_mapping_not_allowed),
                phrase!(help_mapping_not_allowed),
            ),
            Stop::Quotes => (phrase!(yaml_unclosed_quotes), phrase!(help_unclosed_quotes)),
            Stop::Escape => (phrase!(yaml_escape), phrase!(help_escape)),
            Stop::Key => (phrase!(yaml_key), phrase!(help_key)),
            Stop::Block | Stop::BlockItem | Stop::BlockSign => {
                (phrase!(yaml_indentation), phrase!(help_indentation))
            }
            Stop::Brackets => (phrase!(yaml_brackets), phrase!(help_brackets)),
            Stop::Character => (
                phrase!(yaml_unexpected_character),
                phrase!(help_quote_special),
            ),
            Stop::Tab => (phrase!(yaml_tab), phrase!(help_tab)),
            Stop::Anchor => (phrase!(yaml_alias), phrase!(help_anchor_name)),
            Stop::Tag => (phrase!(yaml_tag), phrase!(help_quote_tag)),
            Stop::Document => (phrase!(yaml_second_document), phrase!(help_second_document)),
            Stop::Other => (phrase!(yaml_unreadable), phrase!(help_unreadable)),
        }
    }
}

pub(super) fn syntax_error(text: &str, error: &TreeError) -> SyntaxError {
    let (at, (problem, help)) = match error.reason {
        MistakeReason::Syntax { problem, context } => {
            let stop = Stop::of(problem, context);
            let began = error.began.filter(|_| stop.is_unfinished());
            let at = began.unwrap_or(error.stopped);
            if let Some(hint) = hint(text, error.stopped, at, stop) {
                return hint;
            }
            let tab = text.get(at..).is_some_and(|there| there.starts_with('\t'));
            let stop = if tab { Stop::Tab } else { stop };
            (at, stop.explained())
        }
        reason => match unseen_at(text, error.stopped) {
            Some(unseen) => return unseen,
            None => (error.stopped, reason.explained()),
        },
    };
    SyntaxError {
        range: at..next_character(text, at),
        problem,
        help,
    }
}

impl MistakeReason {
    fn explained(self) -> (Phrase, Phrase) {
        match self {
            MistakeReason::Syntax { problem, context } => Stop::of(problem, context).explained(),
            MistakeReason::ControlCharacter => (
                phrase!(yaml_control_character),
                phrase!(help_control_character),
            ),
            MistakeReason::TooDeep => (phrase!(yaml_too_deep), phrase!(help_too_deep)),
            MistakeReason::Tag => Stop::Tag.explained(),
            MistakeReason::SecondDocument => Stop::Document.explained(),
            MistakeReason::UnknownAlias => (phrase!(yaml_unknown_alias), phrase!(help_quote_star)),
            MistakeReason::AliasOfItself => {
                (phrase!(yaml_alias_of_itself), phrase!(help_quote_star))
            }
        }
    }
}

/// Valid YAML that serde_yaml refuses because of its limits on brackets and aliases.
pub(super) fn too_deep(text: &str, error: &serde_yaml::Error) -> SyntaxError {
    let mut characters = text.char_indices().map(|(at, _)| at);
    let at = error.location().and_then(|at| characters.nth(at.index()));
    let at = at.unwrap_or(0);
    let (problem, help) = MistakeReason::TooDeep.explained();
    SyntaxError {
        range: at..next_character(text, at),
        problem,
        help,
    }
}

/// The end of the character that begins at or after a position.
fn next_character(text: &str, at: usize) -> usize {
    let mut ends = at + 1..=text.len();
    ends.find(|end| text.is_char_boundary(*end)).unwrap_or(at)
}
