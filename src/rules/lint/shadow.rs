//! Rules, and single keywords of rules, that an earlier rule always answers.

use crate::i18n::{Phrase, phrase};
use crate::rules::Rule;
use crate::rules::condition::Subject;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::budget::Budget;
use crate::rules::lint::facts::{Facts, Part};
use crate::rules::lint::index::Index;
use crate::rules::lint::locate::Section;
use crate::rules::lint::text_predicate::TextPredicate;
use crate::rules::lint::{Warning, locate};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::Step;

/// One text of a list that an earlier rule answers.
struct Taken {
    says: usize,
    item: usize,
    by: usize,
}

pub(super) fn report<'r>(
    rules: &'r [Rule],
    facts: &'r [Facts<'r>],
    budget: &Budget,
    found: &mut Vec<Warning<'r>>,
) {
    let parts = facts.iter().flat_map(Facts::parts);
    let mut index = Index::new(parts.map(|part| part.known));
    for (place, (rule, own)) in rules.iter().zip(facts).enumerate() {
        if own.conflict.is_some() || !rule.enabled || !rule.is_whole() {
            continue;
        }
        let answering = |part: &Part| {
            let candidates = index.candidates(part, budget);
            candidates.into_iter().find(|earlier| {
                let earlier = facts.get(*earlier);
                !budget.is_spent()
                    && earlier.is_some_and(|earlier| part.is_answered_by(earlier, budget))
            })
        };
        let taken = taken(own, answering);
        let ways = own.ways.iter();
        let ways = ways.map(|(place, way)| (*place, answering(&own.part(way))));
        let ways: Vec<(usize, usize)> = ways.filter_map(|(place, by)| Some((place, by?))).collect();
        // Whoever answers all of a rule answers each text of its lists, and each alternative.
        let whole = match (all_taken(own, &taken), own.ways.len()) {
            (Some(false), _) => None,
            (_, 0) => answering(&own.whole()),
            (_, all) if ways.len() < all => None,
            (_, _) => only(ways.iter().map(|(_, by)| *by)),
        };
        let by = whole.and_then(|by| rules.get(by).zip(facts.get(by)));
        match by {
            Some((earlier, _)) if earlier.when.is_empty() && earlier.unless.is_empty() => {
                let after = rules.len() - place;
                found.push(all_after(earlier, rule, after));
                return;
            }
            Some((earlier, earlier_facts)) => {
                let same = earlier_facts.whole().is_answered_by(own, budget);
                found.push(never(earlier, rule, same));
            }
            None => {
                report_taken(rules, facts, rule, own, &taken, found);
                report_alternatives(rules, rule, &ways, found);
                // What answers no message answers none of a later rule either.
                own.parts().for_each(|part| index.put(place, part.known));
            }
        }
        if budget.is_spent() {
            return;
        }
    }
}

/// What they all are, if they are all the same.
fn only(mut all: impl Iterator<Item = usize>) -> Option<usize> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// Every text of a list that an earlier rule answers.
fn taken(own: &Facts, answering: impl Fn(&Part) -> Option<usize> + Copy) -> Vec<Taken> {
    let mut taken = Vec::new();
    for (says, list) in own.when.says.iter().enumerate() {
        if !list.has_several() {
            continue;
        }
        let mut items: Vec<usize> = list.predicates.iter().map(|(item, _)| *item).collect();
        items.dedup();
        for item in items {
            let part = Part {
                only: Some((says, item)),
                ..own.whole()
            };
            taken.extend(answering(&part).map(|by| Taken { says, item, by }));
        }
    }
    taken
}

/// Whether all texts of some list are answered before; none for a rule without lists.
fn all_taken(own: &Facts, taken: &[Taken]) -> Option<bool> {
    let lists = own.when.says.iter().enumerate();
    let all = lists
        .filter(|(_, list)| list.has_several())
        .map(|(place, list)| {
            let mut items = list.predicates.iter().map(|(item, _)| *item);
            items.all(|item| is_taken(taken, place, item))
        });
    all.reduce(|one, other| one || other)
}

/// `taken` is in order, as lists can be long.
fn is_taken(taken: &[Taken], says: usize, item: usize) -> bool {
    taken
        .binary_search_by_key(&(says, item), |taken| (taken.says, taken.item))
        .is_ok()
}

fn report_taken<'r>(
    rules: &'r [Rule],
    facts: &'r [Facts<'r>],
    rule: &'r Rule,
    own: &'r Facts<'r>,
    taken: &[Taken],
    found: &mut Vec<Warning<'r>>,
) {
    for Taken { says, item, by } in taken {
        let (Some(says), Some(earlier)) = (own.when.says.get(*says), rules.get(*by)) else {
            continue;
        };
        let (condition, item) = (says.condition, *item);
        let first = facts.get(*by);
        found.push(Warning::new(rule.origin, move |sources| {
            let place = locate::text(rule, Section::When, condition, Some(item), sources);
            let mut predicates = says.predicates.iter();
            let predicate = predicates.find(|(place, _)| *place == item);
            let first = predicate
                .zip(first)
                .and_then(|((_, predicate), first)| same_literal(first, &says.subject, predicate));
            let other = match first {
                Some((condition, item)) => {
                    locate::text(earlier, Section::When, condition, Some(item), sources)
                }
                None => locate::name(earlier, sources),
            };
            let message = phrase!(
                keyword_never_answers,
                rule = &*rule.name,
                earlier = &*earlier.name
            );
            Diagnostic::warning(place, message)
                .other(other, phrase!(label_answered_here))
                .help(phrase!(help_keyword_taken, earlier = &*earlier.name))
        }));
    }
}

/// Alternatives of an `any`, each with the place of the rule that answers it.
fn report_alternatives<'r>(
    rules: &'r [Rule],
    rule: &'r Rule,
    ways: &[(usize, usize)],
    found: &mut Vec<Warning<'r>>,
) {
    for (place, by) in ways {
        let Some(earlier) = rules.get(*by) else {
            continue;
        };
        let steps = [Step::Key("when"), Step::Key("any"), Step::Index(*place)];
        found.push(Warning::new(rule.origin, move |sources| {
            let message = phrase!(
                keyword_never_answers,
                rule = &*rule.name,
                earlier = &*earlier.name
            );
            Diagnostic::warning(sources.place_in(rule.origin, &steps), message)
                .other(locate::name(earlier, sources), phrase!(label_answered_here))
                .help(phrase!(help_keyword_taken, earlier = &*earlier.name))
        }));
    }
}

/// Where a rule has just the same literal, as condition and place in its list.
fn same_literal(
    facts: &Facts,
    subject: &Subject,
    predicate: &TextPredicate,
) -> Option<(usize, usize)> {
    let says = facts.when.says.iter();
    says.filter(|says| says.subject == *subject)
        .find_map(|says| {
            let mut predicates = says.predicates.iter();
            let same = predicates.find(|(_, other)| predicate.is_same_literal(other));
            same.map(|(item, _)| (says.condition, *item))
        })
}

fn never<'r>(earlier: &'r Rule, rule: &'r Rule, same: bool) -> Warning<'r> {
    Warning::new(rule.origin, move |sources| {
        let (earlier_name, name) = (&*earlier.name, &*rule.name);
        let (reason, help) = match same {
            true => (
                phrase!(never_same, earlier = earlier_name),
                phrase!(help_never_same, rule = name, earlier = earlier_name),
            ),
            false => (
                phrase!(never_covered, earlier = earlier_name),
                phrase!(help_never_covered, rule = name, earlier = earlier_name),
            ),
        };
        unreached(rule, reason, sources)
            .other(locate::name(earlier, sources), phrase!(label_answers_first))
            .help(help)
    })
}

/// One warning for all rules behind a rule that answers everything.
fn all_after<'r>(earlier: &'r Rule, rule: &'r Rule, count: usize) -> Warning<'r> {
    Warning::new(rule.origin, move |sources| {
        let reason = phrase!(never_after_all, earlier = &*earlier.name);
        let mut diagnostic = unreached(rule, reason, sources)
            .other(
                locate::name(earlier, sources),
                phrase!(label_answers_everything),
            )
            .help(phrase!(help_make_last, earlier = &*earlier.name));
        if count > 1 {
            diagnostic = diagnostic.note(phrase!(note_rules_after, count = count - 1));
        }
        diagnostic
    })
}

fn unreached(rule: &Rule, reason: Phrase, sources: &ParsedSources) -> Diagnostic {
    let message = phrase!(never_answers, rule = &*rule.name, reason);
    Diagnostic::warning(locate::name(rule, sources), message).label(phrase!(label_never_reached))
}
