//! The HTTP server for WeChat. What to answer is decided elsewhere.

mod account;
mod accounts_file;
mod admin;
mod answering;
mod body;
mod callback;
mod commit;
mod database_check;
mod databases;
mod deciding;
mod delivery_log;
mod directory;
mod drain;
mod host;
mod intake;
mod listener;
mod metered_connection;
mod moment_cache;
mod orphaned_questions;
mod playground;
mod process_metrics;
pub(crate) mod pseudonym;
mod randomness;
mod reader_language;
mod receipt;
mod refusal;
mod reloading;
mod requested_account;
mod rule_counters;
mod shutdown;
mod store_timing;
mod sweep;
pub(crate) mod tls;
mod watchdog;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::{App, HttpResponse, HttpResponseBuilder, web};
use jiff::Timestamp;
use tokio::runtime::Handle;

use crate::i18n::phrase;
use crate::live_rules::FirstUploads;
use crate::metrics::Metrics;
use crate::own_thread;
use crate::questions::{Deciding, Questions, Timing};
use crate::server::account::Account;
use crate::server::accounts_file::{AccountsReloader, FollowedAccountsFile};
use crate::server::admin::OwnName;
use crate::server::directory::Directory;
use crate::server::drain::Drain;
use crate::server::intake::IntakeBudget;
use crate::server::playground::LiveCalls;
use crate::server::reloading::reload_all;
use crate::server::shutdown::Running;
use crate::server::tls::LiveCertificate;
use crate::server::watchdog::Heartbeats;
use crate::services::{Outside, Services};
use crate::uploads::Uploads;
use crate::wechat_api::{ApiHosts, ApiSettings, WechatApi};

pub(crate) use crate::server::account::AccountSettings;
pub(crate) use crate::server::accounts_file::{AccountsError, AccountsLoading, LoadedAccounts};

/// The settings of a server, fixed while it runs.
pub(crate) struct ServerSettings {
    /// Already bound, so that the caller knows the address when using port 0.
    pub listener: TcpListener,
    /// Whether a supervisor also holds that socket, and will pass it to the next process.
    pub is_handed_over: bool,
    /// `None` serves plain HTTP.
    pub certificate: Option<Arc<LiveCertificate>>,
    pub admin: Option<Admin>,
    pub accounts: ServedAccounts,
    pub outside: Outside,
    /// Where WeChat's API is.
    pub api: ApiHosts,
    /// The time limit of an answer, whatever happens inside.
    pub deadline: Duration,
    /// When WeChat delivers a message again that is not answered.
    pub retry_after: Duration,
    pub limits: ClientLimits,
}

/// For whom a server answers.
pub(crate) enum ServedAccounts {
    One(Box<AccountSettings>),
    /// Those of a file, as it is at any time.
    OfFile(Box<LoadedAccounts>),
}

impl ServedAccounts {
    pub(crate) fn databases(&self) -> usize {
        match self {
            ServedAccounts::One(_) => 1,
            ServedAccounts::OfFile(loaded) => loaded.databases(),
        }
    }
}

/// The operator's listener.
pub(crate) struct Admin {
    pub listener: TcpListener,
    /// The host name given for it, if any, which requests may use.
    pub name: String,
    /// Whether the playground may ask services.
    pub is_live: bool,
}

/// What clients may do to the listeners.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientLimits {
    /// Further connections wait in the system's queue.
    pub max_connections: usize,
    /// The same for the operator's listener.
    pub max_admin_connections: usize,
    /// For a TLS handshake, for sending a head, and once more for sending a body.
    pub client_timeout: Duration,
    /// How long a connection may idle after an answer.
    pub keep_alive: Duration,
}

/// Reaches a running server from any thread.
#[derive(Clone)]
pub(crate) struct ServerControl {
    state: web::Data<ServerState>,
    server: ServerHandle,
    system: System,
}

impl ServerControl {
    /// Stops accepting, waits for answers in progress, and stops the server.
    pub(crate) fn stop(&self) {
        self.state.ending.store(true, Ordering::Relaxed);
        let (state, server) = (self.state.clone(), self.server.clone());
        self.system.arbiter().spawn(async move {
            state.drain.close(&server).await;
        });
    }

    /// Reads everything again. Whether all of it is live as its files are; None when that takes
    /// longer.
    pub(crate) fn reload(&self, patience: Duration) -> Option<bool> {
        let reloaded = reload_all(&self.state, Instant::now() + patience)?;
        Some(reloaded.is_whole())
    }

    /// Whether every worker is alive.
    pub(crate) fn is_alive(&self) -> bool {
        self.state.heartbeats.all_beat()
    }
}

/// What the handlers share.
struct ServerState {
    directory: Directory,
    /// None where flags describe the only account.
    accounts_file: Option<Arc<FollowedAccountsFile>>,
    certificate: Option<Arc<LiveCertificate>>,
    deadline: Duration,
    client_timeout: Duration,
    metrics: Arc<Metrics>,
    api: WechatApi,
    uploads: Uploads,
    questions: Arc<Questions>,
    /// None where the playground asks nobody.
    live_calls: Option<LiveCalls>,
    heartbeats: Arc<Heartbeats>,
    started: Timestamp,
    drain: Drain,
    ending: AtomicBool,
}

/// How long nobody is answered at the start because WeChat does not keep yet what the rules show.
const FIRST_UPLOADS: Duration = Duration::from_secs(3);

/// Runs until stopped. Calls `ready` once requests are accepted.
pub(crate) fn run(settings: ServerSettings, ready: impl FnOnce(ServerControl)) -> io::Result<()> {
    let address = settings.listener.local_addr()?;
    let limits = settings.limits;
    let metrics = Arc::new(Metrics::default());
    let api = WechatApi::new(ApiSettings {
        hosts: settings.api,
        choose,
    });
    let api = api.map_err(io::Error::other)?;
    let (accounts, reloader) = match settings.accounts {
        ServedAccounts::One(account) => {
            let account = Account::new(*account, &metrics, &api);
            (vec![Arc::new(account)], None)
        }
        ServedAccounts::OfFile(loaded) => {
            let reloader = AccountsReloader::new(*loaded, &metrics, &api);
            (reloader.accounts(), Some(reloader))
        }
    };
    let services = Services::new(settings.outside);
    let system = System::new();
    let runtime = system.block_on(async { Handle::current() });
    let uploads = Uploads::new(runtime.clone());
    let first = accounts.iter();
    let first = first.filter_map(|account| account.upload_files(&uploads));
    let first_uploads: Vec<FirstUploads> = first.collect();
    let questions = Questions::new(
        services.map_err(io::Error::other)?,
        runtime,
        Deciding {
            decide: deciding::again,
            choose,
        },
        Timing::new(settings.retry_after),
    );
    let is_live = settings.admin.as_ref().is_some_and(|admin| admin.is_live);
    let state = web::Data::new(ServerState {
        directory: Directory::new(accounts),
        accounts_file: reloader.as_ref().map(AccountsReloader::file),
        certificate: settings.certificate,
        deadline: settings.deadline,
        client_timeout: limits.client_timeout,
        metrics,
        api,
        uploads,
        questions: Arc::new(questions),
        live_calls: is_live.then(LiveCalls::default),
        heartbeats: Arc::new(Heartbeats::new()),
        started: Timestamp::now(),
        drain: Drain::new(&settings.listener, settings.is_handed_over),
        ending: AtomicBool::new(false),
    });
    state.metrics.takes_connections(limits.max_connections);
    if let Some(reloader) = reloader {
        reloader.start(state.clone());
    }
    let ended = system.block_on(async move {
        let mut tasks = sweep::start(&state);
        tasks.push(database_check::start(state.clone()));
        tasks.push(orphaned_questions::start(state.clone()));
        let budget = Arc::new(IntakeBudget::new(Arc::clone(&state.metrics)));
        let admin = match settings.admin {
            Some(admin) => Some(start_admin(admin, limits, &budget, &state)?),
            None => None,
        };
        let until = Instant::now() + FIRST_UPLOADS;
        let wait = move || first_uploads.iter().for_each(|first| first.wait(until));
        // Without the thread, it does not wait.
        let _ = own_thread::run("first-uploads", wait).await;
        let server = listener::start(settings.listener, limits, &budget, &state)?;
        ready(ServerControl {
            state: state.clone(),
            server: server.handle(),
            system: System::current(),
        });
        let scheme = match state.certificate {
            Some(_) => "https",
            None => "http",
        };
        log_listening(&state, &format!("{scheme}://{address}"));
        let ended = server.await;
        Running { admin, tasks }.end(&state).await;
        ended
    });
    // Dropped, it would wait for a name server that says nothing of the database.
    std::mem::forget(system);
    ended
}

fn log_listening(state: &ServerState, base: &str) {
    let accounts = state.directory.all();
    let listening = match (&*accounts, &state.accounts_file) {
        ([account], None) => phrase!(log_listening, url = format!("{base}{}", account.path)),
        (accounts, _) => {
            let (url, count) = (format!("{base}/"), accounts.len());
            phrase!(log_listening_for, url, count)
        }
    };
    log::info!("{listening}");
}

fn start_admin(
    admin: Admin,
    limits: ClientLimits,
    budget: &Arc<IntakeBudget>,
    state: &web::Data<ServerState>,
) -> io::Result<ServerHandle> {
    let address = admin.listener.local_addr()?;
    let (shared, name) = (state.clone(), web::Data::new(OwnName(admin.name)));
    let pages = move || {
        App::new()
            .app_data(shared.clone())
            .app_data(name.clone())
            .wrap(from_fn(admin::guard))
            .configure(admin::routes)
            .configure(playground::routes)
    };
    let server = listener::start_admin(admin.listener, limits, budget, pages)?;
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let url = format!("http://{address}/");
    log::info!("{}", phrase!(log_admin, url));
    if admin.is_live {
        log::info!("{}", phrase!(log_admin_live));
    }
    if !address.ip().is_loopback() {
        log::warn!("{}", phrase!(log_admin_open, address = address.to_string()));
    }
    Ok(handle)
}

impl ServerState {
    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// An answer to WeChat, after which the connection stays if the server does.
    fn ok(&self) -> HttpResponseBuilder {
        let mut response = HttpResponse::Ok();
        if self.is_ending() {
            response.force_close();
        }
        response
    }
}

/// Chooses at random; without randomness from the system, the first.
pub(crate) fn choose(sides: usize) -> usize {
    let random = getrandom::u64().unwrap_or(0);
    let sides = u64::try_from(sides).unwrap_or(u64::MAX).max(1);
    usize::try_from(random % sides).unwrap_or(0)
}
