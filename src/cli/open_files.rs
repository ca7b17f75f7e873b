//! The limit of open files; each connection needs one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::i18n::phrase;

/// Listeners, databases, watched rule files, the log.
const OTHERS: u64 = 100;

/// Raises the limit so far that this many connections fit, and says how many do. Without room
/// for one more file, the system would let nobody in until a connection ends.
pub(super) fn allow(connections: u32) -> usize {
    let wanted = u64::from(connections) + OTHERS;
    let limit = getrlimit(Resource::Nofile);
    // No limit at all is none.
    let (Some(current), most) = (limit.current, limit.maximum.unwrap_or(wanted)) else {
        return usize::try_from(connections).unwrap_or(usize::MAX);
    };
    let raised = Rlimit {
        current: Some(wanted.min(most)),
        maximum: limit.maximum,
    };
    let allowed = match current < wanted && setrlimit(Resource::Nofile, raised).is_ok() {
        true => wanted.min(most),
        false => current.min(wanted),
    };
    let fitting = allowed.saturating_sub(OTHERS).max(1);
    if fitting < u64::from(connections) {
        log::warn!(
            "{}",
            phrase!(log_descriptors, connections = fitting, files = allowed)
        );
    }
    usize::try_from(fitting).unwrap_or(usize::MAX)
}
