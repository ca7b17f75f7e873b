//! The languages that there are.

use std::cell::Cell;
use std::sync::OnceLock;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Chinese,
}

/// A process has one language, as its terminal or log has one reader.
static OF_PROCESS: OnceLock<Language> = OnceLock::new();

thread_local! {
    /// That of whoever is being answered, if it is not the one of the process.
    static OF_READER: Cell<Option<Language>> = const { Cell::new(None) };
}

impl Language {
    /// That of the reader, or of the process; English until one is set.
    pub fn current() -> Language {
        let of_process = || OF_PROCESS.get().copied().unwrap_or_default();
        OF_READER.get().unwrap_or_else(of_process)
    }

    /// Whatever `work` says is in this language.
    pub(crate) fn during<T>(self, work: impl FnOnce() -> T) -> T {
        let _before = PreviousLanguage(OF_READER.replace(Some(self)));
        work()
    }

    /// Makes it that of the process. Only the first call counts.
    pub(crate) fn set_current(self) {
        let _ = OF_PROCESS.set(self);
    }

    /// `zh`, `zh_CN.UTF-8` and `zh-TW` are Chinese, anything else English.
    pub fn of_tag(tag: &str) -> Language {
        match tag.trim().to_ascii_lowercase().starts_with("zh") {
            true => Language::Chinese,
            false => Language::English,
        }
    }
}

/// The language to return to, also after a panic.
struct PreviousLanguage(Option<Language>);

impl Drop for PreviousLanguage {
    fn drop(&mut self) {
        OF_READER.set(self.0);
    }
}
