//! The path of the URL that WeChat calls for an account.

use crate::accounts::compile::AccountsCompiler;
use crate::accounts::file::AccountEntry;
use crate::i18n::phrase;
use crate::rules::reading::{At, EntryPart, Text};

impl AccountsCompiler<'_, '_> {
    pub(super) fn url_path(&mut self, entry: &AccountEntry, at: &At) -> Option<String> {
        let Some(Text(path)) = entry.path.as_ref() else {
            self.missing(at, "path");
            return None;
        };
        if !is_path(path) {
            let help = match path.contains("://") {
                true => phrase!(help_path_of_url),
                false => phrase!(help_path),
            };
            self.report
                .error(&at.key("path"), EntryPart::Value, phrase!(invalid_path))
                .help(help);
            return None;
        }
        Some(path.clone())
    }
}

/// Whether it reads the same in a URL, in WeChat's request and in a router. A proxy may fold
/// together what has empty or dotted parts.
fn is_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte);
    let parts = || path.split('/').skip(1);
    let last = parts().count().saturating_sub(1);
    path.starts_with('/')
        && path.bytes().all(is_plain)
        && parts().all(|part| part != "." && part != "..")
        && parts().take(last).all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_a_url_has_behind_its_host() {
        for path in ["/", "/wx", "/wx/", "/wx/books", "/wx~1/a-b_c.d"] {
            assert!(is_path(path), "{path}");
        }
        for path in [
            "",
            "wx",
            "//",
            "/wx//a",
            "/a/../b",
            "/./a",
            "/{a}",
            "/a?b",
            "/a#b",
            "/书店",
            "/a b",
            "/%41",
            "https://example.com/wx",
        ] {
            assert!(!is_path(path), "{path}");
        }
    }
}
