//! Hands over to the command line and ends with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(wxreply::cli::run() as u8)
}
