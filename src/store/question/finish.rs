//! The answer of a service and all that changes with it, in one transaction.

use crate::store::Delivery;
use crate::store::connection::Connection;
use crate::store::error::Failure;
use crate::store::question::claim::{key, now_ms};
use crate::store::question::give::{Handout, after, answer_delivery};
use crate::store::question::{Finish, Finished, KEEP_QUESTIONS, NewTurn};
use crate::store::sql::Sql;
use crate::store::transaction::{change, lock_follower};
use crate::store::write::{Write, Written};

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
    ) -> Result<Written<Finished>, Failure> {
        let Finish {
            delivery,
            expected,
            changes,
            parts,
            turn,
            given_for,
            now,
        } = &self.finish;
        // Whether the delivery has been answered does not matter: it may have been told to wait.
        let no_delivery = "";
        if !changes.is_empty()
            && lock_follower(connection, sql, delivery, *expected, no_delivery).await? == 0
        {
            return Ok(Written::Undone(Finished::Conflict));
        }
        let answer = serde_json::to_string(parts).unwrap_or_default();
        let [openid, account, delivery_key] = key(delivery);
        let row = [
            (&answer).into(),
            now.saturating_add(KEEP_QUESTIONS).into(),
            openid,
            account,
            delivery_key,
            (&self.replica).into(),
        ];
        if connection.execute(sql.questions.finish, row).await? == 0 {
            return Ok(Written::Undone(Finished::Gone));
        }
        change(connection, sql, delivery, changes).await?;
        if let Some(turn) = turn {
            self.add_turn(connection, sql, turn).await?;
        }
        if let (Some(lasts), Some(part)) = (given_for, parts.first()) {
            let delivery = Delivery {
                at: *now,
                ..delivery.clone()
            };
            // Unless it was told to wait just before.
            if answer_delivery(connection, sql, &delivery, &delivery.key, part).await? > 0 {
                let handout = Handout {
                    question: &delivery.key,
                    to: &delivery,
                    before: (0, 0),
                    until: after(now_ms(connection, sql).await?, *lasts),
                };
                handout.write(connection, sql).await?;
                return Ok(Written::Kept(Finished::Given));
            }
        }
        Ok(Written::Kept(Finished::Done))
    }

    fn after_lost_commit(&self, outcome: Finished) -> Finished {
        match outcome {
            Finished::Gone => Finished::Done,
            outcome => outcome,
        }
    }
}

impl Finishing {
    async fn add_turn(
        &self,
        connection: &mut Connection,
        sql: &Sql,
        turn: &NewTurn,
    ) -> Result<(), Failure> {
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
