//! Texts that a regex might be found in: the first that come to mind. Knows no rule.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Longer ones are no help.
const MAX_BYTES: usize = 200;

/// So many are enough to see what kinds of texts there are.
const SAMPLES: usize = 4;

/// Short ones, each going another way where there is a choice; what is around a place is not
/// looked at.
pub(super) fn of(hir: &Hir) -> Vec<Box<str>> {
    let mut samples: Vec<Box<str>> = Vec::new();
    for way in 0..SAMPLES {
        let mut text = String::new();
        if add(hir, way, &mut text).is_some() && !samples.contains(&text.as_str().into()) {
            samples.push(text.into());
        }
    }
    samples
}

fn add(hir: &Hir, way: usize, text: &mut String) -> Option<()> {
    if text.len() > MAX_BYTES {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => {
            let letters = class.ranges().iter();
            let mut letters = letters.flat_map(|range| range.start()..=range.end());
            // Of `.` and the like a letter, not a control character.
            let mut ranges = class.ranges().iter();
            let has_a = ranges.any(|range| (range.start()..=range.end()).contains(&'a'));
            let mut few = || letters.by_ref().take(way + 1).last();
            text.push(if has_a && way == 0 { 'a' } else { few()? });
        }
        HirKind::Class(Class::Bytes(_)) => return None,
        HirKind::Capture(capture) => add(&capture.sub, way, text)?,
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min {
                add(&repetition.sub, way, text)?;
            }
        }
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| add(part, way, text))?,
        HirKind::Alternation(parts) => {
            let part = parts.get(way % parts.len().max(1))?;
            add(part, way, text)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_short_and_go_every_way() {
        for (pattern, texts) in [
            (
                "^查[a-z]+天气$",
                &["查a天气", "查b天气", "查c天气", "查d天气"][..],
            ),
            (r"订单 ?0{4,12}", &["订单0000"]),
            ("(买|卖)x?", &["买", "卖"]),
            (r"\bab\b", &["ab"]),
        ] {
            let hir = regex_syntax::parse(pattern).unwrap();
            let found = of(&hir);
            let found: Vec<&str> = found.iter().map(|text| &**text).collect();
            assert_eq!(found, texts, "{pattern}");
        }
    }
}
