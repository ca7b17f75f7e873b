//! What the signals that a process is sent mean to a running server.

use std::io;
use std::sync::Arc;
use std::thread;

use signal_hook::consts::SIGHUP;
use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::cli::supervisor;
use crate::live_rules::LiveRules;
use crate::server::Stopper;

/// From here on SIGHUP ends nothing; it waits for somebody to obey it.
pub fn expect() -> io::Result<Signals> {
    Signals::new([SIGHUP])
}

/// SIGHUP reads the rules again. SIGTERM and SIGINT end the server in good order; a second one
/// ends the process as if nobody had listened, as they do until now.
pub fn obey(mut signals: Signals, live: Arc<LiveRules>, stopper: Stopper) {
    for signal in [SIGINT, SIGTERM] {
        if let Err(error) = signals.add_signal(signal) {
            log::warn!("signal {signal} ends the server in the middle of its work: {error}");
        }
    }
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
