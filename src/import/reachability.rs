//! Finds keywords that an earlier rule answers first, and texts that reach a rule.

use crate::import::draft::{DraftMode, DraftRule, Keyword};

/// A keyword that an earlier rule always answers, and that rule.
pub(super) struct Covered<'r> {
    pub keyword: &'r Keyword,
    pub by: &'r Keyword,
    pub rule: &'r DraftRule,
}

/// The keywords of `rule` that never reach it, each with the first rule of `earlier` that answers
/// it.
pub(super) fn covered<'r>(rule: &'r DraftRule, earlier: &'r [DraftRule]) -> Vec<Covered<'r>> {
    let found = rule.keywords().iter().filter_map(|keyword| {
        live(earlier).find_map(|rule| {
            let by = rule.keywords().iter().find(|by| by.covers(keyword))?;
            Some(Covered { keyword, by, rule })
        })
    });
    found.collect()
}

/// A text that the rule at `place` answers because of this keyword; there is nearly always one.
pub(super) fn text_for(keyword: &Keyword, place: usize, rules: &[DraftRule]) -> Option<String> {
    let word = &keyword.text;
    let around = [
        ("", ""),
        ("请问", ""),
        ("", "吗"),
        ("# ", " #"),
        ("~", "~"),
        ("\u{2460}", "\u{2460}"),
    ];
    let candidates = around.iter().take(match keyword.mode {
        DraftMode::Equal => 1,
        DraftMode::Contain => around.len(),
    });
    let mut texts = candidates.map(|(before, after)| format!("{before}{word}{after}"));
    texts.find(|text| answers(text, rules) == Some(place))
}

/// A text that no keyword answers.
pub(super) fn text_for_none(rules: &[DraftRule]) -> Option<&'static str> {
    let texts = ["这句话里没有关键词", "qwertz", "……"];
    texts
        .into_iter()
        .find(|text| answers(text, rules).is_none())
}

/// The place of the first rule with a keyword in this text.
fn answers(text: &str, rules: &[DraftRule]) -> Option<usize> {
    rules
        .iter()
        .position(|rule| !rule.off && rule.keywords().iter().any(|keyword| keyword.matches(text)))
}

fn live(rules: &[DraftRule]) -> impl Iterator<Item = &DraftRule> {
    rules.iter().filter(|rule| !rule.off)
}
