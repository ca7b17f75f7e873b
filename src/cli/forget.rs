//! `wxreply forget`: deletes everything stored of a person.

use crate::cli::Exit;
use crate::cli::follower::FollowerArguments;
use crate::report;

/// Delete everything stored of a follower, in all accounts of the database
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    follower: FollowerArguments,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let follower = &arguments.follower;
    match follower.with_store(async |store, openid| store.forget(openid).await) {
        Ok(0) => println!("nothing was stored of {}", follower.openid),
        Ok(rows) => {
            let rows = report::count(usize::try_from(rows).unwrap_or(usize::MAX), "row");
            println!("deleted {rows} of {}", follower.openid);
        }
        Err(error) => return error.tell(),
    }
    Exit::Success
}
