//! Runs the real program in a folder of its own. Knows nothing of rules.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A folder that is gone when the test is over.
pub struct Folder(TempDir);

/// What a run of the program left behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    /// A folder with these files, folders between made as needed.
    pub fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// An empty folder in memory, if the system has one: its files never wait for a disk that others
    /// keep busy.
    pub fn in_memory() -> Folder {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Folder(folder.unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Runs the program in this folder.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        run_in(self.path(), arguments)
    }
}

/// Runs the program to its end, with `folder` as its working directory.
pub fn run_in(folder: &Path, arguments: &[&str]) -> Outcome {
    let output = program(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome {
        // A signal leaves no code; no exit code of the program is negative.
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// The program, with nothing in its environment that would make two machines differ.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wxreply"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["WXREPLY_", "LC_", "LANG"]
            .iter()
            .any(|start| text.starts_with(start))
        {
            command.env_remove(name);
        }
    }
    command.env("TZ", "Asia/Shanghai").args(arguments);
    command
}
