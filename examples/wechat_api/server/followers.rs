//! The followers of an account: what they did, what the account may send them for it, and what
//! they got.

use std::collections::HashMap;

use serde_json::Value;

use super::call::{Refusal, refuse};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const TYPING_LASTS: u64 = 15 * SECOND;
/// Typing is for those who did something just now.
const TYPING_AFTER: u64 = 30 * SECOND;

/// What lets an account send messages for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Wrote,
    Tapped,
    Followed,
    Scanned,
}

impl Action {
    pub const ALL: [(&'static str, Action); 4] = [
        ("wrote", Action::Wrote),
        ("tapped", Action::Tapped),
        ("followed", Action::Followed),
        ("scanned", Action::Scanned),
    ];

    /// How long for, and how many messages.
    fn grants(self) -> (u64, u32) {
        match self {
            Action::Wrote => (48 * 60 * MINUTE, 5),
            Action::Tapped | Action::Followed | Action::Scanned => (MINUTE, 3),
        }
    }
}

struct Window {
    until: u64,
    left: u32,
}

#[derive(Default)]
struct Follower {
    unfollowed: bool,
    refuses: bool,
    acted: u64,
    /// Doing the same again opens the window anew; messages do not add up.
    windows: HashMap<Action, Window>,
    typing_until: u64,
    messages: Vec<Value>,
}

#[derive(Default)]
pub(super) struct Followers {
    by_openid: HashMap<String, Follower>,
    /// Whoever is not known has just written: for a desk, where nobody tells of followers.
    pub anyone: bool,
}

impl Followers {
    pub fn act(&mut self, openid: &str, action: Action, now: u64) {
        let follower = self.by_openid.entry(openid.to_owned()).or_default();
        follower.unfollowed = false;
        follower.acted = now;
        let (time, left) = action.grants();
        let until = now + time;
        follower.windows.insert(action, Window { until, left });
    }

    pub fn unfollow(&mut self, openid: &str) {
        let follower = self.by_openid.entry(openid.to_owned()).or_default();
        follower.unfollowed = true;
        follower.windows.clear();
    }

    pub fn refuse(&mut self, openid: &str) {
        self.by_openid.entry(openid.to_owned()).or_default().refuses = true;
    }

    pub fn leave_nothing(&mut self, openid: &str) {
        let follower = self.by_openid.entry(openid.to_owned()).or_default();
        follower.windows.values_mut().for_each(|one| one.left = 0);
    }

    pub fn messages(&self, openid: &str) -> Vec<Value> {
        let follower = self.by_openid.get(openid);
        follower.map_or_else(Vec::new, |follower| follower.messages.clone())
    }

    pub fn message_counts(&self) -> Vec<(String, usize)> {
        let counts = self.by_openid.iter();
        let counts = counts.map(|(openid, follower)| (openid.clone(), follower.messages.len()));
        let mut counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
        counts.sort();
        counts
    }

    pub fn sees_typing(&self, openid: &str, now: u64) -> bool {
        let follower = self.by_openid.get(openid);
        follower.is_some_and(|follower| follower.typing_until > now)
    }

    fn reachable(&mut self, openid: &str, now: u64) -> Result<&mut Follower, Refusal> {
        if self.anyone && !openid.is_empty() && !self.by_openid.contains_key(openid) {
            self.act(openid, Action::Wrote, now);
        }
        let follower = self.by_openid.get_mut(openid);
        let follower = follower.ok_or_else(|| refuse(40003, "invalid openid"))?;
        if follower.unfollowed {
            return Err(refuse(43004, "require subscribe"));
        }
        if follower.refuses {
            return Err(refuse(48002, "user block receive message"));
        }
        Ok(follower)
    }

    /// Delivers a message that is all right in itself.
    pub fn deliver(&mut self, openid: &str, message: Value, now: u64) -> Result<(), Refusal> {
        let follower = self.reachable(openid, now)?;
        let open = follower.windows.values_mut().filter(|one| one.until > now);
        let mut open: Vec<&mut Window> = open.collect();
        if open.is_empty() {
            return Err(refuse(
                45015,
                "response out of time limit or subscription is canceled",
            ));
        }
        // What ends first is used first.
        open.sort_by_key(|window| window.until);
        let window = open.into_iter().find(|window| window.left > 0);
        let window = window.ok_or_else(|| refuse(45047, "out of response count limit"))?;
        window.left -= 1;
        follower.typing_until = 0;
        follower.messages.push(message);
        Ok(())
    }

    pub fn type_to(&mut self, openid: &str, typing: bool, now: u64) -> Result<(), Refusal> {
        let follower = self.reachable(openid, now)?;
        if follower.acted + TYPING_AFTER <= now {
            return Err(refuse(
                45080,
                "response out of time limit, no interaction within 30 seconds",
            ));
        }
        if typing && follower.typing_until > now {
            return Err(refuse(45081, "already in typing status"));
        }
        follower.typing_until = if typing { now + TYPING_LASTS } else { 0 };
        Ok(())
    }
}
