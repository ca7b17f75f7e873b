//! Texts that stand on several lines and reach followers on one.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::i18n::phrase;
use crate::rules::Rule;
use crate::rules::answer::Answer;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::Warning;
use crate::rules::parsed::ParsedSources;

/// A line that is broken because it got long is longer than this.
const MIN_WRAPPED_COLUMNS: usize = 60;

/// Where a rule has texts for followers.
const KEYS: [&str; 3] = ["reply", "failed", "dialogue"];

pub(super) fn report<'r>(rules: &'r [Rule], sources: &ParsedSources, found: &mut Vec<Warning<'r>>) {
    let mut seen = BTreeSet::new();
    for rule in rules {
        // Of a lost line break a space is left. Looking up how it was written takes time.
        let failed = rule.ask.iter().flat_map(|ask| ask.failed.answers());
        let answers = failed.chain([&rule.answer]);
        let mut templates = answers.flat_map(Answer::templates);
        let has_space =
            templates.any(|template| template.literals().any(|text| text.contains(' ')));
        if !has_space || !seen.insert((rule.origin.file, rule.origin.entry)) {
            continue;
        }
        let texts = KEYS.iter().flat_map(|key| {
            let texts = sources.texts_in(rule.origin, key);
            texts.into_iter()
        });
        let lost: Vec<Range<usize>> = texts
            .filter(|(_, written)| loses_breaks(written))
            .map(|(range, _)| range)
            .collect();
        for range in lost {
            found.push(Warning::new(rule.origin, move |sources| {
                let place = sources.place_of(rule.origin, range);
                let help = phrase!(help_block_of_lines);
                Diagnostic::warning(place, phrase!(line_breaks_lost)).help(help)
            }));
        }
    }
}

/// Whether a text, as it is written, has line breaks that nobody would make for want of room.
fn loses_breaks(written: &str) -> bool {
    let is_block = written.starts_with(['|', '>']);
    let mut lines: Vec<&str> = written.lines().map(str::trim).collect();
    lines.pop();
    // In double quotes these are line breaks that stay, or none that is meant.
    let is_meant = |line: &&str| line.ends_with('\\') || line.ends_with("\\n");
    let is_short = |line: &&str| !line.is_empty() && line.width() < MIN_WRAPPED_COLUMNS;
    !is_block && !lines.iter().any(is_meant) && lines.iter().any(is_short)
}
