//! Tells of a drive that does not answer: it holds up whoever reads from it for as long as it hangs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::i18n::phrase;
use crate::lock::lock;

/// Far longer than a working disk takes.
const HANGS: Duration = Duration::from_secs(10);

const LOOK: Duration = Duration::from_secs(1);

/// What the disk is asked for just now, in the order in which it was asked.
static UNDER_WAY: Mutex<BTreeMap<u64, FileCall>> = Mutex::new(BTreeMap::new());

struct FileCall {
    path: PathBuf,
    since: Instant,
    is_told: bool,
}

/// Asks the disk for something at this path.
pub(super) fn ask<T>(path: &Path, call: impl FnOnce() -> T) -> T {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let begun = FileCall {
        path: path.to_owned(),
        since: Instant::now(),
        is_told: false,
    };
    under_way().insert(number, begun);
    let outcome = call();
    let ended = under_way().remove(&number);
    if let Some(FileCall { is_told: true, .. }) = ended {
        log::info!("{}", phrase!(log_drive_answers, path = path.display()));
    }
    outcome
}

/// From now on the log tells of drives that hang.
pub(crate) fn watch() {
    let looking = || {
        loop {
            thread::sleep(LOOK);
            for path in hanging(Instant::now()) {
                log::error!(
                    "{}",
                    phrase!(
                        log_drive_hangs,
                        path = path.display(),
                        limit = HANGS.as_secs()
                    )
                );
            }
        }
    };
    // Without the thread, nothing else is different.
    let _ = thread::Builder::new()
        .name("drives".to_owned())
        .spawn(looking);
}

/// What has not been answered for too long, each told once.
fn hanging(now: Instant) -> Vec<PathBuf> {
    let mut calls = under_way();
    let untold = calls.values_mut().filter(|call| !call.is_told);
    let hanging = untold.filter(|call| now.duration_since(call.since) >= HANGS);
    hanging
        .map(|call| {
            call.is_told = true;
            call.path.clone()
        })
        .collect()
}

fn under_way() -> MutexGuard<'static, BTreeMap<u64, FileCall>> {
    lock(&UNDER_WAY)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn what_is_not_answered_is_told_once() {
        let (asked, has_asked) = mpsc::channel();
        let (answered, answer) = mpsc::channel::<()>();
        let path = Path::new("/mnt/away/rules.yaml");
        let told = |after: Duration| {
            let hanging = hanging(Instant::now() + after);
            hanging.iter().filter(|hanging| *hanging == path).count()
        };
        thread::scope(|scope| {
            scope.spawn(move || {
                ask(path, || {
                    asked.send(()).unwrap();
                    let _ = answer.recv();
                });
            });
            has_asked.recv().unwrap();
            assert_eq!(told(Duration::ZERO), 0);
            assert_eq!(told(HANGS), 1);
            assert_eq!(told(HANGS), 0);
            drop(answered);
        });
        ask(path, || ());
        assert_eq!(told(HANGS), 0);
    }
}
