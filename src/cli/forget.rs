//! `wxreply forget`: deletes everything stored of a person.

use crate::cli::Exit;
use crate::cli::database::DatabaseArguments;
use crate::report;

/// Delete everything stored of a follower, in all accounts of the database
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Who: an openid, as it stands in the database
    openid: String,
    #[command(flatten)]
    database: DatabaseArguments,
}

pub fn run(arguments: &Arguments) -> Exit {
    let forgotten = arguments
        .database
        .with_store(async |store| store.forget(&arguments.openid).await);
    match forgotten {
        Ok(0) => println!("nothing was stored of {}", arguments.openid),
        Ok(rows) => {
            let rows = report::count(usize::try_from(rows).unwrap_or(usize::MAX), "row");
            println!("deleted {rows} of {}", arguments.openid);
        }
        Err(error) => return error.tell(),
    }
    Exit::Fine
}
