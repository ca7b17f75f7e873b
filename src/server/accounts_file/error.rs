//! Why an accounts file was not taken.

use std::fmt;

use crate::live_rules::ReloadError;
use crate::rules::diagnostic::Diagnostic;

/// What is wrong with the file or, where that is good, with the rule files that are new in it.
#[derive(Debug)]
pub(crate) struct AccountsError(pub(super) Vec<ReloadError>);

impl AccountsError {
    /// Whether a file cannot be read at all.
    pub(crate) fn is_unreadable(&self) -> bool {
        let mut errors = self.0.iter();
        errors.any(|error| matches!(error, ReloadError::File(_)))
    }

    /// Never empty.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        self.0.iter().flat_map(ReloadError::diagnostics).collect()
    }
}

impl From<ReloadError> for AccountsError {
    fn from(error: ReloadError) -> AccountsError {
        AccountsError(vec![error])
    }
}

impl std::error::Error for AccountsError {}

impl fmt::Display for AccountsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n\n" };
            write!(formatter, "{gap}{error}")?;
        }
        Ok(())
    }
}
