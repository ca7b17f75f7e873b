//! Looks for the regex and the text that take longest: `cargo bench --bench regex`.
//! Patterns are thrown together from what is slow in regexes, texts from their own letters. Each
//! regex that the rules would take is searched for the first time, which takes longest by far.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first trouble")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it found")]

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use wxreply::rules::expression::{Expression, MAX_SEARCHED};

const PATTERNS: usize = 4_000;

/// What else is at work on the machine makes a time longer, never shorter.
const REPEATS: usize = 5;

/// Slow ones that were thought of, beside those that are thrown.
const KNOWN: [&str; 12] = [
    r"(a|b)*a(a|b){14}x",
    r"(.{1,24})天气",
    r"从(.{1,12})到(.{1,12})的票",
    r"[\w.+-]+@[\w-]+\.[\w.]+",
    r"(\w+)省(\w+)市(\w+)区",
    r"^(.{2,600})$",
    r"(.{2,600})",
    r"((a|b)?(c|d)?){5}e",
    r"\b\w+\b.*\b\d+\b",
    r"(.*)(.*)(.*)(.*)天气",
    r"(?:\w+\s?){1,4}x",
    r"(\d{3,4}-\d{7,8})|(1\d{10})",
];

struct Choose(u64);

impl Choose {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

fn pattern(choose: &mut Choose, depth: usize) -> String {
    let atoms = [
        "a", "b", "x", "中", "天气", ".", ".", "[ab]", "[^x]", r"\w", r"\d", r"\s", r"\p{Han}",
        r"\b", "(?s:.)", "[a-z0-9]", "(?i:ab)", "é",
    ];
    match choose.below(if depth == 0 { 1 } else { 8 }) {
        0 | 1 => choose.one_of(&atoms).to_owned(),
        2 => format!("({})", pattern(choose, depth - 1)),
        3 => format!(
            "{}|{}",
            pattern(choose, depth - 1),
            pattern(choose, depth - 1)
        ),
        4 | 5 => {
            let most = 2 + choose.below(30);
            let counts = [
                "*".to_owned(),
                "+?".to_owned(),
                "?".to_owned(),
                format!("{{1,{most}}}"),
                format!("{{{most}}}"),
                format!("{{0,{most}}}?"),
            ];
            format!(
                "(?:{}){}",
                pattern(choose, depth - 1),
                counts[choose.below(6)]
            )
        }
        _ => {
            let parts = 2 + choose.below(3);
            (0..parts).map(|_| pattern(choose, depth - 1)).collect()
        }
    }
}

/// As long as counts, of the pattern's own letters, of few letters, or of very many.
fn text(choose: &mut Choose, pattern: &str) -> String {
    let own: Vec<char> = pattern
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    let many: Vec<char> = ('a'..'\u{A000}')
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    let mixed: Vec<char> = own.iter().copied().chain("a1 中é😀\n".chars()).collect();
    let letters = match choose.below(6) {
        0 | 1 => own,
        2 | 3 => mixed,
        4 => "ab".chars().collect(),
        _ => many,
    };
    let mut text = String::new();
    while text.len() < MAX_SEARCHED - 8 {
        let letter = letters.get(choose.below(letters.len().max(1)));
        text.push(letter.copied().unwrap_or('a'));
    }
    text + choose.one_of(&["", "x", "天气", "@a.b"])
}

/// The time of this thread alone, whatever else the machine does.
fn now() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

fn timed<R>(run: impl FnOnce() -> R) -> Duration {
    let start = now();
    std::hint::black_box(run());
    now() - start
}

fn main() {
    let seed = std::env::args().filter_map(|word| word.parse().ok()).next();
    let mut choose = Choose(seed.unwrap_or(0x9E37_79B9_7F4A_7C15));
    let (mut taken, mut refused) = (0, 0);
    let mut found: Vec<(Duration, &str, String)> = Vec::new();
    let known = KNOWN
        .map(str::to_owned)
        .into_iter()
        .map(|known| (known, 60));
    let thrown: Vec<String> = (0..PATTERNS).map(|_| pattern(&mut choose, 4)).collect();
    for (pattern, texts) in known.chain(thrown.into_iter().map(|thrown| (thrown, 4))) {
        if Expression::new(&pattern, false).is_err() {
            refused += 1;
            continue;
        }
        taken += 1;
        for _ in 0..texts {
            let text = text(&mut choose, &pattern);
            let (mut matching, mut finding) = (Duration::MAX, Duration::MAX);
            for _ in 0..REPEATS {
                let expression = Expression::new(&pattern, false).unwrap();
                matching = matching.min(timed(|| expression.is_match(&text)));
                finding = finding.min(timed(|| expression.find(&text).is_some()));
                if matching.saturating_add(finding) < Duration::from_micros(100) {
                    break;
                }
            }
            found.push((matching, "whether it matches", pattern.clone()));
            found.push((finding, "what its groups are", pattern.clone()));
        }
    }
    println!(
        "{taken} regexes taken, {refused} refused; the slowest of {} searches:",
        found.len()
    );
    found.sort_by_key(|(time, _, _)| std::cmp::Reverse(*time));
    found.dedup_by(|one, other| one.1 == other.1 && one.2 == other.2);
    for (time, what, pattern) in found.iter().take(12) {
        println!("{:>6} µs  {what:<20} {pattern}", time.as_micros());
    }
}
