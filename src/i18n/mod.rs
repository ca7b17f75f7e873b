//! All messages to people, in English and Chinese. Code names a message and its arguments; the
//! texts are in `messages/`.

mod catalogue;
pub(crate) mod io_error;
mod language;
pub(crate) mod messages;
#[cfg(test)]
mod source;
#[cfg(test)]
mod tests;
mod translated;

use std::path::{Display, Path};
use std::{fmt, io};

use fluent_bundle::FluentArgs;
use fluent_bundle::FluentValue;

pub use crate::i18n::language::Language;
pub(crate) use crate::i18n::translated::Translated;

/// A message of the catalogue with its arguments: `phrase!(unknown_key, key = name)`. An argument
/// that is a variable of its own name needs no value.
macro_rules! phrase {
    ($id:ident $(, $argument:ident $(= $value:expr)?)* $(,)?) => {
        $crate::i18n::Phrase::from($crate::i18n::messages::$id {
            $($argument: $crate::i18n::phrase!(@value $argument $($value)?)),*
        })
    };
    (@value $argument:ident) => { $crate::i18n::Argument::from($argument) };
    (@value $argument:ident $value:expr) => { $crate::i18n::Argument::from($value) };
}

pub(crate) use phrase;

/// A message of the catalogue and its arguments. `Display` shows it in the language of the
/// process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    id: &'static str,
    arguments: Vec<(&'static str, Argument)>,
}

/// What a message has in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// As it is in any language: a name, a path, what somebody wrote.
    Text(String),
    /// A message may depend on how many there are.
    Number(u64),
    Phrase(Phrase),
}

impl Phrase {
    pub(crate) fn new(id: &'static str, arguments: Vec<(&'static str, Argument)>) -> Phrase {
        Phrase { id, arguments }
    }

    /// A text that is the same in all languages, as somebody or another program wrote it.
    pub(crate) fn verbatim(text: impl Into<String>) -> Phrase {
        let text = Argument::Text(text.into());
        Phrase::new("", vec![("", text)])
    }

    /// The same message without what these arguments say, also where they are in others.
    pub(crate) fn hiding(self, hidden: &[&str]) -> Phrase {
        let arguments = self.arguments.into_iter().map(|(name, argument)| {
            let argument = match argument {
                Argument::Text(_) if hidden.contains(&name) => Argument::from("…"),
                Argument::Phrase(phrase) => Argument::Phrase(phrase.hiding(hidden)),
                other => other,
            };
            (name, argument)
        });
        Phrase {
            id: self.id,
            arguments: arguments.collect(),
        }
    }

    /// What the message is called in the catalogue; of a diagnostic it is the code.
    pub fn id(&self) -> &'static str {
        self.id
    }

    pub fn text(&self, language: Language) -> String {
        if let [("", Argument::Text(text))] = self.arguments.as_slice() {
            return text.clone();
        }
        let mut arguments = FluentArgs::with_capacity(self.arguments.len());
        for (name, argument) in &self.arguments {
            let value = match argument {
                Argument::Text(text) => FluentValue::from(text.as_str()),
                Argument::Number(number) => FluentValue::from(*number),
                Argument::Phrase(phrase) => FluentValue::from(phrase.text(language)),
            };
            arguments.set(*name, value);
        }
        catalogue::text(language, self.id, &arguments)
    }
}

impl std::error::Error for Phrase {}

impl fmt::Display for Phrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(Language::current()))
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Argument {
        Argument::Text(text.to_owned())
    }
}

impl From<&String> for Argument {
    fn from(text: &String) -> Argument {
        Argument::Text(text.clone())
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Argument {
        Argument::Text(text)
    }
}

impl From<Display<'_>> for Argument {
    fn from(path: Display<'_>) -> Argument {
        Argument::Text(without_controls(&path.to_string()))
    }
}

/// A path as it is shown. A name that somebody gave a file must not command a terminal.
pub(crate) fn shown(path: &Path) -> String {
    without_controls(&path.display().to_string())
}

/// Each control character as its picture, such as ␛ for escape.
fn without_controls(text: &str) -> String {
    let picture = |letter: char| match letter {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or('␦'),
        '\x7f' => '␡',
        letter if letter.is_control() => '␦',
        letter => letter,
    };
    text.chars().map(picture).collect()
}

impl From<&io::Error> for Argument {
    fn from(error: &io::Error) -> Argument {
        Argument::Phrase(io_error::reason(error))
    }
}

impl From<u16> for Argument {
    fn from(number: u16) -> Argument {
        Argument::Number(number.into())
    }
}

impl From<char> for Argument {
    fn from(letter: char) -> Argument {
        Argument::Text(letter.to_string())
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Argument {
        Argument::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<u64> for Argument {
    fn from(number: u64) -> Argument {
        Argument::Number(number)
    }
}

impl From<Phrase> for Argument {
    fn from(phrase: Phrase) -> Argument {
        Argument::Phrase(phrase)
    }
}
