//! A regex as rules use it: how much of a text it sees, what it found there, and what it may take.
//! Knows no rule.

mod literals;
mod scratch;
pub(super) mod syntax_error;

use std::fmt;
use std::ops::Range;

use regex_automata::Input;
use regex_automata::hybrid::dfa::DFA;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{Compiler, NFA};
use regex_automata::util::captures::Captures;
use regex_automata::util::primitives::PatternID;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use crate::rules::expression::scratch::{MEMORY, Pool, Scratch};

pub use crate::rules::expression::scratch::MAX_REMEMBERED_BYTES;

/// So much of a text is searched, in bytes: what an answer can hold, and more than people type.
pub const MAX_SEARCHED: usize = 2048;

/// A compiled regex may take this much memory. Ordinary ones take 2 to 100 KiB. It bounds the time
/// of a single search, too: each state is visited once for each byte at most.
pub const MAX_BYTES: usize = 2 << 20;

/// All compiled regexes of a rule file may take this much together. A reload holds the old ones and
/// the new ones at once.
pub const MAX_BYTES_TOGETHER: usize = 128 << 20;

/// The states of one automaton that are remembered; where there are more, it starts again.
const MAX_AUTOMATON_BYTES: usize = 256 << 10;

pub struct Expression {
    /// As the rule has it.
    pattern: Box<str>,
    /// The fast way, which makes its states as it meets them. It says where a match ends, and
    /// gives up where it would have to make too many, or meets a Chinese character beside a `\b`.
    automaton: DFA,
    /// The sure way, which says what the groups found, too.
    simulation: PikeVM,
    /// Texts of which one is in every text that it matches, if it asks for any.
    literals: Option<Box<[Box<str>]>>,
    pool: Pool,
}

/// Why a pattern is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegexError {
    #[error("{0}")]
    Syntax(String),
    #[error("compiled, it would take more than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    #[error("compiled, all of them take more than {} MiB", MAX_BYTES_TOGETHER >> 20)]
    TooLargeTogether,
}

/// What an expression found in a text, in bytes of it.
pub struct Found(Captures);

impl Expression {
    pub fn new(pattern: &str, ignore_case: bool) -> Result<Expression, RegexError> {
        let hir = parse(pattern, ignore_case)?;
        let config = NFA::config().shrink(false).nfa_size_limit(Some(MAX_BYTES));
        let nfa = Compiler::new().configure(config).build_from_hir(&hir);
        let nfa = nfa.map_err(|error| match error.size_limit() {
            Some(_) => RegexError::TooLarge,
            None => RegexError::Syntax(error.to_string()),
        })?;
        let config = DFA::config()
            .unicode_word_boundary(true)
            .cache_capacity(MAX_AUTOMATON_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let automaton = DFA::builder().configure(config).build_from_nfa(nfa.clone());
        let simulation = PikeVM::new_from_nfa(nfa);
        let unsupported = |error: &dyn fmt::Display| RegexError::Syntax(error.to_string());
        Ok(Expression {
            pattern: pattern.into(),
            automaton: automaton.map_err(|error| unsupported(&error))?,
            simulation: simulation.map_err(|error| unsupported(&error))?,
            literals: literals::required(&hir).map(Vec::into_boxed_slice),
            pool: Pool::new(&MEMORY),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    pub fn is_match(&self, text: &str) -> bool {
        let input = searched(text).earliest(true);
        self.search(|scratch| {
            let found = self
                .automaton
                .try_search_fwd(&mut scratch.automaton, &input);
            match found {
                Ok(found) => found.is_some(),
                Err(_) => {
                    let cache = scratch.simulation(&self.simulation);
                    self.simulation.is_match(cache, input)
                }
            }
        })
    }

    pub fn find(&self, text: &str) -> Option<Found> {
        let mut captures = self.simulation.create_captures();
        self.search(|scratch| {
            let cache = scratch.simulation(&self.simulation);
            self.simulation
                .search(cache, &searched(text), &mut captures);
        });
        captures.is_match().then_some(Found(captures))
    }

    /// How many groups it has, the whole match left out.
    pub fn groups(&self) -> usize {
        self.names().count().saturating_sub(1)
    }

    /// The names of its groups, the whole match among them, by number.
    pub fn names(&self) -> impl Iterator<Item = Option<&str>> {
        let groups = self.simulation.get_nfa().group_info();
        groups.pattern_names(PatternID::ZERO)
    }

    /// Texts of which one is in every text that it matches, if it asks for any.
    pub fn literals(&self) -> Option<&[Box<str>]> {
        self.literals.as_deref()
    }

    /// What a search costs, in bytes of a text that is compared with a keyword.
    pub(crate) fn cost(&self, text: &str) -> usize {
        const REGEX: usize = 64;
        REGEX * text.len().min(MAX_SEARCHED)
    }

    /// What it takes, compiled.
    pub fn bytes(&self) -> usize {
        self.simulation.get_nfa().memory_usage()
    }

    fn search<R>(&self, search: impl FnOnce(&mut Scratch) -> R) -> R {
        self.pool.lend(|| self.automaton.create_cache(), search)
    }
}

impl Found {
    /// How many groups there are, the whole match among them.
    pub fn count(&self) -> usize {
        self.0.group_len()
    }

    pub fn group(&self, number: usize) -> Option<Range<usize>> {
        self.0.get_group(number).map(|span| span.range())
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter
            .debug_tuple("Expression")
            .field(&self.pattern)
            .finish()
    }
}

/// The part of a text that is searched. What follows it is still seen by `$` and `\b`.
fn searched(text: &str) -> Input<'_> {
    let end = text.floor_char_boundary(MAX_SEARCHED);
    Input::new(text).range(..end)
}

fn parse(pattern: &str, ignore_case: bool) -> Result<Hir, RegexError> {
    let mut parser = ParserBuilder::new().case_insensitive(ignore_case).build();
    let parsed = parser.parse(pattern);
    parsed.map_err(|error| RegexError::Syntax(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_taken() {
        let keywords: Vec<String> = (0..300_u32)
            .filter_map(|number| char::from_u32(0x4E00 + number * 37))
            .map(|letter| format!("{letter}价格"))
            .collect();
        let keywords = keywords.join("|");
        for pattern in [
            r"^订单\s*(\d{4,12})$",
            r"(\w{1,100})",
            "(.{2,600})",
            ".{2,600}$",
            "(?s)^(.{0,1000})$",
            "(?i)hello.*world",
            r"([\w.+-]+)@([\w-]+\.[\w.]+)",
            r"(?:\+?86)?\s*(1[3-9]\d{9})",
            r"https?://[\w./?=&%#:-]+",
            r"(?<城市>\p{Han}{2,4})的?天气",
            ".{1,100}天气",
            "从(.{1,10})到(.{1,10})的票",
            "(.+)省(.+)市(.+)区",
            r"\b[A-Z]{2}\d{6}\b",
            "[\u{4e00}-\u{9fa5}]{2,20}",
            "(你好|您好|在吗)+[!！~。]*",
            "^(.{1,30}){1,20}$",
            "(a|b)*a(a|b){30}x",
            r"(?:\w+\s?){1,5}x",
            &keywords,
            &format!(r"^({keywords})\s*(\d+)$"),
        ] {
            let shown: String = pattern.chars().take(60).collect();
            let taken = Expression::new(pattern, false);
            assert!(taken.is_ok(), "{shown}: {taken:?}");
        }
    }

    #[test]
    fn what_would_take_too_much_is_refused() {
        for pattern in [
            r"^(\w{1,100}){1,100}$",
            r"(\w{1,20}){1,10}",
            "(.{1,400}){1,400}",
        ] {
            let found = Expression::new(pattern, false).err();
            assert_eq!(found, Some(RegexError::TooLarge), "{pattern}");
        }
        let found = Expression::new("(", false).err();
        assert!(matches!(found, Some(RegexError::Syntax(_))), "{found:?}");
    }

    #[test]
    fn groups_are_found_whatever_is_before_the_match() {
        for (pattern, text, whole, first) in [
            ("(价格)", "请问价格？", "价格", Some("价格")),
            ("^(价)格", "价格", "价格", Some("价")),
            ("a|(b)", "xa", "a", None),
            ("(?x) a (b) # 注释", "xaby", "ab", Some("b")),
            ("(?m)^(b)$", "a\nb", "b", Some("b")),
            ("(a+?)b|(?i)C", "xaab", "aab", Some("aa")),
            ("(.*)天气", "今天天气", "今天天气", Some("今天")),
            (r"\b(气)", "天 气", "气", Some("气")),
        ] {
            let expression = Expression::new(pattern, false).unwrap();
            let found = expression.find(text).unwrap();
            let group = |number| text.get(found.group(number)?);
            assert_eq!((group(0), group(1)), (Some(whole), first), "{pattern}");
            assert_eq!(found.count(), expression.groups() + 1, "{pattern}");
            assert!(expression.is_match(text), "{pattern}");
        }
        let named = Expression::new("(?<城市>.+)(天气)", false).unwrap();
        assert_eq!(
            named.names().collect::<Vec<_>>(),
            [None, Some("城市"), None]
        );
    }

    #[test]
    fn of_a_long_text_the_beginning_is_searched_and_its_end_is_not_the_end() {
        let long = "好".repeat(700) + "天气";
        let word = " ".repeat(2046) + "abc";
        for (pattern, text, found) in [
            ("好+", &long, Some(682 * 3)),
            ("天气", &long, None),
            ("^好+$", &long, None),
            (r"好\z", &long, None),
            (r"\bab\b", &word, None),
            (r"\bab", &word, Some(2048)),
        ] {
            let expression = Expression::new(pattern, false).unwrap();
            assert_eq!(expression.is_match(text), found.is_some(), "{pattern}");
            let end = expression.find(text).and_then(|found| found.group(0));
            assert_eq!(end.map(|range| range.end), found, "{pattern}");
        }
    }

    /// Where the automaton gives up, the simulation says the same.
    #[test]
    fn the_slow_texts_of_slow_regexes_are_matched_too() {
        let many: String = (0x4e00..0x9000_u32)
            .step_by(25)
            .filter_map(char::from_u32)
            .collect();
        for (pattern, matches) in [
            ("^(.{1,30}){1,20}$", false),
            ("(?:.{2,600})的$", false),
            (".{1,100}天气", false),
            (r"\b\w+\b", true),
        ] {
            let expression = Expression::new(pattern, false).unwrap();
            assert_eq!(expression.is_match(&many), matches, "{pattern}");
        }
    }
}
