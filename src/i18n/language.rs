//! The languages that there are.

use std::sync::OnceLock;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Chinese,
}

/// A process has one language, as its terminal or log has one reader.
static OF_PROCESS: OnceLock<Language> = OnceLock::new();

impl Language {
    /// That of the process; English until it is set.
    pub fn current() -> Language {
        OF_PROCESS.get().copied().unwrap_or_default()
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
