//! A log whose writer never waits for its reader: lines go through a queue of limited length to a
//! thread that writes them. What does not fit is dropped and counted.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Lines that wait while the reader is slow.
const MAX_LINES: usize = 1024;

/// How long the end of the process waits for the last lines to be written.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// Takes lines at any time, without waiting.
#[derive(Clone)]
pub(super) struct LogQueue {
    sender: SyncSender<QueueItem>,
    dropped: Arc<AtomicU64>,
}

enum QueueItem {
    Line(Vec<u8>),
    /// Tells when everything before it is written.
    Mark(SyncSender<()>),
}

impl LogQueue {
    /// Begins to write to `sink`, on a thread of its own. Where lines were dropped, it writes the
    /// line that `missing` makes of their number.
    pub(super) fn start(
        sink: impl Write + Send + 'static,
        missing: fn(u64) -> String,
    ) -> io::Result<LogQueue> {
        let (sender, receiver) = sync_channel(MAX_LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_all(&receiver, &counted, sink, missing))?;
        Ok(LogQueue { sender, dropped })
    }

    /// Waits until all lines are written, or for a second: whoever does not read must not keep
    /// the process from ending.
    pub(super) fn finish(&self) {
        let deadline = Instant::now() + END_TIMEOUT;
        let (mark, written) = sync_channel(1);
        let mut entry = QueueItem::Mark(mark);
        while let Err(TrySendError::Full(refused)) = self.sender.try_send(entry) {
            if Instant::now() >= deadline {
                return;
            }
            entry = refused;
            thread::sleep(Duration::from_millis(10));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        // Without an answer there is nothing more to be done.
        let _ = written.recv_timeout(left);
    }
}

/// One call for each line, as `env_logger` writes them.
impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self
            .sender
            .try_send(QueueItem::Line(line.to_vec()))
            .is_err()
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_all(
    entries: &Receiver<QueueItem>,
    dropped: &AtomicU64,
    mut sink: impl Write,
    missing: fn(u64) -> String,
) {
    for entry in entries {
        match entry {
            // A reader that went away may come back, as a terminal does.
            QueueItem::Line(line) => drop(sink.write_all(&line)),
            QueueItem::Mark(written) => drop(written.try_send(())),
        }
        match dropped.swap(0, Ordering::Relaxed) {
            0 => {}
            lines => drop(writeln!(sink, "{}", missing(lines))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc;

    use super::*;

    /// Writes nothing before it is told to.
    struct Stalled {
        go_on: mpsc::Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.go_on.recv();
            self.written.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted_and_the_rest_is_written_in_order() {
        let (going, go_on) = mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = Stalled {
            go_on,
            written: Arc::clone(&written),
        };
        let mut queue = LogQueue::start(sink, |lines| format!("{lines} are missing")).unwrap();
        for number in 0..MAX_LINES + 500 {
            queue
                .write_all(format!("line {number}\n").as_bytes())
                .unwrap();
        }
        drop(going);
        queue.finish();
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let (lines, missing): (Vec<&str>, Vec<&str>) =
            written.lines().partition(|line| line.starts_with("line "));
        assert!(lines.len() >= MAX_LINES, "{}", lines.len());
        let numbers = lines.iter().filter_map(|line| line.strip_prefix("line "));
        assert!(
            numbers
                .map(|number| number.parse::<usize>().unwrap())
                .is_sorted()
        );
        let [missing] = missing[..] else {
            panic!("{missing:?}");
        };
        let count = missing.split(' ').next().unwrap().parse::<usize>().unwrap();
        assert_eq!(lines.len() + count, MAX_LINES + 500);
    }
}
