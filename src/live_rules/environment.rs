//! The files and secrets that an accounts file refers to.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::accounts::secret::Environment;
use crate::live_rules::bytes;
use crate::live_rules::watch::Inputs;

/// Secrets are read as inputs, so that a change of one is noticed. A rule file is watched by those
/// who read it, and here only as long as it cannot be read.
impl Environment for Inputs {
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        Inputs::read(self, path)
    }

    fn look_for_rules(&mut self, _: &str, path: &Path) -> io::Result<()> {
        match bytes::look_for(path) {
            Ok(()) => Ok(()),
            // It may have appeared in the meantime.
            Err(_) => Inputs::read(self, path).map(drop),
        }
    }

    fn variable(&self, name: &str) -> Option<OsString> {
        env::var_os(name)
    }
}
