//! PgBouncer between the bot and PostgreSQL, as Debian installs it.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use tempfile::TempDir;
use wxreply::store::{Remembered, Store};

use crate::few_connections::remembers_at_once;
use crate::ports::unclaimed_port;
use crate::requirements;
use crate::support::{LIMIT, TestDatabase, databases, set};

const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// Ended when dropped.
struct PgBouncer {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl PgBouncer {
    /// In front of the server of this URL.
    fn start(url: &str, settings: &str) -> PgBouncer {
        let (login, server) = url.split_once("://").unwrap().1.rsplit_once('@').unwrap();
        let login = match login.split_once(':') {
            Some((user, password)) => format!("user={user} password={password}"),
            None => format!("user={login}"),
        };
        let (host, port) = server.split_once('/').unwrap().0.split_once(':').unwrap();
        let folder = tempfile::tempdir().unwrap();
        // Root runs it as somebody else, who reads the file too.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let own_port = unclaimed_port();
        let text = format!(
            "[databases]\n* = host={host} port={port} {login}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {own_port}\n\
             unix_socket_dir =\nauth_type = any\n{settings}\n"
        );
        let settings = folder.path().join("pgbouncer.ini");
        fs::write(&settings, text).unwrap();
        let mut command = Command::new(PROGRAM);
        command.args(["-q", "-u", "nobody"]).arg(&settings);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let deadline = Instant::now() + LIMIT;
        while TcpStream::connect(("127.0.0.1", own_port)).is_err() {
            assert!(Instant::now() < deadline, "PgBouncer takes no connection");
            thread::sleep(Duration::from_millis(5));
        }
        PgBouncer {
            process,
            port: own_port,
            _folder: folder,
        }
    }

    fn store(&self, url: &str) -> Store {
        let database = url.rsplit_once('/').unwrap().1;
        let url = format!("postgres://anybody@127.0.0.1:{}/{database}", self.port);
        Store::new(url.parse().unwrap(), LIMIT)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn on_postgres(test: impl AsyncFn(&TestDatabase)) {
    if !Path::new(PROGRAM).exists() {
        return requirements::absent("pgbouncer", format!("no {PROGRAM}"));
    }
    for database in databases() {
        if database.name == "PostgreSQL" {
            System::new().block_on(test(&database));
        }
    }
}

#[test]
fn a_pooler_that_shares_sessions_is_refused() {
    on_postgres(async |database| {
        for mode in ["transaction", "statement"] {
            let pooler = PgBouncer::start(&database.url, &format!("pool_mode = {mode}"));
            let error = pooler.store(&database.url).probe().await.unwrap_err();
            assert_eq!(error.label(), "shared_session", "{mode}: {error:?}");
        }
    });
}

#[test]
fn a_pooler_in_session_mode_needs_no_settings_of_its_own() {
    on_postgres(async |database| {
        let pooler = PgBouncer::start(&database.url, "pool_mode = session");
        let store = pooler.store(&database.url);
        let delivery = database.delivery("o1", "1");
        let outcome = store.remember(&delivery, None, &[set("a", "1")], "").await;
        assert_eq!(outcome.unwrap(), Remembered::Done);
        let user = store.recall(&delivery).await.unwrap().user;
        assert_eq!(user.get("a").unwrap().text(), "1");
    });
}

#[test]
fn a_pooler_with_one_connection_is_enough_for_many_messages_at_once() {
    on_postgres(async |database| {
        let settings = "pool_mode = session\ndefault_pool_size = 1";
        let pooler = PgBouncer::start(&database.url, settings);
        remembers_at_once(&pooler.store(&database.url), database, "1").await;
    });
}
