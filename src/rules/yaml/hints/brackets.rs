//! Text after closing brackets, and other text that begins like YAML. Knows no rules.

use std::ops::Range;

use crate::i18n::phrase;
use crate::rules::yaml::broken::SyntaxError;
use crate::rules::yaml::hints::bare_letters;
use crate::rules::yaml::hints::commas::COMMAS;

/// `reply: [微笑] 欢迎`, or one bracket too many.
pub(super) fn behind_brackets(
    text: &str,
    line: &Range<usize>,
    stopped: usize,
    is_list: bool,
) -> Option<SyntaxError> {
    let before = text.get(line.start..stopped)?.trim_end();
    let closing = before.chars().next_back()?;
    let opening = match closing {
        ']' => '[',
        '}' => '{',
        _ => return None,
    };
    let behind = text.get(stopped..line.end)?.trim_end();
    let there = behind.chars().next()?;
    let is_too_many = match is_list {
        true => there == closing,
        false => "]}".contains(there),
    };
    if is_too_many {
        return Some(SyntaxError {
            range: stopped..stopped + there.len_utf8(),
            problem: phrase!(hint_unmatched_bracket, bracket = there),
            help: phrase!(help_unmatched_bracket),
        });
    }
    let at = opened(before, opening)?;
    let begins = before.get(..at)?.trim_end();
    let is_value = begins.ends_with([':', '-']) || is_list && begins.ends_with([',', '[', '{']);
    let behind = match is_list {
        true => behind.split([',', ']', '}']).next()?.trim_end(),
        false => behind,
    };
    if !is_value || behind.contains(": ") || behind.is_empty() {
        return None;
    }
    let inside = before.get(at + 1..before.len() - 1)?;
    let may_be_meant = inside.contains([',', ':', '"', '\'', '#', '{', '['])
        || behind.starts_with([',', '"', '\'', '#'])
        || behind.starts_with(COMMAS) && behind.contains(['[', '{']);
    if may_be_meant {
        return (!is_list).then(|| SyntaxError {
            range: stopped..stopped + there.len_utf8(),
            problem: phrase!(hint_after_bracket),
            help: phrase!(help_after_bracket),
        });
    }
    let between = text.get(line.start + before.len()..stopped)?;
    let whole = format!("{}{between}{behind}", before.get(at..)?);
    Some(SyntaxError {
        range: line.start + at..line.start + at + opening.len_utf8(),
        problem: phrase!(hint_text_after_bracket, closing, opening),
        help: phrase!(
            help_quote_sign,
            sign = opening,
            quoted = in_quotes(&opening.to_string(), &whole)
        ),
    })
}

/// `reply: - 好`
pub(super) fn item_behind_key(
    text: &str,
    line: &Range<usize>,
    stopped: usize,
) -> Option<SyntaxError> {
    let before = text.get(line.start..stopped)?;
    let value = text.get(stopped..line.end)?.trim_end();
    let is_item = before.trim_end().ends_with(':') && value.starts_with("- ");
    is_item.then(|| SyntaxError {
        range: stopped..stopped + 1,
        problem: phrase!(hint_list_after_key),
        help: phrase!(help_list_after_key, quoted = in_quotes("- ", value)),
    })
}

/// `reply: >好`
pub(super) fn behind_block_sign(
    text: &str,
    line: &Range<usize>,
    stopped: usize,
) -> Option<SyntaxError> {
    let before = text.get(line.start..stopped)?;
    let at = before.rfind(": ").or(before.rfind("- "))? + 1;
    let at = at + before.get(at..)?.len() - before.get(at..)?.trim_start().len();
    let sign = before.get(at..)?.chars().next()?;
    let value = text.get(line.start + at..line.end)?.trim_end();
    "|>".contains(sign).then(|| SyntaxError {
        range: line.start + at..line.start + at + 1,
        problem: phrase!(hint_text_after_block_sign, sign),
        help: phrase!(
            help_block_sign,
            sign,
            quoted = in_quotes(&sign.to_string(), value)
        ),
    })
}

/// The bracket that the last one closes.
fn opened(before: &str, opening: char) -> Option<usize> {
    let letters: Vec<(usize, char, usize)> = bare_letters(before).collect();
    let (_, _, outside) = letters.last()?;
    let opens =
        |(_, letter, depth): &&(usize, char, usize)| *letter == opening && *depth == outside + 1;
    letters.iter().rev().find(opens).map(|(at, _, _)| *at)
}

fn in_quotes(sign: &str, whole: &str) -> String {
    match whole.contains(['"', '\\']) || whole.chars().count() > LONGEST_EXAMPLE {
        true => format!("\"{sign}…\""),
        false => format!("\"{whole}\""),
    }
}

const LONGEST_EXAMPLE: usize = 40;
