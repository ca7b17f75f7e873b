//! Written to checked: every mistake of an accounts file in one run.

mod between;
mod paths;
mod secrets;

use std::path::PathBuf;
use std::sync::Arc;

use crate::accounts::file::AccountEntry;
use crate::accounts::secret::{Environment, SecretSource};
use crate::accounts::{Accounts, CheckedAccount, ParsedAccounts, UnlockedAccount, WrittenDatabase};
use crate::http_client::{AllowList, AllowedAddress};
use crate::i18n::phrase;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::reading::{At, EntryPart, Report, Text, Texts, nearest, report_unread};
use crate::wechat::{Credentials, Mode, is_app_id};

/// Names reach metrics and logs; there, longer ones only do harm.
const MAX_NAME_CHARS: usize = 64;

pub(super) struct AccountsCompiler<'p, 'e> {
    parsed: &'p ParsedAccounts,
    report: Report<'p>,
    environment: &'e mut dyn Environment,
    /// Whether secrets are read.
    unlocks: bool,
    /// Where relative paths begin.
    folder: PathBuf,
    secrets: SecretSource,
    /// That of all accounts without their own.
    database: Option<secrets::CheckedDatabase>,
}

impl<'p, 'e> AccountsCompiler<'p, 'e> {
    pub(super) fn of(
        parsed: &'p ParsedAccounts,
        environment: &'e mut dyn Environment,
        unlocks: bool,
    ) -> AccountsCompiler<'p, 'e> {
        let folder = parsed.path().parent().map(PathBuf::from);
        AccountsCompiler {
            parsed,
            report: Report::new([&parsed.document].into_iter()),
            environment,
            unlocks,
            folder: folder.unwrap_or_default(),
            secrets: SecretSource::Variables,
            database: None,
        }
    }

    pub(super) fn run(mut self) -> Result<(Accounts, Vec<UnlockedAccount>), Vec<Diagnostic>> {
        report_unread(&mut self.report);
        let is_read = self.report.is_clean();
        let file = &self.parsed.file;
        let root = At::File(0);
        if let Some(Text(folder)) = file.secrets.as_ref() {
            match folder.is_empty() {
                true => self.empty(&root, "secrets"),
                false => self.secrets = SecretSource::Folder(self.folder.join(folder)),
            }
        }
        let allow = self.allow(&root);
        if let Some(text) = file.database.as_ref() {
            self.database = self.database(text, &root.key("database"));
        }
        let at = root.key("accounts");
        let written = file.accounts.as_ref().map_or(&[][..], |pairs| &pairs.0);
        // Otherwise they may be in what could not be read.
        if written.is_empty() && is_read {
            let at = if file.accounts.is_some() { &at } else { &root };
            self.report
                .missing(at, phrase!(no_accounts))
                .help(phrase!(help_no_accounts));
        }
        let (mut accounts, mut unlocked) = (Vec::new(), Vec::new());
        for (name, entry) in written {
            if let Some((account, with_secrets)) = self.account(name, entry, &at.key(name)) {
                accounts.push(account);
                unlocked.extend(with_secrets);
            }
        }
        self.between_accounts(written, &at);
        let secrets = self.secrets;
        self.report.finish()?;
        let accounts = Accounts {
            accounts,
            allow,
            secrets,
        };
        Ok((accounts, unlocked))
    }

    fn account(
        &mut self,
        name: &str,
        entry: &AccountEntry,
        at: &At,
    ) -> Option<(CheckedAccount, Option<UnlockedAccount>)> {
        let before = self.report.count();
        self.name(name, at);
        let id = self.id(entry, at);
        let path = self.url_path(entry, at);
        let rules = self.rules(entry.stored_under(name), entry, at);
        let app_id = self.app_id(entry, at);
        let tokens = self.tokens(entry, at);
        let keys = self.aes_keys(entry, at);
        let mode = self.mode(entry, at);
        let implied = match keys {
            Some(_) => Mode::Secure,
            None => Mode::Plain,
        };
        let mode = if entry.mode.is_some() {
            mode
        } else {
            Some(implied)
        };
        if let Some(mode) = mode.filter(|mode| *mode != Mode::Plain) {
            self.needs_of(mode, entry, at);
        }
        let needs_app_id = mode == Some(Mode::Plain) && entry.app_id.is_none();
        if entry.app_secret.is_some() && needs_app_id {
            self.report
                .error(
                    &at.key("app_secret"),
                    EntryPart::Key,
                    phrase!(app_secret_without_app_id),
                )
                .help(phrase!(help_needs_app_id));
        }
        let app_secret = entry.app_secret.as_ref();
        let app_secret = app_secret.map(|text| self.secret(text, &at.key("app_secret")));
        let database = match entry.database.as_ref() {
            Some(text) => self.database(text, &at.key("database")),
            None => self.database.clone(),
        };
        if self.report.count() > before {
            return None;
        }
        let (tokens, keys) = (tokens?, keys.unwrap_or_default());
        let app_secret = app_secret.flatten();
        let account = CheckedAccount {
            name: Arc::from(name),
            id,
            path: path?,
            rules: rules?,
            mode: mode?,
            app_id,
            tokens: tokens.names,
            aes_keys: keys.names,
            app_secret: app_secret.as_ref().map(|(name, _)| name.clone()),
            database: database.as_ref().map(|database| database.written.clone()),
        };
        let unlocked = self.unlocks.then(|| {
            let app_id = account.app_id.clone();
            let credentials = Credentials::new(account.mode, tokens.values, app_id, keys.values);
            Some(UnlockedAccount {
                account: account.clone(),
                credentials: credentials.ok()?,
                app_secret: app_secret.and_then(|(_, secret)| secret),
                database: database.and_then(|database| database.unlocked),
            })
        });
        Some((account, unlocked.flatten()))
    }

    fn name(&mut self, name: &str, at: &At) {
        // To some databases a text with a space at its end is the same as without.
        let is_good = !name.is_empty()
            && name.trim() == name
            && name.chars().count() <= MAX_NAME_CHARS
            && !name.contains(char::is_control);
        if !is_good {
            self.report
                .error(at, EntryPart::Key, phrase!(invalid_account_name))
                .help(phrase!(help_account_name, limit = MAX_NAME_CHARS));
        }
    }

    fn id(&mut self, entry: &AccountEntry, at: &At) -> Option<String> {
        let Text(id) = entry.id.as_ref()?;
        let digits = id.strip_prefix("gh_").unwrap_or_default();
        let is_good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_good {
            let help = match id.starts_with("wx") {
                true => phrase!(help_id_is_app_id),
                false => phrase!(help_account_id),
            };
            self.report
                .error(&at.key("id"), EntryPart::Value, phrase!(invalid_account_id))
                .help(help);
        }
        Some(id.clone())
    }

    fn app_id(&mut self, entry: &AccountEntry, at: &At) -> Option<String> {
        let Text(id) = entry.app_id.as_ref()?;
        if !is_app_id(id) {
            let help = match id.starts_with("gh_") {
                true => phrase!(help_app_id_is_id),
                false => phrase!(help_app_id),
            };
            self.report
                .error(&at.key("app_id"), EntryPart::Value, phrase!(invalid_app_id))
                .help(help);
        }
        Some(id.clone())
    }

    fn mode(&mut self, entry: &AccountEntry, at: &At) -> Option<Mode> {
        let Text(written) = entry.mode.as_ref()?;
        let known = written.parse().ok();
        if known.is_none() {
            let names = Mode::ALL.map(Mode::name);
            let chinese = ["明文", "兼容", "安全"].into_iter().zip(names);
            let meant = chinese
                .into_iter()
                .find_map(|(word, name)| written.starts_with(word).then_some(name));
            let help = match meant.or_else(|| nearest(written, names)) {
                Some(meant) => phrase!(help_did_you_mean, meant),
                None => phrase!(help_modes),
            };
            self.report
                .error(&at.key("mode"), EntryPart::Value, phrase!(invalid_mode))
                .help(help);
        }
        known
    }

    /// What a mode that encrypts cannot do without.
    fn needs_of(&mut self, mode: Mode, entry: &AccountEntry, at: &At) {
        for (key, is_there) in [
            ("app_id", entry.app_id.is_some()),
            ("aes_key", entry.aes_key.is_some()),
        ] {
            if !is_there {
                let message = phrase!(mode_needs, mode = mode.name(), key);
                let help = match key {
                    "app_id" => phrase!(help_needs_app_id),
                    _ => phrase!(help_needs_aes_key),
                };
                self.report.missing(at, message).help(help);
            }
        }
    }

    /// Where the rule file is.
    fn rules(&mut self, stored_under: &str, entry: &AccountEntry, at: &At) -> Option<PathBuf> {
        let Some(Text(written)) = entry.rules.as_ref() else {
            self.missing(at, "rules");
            return None;
        };
        if written.is_empty() {
            self.empty(at, "rules");
            return None;
        }
        let path = self.folder.join(written);
        if let Err(error) = self.environment.look_for_rules(stored_under, &path) {
            self.unreadable(&at.key("rules"), &path, &error)
                .help(phrase!(help_path_from_here));
        }
        Some(path)
    }

    fn missing(&mut self, at: &At, key: &'static str) {
        let help = match key {
            "path" => phrase!(help_missing_path),
            "rules" => phrase!(help_missing_rules),
            _ => phrase!(help_missing_token),
        };
        self.report
            .missing(at, phrase!(missing_account_key, key))
            .help(help);
    }

    fn empty(&mut self, at: &At, key: &'static str) {
        let at = at.key(key);
        self.report
            .error(&at, EntryPart::Key, phrase!(empty_value, key))
            .help(phrase!(help_empty_account_value));
    }

    fn allow(&mut self, root: &At) -> AllowList {
        let at = root.key("allow");
        let texts = self.parsed.file.allow.as_ref();
        let Texts(texts) = match texts {
            Some(texts) => texts,
            None => return AllowList::default(),
        };
        let mut allow = Vec::new();
        for (index, Text(text)) in texts.iter().enumerate() {
            match text.parse::<AllowedAddress>() {
                Ok(address) => allow.push(address),
                Err(_) => {
                    self.report
                        .error(&at.index(index), EntryPart::Value, phrase!(invalid_address))
                        .help(phrase!(help_address));
                }
            }
        }
        AllowList(allow)
    }
}

impl WrittenDatabase {
    /// A name has no colon, a URL has one.
    fn is_url(text: &str) -> bool {
        text.contains(':')
    }
}
