//! The texts that a regex is found in, as an automaton, and whether some texts are all among
//! others. What would take too long to tell is not told.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

use crate::rules::expression::in_brackets;
use crate::rules::lint::budget::Budget;

/// An automaton may take so much memory.
const MAX_BYTES: usize = 1 << 18;

/// What it takes to build one, in steps of following it.
const BUILD: u64 = 20_000;

/// So many states of several automata together are looked at.
const MAX_STATES: usize = 5_000;

pub(super) struct Automaton {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
}

/// Those that were built already, by pattern and whether case matters.
#[derive(Default)]
pub(super) struct Automata(HashMap<(String, bool), Option<Rc<Automaton>>>);

impl Automata {
    pub(super) fn get(
        &mut self,
        pattern: &str,
        ignore_case: bool,
        budget: &Budget,
    ) -> Option<Rc<Automaton>> {
        let key = (pattern.to_owned(), ignore_case);
        if let Some(known) = self.0.get(&key) {
            return known.clone();
        }
        if !budget.spend_steps(BUILD) {
            return None;
        }
        let built = Automaton::of(pattern, ignore_case).map(Rc::new);
        self.0.insert(key, built.clone());
        built
    }
}

impl Automaton {
    fn of(pattern: &str, ignore_case: bool) -> Option<Automaton> {
        let syntax = syntax::Config::new().case_insensitive(ignore_case);
        let nfa = thompson::Config::new()
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(MAX_BYTES));
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .accelerate(false)
            .dfa_size_limit(Some(MAX_BYTES))
            .determinize_size_limit(Some(MAX_BYTES));
        let whole = format!(r"\A(?s:.)*?{}(?s:.)*\z", in_brackets(pattern));
        let dfa = dense::Builder::new()
            .syntax(syntax)
            .thompson(nfa)
            .configure(config)
            .build(&whole)
            .ok()?;
        let start = start::Config::new().anchored(Anchored::Yes);
        let start = dfa.start_state(&start).ok()?;
        Some(Automaton { dfa, start })
    }

    fn takes(&self, state: StateID) -> bool {
        self.dfa.is_match_state(self.dfa.next_eoi_state(state))
    }
}

/// Whether every text that all of some automata take is taken by one of the others.
pub(super) fn are_within(all: &[Rc<Automaton>], others: &[Rc<Automaton>], budget: &Budget) -> bool {
    let every: Vec<&Automaton> = all.iter().chain(others).map(Rc::as_ref).collect();
    let bytes = telling_bytes(&every);
    let start: Vec<StateID> = every.iter().map(|automaton| automaton.start).collect();
    let mut seen = HashSet::from([start.clone()]);
    let mut waiting = vec![start];
    while let Some(states) = waiting.pop() {
        let mut takes = every
            .iter()
            .zip(&states)
            .map(|(one, state)| one.takes(*state));
        let taken_by_all = takes
            .by_ref()
            .take(all.len())
            .fold(true, |one, next| one & next);
        if taken_by_all && !takes.any(|taken| taken) {
            return false;
        }
        if seen.len() > MAX_STATES || !budget.spend_steps(bytes.len() as u64) {
            return false;
        }
        for byte in &bytes {
            let step = every.iter().zip(&states);
            let next: Vec<StateID> = step
                .map(|(one, state)| one.dfa.next_state(*state, *byte))
                .collect();
            let mut of_all = every.iter().zip(&next).take(all.len());
            let hopeless = of_all.any(|(one, state)| one.dfa.is_dead_state(*state));
            if !hopeless && seen.insert(next.clone()) {
                waiting.push(next);
            }
        }
    }
    true
}

/// One byte of each kind that some automaton tells from the others.
fn telling_bytes(automata: &[&Automaton]) -> Vec<u8> {
    let mut kinds = HashSet::new();
    let kind = |byte: u8| -> Vec<u8> {
        let classes = automata.iter().map(|one| one.dfa.byte_classes().get(byte));
        classes.collect()
    };
    (0..=u8::MAX)
        .filter(|byte| kinds.insert(kind(*byte)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_within_others_when_no_text_tells_otherwise() {
        for (all, others, within) in [
            (&["ab"][..], &["a"][..], true),
            (&["a"], &["ab"], false),
            (&["^买.+$"], &["^买"], true),
            (&["^买"], &["^买.+$"], false),
            (&[r"^\d{4}$"], &["^[0-9]+$"], false),
            (&["^[0-9]{4}$"], &[r"^\d+$"], true),
            (&["^.*天气$"], &["天气"], true),
            (&["天气"], &["^.*天气"], false),
            (&["天气"], &["(?s)^.*天气"], true),
            (&["^[买卖]"], &["^买", "^卖"], true),
            (&["^[买卖换]"], &["^买", "^卖"], false),
            (&["a", "b"], &["ab|ba|a.+b|b.+a"], false),
            (&["a", "b"], &["(?s)a.*b|b.*a"], true),
            (&["(?m)^a$"], &["^a|\\na"], true),
            (&["a*"], &["b*"], true),
            (&["^$"], &["."], false),
            (&["(?i)ab"], &["[aA][bB]"], true),
            (&["(?i)s"], &["[sS]"], false),
        ] {
            let budget = Budget::new();
            let of = |patterns: &[&str]| -> Vec<Rc<Automaton>> {
                let each = patterns.iter().map(|pattern| Automaton::of(pattern, false));
                each.map(|one| Rc::new(one.unwrap())).collect()
            };
            let found = are_within(&of(all), &of(others), &budget);
            assert_eq!(found, within, "{all:?} in {others:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_not_built() {
        for pattern in [r"(?:a|b)*a(?:a|b){20}$", r"\bab\b", r"\w{1,40}\d{1,40}"] {
            assert!(Automaton::of(pattern, false).is_none(), "{pattern}");
        }
    }
}
