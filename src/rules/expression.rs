//! A regex as rules use it: what it looks at, what it found there, and that no text makes it
//! slow. Knows no rule.

mod cost;

use std::ops::Range;

use regex::{Captures, Regex, RegexBuilder};
use regex_automata::nfa::thompson::NFA;
use regex_automata::util::syntax;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

use crate::rules::expression::cost::Cost;

/// So much of a text is looked at, in bytes: what an answer can hold, and more than people type.
pub const MAX_SEARCHED: usize = 2048;

/// A compiled regex may take this much memory. Ordinary ones take 10 to 200 KiB.
pub const MAX_BYTES: usize = 8 << 20;

/// For each thread that searches, it may remember so much of how it goes on from where it is.
const MAX_CACHE_BYTES: usize = 1 << 20;

/// States that a regex may visit for each byte: within a millisecond for `MAX_SEARCHED` of them.
const MAX_PER_BYTE: usize = 50;

/// The same where words end by the rules of Unicode: the quickest way is not to be had then.
const MAX_PER_BYTE_BY_WORDS: usize = 25;

/// With groups, a regex of many states goes another way, which takes several times as long.
const MAX_PER_BYTE_OF_MANY: usize = 14;
const MANY: usize = 1000;

/// The regex crate reads a text backwards, too, to learn where a match begins, and there `\w` is
/// a thousand states. What begins at the start is read forwards only.
const SEARCH: &str = r"\A(?s:.)*?";

#[derive(Debug)]
pub struct Expression {
    /// As the rule has it.
    pattern: Box<str>,
    /// As it is searched for, from the start of the text on.
    regex: Regex,
    /// Whether the first group of `regex` is the whole match: its own begin behind that.
    within: bool,
    /// Whether it asks for the end of the text, so that a part of it will not do.
    to_end: bool,
    /// Whether it would be slow to tell what its groups found.
    pub slow_groups: bool,
}

/// Why a pattern is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegexError {
    #[error("{0}")]
    Syntax(String),
    #[error("compiled, it would take more than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    #[error("a text could make it try many possibilities at each letter")]
    TooSlow,
}

/// What an expression found in a text, in bytes of it.
pub struct Found<'t> {
    captures: Captures<'t>,
    within: bool,
}

impl Expression {
    pub fn new(pattern: &str, ignore_case: bool) -> Result<Expression, RegexError> {
        let hir = parse(pattern, ignore_case)?;
        let anchored = hir.properties().look_set_prefix().contains(Look::Start);
        let searched = match anchored {
            true => pattern.to_owned(),
            false => format!("{SEARCH}{}", in_brackets(pattern)),
        };
        let regex = RegexBuilder::new(&searched)
            .case_insensitive(ignore_case)
            .size_limit(MAX_BYTES)
            .dfa_size_limit(MAX_CACHE_BYTES)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => RegexError::TooLarge,
                error => RegexError::Syntax(error.to_string()),
            })?;
        let looks = hir.properties().look_set();
        let ends = [Look::End, Look::EndLF, Look::EndCRLF];
        let by_words = looks.contains_word_unicode();
        let judge = |cost| Speed::of(cost, by_words);
        let speed = match judge(cost::guess(&hir).and_search()) {
            Speed::Quick => Speed::Quick,
            _ => judge(cost(&searched, ignore_case)?),
        };
        if speed == Speed::Slow {
            return Err(RegexError::TooSlow);
        }
        Ok(Expression {
            pattern: pattern.into(),
            regex,
            within: !anchored,
            to_end: ends.into_iter().any(|end| looks.contains(end)),
            slow_groups: speed == Speed::SlowGroups,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    pub fn is_match(&self, text: &str) -> bool {
        let part = self.looked_at(text);
        part.is_some_and(|part| self.regex.is_match(part))
    }

    pub fn find<'t>(&self, text: &'t str) -> Option<Found<'t>> {
        let captures = self.regex.captures(self.looked_at(text)?)?;
        let within = self.within;
        Some(Found { captures, within })
    }

    /// How many groups it has, the whole match left out.
    pub fn groups(&self) -> usize {
        self.names().count().saturating_sub(1)
    }

    /// The names of its groups, the whole match among them, by number.
    pub fn names(&self) -> impl Iterator<Item = Option<&str>> {
        self.regex.capture_names().skip(usize::from(self.within))
    }

    /// The part of a text that counts; nothing where it is not enough.
    fn looked_at<'t>(&self, text: &'t str) -> Option<&'t str> {
        if text.len() <= MAX_SEARCHED {
            return Some(text);
        }
        let part = text.get(..text.floor_char_boundary(MAX_SEARCHED));
        part.filter(|_| !self.to_end)
    }
}

impl Found<'_> {
    /// How many groups there are, the whole match among them.
    pub fn count(&self) -> usize {
        self.captures.len() - usize::from(self.within)
    }

    pub fn group(&self, number: usize) -> Option<Range<usize>> {
        let found = self.captures.get(number + usize::from(self.within))?;
        Some(found.range())
    }
}

fn parse(pattern: &str, ignore_case: bool) -> Result<Hir, RegexError> {
    let mut parser = ParserBuilder::new().case_insensitive(ignore_case).build();
    let parsed = parser.parse(pattern);
    parsed.map_err(|error| RegexError::Syntax(error.to_string()))
}

/// A pattern in brackets, so that something can stand beside it.
pub fn in_brackets(pattern: &str) -> String {
    let group = format!("({pattern})");
    match regex_syntax::parse(&group) {
        Ok(_) => group,
        // The bracket belongs to a comment of (?x), which a line break ends.
        Err(_) => format!("({pattern}\n)"),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Speed {
    Quick,
    /// Whether it matches is told quickly, what its groups found is not.
    SlowGroups,
    Slow,
}

impl Speed {
    fn of(cost: Cost, by_words: bool) -> Speed {
        let many = cost.states > MANY && cost.per_byte > MAX_PER_BYTE_OF_MANY;
        let most = match by_words {
            true => MAX_PER_BYTE_BY_WORDS,
            false => MAX_PER_BYTE,
        };
        match cost.per_byte > most || (many && by_words) {
            true => Speed::Slow,
            false if many => Speed::SlowGroups,
            false => Speed::Quick,
        }
    }
}

fn cost(searched: &str, ignore_case: bool) -> Result<Cost, RegexError> {
    let nfa = NFA::compiler()
        .syntax(syntax::Config::new().case_insensitive(ignore_case))
        .configure(NFA::config().shrink(false))
        .build(searched);
    let nfa = nfa.map_err(|error| RegexError::Syntax(error.to_string()))?;
    cost::of(&nfa).ok_or(RegexError::TooSlow)
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
            r"订单\s*(\d{4,12})",
            r"(\w{1,100})",
            ".{2,600}",
            "(.{2,600})",
            "^(.{2,600})$",
            "(?s)^(.{0,1000})$",
            "(?i)hello.*world",
            r"[\w.+-]+@[\w-]+\.[\w.]+",
            r"([\w.+-]+)@([\w-]+\.[\w.]+)",
            r"(?:\+?86)?\s*(1[3-9]\d{9})",
            r"\d{3,4}-\d{7,8}|1\d{10}",
            r"https?://[\w./?=&%#:-]+",
            r"(?<城市>\p{Han}{2,4})的?天气",
            "从(.{1,10})到(.{1,10})的票",
            "(.{1,20})天气",
            "(.+)省(.+)市(.+)区",
            r"^预约(\d{1,2})月(\d{1,2})[日号](.{2,6})$",
            r"\b[A-Z]{2}\d{6}\b",
            "[\u{4e00}-\u{9fa5}]{2,20}",
            "(你好|您好|在吗)+[!！~。]*",
            &keywords,
            &format!(r"^({keywords})\s*(\d+)$"),
        ] {
            let shown: String = pattern.chars().take(60).collect();
            match Expression::new(pattern, false) {
                Ok(expression) => assert!(!expression.slow_groups, "{shown}"),
                Err(error) => panic!("{shown}: {error}"),
            }
        }
    }

    #[test]
    fn what_a_text_could_make_slow_is_refused() {
        for (pattern, error) in [
            ("^(.{1,30}){1,20}$", RegexError::TooSlow),
            ("(a|b)*a(a|b){30}x", RegexError::TooSlow),
            (".{2,600}$", RegexError::TooSlow),
            (".{1,100}天气", RegexError::TooSlow),
            (r"(?:\w+\s?){1,20}x", RegexError::TooSlow),
            (r"(\w+\b.?){3}\w*", RegexError::TooSlow),
            (r"^(\w{1,100}){1,100}$", RegexError::TooLarge),
        ] {
            let found = Expression::new(pattern, false).err();
            assert_eq!(found, Some(error), "{pattern}");
        }
        let groups = Expression::new(r"(\w+)\d{16}(\w+)", false).unwrap();
        assert!(groups.slow_groups);
    }

    #[test]
    fn groups_are_told_as_if_nothing_stood_before_the_pattern() {
        for (pattern, text, whole, first) in [
            ("(价格)", "请问价格？", "价格", Some("价格")),
            ("^(价)格", "价格", "价格", Some("价")),
            ("a|(b)", "xa", "a", None),
            ("(?x) a (b) # 注释", "xaby", "ab", Some("b")),
            ("(?m)^(b)$", "a\nb", "b", Some("b")),
            ("(a+?)b|(?i)C", "xaab", "aab", Some("aa")),
            ("(.*)天气", "今天天气", "今天天气", Some("今天")),
        ] {
            let expression = Expression::new(pattern, false).unwrap();
            let found = expression.find(text).unwrap();
            let group = |number| text.get(found.group(number)?);
            assert_eq!((group(0), group(1)), (Some(whole), first), "{pattern}");
            assert_eq!(found.count(), expression.groups() + 1, "{pattern}");
        }
        let named = Expression::new("(?<城市>.+)(天气)", false).unwrap();
        assert_eq!(
            named.names().collect::<Vec<_>>(),
            [None, Some("城市"), None]
        );
    }

    #[test]
    fn a_long_text_is_looked_at_as_far_as_it_counts() {
        let long = "好".repeat(700) + "天气";
        for (pattern, found) in [
            ("好+", Some(682 * 3)),
            ("天气", None),
            ("^好+$", None),
            (r"好\z", None),
        ] {
            let expression = Expression::new(pattern, false).unwrap();
            assert_eq!(expression.is_match(&long), found.is_some(), "{pattern}");
            let end = expression.find(&long).and_then(|found| found.group(0));
            assert_eq!(end.map(|range| range.end), found, "{pattern}");
        }
    }
}
