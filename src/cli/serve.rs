//! `wxreply serve`: what the server is told, and the signals it is sent.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::tz::TimeZone;
use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;

use crate::cli::Exit;
use crate::live_rules::LiveRules;
use crate::live_rules::Loading;
use crate::live_rules::Refused;
use crate::server;
use crate::server::Settings;
use crate::store::DatabaseUrl;
use crate::store::Store;
use crate::wechat::AesKey;
use crate::wechat::Credentials;
use crate::wechat::InvalidCredentials;
use crate::wechat::Mode;
use crate::wechat::Token;

/// Answer WeChat
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The rule file; it is read again whenever it changes
    #[arg(
        long,
        env = "WXREPLY_RULES",
        default_value = "rules.yaml",
        value_name = "FILE"
    )]
    rules: PathBuf,
    /// Where to listen
    #[arg(
        long,
        env = "WXREPLY_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS"
    )]
    listen: String,
    /// The path of the URL that WeChat's console has
    #[arg(long, env = "WXREPLY_PATH", default_value = "/wx_flask")]
    path: String,
    #[command(flatten)]
    secrets: Secrets,
    /// Where what rules store is kept: sqlite:FILE, postgres://… or mysql://…
    #[arg(
        long,
        env = "WXREPLY_DATABASE",
        hide_env_values = true,
        default_value = "sqlite:wxreply.db",
        value_name = "URL"
    )]
    database: String,
    /// A file with the URL of the database
    #[arg(long, env = "WXREPLY_DATABASE_FILE", value_name = "FILE")]
    database_file: Option<PathBuf>,
    /// An answer leaves before this is over; WeChat waits five seconds
    #[arg(long, env = "WXREPLY_DEADLINE", default_value = "4500ms", value_name = "TIME", value_parser = milliseconds)]
    deadline: Duration,
    /// A rule file whose own tests fail is not taken, at start or on reload
    #[arg(long, env = "WXREPLY_REQUIRE_TESTS")]
    require_tests: bool,
}

/// What WeChat and this account know of each other.
#[derive(Debug, clap::Args)]
pub struct Secrets {
    /// The token of WeChat's console; repeat it for a new and an old one
    #[arg(
        long,
        env = "WXREPLY_TOKEN",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "TOKEN"
    )]
    token: Vec<String>,
    /// A file with the token, one in a line
    #[arg(long, env = "WXREPLY_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The app id of the account (wx…); needed in compat and secure mode
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
    /// A file with the EncodingAESKey, one in a line
    #[arg(long, env = "WXREPLY_AES_KEY_FILE", value_name = "FILE")]
    aes_key_file: Option<PathBuf>,
    /// How WeChat was told to send: plain, compat or secure [default: plain, or secure with a key]
    #[arg(long, env = "WXREPLY_MODE")]
    mode: Option<Mode>,
    /// Refuse requests whose timestamp is older or newer than this, such as 60s [default: never]
    #[arg(long, env = "WXREPLY_MAX_AGE", value_name = "TIME", value_parser = milliseconds)]
    max_age: Option<Duration>,
}

/// Why the server does not start. The text is all a person gets to see.
#[derive(Debug, thiserror::Error)]
enum Unstartable {
    #[error(transparent)]
    Credentials(#[from] InvalidCredentials),
    #[error("cannot read {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot listen on {listen}: {source}; choose another with --listen")]
    Listen { listen: String, source: io::Error },
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Rules(#[from] Refused),
    #[error("the server ended: {0}")]
    Server(io::Error),
}

pub fn run(arguments: Arguments) -> Exit {
    let filter = env_logger::Env::default().default_filter_or("info,actix_server=warn");
    env_logger::Builder::from_env(filter).init();
    match serve(arguments) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            let exit = match &error {
                Unstartable::Rules(Refused::Wrong(_) | Refused::Untested(_)) => Exit::Wrong,
                _ => Exit::Failed,
            };
            match error {
                Unstartable::Rules(refused) => eprintln!("{refused}"),
                error => eprintln!("error: {error}"),
            }
            exit
        }
    }
}

fn serve(arguments: Arguments) -> Result<(), Unstartable> {
    let credentials = arguments.secrets.credentials()?;
    let path = arguments.path;
    if !path.starts_with('/') || path.contains(['{', '}', '?', '#']) {
        let why = format!("--path {path} is no path; it begins with / such as /wx_flask");
        return Err(Unstartable::Usage(why));
    }
    let database = match &arguments.database_file {
        Some(file) => first_line(file)?,
        None => arguments.database,
    };
    let database: DatabaseUrl = database
        .parse()
        .map_err(|error| Unstartable::Usage(format!("--database: {error}")))?;
    let listener = TcpListener::bind(&arguments.listen).map_err(|source| Unstartable::Listen {
        listen: arguments.listen.clone(),
        source,
    })?;
    let live = LiveRules::start(Loading {
        path: arguments.rules,
        require_tests: arguments.require_tests,
        system_zone: TimeZone::system(),
    })?;
    reload_on_hangup(&live);
    let settings = Settings {
        listener,
        path,
        credentials,
        live,
        store: Store::new(database, arguments.deadline / 3),
        deadline: arguments.deadline,
    };
    server::run(settings).map_err(Unstartable::Server)
}

fn reload_on_hangup(live: &Arc<LiveRules>) {
    let mut signals = match Signals::new([SIGHUP]) {
        Ok(signals) => signals,
        Err(error) => {
            log::warn!("SIGHUP will not reload the rules: {error}");
            return;
        }
    };
    let live = Arc::clone(live);
    thread::spawn(move || {
        for _ in signals.forever() {
            log::info!("SIGHUP: reading the rules again");
            live.reload();
        }
    });
}

impl Secrets {
    pub fn credentials(&self) -> Result<Credentials, Unstartable> {
        let tokens = all(&self.token, self.token_file.as_deref())?;
        let keys = all(&self.aes_key, self.aes_key_file.as_deref())?;
        let tokens: Result<Vec<Token>, _> = tokens.into_iter().map(Token::new).collect();
        let keys: Result<Vec<AesKey>, _> = keys.iter().map(|key| AesKey::parse(key)).collect();
        let (tokens, keys) = (tokens?, keys?);
        let mode = self.mode.unwrap_or(match keys.is_empty() {
            true => Mode::Plain,
            false => Mode::Secure,
        });
        let app_id = self.app_id.clone().filter(|id| !id.is_empty());
        let credentials = Credentials::new(mode, tokens, app_id, keys)?;
        Ok(credentials.with_max_age(self.max_age))
    }
}

/// What was given by flag or environment, and then what stands in the file.
fn all(given: &[String], file: Option<&Path>) -> Result<Vec<String>, Unstartable> {
    let mut all: Vec<String> = given
        .iter()
        .filter(|one| !one.is_empty())
        .cloned()
        .collect();
    if let Some(path) = file {
        let text = read(path)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        all.extend(lines.map(str::to_owned));
    }
    Ok(all)
}

fn first_line(path: &Path) -> Result<String, Unstartable> {
    let text = read(path)?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

fn read(path: &Path) -> Result<String, Unstartable> {
    fs::read_to_string(path).map_err(|source| Unstartable::File {
        path: path.to_owned(),
        source,
    })
}

/// `4500ms` or `4s`.
fn milliseconds(text: &str) -> Result<Duration, String> {
    let (number, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 1000),
        (None, None) => return Err("write a number and ms or s, such as 4500ms".to_owned()),
    };
    let number: u64 = number
        .trim()
        .parse()
        .map_err(|_| "write a number and ms or s, such as 4500ms".to_owned())?;
    match number.checked_mul(factor) {
        Some(milliseconds) if milliseconds > 0 => Ok(Duration::from_millis(milliseconds)),
        _ => Err("it must be more than nothing".to_owned()),
    }
}
