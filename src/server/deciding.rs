//! Decides in a running server: with real randomness, and within a budget of processor time, so
//! that no message blocks the other followers of a worker. Time spent by other programs does not
//! count.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::engine;
use crate::engine::{Decision, Undecided};
use crate::i18n::phrase;
use crate::live_rules::Generation;
use crate::message::Message;
use crate::moment::Moment;
use crate::rules::budget::{DecisionBudget, MAX_DECIDING};
use crate::server::choose;
use crate::user::User;

/// Deciding took too long.
#[derive(Debug, thiserror::Error)]
#[error("{}", phrase!(over_budget, limit = format!("{MAX_DECIDING:?}"), rules))]
pub(super) struct OverBudgetError {
    rules: String,
}

/// None where it depends on what is stored of the follower, who has not been looked up.
pub(super) fn decide(
    generation: &Generation,
    message: &Message,
    moment: &Moment,
    user: Option<&User>,
) -> Result<Option<Decision>, OverBudgetError> {
    let rules = &generation.rules;
    let budget = DecisionBudget::new(MAX_DECIDING, &processor_time);
    match engine::decide(rules, message, moment, user, &mut choose, &budget) {
        Ok(decision) => Ok(Some(generation.sendable(decision))),
        Err(Undecided::NeedsUser) => Ok(None),
        Err(Undecided::OverBudget(slowest)) => {
            let slowest = slowest.into_iter().filter_map(|id| rules.rule(id));
            let names: Vec<&str> = slowest.map(|rule| &*rule.name).collect();
            let rules = names.join(", ");
            Err(OverBudgetError { rules })
        }
    }
}

/// The same for a question that is asked once more; none where it cannot be decided.
pub(super) fn again(
    generation: &Generation,
    message: &Message,
    moment: &Moment,
    user: Option<&User>,
) -> Option<Decision> {
    decide(generation, message, moment, user).ok().flatten()
}

/// The processor time of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
