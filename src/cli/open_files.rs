//! The limit of open files, and who may have how many of them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::i18n::phrase;
use crate::store::MAX_FILES_OF_DATABASE;

/// Listeners, servers of databases and services, watched rule files, the log.
const OTHERS: usize = 100;

/// Of the connections of the callback listener, the operator's has this part again.
const OPERATORS_PART: usize = 10;

/// An operator and a few probes; they count among the others.
const MIN_OF_OPERATORS: usize = 64;

/// How many connections each listener may have, and how many files the SQLite databases.
pub(super) struct SharedFiles {
    pub(super) connections: usize,
    pub(super) of_operators: usize,
    pub(super) of_databases: usize,
}

/// Raises the limit as far as this process may, and says how many files that is.
pub(super) fn raise_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let allowed = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    // No limit at all is none.
    allowed.map_or(usize::MAX / 2, |files| {
        usize::try_from(files).unwrap_or(usize::MAX / 2)
    })
}

/// Where there are not enough, databases get what they need up to a half. Without room for one more
/// file, the system would let nobody in until a connection ends.
pub(super) fn share(files: usize, connections: u32, databases: usize) -> SharedFiles {
    let wanted = usize::try_from(connections).unwrap_or(usize::MAX / 4);
    let left = files.saturating_sub(OTHERS);
    let of_databases = (databases * MAX_FILES_OF_DATABASE).min(left / 2);
    let fitting = left - of_databases;
    let fitting = (fitting - fitting / (OPERATORS_PART + 1)).max(1);
    let connections = fitting.min(wanted);
    if connections < wanted {
        log::warn!("{}", phrase!(log_descriptors, connections, files));
    }
    SharedFiles {
        connections,
        of_operators: (connections / OPERATORS_PART).max(MIN_OF_OPERATORS),
        of_databases: left.saturating_sub(connections + connections / OPERATORS_PART),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_too_many_leaves_enough_to_the_others() {
        for (files, databases, connections, of_databases) in [
            (524_288, 1, 10_000, 513_188),
            (65_536, 1_000, 10_000, 54_436),
            (11_214, 1, 10_000, 114),
            (1_024, 1, 828, 14),
            (1_024, 500, 420, 462),
            (300, 150, 91, 100),
            (300, 1, 170, 13),
            (50, 1, 1, 0),
        ] {
            let shared = share(files, 10_000, databases);
            let parts = (shared.connections, shared.of_databases);
            assert_eq!(parts, (connections, of_databases), "{files}, {databases}");
        }
    }
}
