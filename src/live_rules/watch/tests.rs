//! Every way of saving, with and without file events.

mod several_sets;
mod ways;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::Duration;
use std::{fs, io, thread};

use glob::Pattern;
use tempfile::TempDir;

use crate::live_rules::watch::tests::ways::{
    WAYS, Way, content, is_installed, write, write_first, write_in_pieces,
};
use crate::live_rules::watch::{Inputs, ReloadHandle, SetId, Watch, Woken};
use crate::requirements;

const DEADLINE: Duration = Duration::from_secs(10);

type MakeWatch = fn() -> Watch<&'static str>;

const WATCHES: [(&str, MakeWatch); 2] = [("told", Watch::start), ("polling", Watch::polling_only)];

#[test]
fn every_way_of_saving_is_seen_once_and_whole() {
    thread::scope(|scope| {
        for (notifier, make_watch) in WATCHES {
            for way in WAYS {
                if way.tool.is_some_and(|tool| !is_installed(tool)) {
                    let tool = way.tool.unwrap();
                    requirements::absent("editors", format!("{tool} is not installed"));
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
    let reader = Reader::start(make_watch, folder.path().join("above/rules/rules.yaml"));
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
    // Those changes wake, too, and what is read of a young file is read once more.
    assert!(wakes <= 4 * SAVES, "{}: {wakes} wakes", way.name);
    reader.stop();
}

/// One file, read as a set of its own.
struct OneFile {
    watch: Watch<&'static str>,
    set: SetId,
    path: PathBuf,
}

impl OneFile {
    /// Follows a file that has been read once.
    fn start(make_watch: MakeWatch, path: PathBuf) -> (OneFile, io::Result<String>) {
        let mut watch = make_watch();
        let set = watch.add();
        let first = watch.read(set, |inputs| inputs.read(&path));
        (OneFile { watch, set, path }, first.map(text))
    }

    /// A new file in a folder, which has been read.
    fn made(make_watch: MakeWatch) -> (OneFile, TempDir) {
        let (folder, elsewhere) = folders();
        write_first(&folder.path().join("above/rules"), elsewhere.path());
        let path = folder.path().join("above/rules/rules.yaml");
        let (file, first) = OneFile::start(make_watch, path);
        assert_eq!(first.unwrap(), content(0));
        (file, folder)
    }

    /// What it says next, and who asked for that.
    fn next(&mut self) -> (io::Result<String>, Vec<&'static str>) {
        loop {
            assert!(self.watch.wait_for(self.set));
            let mut inputs = Inputs::default();
            let content = inputs.read(&self.path);
            if let Some(asks) = self.watch.accept(self.set, inputs) {
                return (content.map(text), asks);
            }
        }
    }

    fn says(&mut self, wanted: &str, by: &[&str]) {
        let (content, asks) = self.next();
        assert_eq!((content.unwrap().as_str(), &asks[..]), (wanted, by));
    }

    fn ask(&self, ask: &'static str) {
        self.watch.handle().ask(self.set, ask);
    }
}

#[test]
fn a_save_that_is_read_does_not_wake_again() {
    told_and_polling(|make_watch| {
        let (mut file, _folder) = OneFile::made(make_watch);
        for number in 1..=2 {
            write(&file.path, number);
            file.says(&content(number), &[]);
            file.ask("marker");
            file.says(&content(number), &["marker"]);
        }
    });
}

#[test]
fn a_file_that_stays_away_or_empty_wakes_once() {
    told_and_polling(|make_watch| {
        let (mut file, _folder) = OneFile::made(make_watch);
        fs::write(&file.path, "").unwrap();
        file.says("", &[]);
        fs::remove_file(&file.path).unwrap();
        let error = file.next().0.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        file.ask("marker");
        assert_eq!(file.next().1, ["marker"]);
    });
}

#[test]
fn a_file_that_was_never_there_is_followed() {
    told_and_polling(|make_watch| {
        let (folder, _) = folders();
        let path = folder.path().join("later/rules.yaml");
        let (mut file, first) = OneFile::start(make_watch, path);
        assert_eq!(first.unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::create_dir(folder.path().join("later")).unwrap();
        write(&file.path, 1);
        file.says(&content(1), &[]);
    });
}

#[test]
fn who_asks_in_the_middle_of_a_save_gets_its_end() {
    told_and_polling(|make_watch| {
        let (mut file, _folder) = OneFile::made(make_watch);
        let (handle, set, path) = (file.watch.handle(), file.set, file.path.clone());
        let writer = thread::spawn(move || {
            let mut file = File::create(&path).unwrap();
            let (first, second) = halves(1);
            file.write_all(first.as_bytes()).unwrap();
            handle.ask(set, "in the middle");
            thread::sleep(Duration::from_millis(200));
            file.write_all(second.as_bytes()).unwrap();
        });
        file.says(&content(1), &["in the middle"]);
        writer.join().unwrap();
    });
}

#[test]
fn a_save_that_begins_before_the_file_is_read_is_read_to_its_end() {
    told_and_polling(|make_watch| {
        let (mut file, _folder) = OneFile::made(make_watch);
        file.ask("read again");
        assert!(file.watch.wait_for(file.set));
        let mut writing = File::create(&file.path).unwrap();
        let (first, second) = halves(1);
        writing.write_all(first.as_bytes()).unwrap();
        let writer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            writing.write_all(second.as_bytes()).unwrap();
        });
        file.says(&content(1), &["read again"]);
        writer.join().unwrap();
    });
}

#[test]
fn a_link_to_a_file_that_is_being_written_waits_for_it() {
    told_and_polling(|make_watch| {
        let (mut file, folder) = OneFile::made(make_watch);
        let target = folder.path().join("target.yaml");
        let mut writing = File::create(&target).unwrap();
        let (first, second) = halves(1);
        writing.write_all(first.as_bytes()).unwrap();
        file.ask("about to link");
        file.says(&content(0), &["about to link"]);
        let path = file.path.clone();
        let writer = thread::spawn(move || {
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(&target, &path).unwrap();
            thread::sleep(Duration::from_millis(200));
            writing.write_all(second.as_bytes()).unwrap();
        });
        file.says(&content(1), &[]);
        writer.join().unwrap();
    });
}

#[test]
fn a_file_that_is_kept_open_or_written_all_the_time_is_read_in_the_end() {
    told_and_polling(|make_watch| {
        let (mut file, _folder) = OneFile::made(make_watch);
        let mut writing = File::create(&file.path).unwrap();
        writing.write_all(content(1).as_bytes()).unwrap();
        file.ask("kept open");
        file.says(&content(1), &["kept open"]);

        let (stop, stopped) = mpsc::channel::<()>();
        let writer = thread::spawn(move || {
            while stopped.recv_timeout(Duration::from_millis(20)).is_err() {
                writing.write_all(b"-").unwrap();
            }
        });
        file.ask("written all the time");
        let (said, asks) = file.next();
        assert!(said.unwrap().starts_with(&content(1)));
        assert_eq!(asks, ["written all the time"]);
        stop.send(()).unwrap();
        writer.join().unwrap();
    });
}

#[test]
fn a_new_file_in_a_listed_folder_wakes_when_it_is_whole() {
    told_and_polling(|make_watch| {
        let (folder, _) = folders();
        let folder = folder.path().join("above/rules");
        write(&folder.join("a.yaml"), 0);
        let mut watch = make_watch();
        let set = watch.add();
        let read = |inputs: &mut Inputs| {
            let paths = inputs
                .list(&folder, Pattern::new("*.yaml").unwrap())
                .unwrap();
            let read = paths
                .iter()
                .map(|path| inputs.read(path).map_or_else(drop_error, text));
            read.collect::<Vec<_>>()
        };
        assert_eq!(watch.read(set, read), [content(0)]);

        let path = folder.join("b.yaml");
        let writer = thread::spawn({
            let path = path.clone();
            move || write_in_pieces(&path, 1, 100)
        });
        assert!(watch.wait_for(set));
        assert_eq!(watch.read(set, read), [content(0), content(1)]);
        writer.join().unwrap();

        std::os::unix::fs::symlink("nowhere", folder.join("c.yaml")).unwrap();
        assert!(watch.wait_for(set));
        let unreadable = drop_error(io::ErrorKind::NotFound.into());
        assert_eq!(watch.read(set, read), [content(0), content(1), unreadable]);
        write(&folder.join("nowhere"), 2);
        assert!(watch.wait_for(set));
        assert_eq!(watch.read(set, read), [content(0), content(1), content(2)]);
        fs::remove_file(folder.join("c.yaml")).unwrap();
        assert!(watch.wait_for(set));
        assert_eq!(watch.read(set, read), [content(0), content(1)]);

        fs::write(folder.join("notes.txt"), "not wanted").unwrap();
        watch.handle().ask(set, "marker");
        assert!(watch.wait_for(set));
        let mut inputs = Inputs::default();
        read(&mut inputs);
        assert_eq!(watch.accept(set, inputs).unwrap(), ["marker"]);
    });
}

#[test]
fn what_was_not_read_again_is_not_followed_any_more() {
    told_and_polling(|make_watch| {
        let (mut file, folder) = OneFile::made(make_watch);
        let other = folder.path().join("above/rules/other.yaml");
        write(&other, 0);
        file.ask("read the other");
        assert!(file.watch.wait_for(file.set));
        let first = std::mem::replace(&mut file.path, other);
        file.says(&content(0), &["read the other"]);
        write(&first, 1);
        file.ask("marker");
        file.says(&content(0), &["marker"]);
    });
}

#[test]
fn a_stopped_watch_waits_for_nothing() {
    let (mut file, _folder) = OneFile::made(Watch::start);
    file.watch.handle().stop();
    for _ in 0..2 {
        assert_eq!(file.watch.wait(), Woken::Stopped);
        assert!(!file.watch.wait_for(file.set));
    }
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let (folder, _) = folders();
    let error = Inputs::default().read(folder.path()).unwrap_err();
    assert_eq!(error.to_string(), "it is a folder, not a file");
}

#[test]
fn the_folder_of_a_bare_file_name_is_listed() {
    let pattern = Pattern::new("Cargo.tom?").unwrap();
    let listed = Inputs::default().list(Path::new(""), pattern);
    assert_eq!(listed.unwrap(), [Path::new("Cargo.toml")]);
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
    let reader = Reader::start(Watch::start, path.clone());
    assert_eq!(reader.next().unwrap(), content(0), "{}", way.name);
    // Once this is answered, the system has been asked to tell.
    reader.ask("before the save");
    assert_eq!(reader.next().unwrap(), content(0), "{}", way.name);
    (way.save)(&folder.path().join("above/rules"), elsewhere.path(), 1);
    while reader.next().unwrap() != content(1) {}
    reader.ask("after the save");
    assert_eq!(reader.next().unwrap(), content(1), "{}", way.name);
    write_in_pieces(&path, 2, 700);
    assert_eq!(reader.next().unwrap(), content(2), "{}", way.name);
    reader.stop();
}

/// Reads a file whenever it changed, and hands on what was read.
struct Reader {
    reads: Receiver<io::Result<String>>,
    handle: ReloadHandle<&'static str>,
    set: SetId,
    thread: JoinHandle<()>,
}

impl Reader {
    fn start(make_watch: MakeWatch, path: PathBuf) -> Reader {
        let (sender, reads) = mpsc::channel();
        let mut watch = make_watch();
        let (handle, set) = (watch.handle(), watch.add());
        let thread = thread::spawn(move || {
            loop {
                let content = watch.read(set, |inputs| inputs.read(&path));
                if sender.send(content.map(text)).is_err() || !watch.wait_for(set) {
                    break;
                }
            }
        });
        Reader {
            reads,
            handle,
            set,
            thread,
        }
    }

    fn ask(&self, ask: &'static str) {
        self.handle.ask(self.set, ask);
    }

    #[track_caller]
    fn next(&self) -> io::Result<String> {
        self.reads
            .recv_timeout(DEADLINE)
            .expect("a change was missed")
    }

    fn stop(self) {
        self.handle.stop();
        self.thread.join().unwrap();
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn drop_error(error: io::Error) -> String {
    error.kind().to_string()
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

fn halves(number: usize) -> (String, String) {
    let half = format!("- generation {number}\n").repeat(4);
    (half.clone(), half)
}
