//! Why WeChat gets less than the rule replied.

use std::fmt;

use crate::i18n::{Phrase, phrase};
use crate::reply::MAX_TEXT_BYTES;

/// Why WeChat gets less than the rule replied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degradation {
    LongText,
    LongPart(&'static str),
    LongAddress(&'static str),
    ManyArticles(usize),
    BlankText,
    NoArticle,
    Empty(&'static str),
    HandedOverEvent,
}

impl Degradation {
    /// Whether anything is sent despite that.
    pub fn is_cut(self) -> bool {
        matches!(
            self,
            Degradation::LongText | Degradation::LongPart(_) | Degradation::ManyArticles(_)
        )
    }

    pub fn phrase(self) -> Phrase {
        let limit = MAX_TEXT_BYTES;
        match self {
            Degradation::LongText => phrase!(degraded_long_text, limit),
            Degradation::LongPart(part) => phrase!(degraded_long_part, part, limit),
            Degradation::LongAddress(part) => phrase!(degraded_long_address, part, limit),
            Degradation::ManyArticles(limit) => phrase!(degraded_articles, limit),
            Degradation::BlankText => phrase!(degraded_blank_text),
            Degradation::NoArticle => phrase!(degraded_no_article),
            Degradation::Empty(part) => phrase!(degraded_empty, part),
            Degradation::HandedOverEvent => phrase!(degraded_event),
        }
    }
}

impl fmt::Display for Degradation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(formatter)
    }
}
