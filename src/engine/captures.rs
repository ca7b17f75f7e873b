//! What the conditions of a rule matched: the rest, and captures.

use crate::rules::Rule;
use crate::rules::condition::{Condition, MatchContext, Pattern, Shape, Test};
use crate::rules::fold;
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
    let conditions = rule.when.iter().flat_map(Condition::each);
    let tests = conditions.filter_map(|condition| match condition {
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
    let (text, prefixes) = rule.held(asked).find_map(|condition| match condition {
        Condition::Text(subject, test @ Test::Literal(Shape::Prefix, prefixes)) => {
            Some((subject.tested(test, asked)?, prefixes))
        }
        _ => None,
    })?;
    let folded = text.text();
    let matching = prefixes
        .iter()
        .filter(|prefix| folded.starts_with(&***prefix));
    let longest = matching.map(|prefix| prefix.len()).max()?;
    let rest = text.original_of(longest..folded.len());
    Some(match asked.folding.ignore_punctuation {
        true => fold::trim_punctuation(rest),
        false => fold::trim(rest),
    })
}

/// The groups of the rule's regexes: by number those of the first condition with a regex, by name
/// those of all.
pub(super) fn captures<'a>(rule: &Rule, asked: &MatchContext<'a>) -> Captures<'a> {
    let mut captures = Captures::default();
    for condition in rule.held(asked) {
        let Condition::Text(subject, test @ Test::Regex(patterns)) = condition else {
            continue;
        };
        let Some(text) = subject.tested(test, asked) else {
            continue;
        };
        let mut matching = patterns
            .iter()
            .filter_map(|pattern| Some((pattern, pattern.regex.find(text.text())?)));
        let Some((pattern, found)) = matching.next() else {
            continue;
        };
        let original =
            |group: usize| -> Option<&'a str> { Some(text.original_of(found.group(group)?)) };
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
