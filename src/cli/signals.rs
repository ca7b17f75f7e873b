//! What the signals that a process is sent mean to a running server.

use std::sync::Arc;
use std::{io, thread};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::cli::supervisor;
use crate::live_rules::LiveRules;
use crate::server::Stopper;

/// From now on signals wait to be obeyed. Without that, a hangup while the rules are still being
/// read would end the program.
pub(super) fn catch() -> io::Result<Signals> {
    Signals::new([SIGHUP, SIGINT, SIGTERM])
}

/// SIGHUP reads the rules again. SIGTERM and SIGINT end the server in good order; a second one
/// ends the process as if nobody had listened.
pub(super) fn obey(signals: io::Result<Signals>, live: Arc<LiveRules>, stopper: Stopper) {
    let mut signals = match signals {
        Ok(signals) => signals,
        Err(error) => {
            log::warn!("signals end the server at once and reload nothing: {error}");
            return;
        }
    };
    thread::spawn(move || {
        let mut is_ending = false;
        for signal in signals.forever() {
            match signal {
                SIGHUP => {
                    log::info!("SIGHUP: reading the rules again");
                    let live = Arc::clone(&live);
                    // Not here: whoever ends the process should not wait for a reload.
                    thread::spawn(move || supervisor::reload(&live));
                }
                signal if is_ending => {
                    log::warn!("told twice to end: answers under way are lost");
                    let _ = low_level::emulate_default_handler(signal);
                }
                _ => {
                    is_ending = true;
                    log::info!("told to end: answering what is under way");
                    supervisor::stopping();
                    stopper.stop();
                }
            }
        }
    });
}
