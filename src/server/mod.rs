//! Listens for WeChat and answers it. Knows HTTP; what to answer is decided elsewhere.

mod callback;
mod clock;
mod pseudonym;
mod settle;
mod sweep;

use std::io;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::HttpServer;
use actix_web::web;

use crate::live_rules::LiveRules;
use crate::server::pseudonym::Pseudonyms;
use crate::store::Store;
use crate::wechat::Credentials;
use crate::wechat::Mode;
use crate::wechat::Stamp;

/// Everything a server is told; nothing of it changes while it runs.
pub struct Settings {
    /// Already bound, so that whoever starts a server on port 0 knows its address.
    pub listener: TcpListener,
    pub path: String,
    pub credentials: Credentials,
    pub live: Arc<LiveRules>,
    pub store: Store,
    /// An answer leaves before this is over, whatever happens inside.
    pub deadline: Duration,
}

/// What the handlers share.
struct State {
    credentials: Credentials,
    live: Arc<LiveRules>,
    store: Store,
    deadline: Duration,
    pseudonyms: Pseudonyms,
}

/// A body may be this large. WeChat's messages have a few hundred bytes, twice and thrice that
/// when encrypted.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A client that has sent its head has this long for its body; WeChat sends both at once.
const BODY_PATIENCE: Duration = Duration::from_secs(3);

/// WeChat gives up after five seconds, so that nothing under way is worth waiting longer for.
const SHUTDOWN_SECONDS: u64 = 6;

/// Idle connections are kept this long, longer than a reverse proxy in front keeps them
/// (60 seconds with nginx), which must be the side that closes.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Answers until the process is told to end.
pub fn run(settings: Settings) -> io::Result<()> {
    let address = settings.listener.local_addr()?;
    let state = web::Data::new(State {
        credentials: settings.credentials,
        live: settings.live,
        store: settings.store,
        deadline: settings.deadline,
        pseudonyms: Pseudonyms::new(),
    });
    let path = settings.path;
    let listener = settings.listener;
    actix_web::rt::System::new().block_on(async move {
        let sweeping = sweep::start(state.clone());
        log_listening(address, &path);
        let shared = state.clone();
        let server = HttpServer::new(move || {
            App::new().app_data(shared.clone()).service(
                web::resource(path.as_str())
                    .route(web::get().to(callback::handshake))
                    .route(web::post().to(callback::push)),
            )
        })
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .listen(listener)?
        .run();
        let ended = server.await;
        sweeping.abort();
        state.live.stop();
        ended
    })
}

impl State {
    /// What encrypting one answer takes; nothing where nothing is encrypted.
    fn randomness(&self) -> Stamp {
        let mut random = [0; 16];
        let mut nonce = 0;
        if self.credentials.mode() != Mode::Plain {
            // Without randomness from the system the answer is still one that WeChat takes.
            let _ = getrandom::fill(&mut random);
            nonce = getrandom::u32().unwrap_or_default();
        }
        Stamp {
            unix_seconds: 0,
            random,
            nonce,
        }
    }
}

/// Throws the dice. If the system has no randomness, the first choice is as good as any.
pub fn dice(sides: usize) -> usize {
    let random = getrandom::u64().unwrap_or(0);
    let sides = u64::try_from(sides).unwrap_or(u64::MAX).max(1);
    usize::try_from(random % sides).unwrap_or(0)
}

fn log_listening(address: SocketAddr, path: &str) {
    log::info!("listening on http://{address}{path}");
}
