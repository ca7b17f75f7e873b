//! Token, key, app id and mode. Shows no secret.

use crate::cli::database::DatabaseArguments;
use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::secret_file;
use crate::cli::secrets::{self, SecretArguments, SecretsError};
use crate::i18n::{Phrase, phrase};
use crate::wechat::{AesKey, CredentialsError, Mode, Token, is_app_id};

pub(super) fn findings(secrets: &SecretArguments, database: &DatabaseArguments) -> Vec<Finding> {
    let mut findings = Vec::new();
    match secrets.tokens() {
        Ok(tokens) if tokens.is_empty() => {
            findings.push(Finding::error(
                phrase!(about_token),
                CredentialsError::NoToken,
            ));
        }
        Ok(tokens) => findings.extend(tokens.iter().map(|token| self::token(token))),
        Err(error) => findings.push(unreadable(
            phrase!(about_token),
            &error,
            secrets::TOKEN_FILE,
        )),
    }
    match secrets.aes_keys() {
        Ok(keys) => findings.extend(keys.iter().map(|key| self::key(key))),
        Err(error) => findings.push(unreadable(
            phrase!(about_key),
            &error,
            secrets::AES_KEY_FILE,
        )),
    }
    findings.extend(secrets.app_id().map(app_id));
    findings.extend(mode(secrets));
    for (about, file) in [
        (phrase!(about_token), secrets.token_file()),
        (phrase!(about_key), secrets.aes_key_file()),
    ] {
        let written = file.map(|path| secret_file::writing(about, path));
        findings.extend(written.into_iter().flatten());
    }
    let files = [
        secrets.token_file(),
        secrets.aes_key_file(),
        database.file(),
    ];
    let files = files.into_iter().flatten();
    findings.extend(files.filter_map(secret_file::readable_by_others));
    findings
}

fn unreadable(about: Phrase, error: &SecretsError, flag: &str) -> Finding {
    if let SecretsError::NotUtf8 { .. } = error {
        return Finding::error(about, error);
    }
    Finding::wrong(about, error, phrase!(help_secret_unreadable, flag))
}

/// Of shells and JSON quotes are no part; of a file and of Docker's `--env-file` they are.
fn quotes(about: Phrase, secret: &str) -> Option<Finding> {
    let quotes = ['"', '\'', '`', '“', '”', '‘', '’'];
    (secret.starts_with(quotes) || secret.ends_with(quotes)).then(|| {
        let said = phrase!(secret_in_quotes, about = about.clone());
        Finding::wrong(about, said, phrase!(help_secret_in_quotes))
    })
}

fn key(key: &str) -> Finding {
    if let Some(quotes) = quotes(phrase!(about_key), key) {
        return quotes;
    }
    match AesKey::parse(key) {
        Ok(_) => Finding::fine(phrase!(about_key), phrase!(key_fine)),
        Err(error) => Finding::error(phrase!(about_key), error),
    }
}

fn token(token: &str) -> Finding {
    if let Some(quotes) = quotes(phrase!(about_token), token) {
        return quotes;
    }
    match Token::new(token.to_owned()) {
        Ok(known) => match known.weakness() {
            Some(weakness) => {
                Finding::doubtful(phrase!(about_token), weakness, phrase!(help_new_token))
            }
            None => Finding::fine(
                phrase!(about_token),
                phrase!(token_fine, count = token.len()),
            ),
        },
        Err(error) => Finding::wrong(phrase!(about_token), error, phrase!(help_new_token)),
    }
}

fn app_id(id: &str) -> Finding {
    if is_app_id(id) {
        return Finding::fine(phrase!(about_app_id), phrase!(app_id_fine));
    }
    if id.starts_with("gh_") {
        let (said, remedy) = (phrase!(app_id_of_account), phrase!(help_app_id_of_account));
        return Finding::wrong(phrase!(about_app_id), said, remedy);
    }
    let (said, remedy) = (phrase!(app_id_wrong), phrase!(help_app_id_wrong));
    Finding::wrong(phrase!(about_app_id), said, remedy)
}

/// Nothing where something above says already why there is no mode.
fn mode(secrets: &SecretArguments) -> Option<Finding> {
    let has_key = secrets.aes_keys().is_ok_and(|keys| !keys.is_empty());
    Some(match secrets.credentials() {
        Ok(credentials) => match credentials.mode() {
            Mode::Plain if has_key => Finding::doubtful(
                phrase!(about_mode),
                phrase!(mode_plain_with_key),
                phrase!(help_mode_plain_with_key),
            ),
            Mode::Plain => Finding::doubtful(
                phrase!(about_mode),
                phrase!(mode_plain),
                phrase!(help_mode_plain),
            ),
            Mode::Compat => Finding::doubtful(
                phrase!(about_mode),
                phrase!(mode_compat),
                phrase!(help_mode_compat),
            ),
            Mode::Secure => Finding::fine(phrase!(about_mode), "secure"),
        },
        Err(SecretsError::Credentials(
            error @ (CredentialsError::NoAesKey(_) | CredentialsError::NoAppId(_)),
        )) => Finding::error(phrase!(about_mode), error),
        Err(_) => return None,
    })
}
