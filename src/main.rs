//! Hands over to the command line and ends with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(wxreply::run() as u8)
}
