//! The file of a SQLite database under a running server: gone, replaced, or on a full disk.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::admin::{get, json, metric, operators};
use crate::database;
use crate::disk::Disk;
use crate::requirements;
use crate::server::{Server, eventually, serve};
use crate::support::{Folder, program};
use crate::wechat;

const RULES: &str = "
options: { on_error: 系统繁忙 }
rules:
  - { name: ping, when: { equals: ping }, reply: pong }
  - { name: 设, when: { prefix: 设 }, set: { v: <rest> }, reply: 好 }
  - { name: 看, when: { equals: 看 }, reply: '<user.v|没有>' }
";

#[test]
fn a_file_that_is_removed_is_noticed_before_the_next_acknowledgement() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let file = folder.path().join("f.db");
    let url = format!("sqlite:{}", file.display());
    let server = Server::start(&folder, &["--admin", "127.0.0.1:0", "--database", &url]);
    let address = operators(&server);
    assert_eq!(server.says("o1", "设1"), "好");
    // Otherwise the check at the start may be the one that notices.
    server.logged("can be used");
    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", file.display())).unwrap();
    }
    let said = server.says("o1", "设2");
    let line = server.logged("was removed, moved or replaced while it was in use");
    assert!(line.contains("f.db"), "{line}");
    if said == "好" {
        // The check of the clock noticed it first, and the new file has what was acknowledged.
        assert_eq!(server.says("o1", "看"), "2");
        return;
    }
    assert_eq!(said, "系统繁忙");
    let series = r#"wxreply_store_errors_total{operation="remember",error="replaced"}"#;
    assert_eq!(metric(address, series), 1.0);
    let page = json(&get(address, "/readyz"));
    assert_eq!(page["database"], "failing");
    let error = page["database_error"].as_str().unwrap();
    assert!(error.contains("removed, moved or replaced"), "{error}");
    assert_eq!(server.says("o1", "ping"), "pong");

    // The file that is there now is taken, and what it says is true.
    assert_eq!(server.says("o1", "看"), "没有");
    assert_eq!(server.says("o1", "设3"), "好");
    assert_eq!(json(&get(address, "/readyz"))["database"], "usable");
    drop(server);
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "看"), "3");
}

#[test]
fn the_log_of_a_file_that_was_moved_outlives_a_crash() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let file = folder.path().join("f.db");
    let moved = folder.path().join("moved.db");
    let url = format!("sqlite:{}", file.display());
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "设1"), "好");
    fs::rename(&file, &moved).unwrap();
    server.kill();
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "看"), "没有");
    server.logged("f.db-wal.set-aside-1");
    assert_eq!(server.says("o2", "设2"), "好");
    drop(server);
    assert_eq!(database::value(&url, "o2", "v"), "2");
    let kept = folder.path().join("f.db-wal.set-aside-1");
    fs::rename(kept, folder.path().join("moved.db-wal")).unwrap();
    let moved = format!("sqlite:{}", moved.display());
    assert_eq!(database::value(&moved, "o1", "v"), "1");
}

/// A server under which the file, in which o1 has 1, was moved, with a link left in its place.
fn moved_behind_a_link() -> (Folder, String, Server) {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (file, moved) = (folder.path().join("f.db"), folder.path().join("moved.db"));
    let url = format!("sqlite:{}", file.display());
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "设1"), "好");
    fs::rename(&file, &moved).unwrap();
    symlink(&moved, &file).unwrap();
    (folder, url, server)
}

#[test]
fn a_file_that_is_moved_behind_a_link_is_opened_where_it_is_now() {
    let (folder, _, server) = moved_behind_a_link();
    eventually("storing works again", || server.says("o1", "设2") == "好");
    server.logged("was removed, moved or replaced while it was in use");
    server.kill();
    let moved = format!("sqlite:{}", folder.path().join("moved.db").display());
    assert_eq!(database::value(&moved, "o1", "v"), "2");
}

#[test]
fn a_log_that_a_move_left_beside_a_link_is_told_and_not_passed_over() {
    let (folder, url, server) = moved_behind_a_link();
    server.kill();

    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "看"), "系统繁忙");
    let (log, wanted) = ("f.db-wal", "moved.db-wal");
    let line = server.logged("is next to a link");
    assert!(line.contains(log) && line.contains(wanted), "{line}");
    let listed = folder.run(&["list", "--database", &url]);
    assert_eq!(listed.code, 2);
    assert!(listed.stderr.contains("is next to a link"), "{listed:?}");
    fs::rename(folder.path().join(log), folder.path().join(wanted)).unwrap();
    eventually("what was stored last is there", || {
        server.says("o1", "看") == "1"
    });
}

#[test]
fn beyond_the_limit_for_the_size_of_files_it_is_as_on_a_full_disk() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = format!("sqlite:{}", folder.path().join("f.db").display());
    let flags = ["--token", wechat::TOKEN, "--database", &url];
    let unlimited = serve(folder.path(), &flags, &[]);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -f 1000; exec \"$0\" \"$@\""])
        .arg(unlimited.get_program())
        .args(unlimited.get_args())
        .current_dir(folder.path())
        .stderr(Stdio::piped());
    let server = Server::spawn(limited);
    let long = "长".repeat(600);
    let mut followers = 0..;
    eventually("no file may grow any more", || {
        let openid = format!("o{}", followers.next().unwrap());
        server.says(&openid, &format!("设{long}")) == "系统繁忙"
    });
    assert_eq!(server.says("o1", "ping"), "pong");
    let copy = folder.path().join("copy.db");
    let backup = Command::new("sh")
        .args(["-c", "ulimit -f 10; exec \"$0\" \"$@\""])
        .arg(unlimited.get_program())
        .args(["backup", copy.to_str().unwrap(), "--database", &url])
        .output()
        .unwrap();
    assert_eq!(backup.status.code(), Some(2), "{backup:?}");
    assert!(!copy.exists());
}

/// A file in which o1 has 1, beside the log of another in which more was acknowledged.
fn replaced_by_a_backup_before_a_crash() -> (Folder, String) {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let file = folder.path().join("f.db");
    let url = format!("sqlite:{}", file.display());
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "设1"), "好");
    let backup = folder.run(&["backup", "--database", &url, "b.db"]);
    assert_eq!(backup.code, 0, "{}", backup.stderr);
    for number in 0..20 {
        assert_eq!(server.says(&format!("o{number}"), "设2"), "好");
    }
    fs::rename(folder.path().join("b.db"), &file).unwrap();
    server.kill();
    (folder, url)
}

#[test]
fn a_backup_that_is_put_in_place_after_a_crash_is_not_damaged_by_the_log_of_the_old_file() {
    let (folder, url) = replaced_by_a_backup_before_a_crash();
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "看"), "1");
    assert_eq!(server.says("o2", "看"), "没有");
    server.logged("f.db-wal.set-aside-1");
    assert_eq!(server.says("o2", "设3"), "好");
    drop(server);
    assert_eq!(database::value(&url, "o2", "v"), "3");
}

#[test]
fn a_command_says_where_it_keeps_the_log_of_another_file() {
    let (folder, url) = replaced_by_a_backup_before_a_crash();
    let listed = folder.run(&["list", "--database", &url]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    assert!(listed.stderr.contains("f.db-wal.set-aside-1"), "{listed:?}");
}

#[test]
fn a_command_leaves_the_log_of_a_running_server_alone() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &["--database", "sqlite:f.db"]);
    assert_eq!(server.says("o1", "设1"), "好");
    // It would notice, and let go of the log.
    server.signal("STOP");
    fs::write(folder.path().join("f.db"), "").unwrap();
    for command in [&["list"][..], &["export", "o1"], &["forget", "o1"]] {
        let outcome = folder.run(&[command, &["--database", "sqlite:f.db"]].concat());
        assert_eq!(outcome.code, 2, "{outcome:?}");
        let why = "a program is using that file";
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
    let left = fs::read_dir(folder.path()).unwrap();
    let mut left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!left.any(|name| name.contains("set-aside")));
    server.kill();
    let listed = folder.run(&["list", "--database", "sqlite:f.db"]);
    for why in ["moved, replaced or emptied", "f.db-wal.set-aside-1"] {
        assert!(listed.stderr.contains(why), "{listed:?}");
    }
}

#[test]
fn what_cannot_be_read_where_it_is_can_be_read_elsewhere() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &["--database", "sqlite:f.db"]);
    assert_eq!(server.says("o1", "设1"), "好");
    server.kill();
    let elsewhere = Folder::with(&[]);
    for name in ["f.db", "f.db-wal"] {
        let from = folder.path().join(name);
        fs::copy(&from, elsewhere.path().join(name)).unwrap();
        fs::set_permissions(&from, fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::remove_file(folder.path().join("f.db-shm")).unwrap();
    let may = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    may(0o555);
    for command in [&["list"][..], &["export", "o1"]] {
        let mut command = program(&[command, &["--database", "sqlite:f.db"]].concat());
        if is_root() {
            command.uid(NOBODY);
        }
        let output = command.current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        let why = "copy the database and its -wal file to a folder that can be written to";
        assert!(said.contains(why), "{said}");
    }
    may(0o755);
    let url = format!("sqlite:{}", elsewhere.path().join("f.db").display());
    assert_eq!(database::value(&url, "o1", "v"), "1");
    assert_eq!(elsewhere.run(&["list", "--database", &url]).code, 0);
}

#[test]
fn after_the_end_nothing_is_beside_the_file() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let file = folder.path().join("f.db");
    let url = format!("sqlite:{}", file.display());
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "设1"), "好");
    assert!(folder.path().join("f.db-wal").exists());
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    assert!(!folder.path().join("f.db-wal").exists());
    assert_eq!(database::value(&url, "o1", "v"), "1");
}

#[test]
fn on_a_full_disk_everything_else_answers_and_nothing_needs_a_restart() {
    for system in [
        &["mkfs.ext4", "-q", "-b", "1024", "-m", "0"][..],
        &["mkfs.btrfs", "-q"],
    ] {
        let Some(disk) = Disk::make(system) else {
            let why = format!("{} needs root, and a kernel that mounts it", system[0]);
            requirements::absent("mounts", why);
            continue;
        };
        let folder = Folder::with(&[("rules.yaml", RULES)]);
        let url = format!("sqlite:{}", disk.path().join("f.db").display());
        let server = Server::start(&folder, &["--database", &url]);
        assert_eq!(server.says("o1", "设1"), "好");
        // The messages reach memory that SQLite has not used before.
        let long = "长".repeat(600);
        for round in 0..3 {
            disk.fill();
            let said: Vec<String> = (0..20)
                .map(|number| server.says(&format!("o{number}"), &format!("设{long}{round}")))
                .collect();
            assert!(
                said.contains(&"系统繁忙".to_owned()),
                "the disk was not full"
            );
            assert_eq!(server.says("o1", "ping"), "pong");
            disk.empty();
        }
        eventually("storing works again", || server.says("o1", "设2") == "好");
        assert_eq!(server.says("o1", "看"), "2");
    }
}

#[test]
fn a_disk_without_room_for_another_file_is_called_full() {
    let Some(disk) = Disk::make(&["mkfs.ext4", "-q", "-b", "1024", "-N", "16"]) else {
        requirements::absent("mounts", "it needs root");
        return;
    };
    let numbers = 0..100;
    let paths = numbers.map(|number| disk.path().join(number.to_string()));
    let taken: Vec<_> = paths
        .take_while(|path| fs::write(path, "").is_ok())
        .collect();
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = format!("sqlite:{}", disk.path().join("f.db").display());
    let server = Server::start(&folder, &["--database", &url]);
    assert_eq!(server.says("o1", "设1"), "系统繁忙");
    server.logged("has no inode left");
    assert_eq!(server.says("o1", "ping"), "pong");
    for path in &taken[..3] {
        fs::remove_file(path).unwrap();
    }
    // Somebody may just be about to find out that there is none.
    eventually("storing works", || server.says("o1", "设2") == "好");
}

#[test]
fn what_is_stored_can_be_read_and_copied_away_while_the_disk_is_full() {
    for system in [
        &["mkfs.ext4", "-q", "-b", "1024", "-m", "0"][..],
        &["mkfs.btrfs", "-q"],
    ] {
        let Some(disk) = Disk::make(system) else {
            let why = format!("{} needs root, and a kernel that mounts it", system[0]);
            requirements::absent("mounts", why);
            continue;
        };
        let folder = Folder::with(&[("rules.yaml", RULES)]);
        let url = format!("sqlite:{}", disk.path().join("f.db").display());
        let can_be_read = |when: &str| {
            let copy = format!("{when}.db");
            for command in [&["list"][..], &["export", "o1"], &["backup", &copy]] {
                let outcome = folder.run(&[command, &["--database", &url]].concat());
                assert_eq!(outcome.code, 0, "{when}: {command:?}: {}", outcome.stderr);
            }
            let copied = format!("sqlite:{}", folder.path().join(copy).display());
            assert_eq!(database::value(&copied, "o1", "v"), "1", "{when}");
        };
        let server = Server::start(&folder, &["--database", &url]);
        assert_eq!(server.says("o1", "设1"), "好");
        disk.fill();
        can_be_read("running");
        let forgotten = folder.run(&["forget", "o1", "--database", &url]);
        assert_eq!(forgotten.code, 2);
        assert!(forgotten.stderr.contains("no room left"), "{forgotten:?}");
        server.kill();
        can_be_read("killed");
        disk.empty();
        let server = Server::start(&folder, &["--database", &url]);
        assert_eq!(server.says("o1", "看"), "1");
        server.signal("TERM");
        assert_eq!(server.ended().code(), Some(0));
        disk.fill();
        can_be_read("ended");
    }
}

#[test]
fn a_backup_to_a_full_disk_says_which_one_is_full() {
    let Some(disk) = Disk::make(&["mkfs.ext4", "-q", "-b", "1024", "-m", "0"]) else {
        requirements::absent("mounts", "it needs root");
        return;
    };
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &["--database", "sqlite:f.db"]);
    assert_eq!(server.says("o1", "设1"), "好");
    disk.fill();
    let copy = disk.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    let backup = folder.run(&["backup", copy, "--database", "sqlite:f.db"]);
    assert_eq!(backup.code, 2);
    let said = format!("{copy} was not written: its disk is full");
    assert!(backup.stderr.contains(&said), "{}", backup.stderr);
    assert!(!backup.stderr.contains("f.db "), "{}", backup.stderr);
    let mut left = fs::read_dir(disk.path()).unwrap();
    assert!(!left.any(|file| file.unwrap().file_name().to_string_lossy().contains("copy")));
}

/// A user whom permissions bind.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// Starts the server as a user whom permissions bind.
fn start_bound(folder: &Folder) -> Server {
    let flags = ["--token", wechat::TOKEN, "--database", "sqlite:f.db"];
    let mut command = serve(folder.path(), &flags, &[]);
    if is_root() {
        chown(folder.path(), Some(NOBODY), None).unwrap();
        command.uid(NOBODY);
    }
    Server::spawn(command)
}

#[test]
fn a_file_that_could_only_be_read_is_written_to_as_soon_as_it_may_be() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let file = folder.path().join("f.db");
    let may = |mode: u32| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    let server = start_bound(&folder);
    assert_eq!(server.says("o1", "设1"), "好");
    server.signal("TERM");
    server.ended();
    may(0o444);

    let server = start_bound(&folder);
    assert_eq!(server.says("o1", "设2"), "系统繁忙");
    server.logged("is read-only");
    may(0o600);
    // Whoever comes first finds out.
    server.says("o1", "设3");
    assert_eq!(server.says("o1", "设4"), "好");
    assert_eq!(server.says("o1", "看"), "4");
    server.signal("TERM");
    server.ended();

    // What is left beside the file by a server that was killed.
    may(0o444);
    let server = start_bound(&folder);
    assert_eq!(server.says("o1", "设5"), "系统繁忙");
    server.kill();
    may(0o600);
    let server = start_bound(&folder);
    assert_eq!(server.says("o1", "设6"), "好");
    assert_eq!(server.says("o1", "看"), "6");
}
