//! Which rule answers a message, and with what. Knows no XML, HTTP, SQL or YAML; reads no clock
//! and rolls no dice.

use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::ChangeTemplate;
use crate::rules::Rule;
use crate::rules::RuleId;
use crate::rules::RuleSet;
use crate::rules::condition::Asked;
use crate::rules::condition::Condition;
use crate::rules::condition::Miss;
use crate::rules::condition::Subject;
use crate::rules::condition::Test;
use crate::rules::fold::trim;
use crate::rules::template::Captures;
use crate::rules::template::Values;
use crate::user::Change;
use crate::user::User;

/// What is to be done about a message. The view of it is the caller's: an answer to WeChat,
/// the verdict of a test, an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The rule that answers; none when no rule matched.
    pub rule: Option<RuleId>,
    pub reply: Reply,
    pub changes: Vec<Change>,
}

/// Deciding depends on what is stored of the follower: look them up and ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsUser;

/// A rule that was asked and did not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedOver {
    pub rule: RuleId,
    pub miss: Miss,
}

/// Picks a number below the one it is given.
pub type Dice<'d> = &'d mut dyn FnMut(usize) -> usize;

/// The first rule that matches decides. Without a user, everything is decided for which none is
/// needed.
pub fn decide(
    rules: &RuleSet,
    message: &Message,
    moment: &Moment,
    user: Option<&User>,
    dice: Dice,
) -> Result<Decision, NeedsUser> {
    let asked = Asked::new(message, moment, user, rules.settings.folding);
    let rule = rules.ask_candidates(&asked, |id, rule| ask(id, rule, &asked, |_| ()));
    let rule = rule.transpose()?;
    finish(rules, rule, &asked, dice)
}

/// The same decision, with every earlier rule and why it did not match.
pub fn explain(
    rules: &RuleSet,
    message: &Message,
    moment: &Moment,
    user: &User,
    dice: Dice,
) -> (Decision, Vec<PassedOver>) {
    let asked = Asked::new(message, moment, Some(user), rules.settings.folding);
    let mut passed_over = Vec::new();
    let rule = rules.ask_all(|id, rule| ask(id, rule, &asked, |passed| passed_over.push(passed)));
    let decision = rule
        .transpose()
        .and_then(|rule| finish(rules, rule, &asked, dice));
    // With a user at hand, nothing needs one.
    let decision = decision.unwrap_or(Decision {
        rule: None,
        reply: Reply::Silence,
        changes: Vec::new(),
    });
    (decision, passed_over)
}

/// What the first rule that does not pass says: it answers, or nobody can tell yet.
fn ask(
    id: RuleId,
    rule: &Rule,
    asked: &Asked,
    mut passed_over: impl FnMut(PassedOver),
) -> Option<Result<RuleId, NeedsUser>> {
    match rule.check(asked) {
        Ok(()) => Some(Ok(id)),
        Err(Miss::NeedsUser) => Some(Err(NeedsUser)),
        Err(miss) => {
            passed_over(PassedOver { rule: id, miss });
            None
        }
    }
}

fn finish(
    rules: &RuleSet,
    id: Option<RuleId>,
    asked: &Asked,
    dice: Dice,
) -> Result<Decision, NeedsUser> {
    let Some(rule) = id.and_then(|id| rules.rule(id)) else {
        return Ok(Decision {
            rule: None,
            reply: Reply::Silence,
            changes: Vec::new(),
        });
    };
    let nobody = User::default();
    let user = match asked.user {
        Some(user) => user,
        None if rule.shows_user => return Err(NeedsUser),
        None => &nobody,
    };
    let captures = captures(rule, asked);
    let values = Values {
        message: asked.message,
        user,
        moment: asked.moment,
        rest: rest(rule, asked),
        captures: &captures,
    };
    Ok(Decision {
        rule: id,
        reply: rule.answer.render(&values, dice),
        changes: rule
            .changes
            .iter()
            .map(|change| change.render(&values))
            .collect(),
    })
}

impl ChangeTemplate {
    fn render(&self, values: &Values) -> Change {
        match self {
            ChangeTemplate::Set {
                key,
                value,
                expires,
            } => Change::Set {
                key: key.to_string(),
                value: value.render(values),
                expires: *expires,
            },
            ChangeTemplate::Add { key, item } => Change::Add {
                key: key.to_string(),
                item: item.render(values),
            },
            ChangeTemplate::Remove { key, item } => Change::Remove {
                key: key.to_string(),
                item: item.render(values),
            },
            ChangeTemplate::Clear { key } => Change::Clear {
                key: key.to_string(),
            },
            ChangeTemplate::ClearAll => Change::ClearAll,
        }
    }
}

/// What follows the longest prefix that matches, of the text if the rule has a prefix for it.
fn rest<'a>(rule: &Rule, asked: &Asked<'a>) -> Option<&'a str> {
    let (subject, test, prefixes) = rule.when.iter().find_map(|condition| match condition {
        Condition::Says(subject, test @ Test::Prefix(prefixes)) => Some((subject, test, prefixes)),
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
fn captures<'a>(rule: &Rule, asked: &Asked<'a>) -> Captures<'a> {
    let mut captures = Captures::default();
    for condition in &rule.when {
        let Condition::Says(subject, test @ Test::Regex(patterns)) = condition else {
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
            .filter_map(|pattern| Some((pattern, pattern.regex.captures(text)?)));
        let Some((pattern, found)) = matching.next() else {
            continue;
        };
        let original = |group: usize| -> Option<&'a str> {
            let range = found.get(group)?.range();
            match folded {
                Some(folded) => Some(folded.original_of(range)),
                None => subject.find(test, asked)?.get(range),
            }
        };
        if captures.groups.is_empty() {
            captures.groups = (0..found.len()).map(original).collect();
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

#[cfg(test)]
mod tests;
