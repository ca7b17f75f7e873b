//! Signal handling of the server, from the first moment on.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{io, process, thread};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals as Incoming;
use signal_hook::{flag, low_level};

use crate::cli::logging::Logging;
use crate::cli::supervisor;
use crate::i18n::phrase;
use crate::lock::lock;
use crate::server::ServerControl;

/// Signals are obeyed for as long as the process lives.
pub(super) struct Signals(Arc<Mutex<Stage>>);

enum Stage {
    /// Nobody is answered yet. Reading the rules may take long, and as the first process of a
    /// container nothing would end it but this.
    Starting {
        is_reload_wanted: bool,
        logging: Logging,
    },
    Serving {
        server: ServerControl,
        reloads: SyncSender<()>,
    },
    /// Since it was told to.
    Ending(Instant),
}

/// Programs that end others may send one signal to the process and one to its group, as `timeout`
/// does. Nobody types that fast.
const TOGETHER: Duration = Duration::from_millis(200);

/// SIGHUP reads the rules again. SIGTERM and SIGINT end the server in good order; a second one
/// ends the process as if nobody had listened.
pub(super) fn obey(logging: Logging) -> Signals {
    let stage = Arc::new(Mutex::new(Stage::Starting {
        is_reload_wanted: false,
        logging,
    }));
    let signals = Signals(Arc::clone(&stage));
    if let Err(error) = listen(stage) {
        log::warn!("{}", phrase!(log_no_signals, reason = &error));
    }
    signals
}

/// The thread comes first: signals that are caught and that nobody hears would end nothing.
fn listen(stage: Arc<Mutex<Stage>>) -> io::Result<()> {
    let (catch, caught) = mpsc::channel::<Incoming>();
    let listening = move || {
        let Ok(mut incoming) = caught.recv() else {
            return;
        };
        for signal in incoming.forever() {
            lock(&stage).take(signal);
        }
    };
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(listening)?;
    let incoming = Incoming::new([SIGHUP, SIGINT, SIGTERM])?;
    catch.send(incoming).map_err(io::Error::other)
}

/// For commands that do not catch signals: what they mean by default they do not mean to the first
/// process of a container.
pub(super) fn end_the_first_process() {
    if process::id() != 1 {
        return;
    }
    for signal in [SIGINT, SIGTERM] {
        let always = Arc::new(AtomicBool::new(true));
        // Should it fail, the container can still be killed.
        let _ = flag::register_conditional_shutdown(signal, 128 + signal, always);
    }
}

/// A write beyond the limit for the size of files is an error like that of a full disk, which is
/// told or waits for room. The signal that comes with it would end the program.
pub(super) fn outlive_limits_of_files() {
    let noticed = Arc::new(AtomicBool::new(false));
    // Should it fail, such a write ends the program, as it ends others.
    let _ = flag::register(SIGXFSZ, noticed);
}

impl Signals {
    /// From now on they mean this server.
    pub(super) fn serve(&self, server: ServerControl) {
        let reloads = supervisor::reload_when_told(server.clone());
        let mut stage = lock(&self.0);
        let before = std::mem::replace(&mut *stage, Stage::Serving { server, reloads });
        if let Stage::Starting {
            is_reload_wanted: true,
            ..
        } = before
        {
            stage.take(SIGHUP);
        }
    }
}

impl Stage {
    fn take(&mut self, signal: i32) {
        match (&mut *self, signal) {
            (
                Stage::Starting {
                    is_reload_wanted, ..
                },
                SIGHUP,
            ) => *is_reload_wanted = true,
            (Stage::Starting { logging, .. }, _) => {
                log::info!("{}", phrase!(log_end_before_start));
                logging.finish();
                process::exit(0);
            }
            (Stage::Serving { reloads, .. }, SIGHUP) => {
                log::info!("{}", phrase!(log_sighup));
                // Where one waits already, it is the one; that nobody reloads was told.
                let _ = reloads.try_send(());
            }
            (Stage::Serving { server, .. }, _) => {
                log::info!("{}", phrase!(log_end));
                supervisor::stopping();
                server.stop();
                *self = Stage::Ending(Instant::now());
            }
            (Stage::Ending(_), SIGHUP) => {}
            (Stage::Ending(since), _) if since.elapsed() < TOGETHER => {}
            (Stage::Ending(_), _) => {
                log::warn!("{}", phrase!(log_end_twice));
                // To the first process of a container the default action does nothing.
                if process::id() == 1 {
                    process::exit(128 + signal);
                }
                let _ = low_level::emulate_default_handler(signal);
            }
        }
    }
}
