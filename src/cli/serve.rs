//! `wxreply serve`: what the server is told, and where it listens.

mod accounts;

use std::net::TcpListener;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, io, thread};

use socket2::SockRef;

use crate::cli::api::{ApiArgumentError, ApiArguments};
use crate::cli::database::{DatabaseArgumentError, DatabaseArguments};
use crate::cli::logging::LogFormat;
use crate::cli::secrets::{SecretArguments, SecretsError, milliseconds, whole_number};
use crate::cli::serve::accounts::Described;
use crate::cli::service_flags::OutsideArguments;
use crate::cli::signals::Signals;
use crate::cli::supervisor::SocketsError;
use crate::cli::{Exit, fail, logging, open_files, signals, supervisor};
use crate::i18n::{Phrase, phrase};
use crate::live_rules::{ReloadError, Reloader, hanging_drive};
use crate::own_thread;
use crate::server;
use crate::server::tls::LiveCertificate;
use crate::server::tls::certificate::{CertificateError, Pair};
use crate::server::{AccountsError, Admin, ClientLimits, ServerSettings};
use crate::store;

/// Answer WeChat
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The rule file; reloaded when it changes
    #[arg(
        long,
        env = "WXREPLY_RULES",
        default_value = DEFAULT_RULES,
        value_name = "FILE"
    )]
    pub(super) rules: PathBuf,
    /// Answer for all accounts in this file; reloaded when it changes
    #[arg(
        long,
        env = "WXREPLY_ACCOUNTS",
        value_name = "FILE",
        conflicts_with_all = [
            "token", "token_file", "app_id", "aes_key", "aes_key_file", "mode", "folder", "allow",
            "app_secret", "app_secret_file",
        ]
    )]
    pub(super) accounts: Option<PathBuf>,
    /// The address to listen on
    #[arg(
        long,
        env = "WXREPLY_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS"
    )]
    pub(super) listen: String,
    /// The path of the URL in WeChat's console
    #[arg(long, env = "WXREPLY_PATH", default_value = DEFAULT_PATH)]
    pub(super) path: String,
    /// Serve TLS with this certificate (PEM, followed by those of its issuers); reloaded on change
    #[arg(
        long,
        env = "WXREPLY_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub(super) tls_cert: Option<PathBuf>,
    /// The key of the certificate (PEM, no passphrase)
    #[arg(
        long,
        env = "WXREPLY_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub(super) tls_key: Option<PathBuf>,
    /// The address for health, readiness, reload and metrics, or off; keep it off the internet
    #[arg(
        long,
        env = "WXREPLY_ADMIN",
        default_value = "127.0.0.1:8081",
        value_name = "ADDRESS"
    )]
    pub(super) admin: String,
    /// Let the playground ask the services that rules ask, which may cost money
    #[arg(long, env = "WXREPLY_LIVE", value_parser = clap::builder::BoolishValueParser::new())]
    live: bool,
    #[command(flatten)]
    pub(super) secrets: SecretArguments,
    #[command(flatten)]
    pub(super) api: ApiArguments,
    /// Refuse requests whose timestamp is off by more than this, such as 60s [default: no limit]
    #[arg(long, env = "WXREPLY_MAX_AGE", value_name = "TIME", value_parser = milliseconds)]
    max_age: Option<Duration>,
    #[command(flatten)]
    pub(super) outside: OutsideArguments,
    #[command(flatten)]
    pub(super) database: DatabaseArguments,
    /// The time limit of an answer; WeChat waits five seconds
    #[arg(long, env = "WXREPLY_DEADLINE", default_value = "4500ms", value_name = "TIME", value_parser = deadline)]
    deadline: Duration,
    /// When WeChat delivers a message again that is not answered; for tests
    #[arg(long, hide = true, default_value = "5s", value_name = "TIME", value_parser = milliseconds)]
    retry_after: Duration,
    /// Refuse a rule file whose tests fail, at the start and on reload
    #[arg(long, env = "WXREPLY_REQUIRE_TESTS", value_parser = clap::builder::BoolishValueParser::new())]
    pub(super) require_tests: bool,
    /// Save the live rules to this file, and start with them if the rules are refused; with
    /// --accounts to FILE.NAME for each account
    #[arg(long, env = "WXREPLY_LAST_GOOD", value_name = "FILE")]
    last_good: Option<PathBuf>,
    /// The maximum number of connections; more wait until others end
    #[arg(
        long,
        env = "WXREPLY_MAX_CONNECTIONS",
        default_value = "10000",
        value_name = "NUMBER",
        value_parser = |text: &str| whole_number(text, 1..=1_000_000)
    )]
    max_connections: u32,
    /// The time for a client to finish a TLS handshake, to send a head, and to send a body
    #[arg(long, env = "WXREPLY_CLIENT_TIMEOUT", default_value = "3s", value_name = "TIME", value_parser = milliseconds)]
    client_timeout: Duration,
    /// How long idle connections of verified clients are kept; longer than in a proxy in front
    #[arg(long, env = "WXREPLY_KEEP_ALIVE", default_value = "75s", value_name = "TIME", value_parser = milliseconds)]
    keep_alive: Duration,
    /// Text, or JSON with one line per record
    #[arg(
        long,
        env = "WXREPLY_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    log_format: LogFormat,
}

pub(super) const DEFAULT_RULES: &str = "rules.yaml";
const DEFAULT_PATH: &str = "/wx_flask";

/// Then it hangs up, and the follower may see a fault.
const WECHAT_WAITS: Duration = Duration::from_secs(5);

/// Beside those that answer: for the files, secrets, signals and the supervisor, and those of the
/// runtime and of the operator's listener.
const OTHER_THREADS: usize = 11;

/// As the first thread has.
const STACK_BYTES: usize = 8 << 20;

/// Why the server does not start. Its text is all that is shown.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error(transparent)]
    SecretArguments(#[from] SecretsError),
    #[error(transparent)]
    Api(#[from] ApiArgumentError),
    #[error(transparent)]
    Database(#[from] DatabaseArgumentError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("{}", phrase!(cannot_listen, address, reason = source, flag = *flag))]
    Listen {
        address: String,
        flag: &'static str,
        source: io::Error,
    },
    #[error(transparent)]
    Sockets(#[from] SocketsError),
    #[error("{0}")]
    Usage(Phrase),
    #[error("{0}")]
    Rules(#[from] ReloadError),
    #[error("{0}")]
    Accounts(#[from] AccountsError),
    #[error("{}", phrase!(too_few_threads, threads = *threads, reason = source))]
    Threads { threads: usize, source: io::Error },
    #[error("{}", phrase!(server_ended, reason = .0))]
    Server(io::Error),
}

pub(super) fn run(arguments: Arguments) -> Exit {
    let logging = logging::start(arguments.log_format);
    let signals = signals::obey(logging.clone());
    let rules = arguments.rules.clone();
    // A drive that hangs keeps whoever reads from it from hearing a signal, and the system gives
    // those to the first thread.
    let served = thread::scope(|scope| {
        let thread = thread::Builder::new().name("server".to_owned());
        let serving = thread.stack_size(STACK_BYTES);
        let serving = serving.spawn_scoped(scope, || serve(arguments, &signals));
        match serving {
            Ok(serving) => serving.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(source) => Err(ServeError::Threads { threads: 1, source }),
        }
    });
    logging.finish();
    match served {
        Ok(()) => Exit::Success,
        Err(error) => {
            let exit = match &error {
                ServeError::Rules(ReloadError::Wrong { .. } | ReloadError::Untested { .. }) => {
                    Exit::RulesInvalid
                }
                ServeError::Accounts(error) if !error.is_unreadable() => Exit::RulesInvalid,
                _ => Exit::Error,
            };
            match error {
                ServeError::Rules(refused @ ReloadError::File(_)) => {
                    let remedy = rules_remedy(&rules);
                    eprintln!(
                        "{}",
                        phrase!(error_and_help, error = refused.to_string(), remedy)
                    );
                }
                ServeError::Rules(refused) => eprintln!("{refused}"),
                ServeError::Accounts(refused) => eprintln!("{refused}"),
                error => {
                    fail(&error);
                }
            }
            exit
        }
    }
}

fn serve(arguments: Arguments, signals: &Signals) -> Result<(), ServeError> {
    let threads = thread::available_parallelism().map_or(1, usize::from) + OTHER_THREADS;
    own_thread::are_left(threads).map_err(|source| ServeError::Threads { threads, source })?;
    hanging_drive::watch();
    let described = Described::by(&arguments)?;
    let pair = arguments.tls_cert.zip(arguments.tls_key);
    let pair = pair.map(|(certificate, key)| Pair { certificate, key });
    let certificate = pair.map(LiveCertificate::start).transpose()?;
    let listeners = listeners(&arguments.listen, &arguments.admin, arguments.live)?;
    let files = open_files::raise_limit();
    let loaded = described.load(Reloader::new())?;
    let shared = open_files::share(
        files,
        arguments.max_connections,
        loaded.accounts.databases(),
    );
    store::limit_files(shared.of_databases);
    let settings = ServerSettings {
        listener: listeners.callback,
        is_handed_over: listeners.is_handed_over,
        certificate,
        admin: listeners.admin,
        accounts: loaded.accounts,
        outside: loaded.outside,
        api: arguments.api.hosts,
        deadline: arguments.deadline,
        retry_after: arguments.retry_after,
        limits: ClientLimits {
            max_connections: shared.connections,
            max_admin_connections: shared.of_operators,
            client_timeout: arguments.client_timeout,
            keep_alive: arguments.keep_alive,
        },
    };
    let served = server::run(settings, |server| {
        signals.serve(server.clone());
        supervisor::ready(server);
    });
    loaded.reloader.stop();
    served.map_err(ServeError::Server)
}

/// What to do about a file of rules that cannot be read.
pub(super) fn rules_remedy(path: &Path) -> Phrase {
    let folder = env::current_dir().unwrap_or_default();
    match path {
        path if path == Path::new(DEFAULT_RULES) => {
            phrase!(help_rules_default)
        }
        path if path.is_relative() && !path.exists() => {
            phrase!(help_rules_relative, folder = folder.display())
        }
        _ => phrase!(help_rules),
    }
}

fn deadline(text: &str) -> Result<Duration, Phrase> {
    match milliseconds(text)? {
        deadline if deadline > WECHAT_WAITS => Err(phrase!(deadline_too_late)),
        deadline => Ok(deadline),
    }
}

/// Where the server listens. Sockets that a supervisor holds come first, so that a restart
/// refuses nobody.
struct Listeners {
    callback: TcpListener,
    is_handed_over: bool,
    admin: Option<Admin>,
}

fn listeners(listen: &str, admin: &str, is_live: bool) -> Result<Listeners, ServeError> {
    let mut handed_over = supervisor::sockets()?.into_iter();
    let (callback, is_handed_over) = match handed_over.next() {
        Some(listener) => (listener, true),
        None => (bind(listen, "--listen")?, false),
    };
    let mut listeners = Listeners {
        callback,
        is_handed_over,
        admin: None,
    };
    if admin != "off" {
        let name = admin.rsplit_once(':').map_or("", |(name, _)| name);
        listeners.admin = Some(Admin {
            is_live,
            listener: match handed_over.next() {
                Some(listener) => listener,
                None => bind(admin, "--admin, or --admin off")?,
            },
            name: name.to_owned(),
        });
    }
    Ok(listeners)
}

/// Connections that wait to be accepted, as far as the system allows: with the 128 of the standard
/// library, followers in a crowd would have to connect twice.
const BACKLOG: i32 = 4096;

fn bind(address: &str, flag: &'static str) -> Result<TcpListener, ServeError> {
    let listener = TcpListener::bind(address).map_err(|source| ServeError::Listen {
        address: address.to_owned(),
        flag,
        source: match source.kind() {
            io::ErrorKind::InvalidInput => phrase!(not_an_address).into(),
            _ => source,
        },
    })?;
    if let Err(error) = SockRef::from(&listener).listen(BACKLOG) {
        log::warn!("{}", phrase!(log_backlog, reason = &error));
    }
    Ok(listener)
}
