//! I/O errors in words.

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
    let Some(code) = error.raw_os_error() else {
        return Phrase::verbatim(error.to_string());
    };
    // As text: numbers have a form of their own in each language.
    let code = code.to_string();
    match error.kind() {
        io::ErrorKind::NotFound => phrase!(io_not_found, code),
        io::ErrorKind::PermissionDenied => phrase!(io_permission_denied, code),
        io::ErrorKind::AlreadyExists => phrase!(io_already_exists, code),
        io::ErrorKind::IsADirectory => phrase!(io_is_a_directory, code),
        io::ErrorKind::NotADirectory => phrase!(io_not_a_directory, code),
        io::ErrorKind::StorageFull => phrase!(io_storage_full, code),
        io::ErrorKind::ReadOnlyFilesystem => phrase!(io_read_only, code),
        io::ErrorKind::AddrInUse => phrase!(io_address_in_use, code),
        io::ErrorKind::AddrNotAvailable => phrase!(io_address_not_available, code),
        io::ErrorKind::ConnectionRefused => phrase!(io_connection_refused, code),
        io::ErrorKind::ConnectionReset => phrase!(io_connection_reset, code),
        io::ErrorKind::BrokenPipe => phrase!(io_broken_pipe, code),
        io::ErrorKind::NetworkUnreachable => phrase!(io_network_unreachable, code),
        io::ErrorKind::HostUnreachable => phrase!(io_host_unreachable, code),
        io::ErrorKind::TimedOut => phrase!(io_timed_out, code),
        _ => Phrase::verbatim(error.to_string()),
    }
}
