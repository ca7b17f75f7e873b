//! The answer of a service and all that changes with it, in one transaction.

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::Connection;
use crate::store::error::SqlError;
use crate::store::question::claim::key;
use crate::store::question::give::answer_delivery;
use crate::store::question::{Finish, Finished, KEEP_QUESTIONS, NewTurn};
use crate::store::sql::Sql;
use crate::store::transaction::{change, lock_follower};
use crate::store::write::{Write, WriteOutcome};

pub(super) struct Finishing {
    pub(super) replica: String,
    pub(super) finish: Finish,
}

impl Write for Finishing {
    type Outcome = Finished;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<Finished>, SqlError> {
        let Finish {
            delivery,
            expected,
            changes,
            turn,
            ..
        } = &self.finish;
        // Whether the delivery has been answered does not matter: it may have been told to wait.
        let no_delivery = "";
        if !changes.is_empty()
            && lock_follower(connection, sql, delivery, *expected, no_delivery).await? == 0
        {
            return Ok(WriteOutcome::Undone(Finished::Conflict));
        }
        let is_given = self.give(connection, sql).await?;
        if self.keep(connection, sql, is_given).await? == 0 {
            let there = connection.fetch_one(sql.questions.is_there, key(delivery));
            return Ok(WriteOutcome::Undone(
                match there.await?.try_get::<i64, _>(0)? {
                    0 => Finished::Gone,
                    _ => Finished::Taken,
                },
            ));
        }
        change(connection, sql, delivery, changes).await?;
        if let Some(turn) = turn {
            self.add_turn(connection, sql, turn).await?;
        }
        Ok(WriteOutcome::Kept(match is_given {
            true => Finished::Given,
            false => Finished::Done,
        }))
    }

    fn after_lost_commit(&self, outcome: Finished) -> Finished {
        match outcome {
            Finished::Gone | Finished::Taken => Finished::Done,
            outcome => outcome,
        }
    }
}

impl Finishing {
    /// The first part, to the delivery that waits, unless it was told to wait just before.
    async fn give(&self, connection: &mut Connection, sql: &Sql) -> Result<bool, SqlError> {
        let Finish {
            delivery,
            parts,
            given_for: Some(_),
            now,
            ..
        } = &self.finish
        else {
            return Ok(false);
        };
        let Some(part) = parts.first() else {
            return Ok(false);
        };
        let delivery = Delivery {
            at: *now,
            ..delivery.clone()
        };
        Ok(answer_delivery(connection, sql, &delivery, &delivery.key, part).await? > 0)
    }

    async fn keep(
        &self,
        connection: &mut Connection,
        sql: &Sql,
        is_given: bool,
    ) -> Result<u64, SqlError> {
        let Finish {
            delivery,
            parts,
            given_for,
            now,
            ..
        } = &self.finish;
        let answer = serde_json::to_string(parts).unwrap_or_default();
        let answer = [(&answer).into(), now.saturating_add(KEEP_QUESTIONS).into()].into_iter();
        let [openid, account, key] = key(delivery);
        let question = [openid, account, key, (&self.replica).into()];
        Ok(match given_for.filter(|_| is_given) {
            Some(lasts) => {
                let lasts = i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX);
                let row = answer.chain([key, lasts.into()]).chain(question);
                connection.execute(sql.questions.finish_given, row).await?
            }
            None => {
                let row = answer.chain(question);
                connection.execute(sql.questions.finish, row).await?
            }
        })
    }

    async fn add_turn(
        &self,
        connection: &mut Connection,
        sql: &Sql,
        turn: &NewTurn,
    ) -> Result<(), SqlError> {
        let [openid, account, _] = key(&self.finish.delivery);
        let conversation = [openid, account, (&turn.service).into()];
        let expired = conversation.into_iter().chain([self.finish.now.into()]);
        let statement = sql.questions.drop_expired_turns;
        connection.execute(statement, expired).await?;
        let until = turn.expires_at.into();
        let said = [(&turn.question).into(), (&turn.answer).into(), until];
        let row = conversation.into_iter().chain(said).chain(conversation);
        connection.execute(sql.questions.add_turn, row).await?;
        let row = [until].into_iter().chain(conversation);
        connection.execute(sql.questions.prolong_turns, row).await?;
        Ok(())
    }
}
