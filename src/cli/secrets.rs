//! The flags, variables and files that hold what WeChat and this account know of each other.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, io};

use crate::accounts::secret::BYTE_ORDER_MARK;
use crate::i18n::{Phrase, phrase};
use crate::live_rules::bytes;
use crate::wechat::{AesKey, Credentials, CredentialsError, Mode, Token};

/// The token, by flag, variable or file.
#[derive(clap::Args)]
pub(super) struct TokenArguments {
    /// The token from WeChat's console; repeat it for a new and an old one
    #[arg(
        long,
        env = "WXREPLY_TOKEN",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "TOKEN"
    )]
    token: Vec<String>,
    /// A file with the token, one per line; - for standard input
    #[arg(long, env = "WXREPLY_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// What WeChat and this account know of each other.
#[derive(clap::Args)]
pub(super) struct SecretArguments {
    #[command(flatten)]
    token: TokenArguments,
    /// The app id of the account (wx…); required in compat and secure mode
    #[arg(long, env = "WXREPLY_APP_ID", value_name = "ID")]
    app_id: Option<String>,
    /// The EncodingAESKey; repeat it for a new and an old one
    #[arg(
        long,
        env = "WXREPLY_AES_KEY",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "KEY"
    )]
    aes_key: Vec<String>,
    /// A file with the EncodingAESKey, one per line; - for standard input
    #[arg(long, env = "WXREPLY_AES_KEY_FILE", value_name = "FILE")]
    aes_key_file: Option<PathBuf>,
    /// The mode set in WeChat's console: plain, compat or secure [default: plain, or secure with a
    /// key]
    #[arg(long, env = "WXREPLY_MODE")]
    mode: Option<Mode>,
}

/// Secrets that cannot be read or do not go together.
#[derive(Debug, thiserror::Error)]
pub(super) enum SecretsError {
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error("{}", phrase!(secret_unreadable, flag = *flag, path = path.display(), reason = source))]
    File {
        flag: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{}", phrase!(secret_not_utf8, flag = *flag, path = path.display()))]
    NotUtf8 { flag: &'static str, path: PathBuf },
}

pub(super) const TOKEN_FILE: &str = "--token-file";
pub(super) const AES_KEY_FILE: &str = "--aes-key-file";

impl TokenArguments {
    fn tokens(&self) -> Result<Vec<String>, SecretsError> {
        all(&self.token, TOKEN_FILE, self.token_file.as_deref())
    }

    /// Those of an account of which no more is known; none without a token.
    pub(super) fn credentials(&self) -> Result<Option<Credentials>, SecretsError> {
        let tokens = self.tokens()?;
        if tokens.is_empty() {
            return Ok(None);
        }
        let tokens: Result<Vec<Token>, _> = tokens.into_iter().map(Token::new).collect();
        let credentials = Credentials::new(Mode::Plain, tokens?, None, Vec::new())?;
        Ok(Some(credentials))
    }
}

impl SecretArguments {
    pub(super) fn credentials(&self) -> Result<Credentials, SecretsError> {
        let (tokens, keys) = (self.tokens()?, self.aes_keys()?);
        let tokens: Result<Vec<Token>, _> = tokens.into_iter().map(Token::new).collect();
        let keys: Result<Vec<AesKey>, _> = keys.iter().map(|key| AesKey::parse(key)).collect();
        let (tokens, keys) = (tokens?, keys?);
        let mode = self.mode.unwrap_or(match keys.is_empty() {
            true => Mode::Plain,
            false => Mode::Secure,
        });
        let app_id = self.app_id().map(str::to_owned);
        Ok(Credentials::new(mode, tokens, app_id, keys)?)
    }

    pub(super) fn tokens(&self) -> Result<Vec<String>, SecretsError> {
        self.token.tokens()
    }

    pub(super) fn aes_keys(&self) -> Result<Vec<String>, SecretsError> {
        all(&self.aes_key, AES_KEY_FILE, self.aes_key_file.as_deref())
    }

    pub(super) fn app_id(&self) -> Option<&str> {
        self.app_id.as_deref().filter(|id| !id.is_empty())
    }

    pub(super) fn token_file(&self) -> Option<&Path> {
        self.token.token_file.as_deref()
    }

    pub(super) fn aes_key_file(&self) -> Option<&Path> {
        self.aes_key_file.as_deref()
    }
}

impl fmt::Debug for TokenArguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenArguments(…)")
    }
}

impl fmt::Debug for SecretArguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets(…)")
    }
}

/// What was given by flag or environment, and then what stands in the file.
fn all(
    given: &[String],
    flag: &'static str,
    file: Option<&Path>,
) -> Result<Vec<String>, SecretsError> {
    let mut all: Vec<String> = given
        .iter()
        .filter(|one| !one.is_empty())
        .cloned()
        .collect();
    if let Some(path) = file {
        let text = read(flag, path)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        all.extend(lines.map(str::to_owned));
    }
    Ok(all)
}

/// The only line that counts of the file which this flag names.
pub(super) fn first_line(flag: &'static str, path: &Path) -> Result<String, SecretsError> {
    let text = read(flag, path)?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

fn read(flag: &'static str, path: &Path) -> Result<String, SecretsError> {
    let path = path.to_owned();
    match bytes::of_argument_or_pipe(&path).map(String::from_utf8) {
        Ok(Ok(text)) => Ok(text.trim_start_matches(BYTE_ORDER_MARK).to_owned()),
        Ok(Err(_)) => Err(SecretsError::NotUtf8 { flag, path }),
        Err(source) => Err(SecretsError::File { flag, path, source }),
    }
}

/// `4500ms` or `4s`.
pub(super) fn milliseconds(text: &str) -> Result<Duration, Phrase> {
    let (number, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 1000),
        (None, None) => return Err(phrase!(not_a_duration)),
    };
    let number: u64 = number.trim().parse().map_err(|_| phrase!(not_a_duration))?;
    match number.checked_mul(factor) {
        None => Err(phrase!(not_a_duration)),
        Some(0) => Err(phrase!(duration_of_nothing)),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
    }
}

pub(super) fn whole_number(text: &str, range: RangeInclusive<u32>) -> Result<u32, Phrase> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    let (least, most) = (range.start().to_string(), range.end().to_string());
    number.ok_or_else(|| phrase!(not_a_count, least, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let secrets = SecretArguments {
            token: TokenArguments {
                token: vec!["t0ken".to_owned()],
                token_file: None,
            },
            app_id: None,
            aes_key: vec!["k3y".to_owned()],
            aes_key_file: None,
            mode: None,
        };
        let shown = format!("{secrets:?}");
        assert!(
            !shown.contains("t0ken") && !shown.contains("k3y"),
            "{shown}"
        );
    }
}
