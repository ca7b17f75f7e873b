//! Finds the known word that is most similar to a misspelt one.

/// The candidate most similar to a word, if it is similar enough to suggest.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = word.chars().count();
    // No typo is this long, and comparing takes time.
    if length > 64 {
        return None;
    }
    // A short word that is half different is another word.
    let reach = (length / 2).min(2);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            // Each additional or missing character counts as a typo, and counting all takes long.
            let comes_near = candidate.chars().count().abs_diff(length) <= reach;
            let hints = comes_near.then(|| edits(word, candidate));
            let hints = hints.filter(|edits| *edits <= reach);
            let likeness = strsim::jaro_winkler(word, candidate);
            let near = hints.is_some() || (length > 2 && likeness >= 0.8);
            near.then_some((candidate, hints.unwrap_or(usize::MAX), likeness))
        })
        .min_by(|one, other| one.1.cmp(&other.1).then(other.2.total_cmp(&one.2)))
        .map(|(candidate, ..)| candidate)
}

/// How much a text is like a keyword, in thousandths. Of a long text the beginning counts.
pub(super) fn likeness(text: &str, keyword: &str) -> u16 {
    const COMPARED: usize = 64;
    let compared = |text: &str| text.chars().take(COMPARED).collect::<String>();
    let (text, keyword) = (compared(text), compared(keyword));
    if text.contains(&keyword) || keyword.contains(&text) {
        return 1000;
    }
    // Between 0 and 1.
    (strsim::jaro_winkler(&text, &keyword) * 1000.0) as u16
}

/// The number of characters that are missing, added, replaced or swapped.
pub(super) fn edits(one: &str, other: &str) -> usize {
    strsim::damerau_levenshtein(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let words = ["content", "key", "type", "time", "event"];
        for (word, meant) in [
            ("conten", Some("content")),
            ("contnet", Some("content")),
            ("cotent_", Some("content")),
            ("kye", Some("key")),
            ("tpye", Some("type")),
            ("tiem", Some("time")),
            ("b", None),
            ("br", None),
            ("strong", None),
            ("", None),
            (&"content".repeat(10), None),
        ] {
            assert_eq!(nearest(word, words), meant, "{word}");
        }
    }
}
