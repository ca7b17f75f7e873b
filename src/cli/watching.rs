//! `--watch`: a command runs again whenever one of the files that it read is saved.

use std::io::IsTerminal;
use std::{io, thread};

use jiff::Zoned;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::cli::paint::Ink;
use crate::cli::{Exit, fail, paint};
use crate::i18n::phrase;
use crate::live_rules::watch::{Inputs, ReloadHandle, Watch};

/// Runs until it is told to end, and ends as the last run did.
pub(super) fn again_and_again<T>(
    read: impl Fn(&mut Inputs) -> T,
    mut run: impl FnMut(T) -> Exit,
) -> Exit {
    let mut watch: Watch<()> = Watch::start();
    if let Err(error) = end_on_signals(watch.handle()) {
        let error = phrase!(no_signals, error = error.to_string());
        return fail(&error);
    }
    let files = watch.add();
    loop {
        let exit = run(watch.read(files, &read));
        eprintln!("{}", phrase!(watching));
        if !watch.wait_for(files) {
            return exit;
        }
        separate();
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
fn end_on_signals(handle: ReloadHandle<()>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || {
        let mut is_ending = false;
        for signal in signals.forever() {
            if is_ending {
                let _ = low_level::emulate_default_handler(signal);
            }
            is_ending = true;
            handle.stop();
        }
    })?;
    Ok(())
}
