//! How much one byte of a text can make a regex do at most. Knows no rule.
//!
//! A search follows several states of the regex at once: all those in which the text read so
//! far may have left it. Which two can be followed together is worked out pair by pair, as the
//! search itself goes from byte to byte; sets of which every two can are as large as any that a
//! text can bring about.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use regex_automata::nfa::thompson::{NFA, State, Transition};
use regex_automata::util::look::Look;
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::{Class, Hir, HirKind};

/// More pairs than this are not looked at; no regex with as many is cheap.
const MAX_PAIRS: usize = 80_000;

/// Comparisons of two steps, so that a file of many large regexes is still read in good time.
const MAX_COMPARISONS: usize = 400_000;

/// So many ranges of bytes are looked through in the time of one visit.
const RANGES: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    /// States that are visited for one byte, at most.
    pub per_byte: usize,
    pub states: usize,
}

/// None when it is too much to be worked out.
pub(super) fn of(nfa: &NFA) -> Option<Cost> {
    let mut pairs = Pairs::new(nfa);
    pairs.follow_all()?;
    Some(Cost {
        per_byte: pairs.largest(),
        states: nfa.states().len(),
    })
}

/// A cost that is not exceeded, from the pattern alone: each of its letters once, as often as it
/// is repeated. Enough for most, and found in no time.
pub(super) fn guess(hir: &Hir) -> Cost {
    let none = Cost {
        per_byte: 0,
        states: 0,
    };
    let sum = |parts: &[Hir]| {
        let parts = parts.iter().map(guess);
        parts.fold(none, |all, part| all.plus(part, 1))
    };
    match hir.kind() {
        HirKind::Empty => none,
        HirKind::Look(_) => none.and(1, 1),
        // Of the bytes of one letter, only one can be waited for at a time.
        HirKind::Literal(literal) => {
            let begins = |byte: &&u8| !(0x80..0xC0).contains(*byte);
            let letters = literal.0.iter().filter(begins).count();
            none.and(letters, literal.0.len())
        }
        HirKind::Class(class) => {
            let ranges = match class {
                Class::Unicode(class) => class.ranges().len(),
                Class::Bytes(class) => class.ranges().len(),
            };
            // In UTF-8, a range becomes up to five rows of up to four states.
            none.and(1 + ranges.min(64) * 4 / RANGES, 2 + 10 * ranges)
        }
        HirKind::Capture(capture) => guess(&capture.sub).and(2, 2),
        HirKind::Repetition(repetition) => {
            let copies = repetition.max.unwrap_or(repetition.min.saturating_add(1));
            none.plus(guess(&repetition.sub).and(1, 1), copies as usize)
        }
        HirKind::Concat(parts) => sum(parts),
        HirKind::Alternation(parts) => sum(parts).and(1, 1),
    }
}

impl Cost {
    /// With what it takes to look for a match anywhere.
    pub(super) fn and_search(self) -> Cost {
        self.and(8, 20)
    }

    fn and(self, per_byte: usize, states: usize) -> Cost {
        self.plus(Cost { per_byte, states }, 1)
    }

    fn plus(self, other: Cost, times: usize) -> Cost {
        let sum = |one: usize, other: usize| one.saturating_add(other.saturating_mul(times));
        Cost {
            per_byte: sum(self.per_byte, other.per_byte),
            states: sum(self.states, other.states),
        }
    }
}

/// What is reached from a state without reading a byte, in the order in which it is preferred.
struct Reached {
    /// Those that read a byte next.
    reading: Vec<StateID>,
    /// How many others were passed.
    passed: usize,
    /// Whether the regex has matched there for certain: nothing less preferred is followed then.
    matched: bool,
}

struct Pairs<'n> {
    nfa: &'n NFA,
    reached: BTreeMap<StateID, Rc<Reached>>,
    /// States that can be followed together, the preferred one first.
    known: HashSet<(StateID, StateID)>,
    waiting: Vec<(StateID, StateID)>,
}

impl<'n> Pairs<'n> {
    fn new(nfa: &'n NFA) -> Pairs<'n> {
        let mut pairs = Pairs {
            nfa,
            reached: BTreeMap::new(),
            known: HashSet::new(),
            waiting: Vec::new(),
        };
        let start = reach(nfa, nfa.start_anchored(), true);
        pairs.put_all(&start);
        pairs
    }

    fn follow_all(&mut self) -> Option<()> {
        let mut comparisons = 0;
        while let Some((one, other)) = self.waiting.pop() {
            for (from_one, from_other) in together(self.nfa, one, other) {
                let (from_one, from_other) = (self.reach(from_one), self.reach(from_other));
                if one == other {
                    self.put_all(&from_one);
                } else if !from_one.matched {
                    self.put_each(&from_one, &from_other);
                }
                comparisons += 1 + from_one.reading.len() * from_other.reading.len();
            }
            if comparisons > MAX_COMPARISONS || self.known.len() > MAX_PAIRS {
                return None;
            }
        }
        Some(())
    }

    fn reach(&mut self, from: StateID) -> Rc<Reached> {
        let reached = self.reached.entry(from);
        let reached = reached.or_insert_with(|| Rc::new(reach(self.nfa, from, false)));
        Rc::clone(reached)
    }

    fn put_all(&mut self, reached: &Reached) {
        for (place, one) in reached.reading.iter().enumerate() {
            for other in reached.reading.iter().skip(place) {
                self.put(*one, *other);
            }
        }
    }

    fn put_each(&mut self, preferred: &Reached, others: &Reached) {
        for one in &preferred.reading {
            for other in &others.reading {
                self.put(*one, *other);
            }
        }
    }

    fn put(&mut self, one: StateID, other: StateID) {
        if self.known.insert((one, other)) {
            self.waiting.push((one, other));
            // A state that is followed at all is followed alone, too.
            self.known.insert((other, other));
        }
    }

    /// The most that a set can cost of which every two states can be followed together: states
    /// that cannot share a colour, and a set has at most one of each colour.
    fn largest(&self) -> usize {
        let mut beside: BTreeMap<StateID, Vec<StateID>> = BTreeMap::new();
        for (one, other) in &self.known {
            beside.entry(*one).or_default().push(*other);
            beside.entry(*other).or_default().push(*one);
        }
        let mut colours: BTreeMap<StateID, usize> = BTreeMap::new();
        for (state, others) in &beside {
            let taken: HashSet<usize> = others
                .iter()
                .filter_map(|other| colours.get(other).copied())
                .collect();
            let free = (0..).find(|colour| !taken.contains(colour));
            colours.insert(*state, free.unwrap_or_default());
        }
        let all_passed = self.nfa.states().iter().filter(|state| state.is_epsilon());
        let all_passed = all_passed.count();
        let around = |others: &Vec<StateID>| {
            let mut dearest: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
            for state in others {
                let colour = colours.get(state).copied().unwrap_or_default();
                let (read, passed) = self.weight(*state);
                let known = dearest.entry(colour).or_default();
                *known = (known.0.max(read), known.1.max(passed));
            }
            let read: usize = dearest.values().map(|(read, _)| read).sum();
            let passed: usize = dearest.values().map(|(_, passed)| passed).sum();
            read + passed.min(all_passed)
        };
        beside.values().map(around).max().unwrap_or_default()
    }

    /// What it takes to leave a state: looking for the byte among its ranges, and the states that
    /// are passed behind it.
    fn weight(&self, state: StateID) -> (usize, usize) {
        let steps = steps(self.nfa, state);
        let passed = steps
            .iter()
            .filter_map(|step| self.reached.get(&step.next))
            .map(|reached| reached.passed);
        (1 + steps.len() / RANGES, passed.max().unwrap_or_default())
    }
}

fn reach(nfa: &NFA, from: StateID, at_start: bool) -> Reached {
    let mut reached = Reached {
        reading: Vec::new(),
        passed: 0,
        matched: false,
    };
    let mut seen = HashSet::new();
    // Each with whether it is reached only where something holds of the text around.
    let mut waiting = vec![(from, false)];
    while let Some((id, maybe)) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        reached.passed += 1;
        match nfa.state(id) {
            State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) => {
                reached.passed -= 1;
                reached.reading.push(id);
            }
            State::Look { look, next } if at_start || *look != Look::Start => {
                waiting.push((*next, true));
            }
            State::Union { alternates } => {
                waiting.extend(alternates.iter().rev().map(|id| (*id, maybe)));
            }
            State::BinaryUnion { alt1, alt2 } => waiting.extend([(*alt2, maybe), (*alt1, maybe)]),
            State::Capture { next, .. } => waiting.push((*next, maybe)),
            State::Match { .. } if !maybe => {
                reached.matched = true;
                break;
            }
            State::Look { .. } | State::Match { .. } | State::Fail => {}
        }
    }
    reached
}

fn steps(nfa: &NFA, state: StateID) -> &[Transition] {
    match nfa.state(state) {
        State::ByteRange { trans } => std::slice::from_ref(trans),
        State::Sparse(sparse) => &sparse.transitions,
        _ => &[],
    }
}

/// Where two states lead that read the same byte; their ranges are in order.
fn together(nfa: &NFA, one: StateID, other: StateID) -> Vec<(StateID, StateID)> {
    let (mut one, mut other) = (steps(nfa, one), steps(nfa, other));
    let mut found = Vec::new();
    while let (Some((first, rest)), Some((other_first, other_rest))) =
        (one.split_first(), other.split_first())
    {
        if first.start <= other_first.end && other_first.start <= first.end {
            found.push((first.next, other_first.next));
        }
        if first.end < other_first.end {
            one = rest;
        } else {
            other = other_rest;
        }
    }
    found
}
