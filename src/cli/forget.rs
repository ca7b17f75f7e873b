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
    let forgotten = follower.with_store(async |store, openid| {
        let rows = store.forget(openid).await?;
        Ok((rows, store.empty_log().await?))
    });
    let (rows, is_log_empty) = match forgotten {
        Ok(forgotten) => forgotten,
        Err(error) => return error.tell(),
    };
    match rows {
        0 => println!("nothing was stored of {}", follower.openid),
        rows => {
            let rows = report::count(usize::try_from(rows).unwrap_or(usize::MAX), "row");
            println!("deleted {rows} of {}", follower.openid);
        }
    }
    if !is_log_empty {
        eprintln!(
            "error: another program is reading the database, so that deleted texts stay in its \
             file -wal; run this again when that program is done"
        );
        return Exit::Error;
    }
    Exit::Success
}
