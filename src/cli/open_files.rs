//! The limit of open files; each connection needs one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::i18n::phrase;

/// Listeners, databases, watched rule files, the log.
const OTHERS: u64 = 100;

/// Of the connections of the callback listener, the operator's has this part again.
const OPERATORS_PART: u64 = 10;

/// An operator and a few probes; they count among the others.
const FEWEST_OF_OPERATORS: usize = 64;

/// How many connections each listener may have.
pub(super) struct AllowedConnections {
    pub(super) connections: usize,
    pub(super) of_operators: usize,
}

/// Raises the limit so far that this many connections fit, and says how many do.
pub(super) fn allow(connections: u32) -> AllowedConnections {
    let connections = fitting(connections);
    let of_operators = connections / OPERATORS_PART as usize;
    AllowedConnections {
        connections,
        of_operators: of_operators.max(FEWEST_OF_OPERATORS),
    }
}

/// Without room for one more file, the system would let nobody in until a connection ends.
fn fitting(connections: u32) -> usize {
    let wanted = u64::from(connections);
    let wanted = wanted + wanted / OPERATORS_PART + OTHERS;
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
    let fitting = allowed.saturating_sub(OTHERS);
    let fitting = (fitting - fitting / (OPERATORS_PART + 1)).max(1);
    if fitting < u64::from(connections) {
        log::warn!(
            "{}",
            phrase!(log_descriptors, connections = fitting, files = allowed)
        );
    }
    usize::try_from(fitting.min(u64::from(connections))).unwrap_or(usize::MAX)
}
