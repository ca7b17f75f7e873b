//! What rules tell followers whose answer is late. Rules that are gone have told it too, as long as
//! an answer to what they asked may wait.

use std::time::{Duration, Instant};

use crate::message::Message;
use crate::reply::Reply;
use crate::rules::{RuleSet, Settings};
use crate::waiting::KEPT;

/// A question can be asked just before its rules are gone, and is kept as long again once it is
/// answered.
const MAY_WAIT: Duration = Duration::from_secs(2 * KEPT.as_secs());

#[derive(Debug)]
pub(super) struct ToldFollowers {
    /// Whether the rules that are live ask anything.
    asks: bool,
    /// What the rules before them said, the latest first.
    before: Vec<FormerRules>,
}

#[derive(Clone, Debug)]
struct FormerRules {
    settings: Settings,
    may_wait_until: Instant,
}

impl ToldFollowers {
    pub(super) fn of(
        rules: &RuleSet,
        replaced: Option<(&ToldFollowers, &RuleSet)>,
    ) -> ToldFollowers {
        let now = Instant::now();
        let mut before = Vec::new();
        if let Some((told, replaced)) = replaced {
            if told.asks {
                before.push(FormerRules {
                    settings: replaced.settings.clone(),
                    may_wait_until: now + MAY_WAIT,
                });
            }
            let earlier = told.before.iter().filter(|it| it.may_wait_until > now);
            for earlier in earlier {
                // A file is saved more often than what it tells of answers changes.
                if !before.iter().any(|later| later.tells_the_same(earlier)) {
                    before.push(earlier.clone());
                }
            }
        }
        ToldFollowers {
            asks: rules.asks(),
            before,
        }
    }

    /// Whether these rules, or rules before them, asked what may be unanswered or unread.
    pub(super) fn may_wait(&self) -> bool {
        self.asks || self.still().next().is_some()
    }

    /// Whether a message fetches by what rules before these said.
    pub(super) fn fetches(&self, message: &Message) -> bool {
        self.still().any(|before| before.settings.fetches(message))
    }

    /// What a follower gets whose answer is not there, by these settings or, where nothing asks any
    /// longer, by those of the rules that asked last.
    pub(super) fn slow<'a>(&'a self, settings: &'a Settings) -> &'a Reply {
        match self.still().next() {
            Some(before) if !self.asks => &before.settings.slow,
            _ => &settings.slow,
        }
    }

    fn still(&self) -> impl Iterator<Item = &FormerRules> {
        let now = Instant::now();
        let before = self.before.iter();
        before.filter(move |before| before.may_wait_until > now)
    }
}

impl FormerRules {
    fn tells_the_same(&self, other: &FormerRules) -> bool {
        let (one, other) = (&self.settings, &other.settings);
        one.folding == other.folding && one.fetch == other.fetch && one.slow == other.slow
    }
}
