//! Secrets by their names: a file in a folder, or a variable. Shows none of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::rules::reading::is_user_key;

/// What an accounts file names outside of itself. It is handed in, so that whoever watches files
/// knows what was asked for.
pub(crate) trait Environment {
    /// All of a file.
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>>;
    /// Whether the rule file of an account is there, or something in its place. The account is
    /// named as the database knows it.
    fn look_for_rules(&mut self, stored_under: &str, path: &Path) -> io::Result<()>;
    /// A variable of the process.
    fn variable(&self, name: &str) -> Option<OsString>;
}

/// What a secret is called: letters, digits, `_` and `-`, so that it can be the name of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SecretName(String);

const MAX_NAME_CHARS: usize = 64;

impl SecretName {
    pub(crate) fn new(name: &str) -> Option<SecretName> {
        let is_name = is_user_key(name) && name.chars().count() <= MAX_NAME_CHARS;
        is_name.then(|| SecretName(name.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The variable that has the secret where no folder has it: ASCII letters in upper case, `_`
    /// for `-`, and for any other character `U` with its code point.
    pub(crate) fn variable(&self) -> String {
        let mut variable = "WXREPLY_SECRET_".to_owned();
        for letter in self.0.chars() {
            match letter {
                '-' => variable.push('_'),
                letter if letter.is_ascii() => variable.push(letter.to_ascii_uppercase()),
                letter => variable.push_str(&format!("U{:04X}", u32::from(letter))),
            }
        }
        variable
    }
}

/// A secret that was read. It is compared to know whether it has changed, never with what a
/// stranger sends.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(secret: impl Into<String>) -> Secret {
        Secret(secret.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// Where secrets are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretSource {
    Folder(PathBuf),
    Variables,
}

/// Why there is no secret.
#[derive(Debug)]
pub(crate) enum SecretError {
    Missing,
    Empty,
    /// A file that is there and cannot be read.
    Unreadable {
        path: PathBuf,
        source: io::Error,
    },
    NotUtf8,
}

/// Some editors begin a file with it. No secret does.
pub(crate) const BYTE_ORDER_MARK: char = '\u{FEFF}';

impl SecretSource {
    /// The secret of a name, without the line break at the end of its file.
    pub(crate) fn get(
        &self,
        name: &SecretName,
        environment: &mut dyn Environment,
    ) -> Result<Secret, SecretError> {
        let text = match self {
            SecretSource::Folder(folder) => {
                let path = folder.join(name.as_str());
                let bytes = environment
                    .read(&path)
                    .map_err(|source| match source.kind() {
                        io::ErrorKind::NotFound => SecretError::Missing,
                        _ => SecretError::Unreadable { path, source },
                    })?;
                String::from_utf8(bytes).map_err(|_| SecretError::NotUtf8)?
            }
            SecretSource::Variables => {
                let value = environment.variable(&name.variable());
                let value = value.filter(|value| !value.is_empty());
                let value = value.ok_or(SecretError::Missing)?;
                value.into_string().map_err(|_| SecretError::NotUtf8)?
            }
        };
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        match text.is_empty() {
            true => Err(SecretError::Empty),
            false => Ok(Secret::new(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Default)]
    struct Fixed {
        files: BTreeMap<PathBuf, Vec<u8>>,
        variables: BTreeMap<String, OsString>,
    }

    impl Environment for Fixed {
        fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
            let bytes = self.files.get(path).cloned();
            bytes.ok_or_else(|| io::ErrorKind::NotFound.into())
        }

        fn look_for_rules(&mut self, _: &str, path: &Path) -> io::Result<()> {
            self.read(path).map(|_| ())
        }

        fn variable(&self, name: &str) -> Option<OsString> {
            self.variables.get(name).cloned()
        }
    }

    #[test]
    fn a_name_is_letters_digits_and_dashes() {
        let taken = |name: &str| SecretName::new(name).is_some();
        for name in ["books-token", "书店", "a_b", "007", &"a".repeat(64)] {
            assert!(taken(name), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "a b",
            "a.b",
            "a=",
            "~",
            &"a".repeat(65),
        ] {
            assert!(!taken(name), "{name}");
        }
    }

    #[test]
    fn each_name_has_one_variable() {
        for (name, variable) in [
            ("books-token", "WXREPLY_SECRET_BOOKS_TOKEN"),
            ("Books_Token2", "WXREPLY_SECRET_BOOKS_TOKEN2"),
            ("书店", "WXREPLY_SECRET_U4E66U5E97"),
            ("书店-token", "WXREPLY_SECRET_U4E66U5E97_TOKEN"),
            ("𠀀", "WXREPLY_SECRET_U20000"),
        ] {
            assert_eq!(SecretName::new(name).unwrap().variable(), variable);
        }
    }

    #[test]
    fn a_secret_is_its_file_without_the_last_line_break() {
        let secrets = SecretSource::Folder("s".into());
        for (written, read) in [
            ("t0ken", Some("t0ken")),
            ("t0ken\n", Some("t0ken")),
            ("t0ken\r\n", Some("t0ken")),
            ("\u{FEFF}t0ken\n", Some("t0ken")),
            ("t0ken\n\n", Some("t0ken\n")),
            (" t0ken ", Some(" t0ken ")),
            ("", None),
            ("\n", None),
        ] {
            let mut fixed = Fixed::default();
            fixed.files.insert("s/a".into(), written.into());
            let name = SecretName::new("a").unwrap();
            let secret = secrets.get(&name, &mut fixed).ok();
            assert_eq!(secret.as_ref().map(Secret::expose), read, "{written:?}");
            let other = SecretName::new("b").unwrap();
            let missing = secrets.get(&other, &mut fixed);
            assert!(matches!(missing, Err(SecretError::Missing)));
        }
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let mut fixed = Fixed::default();
        let name = SecretName::new("a").unwrap();
        let variable = name.variable();
        fixed.variables.insert(variable.clone(), "t0ken".into());
        let secret = SecretSource::Variables.get(&name, &mut fixed).unwrap();
        assert_eq!(secret.expose(), "t0ken");
        assert!(!format!("{secret:?}").contains("t0ken"));
        fixed.variables.insert(variable, "".into());
        let missing = SecretSource::Variables.get(&name, &mut fixed);
        assert!(matches!(missing, Err(SecretError::Missing)));
    }
}
