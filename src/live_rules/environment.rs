//! What an accounts file names outside of itself, as it is on this machine.

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

    fn look_for(&mut self, path: &Path) -> io::Result<()> {
        match bytes::look_for(path) {
            Ok(()) => Ok(()),
            // It may have come meanwhile.
            Err(_) => Inputs::read(self, path).map(drop),
        }
    }

    fn variable(&self, name: &str) -> Option<OsString> {
        env::var_os(name)
    }
}
