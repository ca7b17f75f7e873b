//! A text in both languages, for readers who are not known yet.

use crate::i18n::Language;

#[derive(Clone, Debug)]
pub(crate) struct Translated<T> {
    english: T,
    chinese: T,
}

impl<T> Translated<T> {
    pub(crate) fn new(render: impl Fn() -> T) -> Translated<T> {
        Translated {
            english: Language::English.during(&render),
            chinese: Language::Chinese.during(&render),
        }
    }

    pub(crate) fn current(&self) -> &T {
        match Language::current() {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }
}
