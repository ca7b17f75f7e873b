//! What matching costs from ten rules to a hundred thousand: `cargo bench --bench engine`.
//! Early: the answer stands in the first hundredth of the file; late: in the last tenth;
//! none: no rule answers. `load` reads the file cold, `reload` with one rule changed.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first trouble")]

mod agency;

use divan::{AllocProfiler, Bencher, black_box};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wxreply::message::Message;
use wxreply::moment::Moment;
use wxreply::rules::RuleSet;
use wxreply::rules::budget::Budget;
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

/// Messages whose answer stands in a part of the file.
fn messages(rules: &RuleSet, wanted: impl Fn(Option<usize>) -> bool) -> Vec<Message> {
    let moment = moment();
    let all = agency::texts(20_000).into_iter().map(|text| message(&text));
    let mut found: Vec<Message> = all
        .filter(|message| {
            let decision = engine::decide(
                rules,
                message,
                &moment,
                None,
                &mut |_| 0,
                &Budget::unlimited(),
            )
            .unwrap();
            wanted(decision.rule.map(|id| id.0))
        })
        .take(MESSAGES as usize)
        .collect();
    if found.is_empty() {
        // Among a hundred thousand keywords hardly a text of their words stays without an answer.
        found.push(message("没有这样的关键词在里面"));
    }
    found
}

fn decide(bencher: Bencher, size: usize, wanted: impl Fn(Option<usize>) -> bool) {
    let rules = load(agency::rules(size, 1), None);
    let messages = messages(&rules, wanted);
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
            &Budget::unlimited(),
        )
    });
}

#[divan::bench(args = SIZES, sample_size = MESSAGES)]
fn early(bencher: Bencher, size: usize) {
    decide(bencher, size, |rule| {
        rule.is_some_and(|rule| rule <= size / 100)
    });
}

#[divan::bench(args = SIZES, sample_size = MESSAGES)]
fn late(bencher: Bencher, size: usize) {
    decide(bencher, size, |rule| {
        rule.is_some_and(|rule| rule >= size - size / 10)
    });
}

#[divan::bench(args = SIZES, sample_size = MESSAGES)]
fn none(bencher: Bencher, size: usize) {
    decide(bencher, size, |rule| rule.is_none());
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
