//! Token, key, app id and mode. Shows no secret.

use crate::cli::database::DatabaseArguments;
use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::secret_file;
use crate::cli::secrets::{self, Secrets, SecretsError};
use crate::wechat::{AesKey, CredentialsError, Mode, Token, is_app_id};

const NEW_TOKEN: &str = "make one with `openssl rand -hex 16`, and enter it on WeChat's page too";

pub(super) fn findings(secrets: &Secrets, database: &DatabaseArguments) -> Vec<Finding> {
    let mut findings = Vec::new();
    match secrets.tokens() {
        Ok(tokens) if tokens.is_empty() => {
            findings.push(Finding::error("token", CredentialsError::NoToken));
        }
        Ok(tokens) => findings.extend(tokens.iter().map(|token| self::token(token))),
        Err(error) => findings.push(unreadable("token", &error, secrets::TOKEN_FILE)),
    }
    match secrets.aes_keys() {
        Ok(keys) => findings.extend(keys.iter().map(|key| self::key(key))),
        Err(error) => findings.push(unreadable("key", &error, secrets::AES_KEY_FILE)),
    }
    findings.extend(secrets.app_id().map(app_id));
    findings.extend(mode(secrets));
    for (about, file) in [
        ("token", secrets.token_file()),
        ("key", secrets.aes_key_file()),
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

fn unreadable(about: &'static str, error: &SecretsError, flag: &str) -> Finding {
    if let SecretsError::NotUtf8 { .. } = error {
        return Finding::error(about, error);
    }
    let remedy = format!("name with {flag} a file that this user can read");
    Finding::wrong(about, error.to_string(), remedy)
}

/// Of shells and JSON quotes are no part; of a file and of Docker's `--env-file` they are.
fn quotes(about: &'static str, secret: &str) -> Option<Finding> {
    let quotes = ['"', '\'', '`', '“', '”', '‘', '’'];
    (secret.starts_with(quotes) || secret.ends_with(quotes)).then(|| {
        let said = format!("the {about} stands in quotes, and they count as a part of it");
        Finding::wrong(about, said, "take the quotes out")
    })
}

fn key(key: &str) -> Finding {
    if let Some(quotes) = quotes("key", key) {
        return quotes;
    }
    match AesKey::parse(key) {
        Ok(_) => Finding::fine("key", "43 characters, as WeChat makes them"),
        Err(error) => Finding::error("key", error),
    }
}

fn token(token: &str) -> Finding {
    if let Some(quotes) = quotes("token", token) {
        return quotes;
    }
    match Token::new(token.to_owned()) {
        Ok(known) => match known.weakness() {
            Some(weakness) => Finding::doubtful("token", weakness.to_string(), NEW_TOKEN),
            None => Finding::fine("token", format!("{} letters and digits", token.len())),
        },
        Err(error) => Finding::wrong("token", error.to_string(), NEW_TOKEN),
    }
}

fn app_id(id: &str) -> Finding {
    if is_app_id(id) {
        return Finding::fine("app id", "wx and 16 digits, as WeChat makes them");
    }
    if id.starts_with("gh_") {
        let said = "this is the account's 原始ID (gh_…)";
        return Finding::wrong("app id", said, "give the AppID; it begins with wx");
    }
    let said = "an app id is wx and 16 digits of 0 to 9 and a to f; this is something else";
    Finding::wrong("app id", said, "copy the AppID again from WeChat's page")
}

/// Nothing where something above says already why there is no mode.
fn mode(secrets: &Secrets) -> Option<Finding> {
    let has_key = secrets.aes_keys().is_ok_and(|keys| !keys.is_empty());
    Some(match secrets.credentials() {
        Ok(credentials) => match credentials.mode() {
            Mode::Plain if has_key => Finding::doubtful(
                "mode",
                "plain mode, in which the given key is of no use",
                "with 安全模式 on WeChat's page leave out --mode; with 明文模式 leave out the key",
            ),
            Mode::Plain => Finding::doubtful(
                "mode",
                "plain mode: who sees one request can write others with its signature",
                "choose 安全模式 on WeChat's page, and give --aes-key-file and --app-id",
            ),
            Mode::Compat => Finding::doubtful(
                "mode",
                "compat mode takes messages in the clear, too",
                "it is for a change-over; then choose 安全模式 on WeChat's page and --mode secure",
            ),
            Mode::Secure => Finding::fine("mode", "secure"),
        },
        Err(SecretsError::Credentials(
            error @ (CredentialsError::NoAesKey(_) | CredentialsError::NoAppId(_)),
        )) => Finding::error("mode", error),
        Err(_) => return None,
    })
}
