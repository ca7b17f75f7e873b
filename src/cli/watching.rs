//! `--watch`: a command runs again whenever one of the files that it read is saved.

use std::io::IsTerminal;
use std::{io, thread};

use jiff::Zoned;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::cli::paint::Ink;
use crate::cli::{Exit, paint};
use crate::live_rules::ReloadRequest;
use crate::live_rules::files::Disk;
use crate::live_rules::watch::{ReloadHandle, Watch, Woken};

/// Runs until it is told to end, and ends as the last run did.
pub(super) fn again_and_again(mut run: impl FnMut(&mut Disk) -> Exit) -> Exit {
    let mut watch = Watch::start();
    if let Err(error) = end_on_signals(watch.waker()) {
        eprintln!("error: signals cannot be caught: {error}");
        return Exit::Error;
    }
    loop {
        let exit = run(&mut Disk::Watched(&mut watch));
        eprintln!("watching; Ctrl-C ends");
        match watch.wait() {
            Woken::Changed | Woken::Asked(_) => separate(),
            Woken::Stopped => return exit,
        }
    }
}

/// Between two runs. Programs that read the output need nothing there.
fn separate() {
    if io::stdout().is_terminal() {
        let line = format!("──── {} ────", Zoned::now().strftime("%H:%M:%S"));
        let line = paint::paint(paint::stdout_is_colored(), Ink::Faint, &line);
        println!("\n{line}\n");
    }
}

/// The first one ends the waiting; a second one, should a run take long, ends the program.
fn end_on_signals(waker: ReloadHandle<ReloadRequest>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        let mut is_ending = false;
        for signal in signals.forever() {
            if is_ending {
                let _ = low_level::emulate_default_handler(signal);
            }
            is_ending = true;
            waker.stop();
        }
    });
    Ok(())
}
