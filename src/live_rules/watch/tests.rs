//! Every way of saving, done for real, with and without the system telling about it.

mod ways;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::Duration;
use std::{fs, io, thread};

use tempfile::TempDir;

use crate::live_rules::watch::tests::ways::{
    WAYS, Way, content, is_installed, write, write_first, write_in_pieces,
};
use crate::live_rules::watch::{ReloadHandle, Watch, Woken};

const DEADLINE: Duration = Duration::from_secs(10);

type MakeWatch = fn() -> Watch<&'static str>;

const WATCHES: [(&str, MakeWatch); 2] = [("told", Watch::start), ("polling", Watch::polling_only)];

#[test]
fn every_way_of_saving_is_seen_once_and_whole() {
    thread::scope(|scope| {
        for (notifier, make_watch) in WATCHES {
            for way in WAYS {
                if way.tool.is_some_and(|tool| !is_installed(tool)) {
                    println!(
                        "did not run: {} ({} is not installed)",
                        way.name,
                        way.tool.unwrap()
                    );
                    continue;
                }
                let name = format!("{notifier}: {}", way.name);
                let row = thread::Builder::new().name(name);
                row.spawn_scoped(scope, move || check_way(way, make_watch))
                    .unwrap();
            }
        }
    });
}

/// The last save shows that the one before it did not wake any more.
fn check_way(way: &Way, make_watch: MakeWatch) {
    const SAVES: usize = 3;

    let (folder, elsewhere) = folders();
    (way.prepare)(&folder.path().join("above/rules"), elsewhere.path());
    let reader = Reader::start(make_watch(), folder.path().join("above/rules/rules.yaml"));
    assert_eq!(reader.next().unwrap(), content(0), "{}", way.name);
    let mut wakes = 0;
    for number in 1..=SAVES {
        (way.save)(&folder.path().join("above/rules"), elsewhere.path(), number);
        loop {
            let read = reader.next().unwrap();
            wakes += 1;
            if read == content(number) {
                break;
            }
            // Some tools change the permissions a while after they saved.
            assert_eq!(
                read,
                content(number - 1),
                "{}: neither old nor new",
                way.name
            );
        }
    }
    assert!(wakes <= 2 * SAVES, "{}: {wakes} wakes", way.name);
    reader.stop();
}

#[test]
fn a_save_that_is_read_does_not_wake_again() {
    told_and_polling(|make_watch| {
        let (mut watch, path, _folder) = watch_of_one_file(make_watch);
        for number in 1..=2 {
            write(&path, number);
            assert_eq!(watch.wait(), Woken::Changed);
            assert_eq!(read(&mut watch, &path).unwrap(), content(number));
            watch.waker().ask("marker");
            assert_eq!(watch.wait(), Woken::Asked(vec!["marker"]));
            assert_eq!(read(&mut watch, &path).unwrap(), content(number));
        }
    });
}

#[test]
fn a_file_that_stays_away_or_empty_wakes_once() {
    told_and_polling(|make_watch| {
        let (mut watch, path, _folder) = watch_of_one_file(make_watch);
        fs::write(&path, "").unwrap();
        assert_eq!(watch.wait(), Woken::Changed);
        assert_eq!(read(&mut watch, &path).unwrap(), "");
        fs::remove_file(&path).unwrap();
        assert_eq!(watch.wait(), Woken::Changed);
        let error = read(&mut watch, &path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        watch.waker().ask("marker");
        assert_eq!(watch.wait(), Woken::Asked(vec!["marker"]));
    });
}

#[test]
fn a_file_that_was_never_there_is_followed() {
    told_and_polling(|make_watch| {
        let (folder, _) = folders();
        let path = folder.path().join("later/rules.yaml");
        let mut watch = make_watch();
        let error = read(&mut watch, &path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        fs::create_dir(folder.path().join("later")).unwrap();
        write(&path, 1);
        assert_eq!(watch.wait(), Woken::Changed);
        assert_eq!(read(&mut watch, &path).unwrap(), content(1));
    });
}

#[test]
fn who_asks_in_the_middle_of_a_save_gets_its_end() {
    told_and_polling(|make_watch| {
        let (mut watch, path, _folder) = watch_of_one_file(make_watch);
        let waker = watch.waker();
        let writer = thread::spawn({
            let path = path.clone();
            move || {
                let mut file = File::create(&path).unwrap();
                let (first, second) = halves(1);
                file.write_all(first.as_bytes()).unwrap();
                waker.ask("in the middle");
                thread::sleep(Duration::from_millis(200));
                file.write_all(second.as_bytes()).unwrap();
            }
        });
        assert_eq!(watch.wait(), Woken::Asked(vec!["in the middle"]));
        assert_eq!(read(&mut watch, &path).unwrap(), content(1));
        writer.join().unwrap();
    });
}

#[test]
fn a_save_that_begins_before_the_file_is_read_is_read_to_its_end() {
    told_and_polling(|make_watch| {
        let (mut watch, path, _folder) = watch_of_one_file(make_watch);
        watch.waker().ask("read again");
        assert_eq!(watch.wait(), Woken::Asked(vec!["read again"]));
        let mut file = File::create(&path).unwrap();
        let (first, second) = halves(1);
        file.write_all(first.as_bytes()).unwrap();
        let writer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            file.write_all(second.as_bytes()).unwrap();
        });
        assert_eq!(read(&mut watch, &path).unwrap(), content(1));
        writer.join().unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_is_being_written_waits_for_it() {
    told_and_polling(|make_watch| {
        let (mut watch, path, folder) = watch_of_one_file(make_watch);
        let target = folder.path().join("target.yaml");
        let mut file = File::create(&target).unwrap();
        let (first, second) = halves(1);
        file.write_all(first.as_bytes()).unwrap();
        watch.waker().ask("about to link");
        watch.wait();
        assert_eq!(read(&mut watch, &path).unwrap(), content(0));
        let writer = thread::spawn({
            let path = path.clone();
            move || {
                fs::remove_file(&path).unwrap();
                std::os::unix::fs::symlink(&target, &path).unwrap();
                thread::sleep(Duration::from_millis(200));
                file.write_all(second.as_bytes()).unwrap();
            }
        });
        assert_eq!(watch.wait(), Woken::Changed);
        assert_eq!(read(&mut watch, &path).unwrap(), content(1));
        writer.join().unwrap();
    });
}

#[test]
fn a_writer_that_never_closes_is_not_waited_for_for_ever() {
    told_and_polling(|make_watch| {
        let (mut watch, path, _folder) = watch_of_one_file(make_watch);
        let mut file = File::create(&path).unwrap();
        file.write_all(content(1).as_bytes()).unwrap();
        assert_eq!(watch.wait(), Woken::Changed);
        assert_eq!(read(&mut watch, &path).unwrap(), content(1));
        drop(file);
    });
}

#[test]
fn a_new_file_in_a_listed_folder_wakes_when_it_is_whole() {
    told_and_polling(|make_watch| {
        let (folder, _) = folders();
        let folder = folder.path().join("above/rules");
        write(&folder.join("a.yaml"), 0);
        let is_yaml = |path: &Path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        };
        let mut watch = make_watch();
        assert_eq!(watch.list(&folder, is_yaml), [folder.join("a.yaml")]);

        let path = folder.join("b.yaml");
        let writer = thread::spawn({
            let path = path.clone();
            move || write_in_pieces(&path, 1, 100)
        });
        assert_eq!(watch.wait(), Woken::Changed);
        let listed = watch.list(&folder, is_yaml);
        assert_eq!(listed, [folder.join("a.yaml"), path.clone()]);
        assert_eq!(read(&mut watch, &path).unwrap(), content(1));
        writer.join().unwrap();

        fs::write(folder.join("notes.txt"), "not wanted").unwrap();
        watch.waker().ask("marker");
        assert_eq!(watch.wait(), Woken::Asked(vec!["marker"]));
    });
}

#[test]
fn what_was_not_read_again_is_not_followed_any_more() {
    told_and_polling(|make_watch| {
        let (mut watch, path, folder) = watch_of_one_file(make_watch);
        let other = folder.path().join("above/rules/other.yaml");
        write(&other, 0);
        watch.waker().ask("read the other");
        watch.wait();
        read(&mut watch, &other).unwrap();
        write(&path, 1);
        watch.waker().ask("marker");
        assert_eq!(watch.wait(), Woken::Asked(vec!["marker"]));
    });
}

#[test]
fn a_stopped_watch_neither_waits_nor_reads() {
    let (mut watch, path, _folder) = watch_of_one_file(Watch::start);
    watch.waker().stop();
    assert_eq!(watch.wait(), Woken::Stopped);
    assert_eq!(watch.wait(), Woken::Stopped);
    assert!(watch.read(&path).is_err());
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let (folder, _) = folders();
    let mut watch: Watch<()> = Watch::start();
    let error = watch.read(folder.path()).unwrap_err();
    assert_eq!(error.to_string(), "it is a folder, not a file");
}

/// Only what the system tells can show that a writer who does nothing is not done.
#[cfg(target_os = "linux")]
#[test]
fn a_writer_is_waited_for_as_long_as_it_pauses_within_reason() {
    let told: [&str; 9] = [
        "truncate and write",
        "rename over",
        "remove and create at once",
        "vim, backupcopy=no",
        "edit the file that a symlink points to, in pieces",
        "point the symlink to another file",
        "Kubernetes ConfigMap",
        "replace the folder",
        "replace the folder above",
    ];
    let ways = WAYS.iter().filter(|way| told.contains(&way.name));
    let ways = ways.filter(|way| way.tool.is_none_or(is_installed));
    thread::scope(|scope| {
        for way in ways {
            let row = thread::Builder::new().name(way.name.to_string());
            let check = || check_slow_writer_after(way);
            row.spawn_scoped(scope, check).unwrap();
        }
    });
}

#[cfg(target_os = "linux")]
fn check_slow_writer_after(way: &Way) {
    let (folder, elsewhere) = folders();
    let path = folder.path().join("above/rules/rules.yaml");
    (way.prepare)(&folder.path().join("above/rules"), elsewhere.path());
    let reader = Reader::start(Watch::start(), path.clone());
    assert_eq!(reader.next().unwrap(), content(0), "{}", way.name);
    // Once this is answered, the system has been asked to tell.
    reader.waker.ask("before the save");
    assert_eq!(reader.next().unwrap(), content(0), "{}", way.name);
    (way.save)(&folder.path().join("above/rules"), elsewhere.path(), 1);
    while reader.next().unwrap() != content(1) {}
    reader.waker.ask("after the save");
    assert_eq!(reader.next().unwrap(), content(1), "{}", way.name);
    write_in_pieces(&path, 2, 700);
    assert_eq!(reader.next().unwrap(), content(2), "{}", way.name);
    reader.stop();
}

#[test]
fn the_folder_of_a_bare_file_name_is_listed() {
    let mut watch: Watch<()> = Watch::start();
    let listed = watch.list(Path::new(""), |path| path == Path::new("Cargo.toml"));
    assert_eq!(listed, [Path::new("Cargo.toml")]);
}

/// Reads a file whenever it changed, and hands on what was read.
struct Reader {
    reads: Receiver<io::Result<String>>,
    waker: ReloadHandle<&'static str>,
    thread: JoinHandle<()>,
}

impl Reader {
    fn start(mut watch: Watch<&'static str>, path: PathBuf) -> Reader {
        let (sender, reads) = mpsc::channel();
        let waker = watch.waker();
        let thread = thread::spawn(move || {
            loop {
                let content = read(&mut watch, &path);
                if sender.send(content).is_err() || watch.wait() == Woken::Stopped {
                    break;
                }
            }
        });
        Reader {
            reads,
            waker,
            thread,
        }
    }

    #[track_caller]
    fn next(&self) -> io::Result<String> {
        self.reads
            .recv_timeout(DEADLINE)
            .expect("a change was missed")
    }

    fn stop(self) {
        self.waker.stop();
        self.thread.join().unwrap();
    }
}

fn told_and_polling(check: fn(MakeWatch)) {
    thread::scope(|scope| {
        for (name, make_watch) in WATCHES {
            let thread = thread::Builder::new().name(name.to_string());
            thread
                .spawn_scoped(scope, move || check(make_watch))
                .unwrap();
        }
    });
}

fn folders() -> (TempDir, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("above/rules")).unwrap();
    (folder, tempfile::tempdir().unwrap())
}

fn watch_of_one_file(make_watch: MakeWatch) -> (Watch<&'static str>, PathBuf, TempDir) {
    let (folder, elsewhere) = folders();
    write_first(&folder.path().join("above/rules"), elsewhere.path());
    let path = folder.path().join("above/rules/rules.yaml");
    let mut watch = make_watch();
    assert_eq!(read(&mut watch, &path).unwrap(), content(0));
    (watch, path, folder)
}

fn read(watch: &mut Watch<&'static str>, path: &Path) -> io::Result<String> {
    Ok(String::from_utf8(watch.read(path)?).unwrap())
}

fn halves(number: usize) -> (String, String) {
    let half = format!("- generation {number}\n").repeat(4);
    (half.clone(), half)
}
