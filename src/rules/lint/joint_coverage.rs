//! Rules that several earlier rules answer together, each of them a share: some of the texts,
//! types, events or hours, or of what may be stored.

use std::rc::Rc;

use jiff::civil::Weekday;

use crate::rules::condition::{Condition, Subject};
use crate::rules::hours;
use crate::rules::hours::{Days, Hours};
use crate::rules::lint::automaton::{Automaton, are_within};
use crate::rules::lint::budget::Budget;
use crate::rules::lint::facts::{Facts, Known, Part};

/// More rules than this are not put together.
const MAX_RULES: usize = 32;

/// What earlier rules share out among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    Types,
    Events,
    Times,
    Texts(Subject),
    Stored(Box<str>),
}

/// Earlier rules that answer all of a part together, in order, none of them for nothing.
pub(super) struct JointCoverage {
    pub shared: Shared,
    pub rules: Vec<usize>,
}

pub(super) fn find(
    part: &Part,
    candidates: &[usize],
    facts: &[Facts],
    budget: &Budget,
) -> Option<JointCoverage> {
    let mut shares: Vec<(Shared, Vec<usize>)> = Vec::new();
    for candidate in candidates {
        if budget.is_spent() {
            return None;
        }
        let Some(shared) = facts
            .get(*candidate)
            .and_then(|facts| share(part, facts, budget))
        else {
            continue;
        };
        match shares.iter_mut().find(|(known, _)| *known == shared) {
            Some((_, rules)) => rules.push(*candidate),
            None => shares.push((shared, vec![*candidate])),
        }
    }
    shares.into_iter().find_map(|(shared, mut rules)| {
        rules.truncate(MAX_RULES);
        let answer = |rules: &[usize]| {
            let known = rules.iter().filter_map(|rule| facts.get(*rule));
            let known: Vec<&Known> = known.map(|facts| &facts.when).collect();
            answer_all(part, &shared, &known, budget)
        };
        if rules.len() < 2 || !answer(&rules) {
            return None;
        }
        // From behind, so that the earliest are named.
        for place in (0..rules.len()).rev() {
            let mut fewer = rules.clone();
            fewer.remove(place);
            if answer(&fewer) {
                rules = fewer;
            }
        }
        Some(JointCoverage { shared, rules })
    })
}

/// What keeps a rule from answering all of a part, if it is only one thing.
fn share(part: &Part, earlier: &Facts, budget: &Budget) -> Option<Shared> {
    budget.spend(1);
    let mut shared: Option<Shared> = None;
    for (place, condition) in earlier.when.conditions.iter().enumerate() {
        if part.guarantees_one(&earlier.when, place, budget) {
            continue;
        }
        let lacking = match condition {
            Condition::Type(_) => Shared::Types,
            Condition::Event(_) => Shared::Events,
            Condition::Hours(_) | Condition::Days(_) => Shared::Times,
            Condition::NotStored(key) | Condition::Text(Subject::Stored(key), _) => {
                Shared::Stored(key.clone())
            }
            Condition::Text(..) => {
                let mut says = earlier.when.says.iter();
                let says = says.find(|says| says.condition == place)?;
                let again = matches!(&shared, Some(Shared::Texts(known)) if *known == says.subject);
                // Two conditions on one text would have to hold together.
                if again {
                    return None;
                }
                Shared::Texts(says.subject.clone())
            }
        };
        match &shared {
            Some(other) if *other != lacking => return None,
            Some(Shared::Stored(_)) => return None,
            _ => shared = Some(lacking),
        }
    }
    let ruled_out = earlier.unless.conditions.is_empty() || part.rules_out(&earlier.unless, budget);
    shared.filter(|_| ruled_out)
}

fn answer_all(part: &Part, shared: &Shared, earlier: &[&Known], budget: &Budget) -> bool {
    match shared {
        Shared::Types => are_all(
            part.known.types.as_deref(),
            earlier,
            |condition| match condition {
                Condition::Type(types) => Some(&**types),
                _ => None,
            },
        ),
        Shared::Events => are_all(
            part.known.events.as_deref(),
            earlier,
            |condition| match condition {
                Condition::Event(events) => Some(&**events),
                _ => None,
            },
        ),
        Shared::Times => at_all_times(part.known, earlier),
        Shared::Texts(subject) => {
            let texts = texts(subject, earlier, part, budget);
            part.is_among(subject, &texts, budget)
        }
        Shared::Stored(key) => {
            let subject = Subject::Stored(key.clone());
            let texts = texts(&subject, earlier, part, budget);
            let mut own = part.known.says.iter();
            if own.any(|says| says.subject == subject) {
                return part.is_among(&subject, &texts, budget);
            }
            let nothing = earlier
                .iter()
                .any(|known| known.not_stored.contains(&&**key));
            let anything = budget.automaton("", false);
            nothing && anything.is_some_and(|anything| are_within(&[anything], &texts, budget))
        }
    }
}

/// Whether each name is one of some rule, in any case.
fn are_all(
    names: Option<&[String]>,
    earlier: &[&Known],
    asked: impl Fn(&Condition) -> Option<&[Box<str>]>,
) -> bool {
    let all: Vec<&Box<str>> = earlier
        .iter()
        .flat_map(|known| known.conditions.iter())
        .filter_map(asked)
        .flatten()
        .collect();
    names.is_some_and(|names| {
        let mut names = names.iter();
        names.all(|name| all.iter().any(|other| other.eq_ignore_ascii_case(name)))
    })
}

/// What each rule asks of the text that not every message of the part fulfils.
fn texts(
    subject: &Subject,
    earlier: &[&Known],
    part: &Part,
    budget: &Budget,
) -> Vec<Rc<Automaton>> {
    let says = earlier.iter().flat_map(|known| {
        let says = known.says.iter().filter(|says| says.subject == *subject);
        says.filter(|says| !part.guarantees_one(known, says.condition, budget))
    });
    says.filter_map(|says| says.texts(budget)).collect()
}

fn at_all_times(own: &Known, earlier: &[&Known]) -> bool {
    Weekday::Monday.cycle_forward().take(7).all(|day| {
        let asks_for_it = |known: &Known| known.days.unwrap_or(Days::ALL).contains(day);
        if !asks_for_it(own) {
            return true;
        }
        let that_day = earlier.iter().filter(|known| asks_for_it(known));
        // A rule without hours answers all day.
        let hours: Option<Vec<&[Hours]>> = that_day.map(|known| known.hours).collect();
        hours.is_none_or(|hours| hours::covers(&hours.concat(), own.hours))
    })
}
