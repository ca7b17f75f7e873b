//! `wxreply export`: shows everything stored of a person.

use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::stored_data::StoredArguments;
use crate::cli::{Exit, fail, print_json};
use crate::i18n::phrase;
use crate::reply::Reply;
use crate::store::{Access, Export};

/// Show everything stored of a follower, in all accounts or in one, as JSON
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
    let exported = stored.in_each_store(Access::Read, async |store, account| {
        let export = store.export(openid).await?;
        Ok(match account {
            Some(account) => export.only_of(account),
            None => export,
        })
    });
    let mut exported = match exported {
        Ok(exported) => exported,
        Err(error) => return error.tell(),
    };
    if !exported.done.is_empty() {
        let mut all = Export::default();
        let exports = std::mem::take(&mut exported.done).into_iter();
        exports.for_each(|(_, export)| all.append(export));
        print_json(&readable(openid, &all));
        if all.unreadable > 0 {
            exported.tell_the_rest();
            return fail(&phrase!(unreadable_rows, rows = all.unreadable));
        }
    }
    exported.tell_the_rest()
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
            "answer": reply.map_or_else(|_| json!(answer.answer), |reply| reply.written()),
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
    let counts = export.counts.iter().map(|count| {
        json!({
            "account": count.account,
            "service": count.service,
            "used": count.used,
            "expires_at": time(count.expires_at),
        })
    });
    let arrivals = export.arrivals.iter().map(|arrival| {
        json!({
            "account": arrival.account,
            "delivery": arrival.delivery,
            "times": arrival.times,
            "expires_at": time(arrival.expires_at),
        })
    });
    json!({
        "openid": openid,
        "values": values.collect::<Vec<_>>(),
        "items": items.collect::<Vec<_>>(),
        "answers": answers.collect::<Vec<_>>(),
        "questions": questions.collect::<Vec<_>>(),
        "turns": turns.collect::<Vec<_>>(),
        "counts": counts.collect::<Vec<_>>(),
        "arrivals": arrivals.collect::<Vec<_>>(),
    })
}

/// `2026-01-02T03:04:05Z`; a number that is no time stays a number.
fn time(unix_seconds: i64) -> Value {
    match Timestamp::from_second(unix_seconds) {
        Ok(time) => json!(time.to_string()),
        Err(_) => json!(unix_seconds),
    }
}
