//! `wxreply schema`: what editors need to complete and check a rule file while it is written.

use crate::cli::{Exit, print_json};
use crate::rules;

/// Print the JSON Schema of the rule file, for editors
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> Exit {
    print_json(&rules::json_schema());
    Exit::Success
}
