//! What an accounts file refers to, for a server: rules that answer already, or that are kept as the
//! last good ones, are as good as a rule file that is missing.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::accounts::secret::Environment;
use crate::live_rules::watch::Inputs;
use crate::server::accounts_file::{AccountsByKey, AccountsLoading};

pub(super) struct KeptRules<'k> {
    pub(super) loading: &'k AccountsLoading,
    pub(super) known: &'k AccountsByKey<'k>,
    pub(super) inputs: &'k mut Inputs,
}

impl Environment for KeptRules<'_> {
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        Environment::read(self.inputs, path)
    }

    fn look_for_rules(&mut self, stored_under: &str, path: &Path) -> io::Result<()> {
        let found = self.inputs.look_for_rules(stored_under, path);
        let known = self.known.get(stored_under);
        let answers = known.is_some_and(|known| known.written.account.rules == path);
        let kept = self.loading.last_good_of(stored_under);
        match answers || kept.is_some_and(|kept| kept.exists()) {
            true => Ok(()),
            false => found,
        }
    }

    fn variable(&self, name: &str) -> Option<OsString> {
        self.inputs.variable(name)
    }
}
