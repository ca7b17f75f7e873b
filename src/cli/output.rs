//! Prints output. If that fails, ends the program with one line and the exit code of an error
//! instead of a panic.

use std::fmt::Arguments;
use std::io;
use std::io::Write;
use std::process;

use crate::cli::Exit;
use crate::i18n::phrase;

/// Takes the place of the standard macro in the whole of `cli`.
macro_rules! print {
    ($($part:tt)*) => { $crate::cli::output::print(format_args!($($part)*)) };
}

macro_rules! println {
    () => { print!("\n") };
    ($($part:tt)*) => { print!("{}\n", format_args!($($part)*)) };
}

macro_rules! eprint {
    ($($part:tt)*) => { $crate::cli::output::eprint(format_args!($($part)*)) };
}

macro_rules! eprintln {
    () => { eprint!("\n") };
    ($($part:tt)*) => { eprint!("{}\n", format_args!($($part)*)) };
}

pub(crate) fn print(text: Arguments) {
    let mut stdout = io::stdout().lock();
    // Without the flush, an error of the last line would come after the exit code is chosen.
    if let Err(error) = stdout.write_fmt(text).and_then(|()| stdout.flush()) {
        fail(&error);
    }
}

/// What cannot be written there can be said nowhere; the exit code still tells how it went.
pub(crate) fn eprint(text: Arguments) {
    let _ = io::stderr().write_fmt(text);
}

/// Ends the program, as nobody sees the rest of what it would print.
pub(crate) fn fail(error: &io::Error) -> ! {
    let why = phrase!(output_unwritable, reason = error);
    eprintln!("{}: {why}", phrase!(level_error));
    process::exit(Exit::Error as i32)
}
