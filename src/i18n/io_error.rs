//! What went wrong on a disk or a network, in words.

use std::io;

use crate::i18n::{Phrase, phrase};

impl From<Phrase> for io::Error {
    fn from(phrase: Phrase) -> io::Error {
        io::Error::other(phrase)
    }
}

/// An error of ours is a message in an `io::Error`; the system's own are known by their kinds.
pub(crate) fn reason(error: &io::Error) -> Phrase {
    let inner = error.get_ref();
    if let Some(phrase) = inner.and_then(|inner| inner.downcast_ref::<Phrase>()) {
        return phrase.clone();
    }
    match error.kind() {
        io::ErrorKind::NotFound => phrase!(io_not_found),
        io::ErrorKind::PermissionDenied => phrase!(io_permission_denied),
        _ => Phrase::verbatim(error.to_string()),
    }
}
