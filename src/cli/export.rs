//! `wxreply export`: shows everything stored of a person.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::stored::StoredArguments;
use crate::cli::{Exit, print_json};
use crate::reply::Reply;
use crate::report;
use crate::store::Export;

/// Show everything stored of a follower, in all accounts or in one, as JSON
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The openid of the follower, as in the database
    openid: String,
    #[command(flatten)]
    stored: StoredArguments,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let openid = &arguments.openid;
    let exported = arguments.stored.in_each_store(async |store, account| {
        let export = store.export(openid).await?;
        Ok(match account {
            Some(account) => export.only_of(account),
            None => export,
        })
    });
    match exported {
        Ok(exports) => {
            let mut all = Export::default();
            exports.into_iter().for_each(|export| all.append(export));
            print_json(&readable(openid, &all));
            Exit::Success
        }
        Err(error) => error.tell(),
    }
}

/// For the person whom it is about: with times and answers that can be read.
fn readable(openid: &str, export: &Export) -> Value {
    let values = export.values.iter().map(|value| {
        json!({
            "account": value.account,
            "key": value.key,
            "value": value.value,
            "expires_at": value.expires_at.map(time),
            "updated_at": time(value.updated_at),
        })
    });
    let items = export.items.iter().map(|item| {
        json!({
            "account": item.account,
            "key": item.key,
            "item": item.item,
            "added_at": time(item.added_at),
        })
    });
    let answers = export.answers.iter().map(|answer| {
        // Another version may have written it in a form of its own.
        let reply = serde_json::from_str::<Reply>(&answer.answer);
        json!({
            "account": answer.account,
            "delivery": answer.delivery,
            "answer": reply.map_or_else(|_| json!(answer.answer), |reply| report::reply_json(&reply)),
            "answered_at": time(answer.answered_at),
        })
    });
    let questions = export.questions.iter().map(|question| {
        json!({
            "account": question.account,
            "service": question.service,
            "message": question.message,
            "answer": question.answer,
            "asked_at": time(question.asked_at),
        })
    });
    let turns = export.turns.iter().map(|turn| {
        json!({
            "account": turn.account,
            "service": turn.service,
            "question": turn.question,
            "answer": turn.answer,
            "expires_at": time(turn.expires_at),
        })
    });
    json!({
        "openid": openid,
        "values": values.collect::<Vec<_>>(),
        "items": items.collect::<Vec<_>>(),
        "answers": answers.collect::<Vec<_>>(),
        "questions": questions.collect::<Vec<_>>(),
        "turns": turns.collect::<Vec<_>>(),
    })
}

/// `2026-01-02T03:04:05Z`; a number that is no time stays a number.
fn time(unix_seconds: i64) -> Value {
    match Timestamp::from_second(unix_seconds) {
        Ok(time) => json!(time.to_string()),
        Err(_) => json!(unix_seconds),
    }
}
