//! What matching costs from ten rules to a hundred thousand: `cargo bench --bench engine`.
//! Early: the answer stands in the first hundredth of the file, or the first ten rules; late: in
//! the last tenth, whose rules have keywords of their own; none: no rule answers. `load` reads the file cold, `reload` with one rule changed.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first trouble")]

mod agency;

use divan::{AllocProfiler, Bencher, black_box};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wxreply::message::Message;
use wxreply::moment::Moment;
use wxreply::rules::RuleSet;
use wxreply::rules::budget::DecisionBudget;
use wxreply::rules::parsed::ParsedSources;
use wxreply::{engine, rules};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];

/// Different messages, each of which is sent once for a sample.
const MESSAGES: u32 = 500;

fn main() {
    divan::main();
}

fn load(text: String, replaced: Option<&RuleSet>) -> RuleSet {
    let sources = ParsedSources::of_text("rules.yaml", text);
    rules::compile(&sources, &TimeZone::UTC, replaced).unwrap()
}

fn moment() -> Moment {
    Moment::new(Timestamp::UNIX_EPOCH, &TimeZone::UTC)
}

fn message(text: &str) -> Message {
    Message::new("text")
        .with("ToUserName", "gh_test")
        .with("FromUserName", "o_test")
        .with("Content", text)
}

/// Texts with the letters of the agency's words, but hardly a word: among ten thousand rules one
/// asks for each of them.
fn scrambled() -> impl Iterator<Item = String> {
    let texts = agency::texts(20_000).into_iter();
    texts.map(|text| text.chars().rev().collect())
}

/// The agency's rules, the last tenth of them with keywords that no other has.
fn rules_with_a_late_tenth(size: usize) -> String {
    let late = (size / 10).max(1);
    let mut text = agency::rules(size - late, 1);
    for number in 0..late {
        text.push_str(&format!(
            "  - name: 门牌{number}\n    when: {{ type: text, prefix: 门牌{number}号 }}\n    \
             reply: \"<rest>\"\n"
        ));
    }
    text
}

/// Of these texts the first messages whose answer stands where it is wanted.
fn messages(
    rules: &RuleSet,
    texts: impl Iterator<Item = String>,
    wanted: impl Fn(Option<usize>) -> bool,
) -> Vec<Message> {
    let moment = moment();
    let all = texts.map(|text| message(&text));
    let found: Vec<Message> = all
        .filter(|message| {
            let decision = engine::decide(
                rules,
                message,
                &moment,
                None,
                &mut |_| 0,
                &DecisionBudget::unlimited(),
            )
            .unwrap();
            wanted(decision.rule.map(|id| id.0))
        })
        .take(MESSAGES as usize)
        .collect();
    assert!(!found.is_empty(), "no message is answered there");
    found
}

fn decide(
    bencher: Bencher,
    rules: String,
    texts: impl Iterator<Item = String>,
    wanted: impl Fn(Option<usize>) -> bool,
) {
    let rules = load(rules, None);
    let messages = messages(&rules, texts, wanted);
    let moment = moment();
    let mut turn = 0;
    bencher.bench_local(|| {
        turn = (turn + 1) % messages.len();
        engine::decide(
            black_box(&rules),
            black_box(&messages[turn]),
            &moment,
            None,
            &mut |_| 0,
            &DecisionBudget::unlimited(),
        )
    });
}

#[divan::bench(args = SIZES, sample_size = MESSAGES)]
fn early(bencher: Bencher, size: usize) {
    let texts = agency::texts(20_000).into_iter();
    decide(bencher, agency::rules(size, 1), texts, |rule| {
        rule.is_some_and(|rule| rule < (size / 100).max(10))
    });
}

#[divan::bench(args = SIZES, sample_size = MESSAGES)]
fn late(bencher: Bencher, size: usize) {
    let rules = rules_with_a_late_tenth(size);
    let late = (size / 10).max(1);
    let texts = scrambled().enumerate();
    let texts = texts.map(|(number, text)| format!("门牌{}号{text}", number % late));
    decide(bencher, rules, texts, |rule| {
        rule.is_some_and(|rule| rule >= size - late)
    });
}

#[divan::bench(args = SIZES, sample_size = MESSAGES)]
fn none(bencher: Bencher, size: usize) {
    decide(bencher, agency::rules(size, 1), scrambled(), |rule| {
        rule.is_none()
    });
}

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn load_cold(bencher: Bencher, size: usize) {
    bencher
        .with_inputs(|| agency::rules(size, 1))
        .bench_local_values(|text| load(text, None));
}

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn reload_with_one_rule_changed(bencher: Bencher, size: usize) {
    let text = agency::rules(size, 1);
    let old = load(text.clone(), None);
    let changed = text.replacen("回复3：", "改过了：", 1);
    bencher
        .with_inputs(|| changed.clone())
        .bench_local_values(|text| load(text, Some(&old)));
}

/// The memory figures of this are those of keyword rules that are live.
#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn load_keywords(bencher: Bencher, size: usize) {
    bencher
        .with_inputs(|| agency::rules(size, 0))
        .bench_local_values(|text| load(text, None));
}
