//! `wxreply schema`: what editors need to complete and check a file while it is written.

use clap::ValueEnum;

use crate::cli::{Exit, print_json};
use crate::{accounts, rules};

/// Print the JSON Schema of a file, for editors
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The file that the schema is for
    #[arg(value_enum, default_value_t)]
    file: SchemaFile,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum SchemaFile {
    #[default]
    Rules,
    Accounts,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    print_json(&match arguments.file {
        SchemaFile::Rules => rules::json_schema(),
        SchemaFile::Accounts => accounts::schema::json_schema(),
    });
    Exit::Success
}
