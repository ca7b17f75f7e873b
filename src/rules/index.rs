//! An index of the rules that can match a message. It only skips rules that cannot match and never
//! decides: the ordinary matcher checks every rule it names, in the order of the file.
//!
//! Each rule is filed under its most selective condition, or under one key per alternative if that
//! is `any`. Keywords are filed under a window: one, two or four consecutive characters. Of the
//! windows of a keyword, the index uses the one that the fewest keywords share, so that even among
//! a hundred thousand numbered products each key has only a few rules. Compared with an automaton
//! over all keywords, this is as fast to query and twenty times faster to build.

mod postings;

use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use crate::rules::condition::{Condition, MatchContext, Pattern, Shape, Subject, Test};
use crate::rules::fold::{Folded, Folding};
use crate::rules::index::postings::{PostingList, Postings};
use crate::rules::{Rule, fold};

/// Below this many rules, checking each is faster than querying the index.
const WORTH_AN_INDEX: usize = 32;

#[derive(Debug, Default)]
pub(super) struct RuleIndex {
    /// Rules that are checked for every message.
    always: Vec<u32>,
    /// By MsgType and by Event, in lower case.
    types: HashMap<Box<str>, Vec<u32>>,
    events: HashMap<Box<str>, Vec<u32>>,
    /// By the whole EventKey.
    keys: Postings,
    /// By the whole text.
    texts: Postings,
    /// By windows of the text.
    windows: Postings,
    /// The window lengths in use.
    lengths: [bool; LENGTHS.len()],
}

/// Window lengths in characters. Three is left out to save a look-up per character of a message; a
/// keyword of three characters has two windows of two.
const LENGTHS: [usize; 3] = [4, 2, 1];

impl RuleIndex {
    /// `None` if there are too few rules to benefit.
    pub(super) fn of(rules: &[Rule], folding: Folding) -> Option<RuleIndex> {
        if rules.len() < WORTH_AN_INDEX {
            return None;
        }
        let index_keys: Vec<(u32, IndexKey)> = (0..)
            .zip(rules)
            .flat_map(|(id, rule)| {
                let keys = IndexKey::of_rule(rule, folding).into_iter();
                keys.map(move |key| (id, key))
            })
            .collect();
        let needles = || index_keys.iter().flat_map(|(_, key)| key.needles());
        let mut shared: Counts = HashMap::default();
        for needle in needles() {
            windows_of_needle(needle, |window| *shared.entry(window).or_default() += 1);
        }
        let mut index = RuleIndex::default();
        let (mut keys, mut texts, mut windows) = (Vec::new(), Vec::new(), Vec::new());
        for (id, key) in &index_keys {
            let id = *id;
            match key {
                IndexKey::Always => file_under(&mut index.always, id),
                IndexKey::Types(names) => enter(&mut index.types, names, id),
                IndexKey::Events(names) => enter(&mut index.events, names, id),
                IndexKey::Keys(values) => keys.extend(values.iter().map(|key| (hash(key), id))),
                IndexKey::Texts(values) => texts.extend(values.iter().map(|text| (hash(text), id))),
                IndexKey::Needles(needles) => {
                    windows.extend(needles.iter().map(|needle| (rarest(needle, &shared), id)));
                }
            }
        }
        for needle in needles() {
            index.lengths[window_length(needle)] = true;
        }
        index.keys = Postings::of(keys.into_iter());
        index.texts = Postings::of(texts.into_iter());
        index.windows = Postings::of(windows.into_iter());
        Some(index)
    }

    /// Calls the function with each rule that may match, in the order of the file, until it returns
    /// an answer.
    pub(super) fn candidates<R>(
        &self,
        asked: &MatchContext,
        mut ask: impl FnMut(usize) -> Option<R>,
    ) -> Option<R> {
        let mut lists = self.lists(asked, OPEN.take());
        let answer = lists.find_map(|rule| ask(rule as usize));
        let mut open = lists.heap.into_vec();
        open.clear();
        OPEN.set(open);
        answer
    }

    /// Merges the lists of rules for the message lazily, as one of the first rules of the first
    /// list answers most messages.
    fn lists(&self, asked: &MatchContext, mut open: Vec<Reverse<PostingList>>) -> Lists<'_> {
        let message = asked.message;
        let text = asked.text().map(Folded::text);
        if let Some(text) = text {
            self.open_windows(text, &mut open);
        }
        let key = message.key().map(|key| Folding::default().fold(key));
        let events = message.event().map(|event| look_up(&self.events, event));
        Lists {
            all: [
                &self.always,
                look_up(&self.types, message.msg_type()),
                events.unwrap_or_default(),
                key.map_or(&[], |key| self.keys.get(hash(&key))),
                text.map_or(&[], |text| self.texts.get(hash(text))),
            ],
            windows: &self.windows,
            heap: open.into(),
        }
    }

    fn open_windows(&self, text: &str, open: &mut Vec<Reverse<PostingList>>) {
        let [four, two, one] = self.lengths;
        let (mut a, mut b, mut c) = (0, 0, 0);
        for (position, letter) in text.chars().enumerate() {
            let d = u64::from(letter);
            if one {
                open.extend(self.windows.find(window_of_1(d)).map(Reverse));
            }
            if two && position >= 1 {
                open.extend(self.windows.find(window_of_2(c, d)).map(Reverse));
            }
            if four && position >= 3 {
                open.extend(self.windows.find(window_of_4(a, b, c, d)).map(Reverse));
            }
            (a, b, c) = (b, c, d);
        }
        // A repetitive text finds each key once.
        if open.len() > WORTH_SORTING {
            open.sort_unstable();
            open.dedup();
        }
    }
}

/// Up to this many lists are merged without removing duplicates.
const WORTH_SORTING: usize = 64;

/// Sorted lists of rules, merged: a few fixed ones, and a heap of those from the windows.
struct Lists<'i> {
    all: [&'i [u32]; 5],
    windows: &'i Postings,
    heap: BinaryHeap<Reverse<PostingList>>,
}

impl Iterator for Lists<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let heads = self.all.iter().filter_map(|list| list.first().copied());
        let heap = self.heap.peek().map(|Reverse(list)| list.first);
        let next = heads.chain(heap).min()?;
        for list in &mut self.all {
            if let Some((first, rest)) = list.split_first()
                && *first == next
            {
                *list = rest;
            }
        }
        while let Some(Reverse(top)) = self.heap.peek().copied()
            && top.first == next
        {
            self.heap.pop();
            self.heap.extend(self.windows.rest(top).map(Reverse));
        }
        Some(next)
    }
}

thread_local! {
    /// A buffer reused for each message.
    static OPEN: RefCell<Vec<Reverse<PostingList>>> = const { RefCell::new(Vec::new()) };
}

/// A property that a message must have for a rule to match.
enum IndexKey<'r> {
    Always,
    Types(&'r [Box<str>]),
    Events(&'r [Box<str>]),
    Keys(&'r [Box<str>]),
    Texts(&'r [Box<str>]),
    /// The text contains at least one of these.
    Needles(Vec<Cow<'r, str>>),
}

impl<'r> IndexKey<'r> {
    /// The keys of the most selective condition. A message that the rule answers has at least one
    /// of them. None at all for a rule that never answers.
    fn of_rule(rule: &'r Rule, folding: Folding) -> Vec<IndexKey<'r>> {
        match rule.enabled {
            true => IndexKey::of_all(&rule.when, folding),
            false => Vec::new(),
        }
    }

    fn of_all(conditions: &'r [Condition], folding: Folding) -> Vec<IndexKey<'r>> {
        let selective = |keys: &[IndexKey]| keys.iter().map(IndexKey::telling).min();
        let mut best = vec![IndexKey::Always];
        for condition in conditions {
            let keys = match condition {
                Condition::Any(alternatives) => {
                    let each = alternatives.iter();
                    each.flat_map(|one| IndexKey::of_all(one, folding))
                        .collect()
                }
                condition => vec![IndexKey::of(condition, folding)],
            };
            if selective(&keys) >= selective(&best) {
                best = keys;
            }
        }
        best
    }

    fn of(condition: &'r Condition, folding: Folding) -> IndexKey<'r> {
        match condition {
            Condition::Text(Subject::Content, Test::Literal(Shape::Equals, values)) => {
                IndexKey::Texts(values)
            }
            Condition::Text(Subject::Key, Test::Literal(Shape::Equals, values)) => {
                IndexKey::Keys(values)
            }
            Condition::Text(
                Subject::Content,
                Test::Literal(Shape::Prefix | Shape::Suffix | Shape::Contains, values),
            ) => IndexKey::Needles(values.iter().map(|value| (&**value).into()).collect()),
            Condition::Text(Subject::Content, Test::Regex(patterns)) => {
                let needles = patterns.iter().map(|pattern| needles_of(pattern, folding));
                match needles.collect::<Option<Vec<_>>>() {
                    Some(needles) => IndexKey::Needles(needles.into_iter().flatten().collect()),
                    None => IndexKey::Always,
                }
            }
            Condition::Event(names) => IndexKey::Events(names),
            Condition::Type(names) => IndexKey::Types(names),
            _ => IndexKey::Always,
        }
    }

    /// The more selective a key, the fewer messages find it.
    fn telling(&self) -> (u8, usize) {
        match self {
            IndexKey::Always => (0, 0),
            IndexKey::Types(_) => (1, 0),
            IndexKey::Events(_) => (2, 0),
            IndexKey::Needles(needles) => {
                let shortest = needles.iter().map(|needle| needle.chars().count()).min();
                (3, shortest.unwrap_or(0))
            }
            IndexKey::Keys(_) => (4, 0),
            IndexKey::Texts(_) => (5, 0),
        }
    }

    fn needles(&self) -> impl Iterator<Item = &str> {
        let needles = match self {
            IndexKey::Needles(needles) => needles.as_slice(),
            _ => &[],
        };
        needles.iter().map(|needle| &**needle)
    }
}

/// The required literals of a regex, folded like texts. Literals of punctuation alone are dropped
/// if the options ignore punctuation.
fn needles_of(pattern: &Pattern, folding: Folding) -> Option<Vec<Cow<'_, str>>> {
    let folding = Folding {
        trim: false,
        ..folding
    };
    let literals = pattern.regex.literals()?.iter();
    let is_left_out = |text: &str| folding.ignore_punctuation && fold::is_punctuation_only(text);
    literals
        .map(|literal| (!is_left_out(literal)).then(|| folding.fold(literal)))
        .collect()
}

fn enter(lists: &mut HashMap<Box<str>, Vec<u32>>, names: &[Box<str>], id: u32) {
    for name in names {
        let list = lists.entry(name.to_ascii_lowercase().into()).or_default();
        file_under(list, id);
    }
}

/// Once, even if several keys lead there.
fn file_under(list: &mut Vec<u32>, id: u32) {
    if list.last() != Some(&id) {
        list.push(id);
    }
}

fn look_up<'i>(lists: &'i HashMap<Box<str>, Vec<u32>>, name: &str) -> &'i [u32] {
    let found = match lists.get(name) {
        None if lists.is_empty() => None,
        None => lists.get(&*name.to_ascii_lowercase()),
        found => found,
    };
    found.map_or(&[], Vec::as_slice)
}

/// The window lengths from `LENGTHS` that apply to a needle.
fn window_length(needle: &str) -> usize {
    match needle.chars().take(4).count() {
        4 => 0,
        2 | 3 => 1,
        _ => 2,
    }
}

fn windows_of_needle(needle: &str, mut each: impl FnMut(u64)) {
    let length = LENGTHS[window_length(needle)];
    let (mut a, mut b, mut c) = (0, 0, 0);
    for (position, letter) in needle.chars().enumerate() {
        let d = u64::from(letter);
        if position + 1 >= length {
            each(match length {
                4 => window_of_4(a, b, c, d),
                2 => window_of_2(c, d),
                _ => window_of_1(d),
            });
        }
        (a, b, c) = (b, c, d);
    }
}

fn rarest(needle: &str, shared: &Counts) -> u64 {
    let mut best = (u32::MAX, 0);
    windows_of_needle(needle, |window| {
        let count = shared.get(&window).copied().unwrap_or(0);
        best = best.min((count, window));
    });
    best.1
}

// Windows are compared by hash alone. A collision costs a check, but never changes an answer.

fn window_of_1(a: u64) -> u64 {
    mix(a ^ 1 << 60)
}

fn window_of_2(a: u64, b: u64) -> u64 {
    mix(a << 21 ^ b ^ 2 << 60)
}

fn window_of_4(a: u64, b: u64, c: u64, d: u64) -> u64 {
    mix((a << 21 ^ b).wrapping_mul(MIX) ^ (c << 21 ^ d) ^ 3 << 60)
}

fn hash(text: &str) -> u64 {
    let mut hash = text.len() as u64;
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(chunk) {
            *to = *from;
        }
        hash = mix(hash ^ u64::from_le_bytes(word));
    }
    hash
}

const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(value: u64) -> u64 {
    let value = (value ^ value >> 32).wrapping_mul(MIX);
    value ^ value >> 29
}

type Counts = HashMap<u64, u32, BuildHasherDefault<Mixed>>;

/// A hasher for numbers that are hashes already.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
