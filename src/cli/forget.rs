//! `wxreply forget`: deletes everything stored of a person.

use clap::builder::NonEmptyStringValueParser;

use crate::cli::stored_data::StoredArguments;
use crate::cli::{Exit, fail};
use crate::i18n::phrase;
use crate::store::Access;

/// Delete everything stored of a follower, in all accounts or in one
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The openid of the follower, as in the database
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    openid: String,
    #[command(flatten)]
    stored: StoredArguments,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let openid = &arguments.openid;
    let stored = &arguments.stored;
    let forgotten = stored.in_each_store(Access::Change, async |store, account| {
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
    let said = |rows| match rows {
        0 => phrase!(forgot_nothing, openid),
        rows => phrase!(forgot, rows, openid),
    };
    let mut exit = Exit::Success;
    for (database, (rows, is_log_empty)) in &forgotten.done {
        if forgotten.is_one() {
            println!("{}", said(*rows));
        } else {
            println!("{database}: {}", said(*rows));
        }
        if !is_log_empty {
            exit = fail(&phrase!(forgot_but_log, database));
        }
    }
    match forgotten.tell_the_rest() {
        Exit::Success => exit,
        failed => failed,
    }
}
