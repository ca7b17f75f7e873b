//! For whom the server answers: the account that flags describe, or those of a file.

use std::env;
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::cli::serve::{Arguments, DEFAULT_PATH, DEFAULT_RULES, ServeError};
use crate::i18n::{Phrase, phrase};
use crate::live_rules::{LiveRules, Loading, Reloader, ReloaderHandle};
use crate::server::{AccountSettings, AccountsLoading, ServedAccounts};
use crate::services::Outside;
use crate::store::{DatabaseUrl, Store};
use crate::wechat::Credentials;
use crate::wechat_api::AppCredentials;

/// What was said, before any rule file is read.
pub(super) enum Described {
    ByFlags(Box<OnlyAccount>),
    ByFile(Box<AccountsLoading>),
}

pub(super) struct OnlyAccount {
    path: String,
    credentials: Credentials,
    app: Option<AppCredentials>,
    database: DatabaseUrl,
    deadline: Duration,
    outside: Outside,
    loading: Loading,
}

/// The same with the rules.
pub(super) struct Loaded {
    pub(super) accounts: ServedAccounts,
    pub(super) outside: Outside,
    pub(super) reloader: ReloaderHandle,
}

impl Described {
    pub(super) fn by(arguments: &Arguments) -> Result<Described, ServeError> {
        match &arguments.accounts {
            Some(file) => Ok(Described::ByFile(Box::new(of_file(file, arguments)?))),
            None => Ok(Described::ByFlags(Box::new(of_flags(arguments)?))),
        }
    }

    /// Reads the rules, and keeps them as their files are.
    pub(super) fn load(self, mut reloader: Reloader) -> Result<Loaded, ServeError> {
        match self {
            Described::ByFlags(only) => {
                let require_tests = only.loading.require_tests;
                let live = reloader.add(only.loading)?;
                tell(&only.credentials, &only.database, &live, require_tests);
                let account = AccountSettings {
                    name: None,
                    id: None,
                    path: only.path,
                    credentials: only.credentials,
                    app: only.app,
                    live,
                    store: Store::new(only.database, only.deadline),
                };
                Ok(Loaded {
                    accounts: ServedAccounts::One(Box::new(account)),
                    outside: only.outside,
                    reloader: reloader.start(),
                })
            }
            Described::ByFile(loading) => {
                let (loaded, reloader) = loading.load(reloader)?;
                Ok(Loaded {
                    outside: loaded.outside(),
                    accounts: ServedAccounts::OfFile(Box::new(loaded)),
                    reloader,
                })
            }
        }
    }
}

fn of_flags(arguments: &Arguments) -> Result<OnlyAccount, ServeError> {
    let credentials = arguments.secrets.credentials()?;
    let app = arguments.api.credentials(arguments.secrets.app_id())?;
    let database = arguments.database.url()?;
    let path = &arguments.path;
    if !path.starts_with('/') || path.contains(['{', '}', '?', '#']) {
        return Err(ServeError::Usage(phrase!(no_path, path)));
    }
    let can_upload = app.is_some();
    Ok(OnlyAccount {
        path: path.clone(),
        credentials: credentials.with_max_age(arguments.max_age),
        app,
        database,
        deadline: arguments.deadline,
        outside: arguments.outside.outside(),
        loading: Loading {
            path: arguments.rules.clone(),
            require_tests: arguments.require_tests,
            system_zone: TimeZone::system(),
            can_upload,
            last_good: arguments.last_good.clone(),
            last_good_of_path: false,
        },
    })
}

fn of_file(file: &Path, arguments: &Arguments) -> Result<AccountsLoading, ServeError> {
    // The packages set these variables for the only account; a flag is meant.
    let said = [
        (
            "--rules",
            "WXREPLY_RULES",
            arguments.rules.as_os_str(),
            DEFAULT_RULES,
        ),
        (
            "--path",
            "WXREPLY_PATH",
            arguments.path.as_ref(),
            DEFAULT_PATH,
        ),
    ];
    for (flag, variable, value, default) in said {
        if value != default && env::var_os(variable).as_deref() != Some(value) {
            return Err(ServeError::Usage(phrase!(flag_of_one_account, flag)));
        }
    }
    Ok(AccountsLoading {
        path: file.to_owned(),
        require_tests: arguments.require_tests,
        system_zone: TimeZone::system(),
        database: arguments.database.url()?,
        deadline: arguments.deadline,
        max_age: arguments.max_age,
        last_good: arguments.last_good.clone(),
    })
}

fn tell(credentials: &Credentials, database: &DatabaseUrl, live: &LiveRules, require_tests: bool) {
    let (mode, times) = (credentials.mode().to_string(), zone(live));
    let database = database.to_string();
    let settings = match require_tests {
        true => phrase!(log_settings_tests, mode, times, database),
        false => phrase!(log_settings, mode, times, database),
    };
    log::info!("{settings}");
    if let Some(weakness) = credentials.weakness() {
        let error = weakness.to_string();
        let remedy = phrase!(help_new_token);
        log::warn!("{}", phrase!(error_and_help, error, remedy));
    }
}

/// In which zone the rules' times are, in words.
fn zone(live: &LiveRules) -> Phrase {
    let generation = live.current();
    let zone = &generation.rules.settings.zone;
    if zone.is_unknown() {
        log::warn!("{}", phrase!(log_zone_unknown));
    }
    match zone.iana_name() {
        _ if zone.is_unknown() => phrase!(times_in, zone = "UTC"),
        Some(name) => phrase!(times_in, zone = name),
        None => phrase!(times_of_machine),
    }
}
