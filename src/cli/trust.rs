//! Whom a command trusts besides the usual authorities.

use std::path::Path;
use std::sync::Arc;

use crate::http_client::{ClientConfig, trust};
use crate::live_rules::bytes;

/// The usual authorities, or the certificates in this file and nobody else's.
pub(super) fn settings(cacert: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let Some(path) = cacert else {
        return trust::usual().map_err(|error| error.to_string());
    };
    let shown = path.display();
    let text = bytes::of_argument_or_pipe(path)
        .map_err(|error| format!("cannot read {shown}: {error}"))?;
    match trust::only(&text) {
        Ok(Some(settings)) => Ok(settings),
        Ok(None) => Err(format!(
            "{shown} has no certificate that can be read; \
             it wants a PEM file with -----BEGIN CERTIFICATE-----"
        )),
        Err(error) => Err(error.to_string()),
    }
}
