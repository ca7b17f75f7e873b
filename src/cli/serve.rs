//! `wxreply serve`: what the server is told, and the signals it is sent.

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::tz::TimeZone;
use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;

use crate::cli::Exit;
use crate::cli::database::BadDatabase;
use crate::cli::database::DatabaseArguments;
use crate::cli::secrets::BadSecrets;
use crate::cli::secrets::Secrets;
use crate::cli::secrets::milliseconds;
use crate::live_rules::LiveRules;
use crate::live_rules::Loading;
use crate::live_rules::Refused;
use crate::server;
use crate::server::Settings;
use crate::store::Store;

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
    #[command(flatten)]
    database: DatabaseArguments,
    /// An answer leaves before this is over; WeChat waits five seconds
    #[arg(long, env = "WXREPLY_DEADLINE", default_value = "4500ms", value_name = "TIME", value_parser = milliseconds)]
    deadline: Duration,
    /// A rule file whose own tests fail is not taken, at start or on reload
    #[arg(long, env = "WXREPLY_REQUIRE_TESTS")]
    require_tests: bool,
}

/// Why the server does not start. The text is all a person gets to see.
#[derive(Debug, thiserror::Error)]
enum Unstartable {
    #[error(transparent)]
    Secrets(#[from] BadSecrets),
    #[error(transparent)]
    Database(#[from] BadDatabase),
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
    let database = arguments.database.url()?;
    let path = arguments.path;
    if !path.starts_with('/') || path.contains(['{', '}', '?', '#']) {
        let why = format!("--path {path} is no path; it begins with / such as /wx_flask");
        return Err(Unstartable::Usage(why));
    }
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
