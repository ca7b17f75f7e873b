//! Rules, and single keywords of rules, that an earlier rule always answers.

use std::collections::BTreeSet;

use crate::i18n::{Phrase, phrase};
use crate::rules::Rule;
use crate::rules::condition::{Condition, Subject};
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::dialogue::DialoguePlace;
use crate::rules::lint::budget::LintBudget;
use crate::rules::lint::facts::{AnsweredPart, Facts, KnownFacts};
use crate::rules::lint::index::LiteralIndex;
use crate::rules::lint::locate::ConditionList;
use crate::rules::lint::text_predicate::TextPredicate;
use crate::rules::lint::{Warning, locate};
use crate::rules::parsed::ParsedSources;

/// One text of a list that an earlier rule answers.
struct TakenText {
    says: usize,
    item: usize,
    by: usize,
}

pub(super) fn report<'r>(
    rules: &'r [Rule],
    facts: &'r [Facts<'r>],
    budget: &LintBudget,
    found: &mut Vec<Warning<'r>>,
) {
    let parts = facts.iter().flat_map(Facts::parts);
    let mut index = LiteralIndex::new(parts.map(|part| part.known));
    // A rule above a dialogue may answer many parts of it: once is enough.
    let mut said = BTreeSet::new();
    // Who is in a dialogue is known to no rule but those of its own.
    let mut siblings: Vec<usize> = Vec::new();
    for (place, (rule, own)) in rules.iter().zip(facts).enumerate() {
        if own.conflict.is_some() || !rule.enabled {
            continue;
        }
        let is_part = !rule.part_name().is_empty();
        let first = siblings.first().and_then(|first| rules.get(*first));
        if first.is_some_and(|first| !is_same_dialogue(first, rule)) {
            siblings.clear();
        }
        if is_part {
            siblings.push(place);
        }
        if !is_written(rule) {
            continue;
        }
        let siblings = &siblings;
        let answering = |part: &AnsweredPart| {
            let mut candidates = index.candidates(part, budget);
            candidates.extend(siblings.iter().filter(|other| **other < place));
            candidates.sort_unstable();
            candidates.into_iter().find(|earlier| {
                let earlier = facts.get(*earlier);
                !budget.is_spent()
                    && earlier.is_some_and(|earlier| part.is_answered_by(earlier, budget))
            })
        };
        let taken = taken(own.whole(), 0, answering);
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
                let after = rules.iter().skip(place);
                let after = after.filter(|rule| rule.is_whole()).count();
                found.push(all_after(earlier, rule, after));
                return;
            }
            Some((earlier, earlier_facts)) => {
                let origins = [rule, earlier].map(|rule| (rule.origin.file, rule.origin.entry));
                if !said.insert(origins) && !is_same_dialogue(rule, earlier) {
                    continue;
                }
                let same = earlier_facts.whole().is_answered_by(own, budget);
                found.push(never(earlier, rule, same));
            }
            None => {
                let all = ShadowedConditions::all(own);
                report_taken((rules, facts), rule, all, &taken, found);
                report_alternatives(rules, rule, &ways, found);
                for (place, way) in &own.ways {
                    if ways.iter().any(|(answered, _)| answered == place) {
                        continue;
                    }
                    let one = ShadowedConditions::alternative(rule, *place, way);
                    let taken = self::taken(own.part(way), one.others, answering);
                    report_taken((rules, facts), rule, one, &taken, found);
                }
                // What answers no message answers none of a later rule either.
                if !is_part {
                    own.parts().for_each(|part| index.put(place, part.known));
                }
            }
        }
        if budget.is_spent() {
            return;
        }
    }
}

/// Whether it stands in the file by itself, and not only as the other side of something else.
fn is_written(rule: &Rule) -> bool {
    let answer = rule.part.as_ref().map(|part| (part.when, part.answer));
    let is_made = matches!(
        answer,
        Some((DialoguePlace::GiveUp, _) | (DialoguePlace::Otherwise(_), DialoguePlace::Ask(_)))
    );
    !is_made && !rule.skips()
}

/// Conditions of a rule, with where they stand.
#[derive(Clone, Copy)]
struct ShadowedConditions<'r> {
    section: ConditionList,
    known: &'r KnownFacts<'r>,
    /// How many of them are those of the rule, beside an alternative.
    others: usize,
}

impl<'r> ShadowedConditions<'r> {
    fn all(own: &'r Facts<'r>) -> ShadowedConditions<'r> {
        ShadowedConditions {
            section: ConditionList::When,
            known: &own.when,
            others: 0,
        }
    }

    fn alternative(rule: &Rule, place: usize, way: &'r KnownFacts<'r>) -> ShadowedConditions<'r> {
        let mut conditions = rule.when.iter();
        let any = conditions.position(|condition| matches!(condition, Condition::Any(_)));
        ShadowedConditions {
            section: ConditionList::WhenAny(any.unwrap_or_default(), place),
            known: way,
            others: rule.when.len().saturating_sub(1),
        }
    }
}

/// What they all are, if they are all the same.
fn only(mut all: impl Iterator<Item = usize>) -> Option<usize> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// Every text of a list that an earlier rule answers; of the first conditions none.
fn taken(
    whole: AnsweredPart,
    first: usize,
    answering: impl Fn(&AnsweredPart) -> Option<usize> + Copy,
) -> Vec<TakenText> {
    let mut taken = Vec::new();
    for (says, list) in whole.known.says.iter().enumerate() {
        if list.condition < first || !list.has_several() {
            continue;
        }
        let mut items: Vec<usize> = list.predicates.iter().map(|(item, _)| *item).collect();
        items.dedup();
        for item in items {
            let part = AnsweredPart {
                only: Some((says, item)),
                ..whole
            };
            taken.extend(answering(&part).map(|by| TakenText { says, item, by }));
        }
    }
    taken
}

/// Whether all texts of some list are answered before; none for a rule without lists.
fn all_taken(own: &Facts, taken: &[TakenText]) -> Option<bool> {
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
fn is_taken(taken: &[TakenText], says: usize, item: usize) -> bool {
    taken
        .binary_search_by_key(&(says, item), |taken| (taken.says, taken.item))
        .is_ok()
}

fn report_taken<'r>(
    (rules, facts): (&'r [Rule], &'r [Facts<'r>]),
    rule: &'r Rule,
    asked: ShadowedConditions<'r>,
    taken: &[TakenText],
    found: &mut Vec<Warning<'r>>,
) {
    for TakenText { says, item, by } in taken {
        let (Some(says), Some(earlier)) = (asked.known.says.get(*says), rules.get(*by)) else {
            continue;
        };
        let (condition, item) = (says.condition.saturating_sub(asked.others), *item);
        let first = facts.get(*by);
        found.push(Warning::new(rule.origin, move |sources| {
            let place = locate::text(rule, asked.section, condition, Some(item), sources);
            let mut predicates = says.predicates.iter();
            let predicate = predicates.find(|(place, _)| *place == item);
            let first = predicate
                .zip(first)
                .and_then(|((_, predicate), first)| same_literal(first, &says.subject, predicate));
            let other = match first {
                Some((condition, item)) => {
                    locate::text(earlier, ConditionList::When, condition, Some(item), sources)
                }
                None => locate::name(earlier, sources),
            };
            keyword(rule, earlier, place).other(other, phrase!(label_answered_here))
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
        let steps = ConditionList::WhenAny(0, *place).steps(rule);
        found.push(Warning::new(rule.origin, move |sources| {
            keyword(rule, earlier, sources.place_in(rule.origin, &steps))
                .other(locate::name(earlier, sources), phrase!(label_answered_here))
        }));
    }
}

/// Of a part of what a rule answers.
fn keyword(rule: &Rule, earlier: &Rule, place: Place) -> Diagnostic {
    let message = phrase!(
        keyword_never_answers,
        rule = &*rule.title(),
        earlier = &*earlier.title()
    );
    let help = match is_same_dialogue(rule, earlier) {
        true => phrase!(help_order_of_dialogue),
        false => phrase!(help_keyword_taken, earlier = &*earlier.name),
    };
    Diagnostic::warning(place, message).help(help)
}

fn is_same_dialogue(rule: &Rule, other: &Rule) -> bool {
    let origin = |rule: &Rule| (rule.origin.file, rule.origin.entry);
    origin(rule) == origin(other)
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
        let (title, earlier_name, name) = (&*earlier.title(), &*earlier.name, &*rule.name);
        let reason = match same {
            true => phrase!(never_same, earlier = title),
            false => phrase!(never_covered, earlier = title),
        };
        let help = match (is_same_dialogue(rule, earlier), same) {
            (true, _) => phrase!(help_order_of_dialogue),
            (_, true) => phrase!(help_never_same, rule = name, earlier = earlier_name),
            (_, false) => phrase!(help_never_covered, rule = name, earlier = earlier_name),
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
    let message = phrase!(never_answers, rule = &*rule.title(), reason);
    Diagnostic::warning(locate::name(rule, sources), message).label(phrase!(label_never_reached))
}
