//! A PostgreSQL server of a test's own, that can be stopped and started while others need it.
//! Knows nothing of what is stored.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::ports::unclaimed_port;
use crate::server::eventually;

/// Ended when dropped.
pub struct Postgres {
    binaries: PathBuf,
    folder: TempDir,
    port: u16,
    /// Whom it runs as when the test is root, which the server refuses to be.
    user: Option<(u32, u32)>,
    running: Option<Child>,
}

impl Postgres {
    /// Starts an empty one, or says what is missing here.
    pub fn start() -> Result<Postgres, String> {
        let binaries = binaries().ok_or("no PostgreSQL in /usr/lib/postgresql")?;
        let user = match is_root() {
            false => None,
            true => {
                let ids = id("-u", "postgres").zip(id("-g", "postgres"));
                Some(ids.ok_or("no user postgres")?)
            }
        };
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut postgres = Postgres {
            binaries,
            folder,
            port: unclaimed_port(),
            user,
            running: None,
        };
        let mut initdb = postgres.command("initdb");
        initdb.args(["-D", "data", "-A", "trust", "-U", "postgres", "-E", "UTF8"]);
        let output = initdb.args(["--locale", "C", "--no-sync"]).output();
        let output = output.map_err(|error| format!("initdb does not run: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("initdb fails: {said}"));
        }
        postgres.start_again();
        Ok(postgres)
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Comes back once it takes connections.
    pub fn start_again(&mut self) {
        let port = self.port.to_string();
        let mut command = self.command("postgres");
        // It is the process that ends here, never the machine; there is no need to wait for the disk.
        command.args(["-D", "data", "-c", "fsync=off", "-k", ""]);
        command.args(["-h", "127.0.0.1", "-p", &port]);
        let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
        self.running = Some(silent.spawn().unwrap());
        eventually("PostgreSQL takes connections", || {
            let mut asked = self.command("pg_isready");
            let asked = asked.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            asked.status().unwrap().success()
        });
    }

    /// Ends it at once, as a crash would: nothing is finished and nobody is told.
    pub fn stop(&mut self) {
        let Some(mut child) = self.running.take() else {
            return;
        };
        let id = child.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &id]).status();
        let _ = child.wait();
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.join(name));
        command.current_dir(self.folder.path());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Of the newest version that is installed.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let versions = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    versions
        .filter(|folder| folder.join("postgres").exists() && folder.join("initdb").exists())
        .max()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout == b"0\n")
}

fn id(what: &str, of: &str) -> Option<u32> {
    let output = Command::new("id").args([what, of]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
