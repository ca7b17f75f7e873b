//! Runs the real program. Knows nothing of rules.

use std::process::Command;

/// The program, with nothing in its environment that would make two machines differ.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wxreply"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WXREPLY_") {
            command.env_remove(name);
        }
    }
    command.env("TZ", "Asia/Shanghai").args(arguments);
    command
}
