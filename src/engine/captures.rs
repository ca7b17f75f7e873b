//! What the conditions of a rule found in the message: the rest, and captures.

use crate::rules::Rule;
use crate::rules::condition::{Condition, MatchContext, Pattern, Subject, Test};
use crate::rules::fold::trim;
use crate::rules::template::Captures;

/// All of it, each under the placeholder that shows it.
pub fn captured(rule: &Rule, asked: &MatchContext) -> Vec<(String, String)> {
    let rest = rest(rule, asked).map(|rest| ("rest".to_owned(), rest.to_owned()));
    let captures = captures(rule, asked);
    let groups = captures.groups.iter().enumerate().skip(1);
    let groups =
        groups.filter_map(|(number, text)| Some((number.to_string(), (*text)?.to_owned())));
    let names = names(rule).into_iter().zip(&captures.named);
    let named = names.filter_map(|(name, text)| Some((name?.to_owned(), (*text)?.to_owned())));
    rest.into_iter().chain(groups).chain(named).collect()
}

/// The names of all groups of the rule, in the order of `Captures::named`.
fn names(rule: &Rule) -> Vec<Option<&str>> {
    let mut names = vec![None; rule.names];
    let tests = rule.when.iter().filter_map(|condition| match condition {
        Condition::Text(_, Test::Regex(patterns)) => Some(patterns),
        _ => None,
    });
    for Pattern {
        regex,
        names: places,
        ..
    } in tests.flatten()
    {
        for (group, place) in places {
            if let Some(name) = names.get_mut(*place) {
                *name = regex.names().nth(*group).flatten();
            }
        }
    }
    names
}

/// What follows the longest prefix that matches, of the text if the rule has a prefix for it.
pub(super) fn rest<'a>(rule: &Rule, asked: &MatchContext<'a>) -> Option<&'a str> {
    let (subject, test, prefixes) = rule.when.iter().find_map(|condition| match condition {
        Condition::Text(subject, test @ Test::Prefix(prefixes)) => Some((subject, test, prefixes)),
        _ => None,
    })?;
    let longest = |text: &str| {
        let matching = prefixes
            .iter()
            .filter(|prefix| text.starts_with(&***prefix));
        matching.map(|prefix| prefix.len()).max()
    };
    if *subject == Subject::Content {
        let text = asked.text()?;
        let folded = text.text();
        let rest = text.original_of(longest(folded)?..folded.len());
        return Some(trim(rest));
    }
    let text = subject.find(test, asked)?;
    text.get(longest(text)?..).map(trim)
}

/// What the groups of the rule's regexes found: by number those of the first condition that has
/// a regex, by name those of all.
pub(super) fn captures<'a>(rule: &Rule, asked: &MatchContext<'a>) -> Captures<'a> {
    let mut captures = Captures::default();
    for condition in &rule.when {
        let Condition::Text(subject, test @ Test::Regex(patterns)) = condition else {
            continue;
        };
        let folded = match subject {
            Subject::Content => asked.cased(),
            _ => None,
        };
        let Some(text) = (match folded {
            Some(folded) => Some(folded.text()),
            None => subject.find(test, asked),
        }) else {
            continue;
        };
        let mut matching = patterns
            .iter()
            .filter_map(|pattern| Some((pattern, pattern.regex.find(text)?)));
        let Some((pattern, found)) = matching.next() else {
            continue;
        };
        let original = |group: usize| -> Option<&'a str> {
            let range = found.group(group)?;
            match folded {
                Some(folded) => Some(folded.original_of(range)),
                None => subject.find(test, asked)?.get(range),
            }
        };
        if captures.groups.is_empty() {
            captures.groups = (0..found.count()).map(original).collect();
        }
        captures.named.resize(rule.names, None);
        for (group, place) in &pattern.names {
            if let Some(named) = captures.named.get_mut(*place) {
                *named = named.or(original(*group));
            }
        }
    }
    captures
}
