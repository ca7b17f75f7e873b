//! Prepares a draft for a rule file: unique names, keywords that can answer, one kind of match per
//! rule. Notes what is lost.

use std::collections::HashSet;

use crate::i18n::phrase;
use crate::import::draft::{Draft, DraftMode, DraftRule, DraftWhen};
use crate::import::reachability;
use crate::reply::{MAX_TEXT_BYTES, Reply};
use crate::rules::scalar;

/// The limit for names of rules.
const MAX_NAME_CHARS: usize = 64;

pub(super) fn normalize(draft: Draft) -> Draft {
    let mut rules: Vec<DraftRule> = Vec::new();
    for mut rule in draft.rules {
        tell_of_replies(&mut rule);
        if !rule.off {
            keep_what_can_answer(&mut rule, &rules);
        }
        rules.push(rule);
    }
    let mut rules: Vec<DraftRule> = rules.into_iter().flat_map(halves).collect();
    if rules.iter().all(|rule| rule.off) {
        // A rule file has at least one rule.
        let mut nothing = DraftRule::new("其他", DraftWhen::Otherwise);
        nothing.replies.push(Reply::Silence);
        rules.push(nothing);
    }
    name(&mut rules);
    Draft { rules, ..draft }
}

fn tell_of_replies(rule: &mut DraftRule) {
    let shown = rule.max_articles();
    for reply in &rule.replies {
        match reply {
            Reply::News(articles) if articles.len() > shown => rule.notes.push(phrase!(
                import_too_many_articles,
                shown,
                count = articles.len()
            )),
            Reply::Text(text) if text.len() > MAX_TEXT_BYTES => rule.notes.push(phrase!(
                import_long_answer,
                bytes = text.len(),
                limit = MAX_TEXT_BYTES
            )),
            _ => {}
        }
    }
    if rule.replies.is_empty() {
        rule.off = true;
        rule.replies.push(Reply::Silence);
        rule.notes.push(phrase!(import_no_answer_left));
    }
}

/// Removes keywords that an earlier rule answers, and notes which.
fn keep_what_can_answer(rule: &mut DraftRule, earlier: &[DraftRule]) {
    let mut gone = Vec::new();
    let mut notes = Vec::new();
    for covered in reachability::covered(rule, earlier) {
        notes.push(phrase!(
            import_covered,
            keyword = scalar::inline(&covered.keyword.text),
            rule = scalar::printable(&covered.rule.name),
            by = scalar::inline(&covered.by.text),
        ));
        gone.push(covered.keyword.clone());
    }
    rule.notes.append(&mut notes);
    let DraftWhen::Says(keywords) = &mut rule.when else {
        return;
    };
    let kept: Vec<_> = keywords
        .iter()
        .filter(|keyword| !gone.contains(keyword))
        .cloned()
        .collect();
    if kept.is_empty() {
        // With its keywords, so that it is complete when it is moved.
        rule.off = true;
        rule.notes.push(phrase!(import_no_keyword_left));
    } else {
        *keywords = kept;
    }
}

/// All keys of a `when` must hold, so `equals` and `contains` need a rule each.
fn halves(mut rule: DraftRule) -> Vec<DraftRule> {
    let (equal, contain): (Vec<_>, Vec<_>) = rule
        .keywords()
        .iter()
        .cloned()
        .partition(|keyword| keyword.mode == DraftMode::Equal);
    if equal.is_empty() || contain.is_empty() {
        return vec![rule];
    }
    let mut second = DraftRule::new(&rule.name, DraftWhen::Says(contain));
    second.replies.clone_from(&rule.replies);
    second.off = rule.off;
    second.repeats = true;
    rule.when = DraftWhen::Says(equal);
    vec![rule, second]
}

fn name(rules: &mut [DraftRule]) {
    let mut taken: HashSet<String> = HashSet::from(["none".to_owned()]);
    for rule in rules {
        let wanted = match scalar::printable(&rule.name) {
            name if name.is_empty() => "关键词".to_owned(),
            name => name,
        };
        let numbered = (2..).map(|number| {
            let number = format!(" {number}");
            cut(&wanted, MAX_NAME_CHARS - number.len()) + &number
        });
        let mut names = std::iter::once(cut(&wanted, MAX_NAME_CHARS)).chain(numbered);
        if let Some(free) = names.find(|name| !taken.contains(name)) {
            if free != rule.name && !rule.repeats {
                let name = scalar::inline(&rule.name);
                rule.notes.push(phrase!(import_old_name, name));
            }
            taken.insert(free.clone());
            rule.name = free;
        }
    }
}

fn cut(name: &str, chars: usize) -> String {
    name.chars()
        .take(chars)
        .collect::<String>()
        .trim_end()
        .to_owned()
}
