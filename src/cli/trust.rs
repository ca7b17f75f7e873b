//! Whom a command trusts besides the usual authorities.

use std::path::Path;
use std::sync::Arc;

use crate::http_client::{ClientConfig, trust};
use crate::i18n::{Phrase, phrase};
use crate::live_rules::bytes;

/// The usual authorities, or the certificates in this file and nobody else's.
pub(super) fn settings(cacert: Option<&Path>) -> Result<Arc<ClientConfig>, Phrase> {
    let Some(path) = cacert else {
        return trust::usual().map_err(|error| Phrase::verbatim(error.to_string()));
    };
    let text = bytes::of_argument_or_pipe(path)
        .map_err(|error| phrase!(cannot_read, path = path.display(), reason = &error))?;
    match trust::only(&text) {
        Ok(Some(settings)) => Ok(settings),
        Ok(None) => Err(phrase!(no_authority, path = path.display())),
        Err(error) => Err(Phrase::verbatim(error.to_string())),
    }
}
