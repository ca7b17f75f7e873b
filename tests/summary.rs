//! Cargo runs this after the other tests: it lists what could not run on this machine.
#![expect(clippy::print_stdout, reason = "the list is what it is for")]

#[path = "requirements/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod requirements;

use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    // Runners that ask for the names of tests find none here.
    if env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let noted = fs::read_to_string(requirements::file()).unwrap_or_default();
    let _ = fs::remove_file(requirements::file());
    println!("\n{}", requirements::list(&noted));
    let unknown = requirements::unknown();
    if unknown.is_empty() {
        return ExitCode::SUCCESS;
    }
    let names: Vec<&str> = requirements::KNOWN.iter().map(|(name, _)| *name).collect();
    println!(
        "WXREPLY_TEST_REQUIRE names {}, and knows {}",
        unknown.join(", "),
        names.join(", ")
    );
    ExitCode::FAILURE
}
