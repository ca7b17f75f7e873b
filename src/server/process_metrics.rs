//! Process metrics of the system; on Linux only.

use std::fs;

use jiff::Timestamp;

use crate::metrics::ProcessReading;

/// Ticks of /proc in a second, the same on every machine that Rust's std runs on.
const TICKS: f64 = 100.0;

/// A hardened unit hides /proc except for the process itself.
pub(super) fn read(started: Timestamp) -> Option<ProcessReading> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name is in parentheses and may contain anything, including parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    Some(ProcessReading {
        cpu_seconds: (ticks(11)? + ticks(12)?) / TICKS,
        resident_bytes: number_after(&status, "VmRSS:")? * 1024,
        open_files: u64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()?,
        most_files: number_after(&limits, "Max open files")?,
        started_unix_seconds: started.as_duration().as_secs_f64(),
    })
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
