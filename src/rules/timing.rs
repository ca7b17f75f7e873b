//! Whether it is the time that decides which rule answers a message.

use crate::rules::condition::{Condition, MatchContext, Verdict};
use crate::rules::hours::Days;
use crate::rules::{Rule, RuleId, RuleSet, hours};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    Never,
    /// At some times of the week only.
    Sometimes,
    Always,
}

impl RuleSet {
    /// The first rule that would answer a message at some times and not at others; none when
    /// another before it always answers.
    pub fn decided_by_time(&self, asked: &MatchContext) -> Option<RuleId> {
        let first = self.first_match_linear(|id, rule| match rule.answers(asked) {
            Answers::Never => None,
            answers => Some((id, answers)),
        });
        let (id, answers) = first?;
        (answers == Answers::Sometimes).then_some(id)
    }
}

impl Rule {
    fn answers(&self, asked: &MatchContext) -> Answers {
        let holds = |conditions: &[Condition]| {
            let mut others = conditions.iter().filter(|condition| !is_of_time(condition));
            others.all(|condition| condition.check(asked) == Verdict::Holds)
        };
        let excluded = !self.unless.is_empty() && holds(&self.unless);
        let when_timed = self.when.iter().any(is_of_time);
        let unless_timed = self.unless.iter().any(is_of_time);
        if !holds(&self.when) || (excluded && !unless_timed) {
            Answers::Never
        } else if when_timed || excluded {
            Answers::Sometimes
        } else {
            Answers::Always
        }
    }
}

fn is_of_time(condition: &Condition) -> bool {
    match condition {
        Condition::Hours(hours) => !hours::covers(hours, None),
        Condition::Days(days) => !Days::ALL.is_within(*days),
        _ => false,
    }
}
