//! One struct for each message, made by `build.rs`.
#![allow(non_camel_case_types, reason = "a struct is called like its message")]

use crate::i18n::Argument;
use crate::i18n::Phrase;

/// Messages that belong together, in both languages.
pub(crate) struct MessageFile {
    #[cfg(test)]
    pub(crate) name: &'static str,
    #[cfg(test)]
    pub(crate) ids: &'static [&'static str],
    pub(crate) english: &'static str,
    pub(crate) chinese: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/messages.rs"));
