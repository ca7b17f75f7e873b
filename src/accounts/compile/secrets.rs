//! What stands under the keys that name secrets, and the secrets themselves. Shows none, not even
//! one that was written where its name belongs.

use std::io;
use std::path::Path;

use crate::accounts::compile::AccountsCompiler;
use crate::accounts::file::AccountEntry;
use crate::accounts::secret::{Secret, SecretError, SecretName, SecretSource};
use crate::accounts::{AccountDatabase, DatabaseKey, WrittenDatabase};
use crate::i18n::io_error::reason;
use crate::i18n::{Phrase, phrase};
use crate::rules::reading::{At, EntryPart, Mended, Text, Texts};
use crate::store::DatabaseUrl;
use crate::wechat::{AesKey, CredentialsError, Token};

/// Secrets of one kind: their names and, where they were read, what they are.
pub(super) struct Several<T> {
    pub(super) names: Vec<SecretName>,
    pub(super) values: Vec<T>,
}

impl<T> Default for Several<T> {
    fn default() -> Several<T> {
        Several {
            names: Vec::new(),
            values: Vec::new(),
        }
    }
}

#[derive(Clone)]
pub(super) struct CheckedDatabase {
    pub(super) written: WrittenDatabase,
    /// Nothing where secrets are not read.
    pub(super) unlocked: Option<AccountDatabase>,
}

impl AccountsCompiler<'_, '_> {
    pub(super) fn tokens(&mut self, entry: &AccountEntry, at: &At) -> Option<Several<Token>> {
        let Some(texts) = entry.token.as_ref() else {
            self.missing(at, "token");
            return None;
        };
        Some(self.several(texts, at, "token", |secret| Token::new(secret.to_owned())))
    }

    pub(super) fn aes_keys(&mut self, entry: &AccountEntry, at: &At) -> Option<Several<AesKey>> {
        let texts = entry.aes_key.as_ref()?;
        Some(self.several(texts, at, "aes_key", AesKey::parse))
    }

    fn several<T>(
        &mut self,
        texts: &Texts,
        at: &At,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, CredentialsError>,
    ) -> Several<T> {
        let mut several = Several::default();
        if texts.0.is_empty() {
            self.empty(at, key);
        }
        let at = at.key(key);
        for (index, text) in texts.0.iter().enumerate() {
            let at = at.index(index);
            let Some((name, secret)) = self.secret(text, &at) else {
                continue;
            };
            match secret.map(|secret| read(secret.expose())) {
                Some(Err(error)) => {
                    let (message, help) = refused(&name, &error);
                    self.report.error(&at, EntryPart::Value, message).help(help);
                }
                Some(Ok(value)) => several.values.push(value),
                None => {}
            }
            several.names.push(name);
        }
        several
    }

    /// A name, and its secret where secrets are read.
    pub(super) fn secret(&mut self, text: &Text, at: &At) -> Option<(SecretName, Option<Secret>)> {
        let Some(name) = SecretName::new(&text.0) else {
            self.no_secret(at, &text.0);
            return None;
        };
        if !self.unlocks {
            return Some((name, None));
        }
        match self.secrets.get(&name, self.environment) {
            Ok(secret) => return Some((name, Some(secret))),
            Err(SecretError::Missing) => self.no_secret(at, &text.0),
            Err(SecretError::Empty) => {
                let message = phrase!(empty_secret, name = name.as_str());
                let help = phrase!(help_empty_secret);
                self.report.error(at, EntryPart::Value, message).help(help);
            }
            Err(SecretError::NotUtf8) => {
                let message = phrase!(invalid_secret_text, name = name.as_str());
                let help = phrase!(help_secret_not_utf8);
                self.report.error(at, EntryPart::Value, message).help(help);
            }
            Err(SecretError::Unreadable { path, source }) => {
                self.unreadable(at, &path, &source)
                    .help(phrase!(help_unreadable_secret));
            }
        }
        None
    }

    /// What stands here may be the secret itself, so that it is not shown.
    fn no_secret(&mut self, at: &At, written: &str) {
        let help = match &self.secrets {
            SecretSource::Folder(folder) => {
                phrase!(help_secret_file, folder = folder.display().to_string())
            }
            SecretSource::Variables => phrase!(help_secret_variable),
        };
        let error = self
            .report
            .error(at, EntryPart::Value, phrase!(missing_secret));
        let error = error.help(help);
        if written.is_empty() || looks_secret(written) {
            error.note(phrase!(note_secret_itself));
        }
    }

    pub(super) fn unreadable(&mut self, at: &At, path: &Path, error: &io::Error) -> Mended<'_> {
        let (path, problem) = (path.display().to_string(), reason(error));
        let message = phrase!(file_unreadable, path, problem);
        self.report.error(at, EntryPart::Value, message)
    }

    pub(super) fn database(&mut self, text: &Text, at: &At) -> Option<CheckedDatabase> {
        let Text(written) = text;
        if !WrittenDatabase::is_url(written) {
            let (name, secret) = self.secret(text, at)?;
            let unlocked = match secret {
                Some(secret) => Some(self.opened(secret, at)?),
                None => None,
            };
            return Some(CheckedDatabase {
                written: WrittenDatabase::Secret(name),
                unlocked,
            });
        }
        if has_password(written) {
            self.report
                .error(at, EntryPart::Value, phrase!(database_password))
                .help(phrase!(help_database_password));
            return None;
        }
        let unlocked = self.opened(Secret::new(written.as_str()), at)?;
        Some(CheckedDatabase {
            written: WrittenDatabase::Url(written.clone()),
            unlocked: Some(unlocked),
        })
    }

    fn opened(&mut self, written: Secret, at: &At) -> Option<AccountDatabase> {
        match written.expose().parse::<DatabaseUrl>() {
            Ok(url) => {
                let file = url.named_file().map(DatabaseKey::File);
                let key = file.unwrap_or(DatabaseKey::Server(written));
                Some(AccountDatabase { key, url })
            }
            Err(_) => {
                self.report
                    .error(at, EntryPart::Value, phrase!(invalid_database))
                    .help(phrase!(help_invalid_database));
                None
            }
        }
    }
}

/// What is wrong with a secret that was read, and what to do about it.
fn refused(name: &SecretName, error: &CredentialsError) -> (Phrase, Phrase) {
    let name = name.as_str();
    match error {
        CredentialsError::TokenLength(characters) => (
            phrase!(invalid_token_length, name, count = *characters),
            phrase!(help_token),
        ),
        CredentialsError::KeyLength(characters) => (
            phrase!(invalid_key_length, name, count = *characters),
            phrase!(help_aes_key),
        ),
        CredentialsError::KeyCharacter { position } => (
            phrase!(invalid_key_character, name, position = *position),
            phrase!(help_aes_key),
        ),
        _ => (phrase!(invalid_token_character, name), phrase!(help_token)),
    }
}

/// Keys and tokens as WeChat or `openssl rand -hex` make them; nobody calls a secret like this.
fn looks_secret(written: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    AesKey::parse(written).is_ok() || (written.len() >= 24 && is_hex(written))
}

/// `postgres://user:password@host/…`, or as a parameter.
fn has_password(url: &str) -> bool {
    let within = |rest: &str| {
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.is_some_and(|user| user.contains(':'))
    };
    url.split_once("://").is_some_and(|(_, rest)| within(rest)) || url.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_seen() {
        for (url, has) in [
            ("postgres://me:hush@db/wx", true),
            ("postgres://me:hu/sh@db/wx", false),
            ("postgres://me@db:5432/wx", false),
            ("postgres://db/wx?user=me&password=hush", true),
            ("mysql://db/wx", false),
            ("sqlite:wxreply.db", false),
        ] {
            assert_eq!(has_password(url), has, "{url}");
        }
    }
}
