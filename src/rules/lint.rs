//! What can be compiled and is still likely a mistake.

use crate::rules::RuleSet;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::sources::Sources;

pub fn warnings(_rules: &RuleSet, _sources: &Sources) -> Vec<Diagnostic> {
    Vec::new()
}
