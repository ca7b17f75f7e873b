//! What is looked over: the account that flags describe, or one of an accounts file.

use std::path::PathBuf;

use crate::accounts::secret::SecretSource;
use crate::cli::accounts;
use crate::cli::accounts::{AccountError, ChosenAccount};
use crate::cli::api::ApiArgumentError;
use crate::cli::database::{DatabaseArgumentError, if_there};
use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::{account, secret_file};
use crate::cli::serve;
use crate::i18n::phrase;
use crate::store::{Access, DatabaseUrl};
use crate::wechat::{Credentials, Mode};
use crate::wechat_api::{AppCredentials, AppSecret};

pub(super) struct ExaminedAccount {
    /// What is to be said of the account itself.
    pub(super) findings: Vec<Finding>,
    pub(super) path: String,
    pub(super) credentials: Option<Credentials>,
    /// None where the account does not use WeChat's API.
    pub(super) app: Result<Option<AppCredentials>, ApiArgumentError>,
    /// None where an accounts file is too wrong to say it.
    pub(super) replies: Option<(PathBuf, Result<DatabaseUrl, DatabaseArgumentError>)>,
}

impl ExaminedAccount {
    pub(super) fn of(
        serve: &serve::Arguments,
        account: Option<&str>,
    ) -> Result<ExaminedAccount, AccountError> {
        let Some(file) = &serve.accounts else {
            return match account {
                Some(_) => Err(AccountError::NoFile),
                None => Ok(ExaminedAccount::of_flags(serve)),
            };
        };
        match accounts::chosen_in(file, account) {
            Ok(chosen) => Ok(ExaminedAccount::of_account(chosen, serve)),
            Err(error @ (AccountError::File(_) | AccountError::Wrong { .. })) => {
                Ok(ExaminedAccount {
                    findings: vec![Finding::error(phrase!(about_accounts), error)],
                    path: serve.path.clone(),
                    credentials: None,
                    app: Ok(None),
                    replies: None,
                })
            }
            Err(error) => Err(error),
        }
    }

    fn of_flags(serve: &serve::Arguments) -> ExaminedAccount {
        let mut findings = account::findings(&serve.secrets, &serve.database);
        if let Some(file) = serve.api.secret_file() {
            findings.extend(secret_file::writing(phrase!(about_secret), file));
            findings.extend(secret_file::readable_by_others(file));
        }
        ExaminedAccount {
            findings,
            path: serve.path.clone(),
            credentials: serve.secrets.credentials().ok(),
            app: serve.api.credentials(serve.secrets.app_id()),
            replies: Some((serve.rules.clone(), serve.database.url_if_there())),
        }
    }

    fn of_account(chosen: ChosenAccount, serve: &serve::Arguments) -> ExaminedAccount {
        let mut findings = vec![of_file(&chosen)];
        let unlocked = chosen.unlocked;
        for token in unlocked.credentials.tokens() {
            if let Some(weakness) = token.weakness() {
                let remedy = phrase!(help_new_token);
                findings.push(Finding::doubtful(phrase!(about_token), weakness, remedy));
            }
        }
        findings.push(mode(unlocked.credentials.mode()));
        let account = unlocked.account;
        if let SecretSource::Folder(folder) = &chosen.secrets {
            let names = account.tokens.iter().chain(&account.aes_keys);
            let files = names.chain(&account.app_secret);
            let files = files.map(|name| folder.join(name.as_str()));
            findings.extend(files.filter_map(|file| secret_file::readable_by_others(&file)));
        }
        let database = match unlocked.database {
            Some(database) => if_there(database.url, Access::Change),
            None => serve.database.url_if_there(),
        };
        let app = account.app_id.zip(unlocked.app_secret);
        let app = app.map(|(app_id, secret)| AppCredentials {
            app_id,
            secret: AppSecret::new(secret.expose()),
        });
        ExaminedAccount {
            findings,
            path: account.path,
            credentials: Some(unlocked.credentials),
            app: Ok(app),
            replies: Some((account.rules, database)),
        }
    }
}

fn of_file(chosen: &ChosenAccount) -> Finding {
    let path = chosen.path.display().to_string();
    let accounts = phrase!(count_accounts, count = chosen.accounts);
    let warnings = phrase!(count_warnings, count = chosen.warnings);
    let said = format!("{path}: {}", phrase!(accounts_summary, accounts, warnings));
    match chosen.warnings {
        0 => Finding::fine(phrase!(about_accounts), said),
        _ => Finding::doubtful(
            phrase!(about_accounts),
            said,
            phrase!(help_check_accounts, path),
        ),
    }
}

fn mode(mode: Mode) -> Finding {
    let about = phrase!(about_mode);
    match mode {
        Mode::Plain => Finding::doubtful(
            about,
            phrase!(mode_plain),
            phrase!(help_plain_mode_with_app_secret),
        ),
        Mode::Compat => Finding::doubtful(
            about,
            phrase!(mode_compat),
            phrase!(help_compat_mode_of_account),
        ),
        Mode::Secure => Finding::fine(about, mode.name()),
    }
}
