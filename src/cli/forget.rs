//! `wxreply forget`: deletes everything stored of a person.

use crate::cli::follower::FollowerArguments;
use crate::cli::{Exit, fail};
use crate::i18n::phrase;

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
        0 => println!("{}", phrase!(forgot_nothing, openid = &follower.openid)),
        rows => println!("{}", phrase!(forgot, rows, openid = &follower.openid)),
    }
    if !is_log_empty {
        return fail(&phrase!(forgot_but_log));
    }
    Exit::Success
}
