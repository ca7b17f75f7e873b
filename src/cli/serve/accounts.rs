//! For whom the server answers: the account that flags describe, or those of a file.

use std::env;
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::cli::serve::{Arguments, DEFAULT_PATH, DEFAULT_RULES, ServeError};
use crate::live_rules::{LiveRules, Loading, Reloader, ReloaderHandle};
use crate::server::{AccountSettings, Accounts, AccountsLoading};
use crate::store::{DatabaseUrl, Store};
use crate::wechat::Credentials;

/// What was said, before any rule file is read.
pub(super) enum Described {
    ByFlags(Box<OnlyAccount>),
    ByFile(Box<AccountsLoading>),
}

pub(super) struct OnlyAccount {
    path: String,
    credentials: Credentials,
    database: DatabaseUrl,
    deadline: Duration,
    loading: Loading,
}

impl Described {
    pub(super) fn by(arguments: &Arguments) -> Result<Described, ServeError> {
        match &arguments.accounts {
            Some(file) => Ok(Described::ByFile(Box::new(of_file(file, arguments)?))),
            None => Ok(Described::ByFlags(Box::new(of_flags(arguments)?))),
        }
    }

    /// Reads the rules, and keeps them as their files are.
    pub(super) fn load(
        self,
        mut reloader: Reloader,
    ) -> Result<(Accounts, ReloaderHandle), ServeError> {
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
                    live,
                    store: Store::new(only.database, only.deadline),
                };
                Ok((Accounts::One(Box::new(account)), reloader.start()))
            }
            Described::ByFile(loading) => {
                let (loaded, reloader) = loading.load(reloader)?;
                Ok((Accounts::OfFile(Box::new(loaded)), reloader))
            }
        }
    }
}

fn of_flags(arguments: &Arguments) -> Result<OnlyAccount, ServeError> {
    let credentials = arguments.secrets.credentials()?;
    let database = arguments.database.url()?;
    let path = &arguments.path;
    if !path.starts_with('/') || path.contains(['{', '}', '?', '#']) {
        let why = format!("--path {path} is no path; it begins with / such as /wx_flask");
        return Err(ServeError::Usage(why));
    }
    Ok(OnlyAccount {
        path: path.clone(),
        credentials: credentials.with_max_age(arguments.max_age),
        database,
        deadline: arguments.deadline,
        loading: Loading {
            path: arguments.rules.clone(),
            require_tests: arguments.require_tests,
            system_zone: TimeZone::system(),
            last_good: arguments.last_good.clone(),
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
            let why =
                format!("{flag} does not go with --accounts: each account of the file has its own");
            return Err(ServeError::Usage(why));
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
    log::info!(
        "{} mode, {}, database {database} once a rule needs it, tests {}required",
        credentials.mode(),
        zone(live),
        if require_tests { "" } else { "not " },
    );
    if let Some(weakness) = credentials.weakness() {
        log::warn!(
            "{weakness}; make one with `openssl rand -hex 16`, and enter it on WeChat's page too"
        );
    }
}

/// In which zone the rules' times are, in words.
fn zone(live: &LiveRules) -> String {
    let generation = live.current();
    let zone = &generation.rules.settings.zone;
    if zone.is_unknown() {
        log::warn!(
            "the time zone of this machine is unknown, so times are UTC; \
             mend TZ, or write options.timezone into the rule file"
        );
    }
    match zone.iana_name() {
        _ if zone.is_unknown() => "times in UTC".to_owned(),
        Some(name) => format!("times in {name}"),
        None => "times of this machine".to_owned(),
    }
}
