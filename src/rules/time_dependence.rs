//! Whether the time decides which rule answers a message.

use crate::rules::condition::{Condition, MatchContext, Verdict};
use crate::rules::hours::Days;
use crate::rules::{Rule, RuleId, RuleSet, dates, hours};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answers {
    Never,
    /// At some times only.
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
        let excluded = match self.unless.as_slice() {
            [] => Answers::Never,
            unless => together(unless, asked),
        };
        match (together(&self.when, asked), excluded) {
            _ if !self.enabled => Answers::Never,
            (Answers::Never, _) | (_, Answers::Always) => Answers::Never,
            (Answers::Always, Answers::Never) => Answers::Always,
            _ => Answers::Sometimes,
        }
    }
}

fn together(conditions: &[Condition], asked: &MatchContext) -> Answers {
    let each = conditions.iter().map(|condition| alone(condition, asked));
    each.min().unwrap_or(Answers::Always)
}

fn alone(condition: &Condition, asked: &MatchContext) -> Answers {
    let of_time = |always| match always {
        true => Answers::Always,
        false => Answers::Sometimes,
    };
    match condition {
        Condition::Hours(hours) => of_time(hours::covers(hours, None)),
        Condition::Days(days) => of_time(Days::ALL.is_within(*days)),
        Condition::Dates(dates) => of_time(dates::covers(dates, None)),
        Condition::Any(alternatives) => {
            let each = alternatives.iter().map(|one| together(one, asked));
            each.max().unwrap_or(Answers::Never)
        }
        condition => match condition.check(asked) {
            Verdict::Holds => Answers::Always,
            Verdict::Fails | Verdict::NeedsUser => Answers::Never,
        },
    }
}
