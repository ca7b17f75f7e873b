//! `wxreply completions`: what a shell needs to complete the command line.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Exit;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let mut command = crate::cli::Arguments::command();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "wxreply", &mut script);
    print!("{}", String::from_utf8_lossy(&script));
    Exit::Success
}
