//! The flags that say what services may be told, and where they may be.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use crate::cli::secrets::BYTE_ORDER_MARK;
use crate::http_client::{AllowList, Allowed, Reach};
use crate::services::Outside;

/// What rules may use outside of this program.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct OutsideArguments {
    /// A folder with a file for each secret of services [default: variables WXREPLY_SECRET_<NAME>]
    #[arg(long = "secrets", env = "WXREPLY_SECRETS", value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// An internal address that services may reach, such as 127.0.0.1:11434; may be repeated
    #[arg(
        long,
        env = "WXREPLY_ALLOW",
        value_delimiter = ',',
        value_name = "HOST:PORT"
    )]
    allow: Vec<Allowed>,
}

impl OutsideArguments {
    /// Secrets are read whenever they are needed, so that a new one counts at once.
    pub(super) fn outside(&self) -> Outside {
        let folder = self.folder.clone();
        Outside {
            reach: Reach::public(AllowList(self.allow.clone())),
            secrets: Arc::new(move |_, name| secret(folder.as_deref(), name)),
        }
    }
}

/// Without the line break at the end of its file. A name that leads elsewhere is none.
fn secret(folder: Option<&Path>, name: &str) -> Option<String> {
    let is_part = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
    if !name.chars().all(is_part) {
        return None;
    }
    let text = match folder {
        Some(folder) => fs::read_to_string(folder.join(name)).ok()?,
        None => env::var(variable(name)).ok()?,
    };
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    let text = text.trim_end_matches(['\r', '\n']);
    (!text.is_empty()).then(|| text.to_owned())
}

/// ASCII letters in upper case, `_` for `-`, and for any other letter `U` and its code point.
fn variable(name: &str) -> String {
    let mut variable = "WXREPLY_SECRET_".to_owned();
    for letter in name.chars() {
        match letter {
            '-' => variable.push('_'),
            letter if letter.is_ascii() => variable.push(letter.to_ascii_uppercase()),
            letter => variable.push_str(&format!("U{:04X}", u32::from(letter))),
        }
    }
    variable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_file_without_its_last_line_break() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, wanted) in [
            ("plain", "s3cret", Some("s3cret")),
            ("line", "s3cret\r\n", Some("s3cret")),
            ("marked", "\u{FEFF}s3cret\n", Some("s3cret")),
            ("书店", " a b ", Some(" a b ")),
            ("empty", "\n", None),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
            let found = secret(Some(folder.path()), name);
            assert_eq!(found.as_deref(), wanted, "{name}");
        }
        for name in ["absent", "", "../plain", ".", "/etc/hostname"] {
            assert_eq!(secret(Some(folder.path()), name), None, "{name}");
        }
        assert_eq!(variable("books-key_2"), "WXREPLY_SECRET_BOOKS_KEY_2");
        assert_eq!(variable("书店"), "WXREPLY_SECRET_U4E66U5E97");
    }
}
