//! Which earlier rules could answer what a later one is for: candidates only, found by their
//! literals, so that not every pair of rules is compared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::rules::condition::{Shape, Subject};
use crate::rules::lint::budget::LintBudget;
use crate::rules::lint::facts::{AnsweredPart, KnownFacts, Says};
use crate::rules::lint::text_predicate::TextPredicate;

/// The rules that were put in, by the literals of one of their conditions each.
pub(super) struct LiteralIndex<'f> {
    /// How many rules have a literal: the condition with the rarest ones finds a rule best.
    counts: BTreeMap<(&'f Subject, Shape, &'f str), usize>,
    literals: BTreeMap<&'f Subject, Literals<'f>>,
    /// Rules without a condition of literals only.
    broad: Vec<usize>,
}

#[derive(Default)]
struct Literals<'f> {
    rules: HashMap<(Shape, &'f str), Vec<usize>>,
    /// How long the literals of each shape are, in bytes.
    lengths: BTreeSet<(Shape, usize)>,
}

impl<'f> LiteralIndex<'f> {
    /// Nothing is in it yet; `all` are the rules that will be put in.
    pub(super) fn new(all: impl Iterator<Item = &'f KnownFacts<'f>>) -> LiteralIndex<'f> {
        let mut counts = BTreeMap::new();
        for says in all.flat_map(|known| &known.says) {
            for (_, predicate) in &says.predicates {
                for (shape, text) in needed(predicate).into_iter().flatten() {
                    *counts.entry((&says.subject, shape, text)).or_default() += 1;
                }
            }
        }
        LiteralIndex {
            counts,
            literals: BTreeMap::new(),
            broad: Vec::new(),
        }
    }

    pub(super) fn put(&mut self, rule: usize, known: &'f KnownFacts<'f>) {
        let rarest = known
            .says
            .iter()
            .filter_map(|says| Some((self.frequency(says)?, says)))
            .min_by_key(|(frequency, _)| *frequency);
        let Some((_, says)) = rarest else {
            self.broad.push(rule);
            return;
        };
        let literals = self.literals.entry(&says.subject).or_default();
        for (_, predicate) in &says.predicates {
            for (shape, text) in needed(predicate).into_iter().flatten() {
                literals.lengths.insert((shape, text.len()));
                let rules = literals.rules.entry((shape, text)).or_default();
                if rules.last() != Some(&rule) {
                    rules.push(rule);
                }
            }
        }
    }

    /// How often the commonest literal of a condition occurs; none unless all ask for one.
    fn frequency(&self, says: &Says) -> Option<usize> {
        let count = |(shape, text)| self.counts.get(&(&says.subject, shape, text)).copied();
        let predicates = says.predicates.iter().map(|(_, predicate)| {
            let counts = needed(predicate)?.into_iter().filter_map(count);
            counts.max()
        });
        predicates
            .collect::<Option<Vec<usize>>>()?
            .into_iter()
            .max()
    }

    /// The rules that could answer all of a part, in order.
    pub(super) fn candidates(&self, part: &AnsweredPart, budget: &LintBudget) -> Vec<usize> {
        budget.spend(self.broad.len());
        let mut found = self.broad.clone();
        for (place, says) in part.known.says.iter().enumerate() {
            let Some(literals) = self.literals.get(&says.subject) else {
                continue;
            };
            // A rule that answers all texts of a list answers the first.
            let first = part.predicates(place, says).next();
            for (shape, text) in first.and_then(needed).into_iter().flatten() {
                literals.implied_by(shape, text, &mut found, budget);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Literals of which one is needed, in its shape, for a predicate to be true; none if there are none.
fn needed<'c>(predicate: &'c TextPredicate) -> Option<Vec<(Shape, &'c str)>> {
    match predicate {
        TextPredicate::Literal(shape, text) => Some(vec![(*shape, text)]),
        TextPredicate::Regex { literals, .. } => {
            let literals = (*literals)?.iter();
            Some(literals.map(|text| (Shape::Contains, &**text)).collect())
        }
        TextPredicate::Anything | TextPredicate::Number => None,
    }
}

impl Literals<'_> {
    fn implied_by(&self, shape: Shape, text: &str, found: &mut Vec<usize>, budget: &LintBudget) {
        for (other, length) in &self.lengths {
            let Some(last) = text.len().checked_sub(*length) else {
                continue;
            };
            let starts = match (shape, other) {
                (Shape::Equals, Shape::Equals) if last == 0 => 0..=0,
                (Shape::Equals | Shape::Prefix, Shape::Prefix) => 0..=0,
                (Shape::Equals | Shape::Suffix, Shape::Suffix) => last..=last,
                (_, Shape::Contains) => 0..=last,
                _ => continue,
            };
            for start in starts {
                let Some(literal) = text.get(start..start + length) else {
                    continue;
                };
                budget.spend(1);
                if budget.is_spent() {
                    return;
                }
                if let Some(rules) = self.rules.get(&(*other, literal)) {
                    budget.spend(rules.len());
                    found.extend(rules);
                }
            }
        }
    }
}
