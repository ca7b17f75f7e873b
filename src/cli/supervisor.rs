//! Sockets from, and notifications to, a supervisor such as systemd.

use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use std::{env, io, thread};

use listenfd::ListenFd;
use sd_notify::NotifyState;

use crate::i18n::phrase;
use crate::log_limit::LogLimit;
use crate::server::ServerControl;

/// Longer than any reload; a supervisor that waits for one must get a result.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the end waits until its supervisor knows: less than between two signals that mean more
/// than one.
const STOPPING_TIMEOUT: Duration = Duration::from_millis(100);

/// What a supervisor that does not read has not been told yet. Beyond that it is not told.
const MAX_UNTOLD: usize = 64;

/// The supervisor hands over something that nobody can connect to.
#[derive(Debug, thiserror::Error)]
#[error("{}", phrase!(socket_of_supervisor, place = *place, reason = source))]
pub(super) struct SocketsError {
    place: usize,
    source: io::Error,
}

/// The listening sockets that came with the process, in the order of the supervisor.
pub(super) fn sockets() -> Result<Vec<TcpListener>, SocketsError> {
    let mut handed_over = ListenFd::from_env();
    (0..handed_over.len())
        .filter_map(|place| {
            let listener = handed_over.take_tcp_listener(place).transpose()?;
            Some(listener.map_err(|source| SocketsError { place, source }))
        })
        .collect()
}

/// Says that requests are taken, and from then on that they still are, if anybody asks.
pub(super) fn ready(server: ServerControl) {
    tell(&[NotifyState::Ready]);
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return;
    };
    let telling = move || {
        loop {
            match server.is_alive() {
                true => _ = tell(&[NotifyState::Watchdog]),
                false => log::error!("{}", phrase!(log_worker_stuck)),
            }
            thread::sleep(patience / 3);
        }
    };
    let thread = thread::Builder::new().name("watchdog".to_owned());
    if let Err(error) = thread.spawn(telling) {
        log::error!("{}", phrase!(log_no_watchdog, reason = &error));
    }
}

/// A thread that reads the rules again whenever it is told to. It is there from the start, as the
/// system may have none to give later; and whoever ends the process should not wait for a reload.
pub(super) fn reload_when_told(server: ServerControl) -> SyncSender<()> {
    // One that waits is enough: it begins after everybody has told.
    let (sender, told) = sync_channel(1);
    let reloading = move || told.iter().for_each(|()| reload(&server));
    let thread = thread::Builder::new().name("reload-signal".to_owned());
    if let Err(error) = thread.spawn(reloading) {
        log::warn!("{}", phrase!(log_no_reload, reason = &error));
    }
    sender
}

/// Reads the rules again, and says when that begins and ends.
fn reload(server: &ServerControl) {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    };
    let verdict = server.reload(RELOAD_TIMEOUT);
    let status = match verdict {
        Some(true) => phrase!(status_fine),
        Some(false) => phrase!(status_refused),
        None => phrase!(status_slow),
    };
    let status = status.to_string();
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

pub(super) fn stopping() {
    // Whether it was told or not: the end does not depend on it.
    let _ = tell(&[NotifyState::Stopping]).recv_timeout(STOPPING_TIMEOUT);
}

/// Lines for the supervisor, and what is dropped once it was told.
type Notification = (String, SyncSender<()>);

/// A thread of its own tells: a supervisor that does not read makes it wait, and nobody else.
static TELLER: LazyLock<SyncSender<Notification>> = LazyLock::new(|| {
    let (sender, untold) = sync_channel::<Notification>(MAX_UNTOLD);
    let telling = move || {
        let limit = LogLimit::default();
        for (lines, _told) in untold {
            if let Err(error) = sd_notify::notify(&[NotifyState::Custom(&lines)]) {
                let reason = error.to_string();
                if let Some(left_out) = limit.permit(&reason) {
                    log::warn!("{}{left_out}", phrase!(log_supervisor, reason));
                }
            }
        }
    };
    let thread = thread::Builder::new().name("supervisor".to_owned());
    if let Err(error) = thread.spawn(telling) {
        log::warn!("{}", phrase!(log_supervisor, reason = error.to_string()));
    }
    sender
});

/// Without waiting. What is returned ends when the supervisor was told or will not be.
fn tell(news: &[NotifyState]) -> Receiver<()> {
    let (told, is_told) = sync_channel(1);
    if env::var_os("NOTIFY_SOCKET").is_some_and(|socket| !socket.is_empty()) {
        let lines: Vec<String> = news.iter().map(NotifyState::to_string).collect();
        // Where no more can wait, it is not told.
        let _ = TELLER.try_send((lines.join("\n"), told));
    }
    is_told
}
