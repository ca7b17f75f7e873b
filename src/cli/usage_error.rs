//! Wrong usage of the command line, in Chinese. In English clap says it itself.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::i18n::{Phrase, phrase};

/// As clap shows it: what is wrong, what may be meant, and how it is used.
pub(super) fn in_chinese(error: &clap::Error, usage: &str) -> String {
    let mut text = format!("{}: {}\n", phrase!(level_error), what(error));
    let meant = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    // The last of several is the nearest.
    let meant = meant.into_iter().find_map(|kind| match error.get(kind)? {
        ContextValue::Strings(texts) => texts.last().cloned(),
        _ => value(error, kind),
    });
    if let Some(meant) = meant {
        let meant = phrase!(help_did_you_mean, meant);
        text.push_str(&format!("\n  {}: {meant}\n", phrase!(level_help)));
    }
    let usage = usage.trim_start_matches("Usage: ");
    if !usage.is_empty() {
        text.push_str(&format!("\n用法：{usage}\n"));
    }
    text + &format!("\n{}\n", phrase!(usage_help))
}

fn what(error: &clap::Error) -> Phrase {
    let of = |kind| value(error, kind).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::InvalidValue if of(ContextKind::InvalidValue).is_empty() => {
            phrase!(usage_value_missing, argument)
        }
        ErrorKind::InvalidValue => {
            let values = of(ContextKind::ValidValue);
            phrase!(
                usage_value_unknown,
                argument,
                value = of(ContextKind::InvalidValue),
                values
            )
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string);
            let why = why.unwrap_or_default();
            phrase!(
                usage_value_wrong,
                argument,
                value = of(ContextKind::InvalidValue),
                why
            )
        }
        ErrorKind::UnknownArgument => phrase!(usage_argument_unknown, argument),
        ErrorKind::InvalidSubcommand => {
            phrase!(
                usage_command_unknown,
                name = of(ContextKind::InvalidSubcommand)
            )
        }
        ErrorKind::MissingRequiredArgument => phrase!(usage_argument_missing, argument),
        ErrorKind::MissingSubcommand => phrase!(usage_command_missing),
        ErrorKind::ArgumentConflict => match of(ContextKind::PriorArg) {
            other if other.is_empty() || other == argument => {
                phrase!(usage_argument_twice, argument)
            }
            other => phrase!(usage_conflict, argument, other),
        },
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            phrase!(usage_number_of_values, argument)
        }
        ErrorKind::InvalidUtf8 => phrase!(usage_not_utf8),
        _ => phrase!(usage_wrong),
    }
}

fn value(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join("、")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::Number(number) => Some(number.to_string()),
        ContextValue::Bool(switch) => Some(switch.to_string()),
        _ => None,
    }
}
