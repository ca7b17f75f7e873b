//! What is known of every message that a rule answers, by its conditions and by what WeChat
//! documents; and whether another rule asks for no more than that.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::rules::condition::{Condition, Shape, Subject};
use crate::rules::dates::Dates;
use crate::rules::fold::Folding;
use crate::rules::hours::{Days, Hours};
use crate::rules::lint::budget::LintBudget;
use crate::rules::lint::never::Never;
use crate::rules::lint::text_predicate::TextPredicate;
use crate::rules::lint::{budget, text_predicate};
use crate::rules::{Rule, dates, hours};

/// The facts of one rule.
pub(super) struct Facts<'r> {
    pub when: KnownFacts<'r>,
    /// What holds with each alternative of an `any`, by its place in the list.
    pub ways: Vec<(usize, KnownFacts<'r>)>,
    pub unless: KnownFacts<'r>,
    /// Why no message passes, where that is so.
    pub conflict: Option<Conflict>,
}

/// What holds when a list of conditions holds.
#[derive(Default)]
pub(super) struct KnownFacts<'r> {
    pub conditions: Vec<&'r Condition>,
    /// MsgType is one of these, in lower case.
    pub types: Option<Vec<String>>,
    /// Event is one of these, in lower case.
    pub events: Option<Vec<String>>,
    pub hours: Option<&'r [Hours]>,
    pub days: Option<Days>,
    pub dates: Option<&'r [Dates]>,
    pub says: Vec<Says<'r>>,
    pub not_stored: Vec<&'r str>,
}

/// What a subject says: one of the predicates is true of it.
pub(super) struct Says<'r> {
    /// Its place among the conditions.
    pub condition: usize,
    /// Fields are spelled in one way here.
    pub subject: Subject,
    /// Each with its place in the list.
    pub predicates: Vec<(usize, TextPredicate<'r>)>,
    /// The literals of a long list, so that it need not be gone through for each other text.
    literals: HashSet<(Shape, &'r str)>,
}

/// A list is long from here on.
const LONG: usize = 16;

/// Conditions that never hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Conflict {
    /// A condition asks for what messages of the types that another names never have.
    Types { condition: usize, never: Never },
    /// No event that the rule names is one by which a QR code is scanned.
    Scene { condition: usize },
    /// No text passes all conditions on one subject; this is one of them.
    Texts { condition: usize },
    /// Something must be stored under a key and nothing must be.
    Stored { condition: usize },
    /// `unless` always holds when `when` does.
    Unless,
}

/// A part of what a rule answers: everything, or one text of one of its lists only.
#[derive(Clone, Copy)]
pub(super) struct AnsweredPart<'f, 'r> {
    pub known: &'f KnownFacts<'r>,
    pub unless: &'f KnownFacts<'r>,
    /// The place in `KnownFacts::says`, and the place in its list.
    pub only: Option<(usize, usize)>,
}

impl<'r> Facts<'r> {
    pub(super) fn of(rule: &'r Rule, folding: Folding, budget: &LintBudget) -> Facts<'r> {
        let (when, mut conflict) = KnownFacts::of(rule.when.iter().collect(), folding, budget);
        let (unless, never) = KnownFacts::of(rule.unless.iter().collect(), folding, budget);
        let ways = alternatives(&rule.when).enumerate();
        let ways = ways.filter_map(|(place, conditions)| {
            match KnownFacts::of(conditions, folding, budget) {
                (known, None) => Some((place, known)),
                (_, Some(_)) => None,
            }
        });
        let mut facts = Facts {
            when,
            ways: ways.collect(),
            unless: KnownFacts::default(),
            conflict: None,
        };
        // An `unless` that never holds is like none.
        if never.is_none() {
            facts.unless = unless;
            let always = !rule.unless.is_empty() && facts.whole().guarantees(&facts.unless, budget);
            if always && conflict.is_none() {
                conflict = Some(Conflict::Unless);
            }
        }
        facts.conflict = conflict;
        facts
    }

    pub(super) fn whole(&self) -> AnsweredPart<'_, 'r> {
        self.part(&self.when)
    }

    /// What the rule answers, in as many parts as `any` has alternatives.
    pub(super) fn parts(&self) -> impl Iterator<Item = AnsweredPart<'_, 'r>> {
        let whole = self.ways.is_empty().then(|| self.whole());
        let ways = self.ways.iter().map(|(_, way)| self.part(way));
        whole.into_iter().chain(ways)
    }

    /// What holds with the alternative at a place.
    pub(super) fn way(&self, place: usize) -> Option<&KnownFacts<'r>> {
        let mut ways = self.ways.iter();
        ways.find(|(other, _)| *other == place).map(|(_, way)| way)
    }

    pub(super) fn part<'f>(&'f self, known: &'f KnownFacts<'r>) -> AnsweredPart<'f, 'r> {
        AnsweredPart {
            known,
            unless: &self.unless,
            only: None,
        }
    }
}

impl<'r> KnownFacts<'r> {
    fn of(
        conditions: Vec<&'r Condition>,
        folding: Folding,
        budget: &LintBudget,
    ) -> (KnownFacts<'r>, Option<Conflict>) {
        let mut known = KnownFacts::default();
        let mut conflict = None;
        for (index, &condition) in conditions.iter().enumerate() {
            match condition {
                Condition::Type(types) => known.types = Some(lower(types)),
                Condition::Event(events) => known.events = Some(lower(events)),
                Condition::Hours(hours) => known.hours = Some(hours),
                Condition::Days(days) => known.days = Some(*days),
                Condition::Dates(dates) => known.dates = Some(dates),
                Condition::NotStored(key) => known.not_stored.push(key),
                // Nothing follows of these but themselves.
                Condition::Any(_) | Condition::Answered(..) | Condition::At(_) => {}
                Condition::Text(subject, test) => {
                    let predicates = text_predicate::predicates(subject, test, folding);
                    known.says.push(Says {
                        condition: index,
                        subject: one_spelling(subject),
                        literals: literals(&predicates),
                        predicates,
                    });
                }
            }
        }
        for (index, condition) in conditions.iter().enumerate() {
            let found = known.narrow(index, condition);
            conflict = conflict.or(found);
        }
        let found = known.drop_impossible_texts(budget);
        known.conditions = conditions;
        (known, conflict.or(found))
    }

    /// Leaves the types and events that a condition allows.
    fn narrow(&mut self, index: usize, condition: &Condition) -> Option<Conflict> {
        if let Condition::Text(Subject::Stored(key), test) = condition {
            let nothing = self.not_stored.contains(&&**key) && !test.is_of_numbers();
            return nothing.then_some(Conflict::Stored { condition: index });
        }
        let never = Never::of(condition)?;
        let types = self
            .types
            .get_or_insert_with(|| vec![never.usual().to_owned()]);
        types.retain(|name| never.allows(name));
        if types.is_empty() {
            return Some(Conflict::Types {
                condition: index,
                never,
            });
        }
        if never == Never::Scene {
            let scanned = ["scan", "subscribe"];
            let events = self
                .events
                .get_or_insert_with(|| scanned.map(str::to_owned).to_vec());
            events.retain(|event| scanned.contains(&event.as_str()));
            if events.is_empty() {
                return Some(Conflict::Scene { condition: index });
            }
        }
        None
    }

    /// Takes out literals that the other conditions on the same subject exclude.
    fn drop_impossible_texts(&mut self, budget: &LintBudget) -> Option<Conflict> {
        for place in 0..self.says.len() {
            let Some(says) = self.says.get(place) else {
                continue;
            };
            let others: Vec<&Says> = self
                .says
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != place && is_single(&says.subject))
                .map(|(_, other)| other)
                .filter(|other| other.subject == says.subject)
                .collect();
            if others.is_empty() {
                continue;
            }
            let possible = |predicate: &TextPredicate| {
                let mut others = others.iter();
                others.all(|other| {
                    let mut predicates = other.predicates.iter();
                    predicates.any(|(_, other)| !excludes(predicate, other, budget))
                })
            };
            let predicates: Vec<_> = says
                .predicates
                .iter()
                .filter(|(_, predicate)| possible(predicate))
                .cloned()
                .collect();
            let condition = says.condition;
            if predicates.is_empty() {
                return Some(Conflict::Texts { condition });
            }
            if let Some(says) = self.says.get_mut(place) {
                says.predicates = predicates;
            }
        }
        None
    }

    fn is_text(&self) -> bool {
        self.types
            .as_ref()
            .is_some_and(|types| types.iter().all(|name| name == "text"))
    }
}

impl Says<'_> {
    fn lists(&self, predicate: &TextPredicate) -> bool {
        match predicate {
            TextPredicate::Literal(shape, text) => self.literals.contains(&(*shape, &**text)),
            _ => false,
        }
    }

    fn is_of_numbers(&self) -> bool {
        matches!(self.predicates[..], [(_, TextPredicate::Number)])
    }

    pub(super) fn has_several(&self) -> bool {
        let mut items = self.predicates.iter().map(|(item, _)| *item);
        let first = items.next();
        items.any(|item| Some(item) != first)
    }
}

impl<'f, 'r> AnsweredPart<'f, 'r> {
    /// Whether another rule answers all of this: its `when` holds and its `unless` does not.
    pub(super) fn is_answered_by(&self, other: &Facts, budget: &LintBudget) -> bool {
        let mut others = other.parts();
        others.any(|other| self.guarantees(other.known, budget))
            && (other.unless.conditions.is_empty() || self.rules_out(&other.unless, budget))
    }

    /// Whether all these conditions hold for every message of this part.
    pub(super) fn guarantees(&self, other: &KnownFacts, budget: &LintBudget) -> bool {
        budget.spend(1);
        let mut conditions = 0..other.conditions.len();
        conditions.all(|place| self.guarantees_one(other, place, budget))
    }

    /// Whether the condition at a place holds for every message of this part.
    fn guarantees_one(&self, other: &KnownFacts, place: usize, budget: &LintBudget) -> bool {
        match other.conditions.get(place) {
            None => true,
            Some(Condition::Type(types)) => within(self.known.types.as_deref(), types),
            Some(Condition::Event(events)) => within(self.known.events.as_deref(), events),
            Some(Condition::Hours(hours)) => {
                budget.spend(budget::SEARCH);
                hours::covers(hours, self.known.hours)
            }
            Some(Condition::Days(days)) => self.known.days.unwrap_or(Days::ALL).is_within(*days),
            Some(Condition::Dates(dates)) => dates::covers(dates, self.known.dates),
            Some(other @ (Condition::Any(_) | Condition::Answered(..))) => {
                self.known.conditions.contains(other)
            }
            Some(Condition::At(other)) => {
                let mut conditions = self.known.conditions.iter();
                conditions.any(|own| matches!(own, Condition::At(own) if own.is_within(other)))
            }
            Some(Condition::NotStored(key)) => self.known.not_stored.contains(&&**key),
            Some(Condition::Text(..)) => {
                let says = other.says.iter().find(|says| says.condition == place);
                says.is_some_and(|says| self.says(says, budget))
            }
        }
    }

    fn says(&self, other: &Says, budget: &LintBudget) -> bool {
        let anything = other
            .predicates
            .iter()
            .any(|(_, predicate)| matches!(predicate, TextPredicate::Anything));
        if anything && other.subject == Subject::Content && self.known.is_text() {
            return true;
        }
        self.known.says.iter().enumerate().any(|(place, says)| {
            says.subject == other.subject
                && self.predicates(place, says).all(|predicate| {
                    other.lists(predicate)
                        || other.predicates.iter().any(|(_, other)| {
                            spend(predicate, other, budget) && predicate.implies(other)
                        })
                })
        })
    }

    /// The predicates of one of the subjects, as far as they belong to this part.
    pub(super) fn predicates(
        &self,
        place: usize,
        says: &'f Says<'r>,
    ) -> impl Iterator<Item = &'f TextPredicate<'r>> + use<'f, 'r> {
        let predicates = match self.only {
            Some((says_of, only)) if says_of == place => {
                // In the order of the list, which can be long.
                let start = says.predicates.partition_point(|(item, _)| *item < only);
                let end = says.predicates.partition_point(|(item, _)| *item <= only);
                says.predicates.get(start..end).unwrap_or_default()
            }
            _ => says.predicates.as_slice(),
        };
        predicates.iter().map(|(_, predicate)| predicate)
    }

    /// Whether these conditions never all hold for a message of this part.
    pub(super) fn rules_out(&self, unless: &KnownFacts, budget: &LintBudget) -> bool {
        // What this rule excludes itself need not be excluded again.
        let own = self.unless;
        let excluded = AnsweredPart {
            known: unless,
            unless: own,
            only: None,
        };
        if !own.conditions.is_empty() && excluded.guarantees(own, budget) {
            return true;
        }
        let apart = |one: &Option<Vec<String>>, other: &Option<Vec<String>>| match (one, other) {
            (Some(one), Some(other)) => one.iter().all(|name| !other.contains(name)),
            _ => false,
        };
        let known = self.known;
        apart(&known.types, &unless.types)
            || apart(&known.events, &unless.events)
            || stored_and_not(known, unless)
            || stored_and_not(unless, known)
            || match (known.days, unless.days) {
                (Some(one), Some(other)) => !one.meets(other),
                _ => false,
            }
            || match (known.dates, unless.dates) {
                (Some(one), Some(other)) => !dates::meet(one, other),
                _ => false,
            }
            || match (known.hours, unless.hours) {
                (Some(one), Some(other)) => !hours::meet(one, other),
                _ => false,
            }
            || unless
                .says
                .iter()
                .any(|other| self.never_says(other, budget))
    }

    fn never_says(&self, other: &Says, budget: &LintBudget) -> bool {
        self.known.says.iter().enumerate().any(|(place, says)| {
            says.subject == other.subject
                && is_single(&says.subject)
                && self.predicates(place, says).all(|predicate| {
                    other
                        .predicates
                        .iter()
                        .all(|(_, other)| excludes(predicate, other, budget))
                })
        })
    }
}

/// All conditions, with each alternative of an `any` in its place in turn; nothing without one.
fn alternatives(conditions: &[Condition]) -> impl Iterator<Item = Vec<&Condition>> {
    let any = conditions
        .iter()
        .enumerate()
        .find_map(|(place, condition)| match condition {
            Condition::Any(alternatives) => Some((place, alternatives)),
            _ => None,
        });
    any.into_iter().flat_map(move |(any, alternatives)| {
        alternatives.iter().map(move |alternative| {
            let others = conditions.iter().enumerate();
            let others = others.filter(|(place, _)| *place != any);
            let others = others.map(|(_, condition)| condition);
            others.chain(alternative).collect()
        })
    })
}

fn literals<'r>(predicates: &[(usize, TextPredicate<'r>)]) -> HashSet<(Shape, &'r str)> {
    if predicates.len() < LONG {
        return HashSet::new();
    }
    let literals = predicates
        .iter()
        .filter_map(|(_, predicate)| match predicate {
            TextPredicate::Literal(shape, Cow::Borrowed(text)) => Some((*shape, *text)),
            _ => None,
        });
    literals.collect()
}

fn excludes(predicate: &TextPredicate, other: &TextPredicate, budget: &LintBudget) -> bool {
    spend(predicate, other, budget) && predicate.excludes(other)
}

/// Pays for one comparison; whether there was enough left.
fn spend(predicate: &TextPredicate, other: &TextPredicate, budget: &LintBudget) -> bool {
    let searched = predicate.is_regex() || other.is_regex();
    budget.spend(if searched { budget::SEARCH } else { 1 });
    !budget.is_spent()
}

/// Whether something is stored for the one where nothing must be for the other.
fn stored_and_not(one: &KnownFacts, other: &KnownFacts) -> bool {
    one.says.iter().any(|says| match &says.subject {
        // Of numbers, nothing stored counts as 0.
        Subject::Stored(_) if says.is_of_numbers() => false,
        Subject::Stored(key) => other.not_stored.contains(&&**key),
        _ => false,
    })
}

/// Whether what is known to be one of some names is one of these, in any case.
fn within(known: Option<&[String]>, names: &[Box<str>]) -> bool {
    known.is_some_and(|known| {
        known.iter().all(|name| {
            let mut names = names.iter();
            names.any(|other| other.eq_ignore_ascii_case(name))
        })
    })
}

/// A subject that has one text at most; the conditions on it speak of the same one.
fn is_single(subject: &Subject) -> bool {
    !matches!(subject, Subject::Field(_) | Subject::Stored(_))
}

fn lower(names: &[Box<str>]) -> Vec<String> {
    names.iter().map(|name| name.to_ascii_lowercase()).collect()
}

fn one_spelling(subject: &Subject) -> Subject {
    match subject {
        Subject::Field(name) => {
            let name: Cow<str> = name.replace('_', "").into();
            Subject::Field(name.to_ascii_lowercase().into())
        }
        subject => subject.clone(),
    }
}
