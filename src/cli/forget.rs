//! `wxreply forget`: deletes everything stored of a person.

use crate::cli::stored::StoredArguments;
use crate::cli::{Exit, fail};
use crate::i18n::phrase;

/// Delete everything stored of a follower, in all accounts or in one
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The openid of the follower, as in the database
    openid: String,
    #[command(flatten)]
    stored: StoredArguments,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let openid = &arguments.openid;
    let forgotten = arguments.stored.in_each_store(async |store, account| {
        let rows = match account {
            Some(account) => store.forget_in(account, openid).await?,
            None => store.forget(openid).await?,
        };
        Ok((rows, store.empty_log().await?))
    });
    let forgotten = match forgotten {
        Ok(forgotten) => forgotten,
        Err(error) => return error.tell(),
    };
    let rows: u64 = forgotten.iter().map(|(rows, _)| rows).sum();
    let is_log_empty = forgotten.iter().all(|(_, is_empty)| *is_empty);
    match rows {
        0 => println!("{}", phrase!(forgot_nothing, openid)),
        rows => println!("{}", phrase!(forgot, rows, openid)),
    }
    if !is_log_empty {
        return fail(&phrase!(forgot_but_log));
    }
    Exit::Success
}
