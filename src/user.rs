//! The stored values of one follower, and how they change. Knows no database.

use std::collections::BTreeMap;
use std::time::Duration;

/// Everything stored about one follower of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    stored: BTreeMap<String, Stored>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Written by `set`.
    Value(String),
    /// Written by `add`: in the order of adding, each item once, never empty.
    List(Vec<String>),
}

/// One change that a rule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Set {
        key: String,
        value: String,
        expires: Option<Duration>,
    },
    Add {
        key: String,
        item: String,
    },
    Remove {
        key: String,
        item: String,
    },
    Clear {
        key: String,
    },
    ClearAll,
}

impl Change {
    /// None where it is about all keys.
    pub fn key(&self) -> Option<&str> {
        match self {
            Change::Set { key, .. }
            | Change::Add { key, .. }
            | Change::Remove { key, .. }
            | Change::Clear { key } => Some(key),
            Change::ClearAll => None,
        }
    }
}

impl User {
    pub fn get(&self, key: &str) -> Option<&Stored> {
        self.stored.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Stored)> {
        self.stored
            .iter()
            .map(|(key, stored)| (key.as_str(), stored))
    }

    pub fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }

    pub fn set(&mut self, key: &str, value: &str) {
        let value = Stored::Value(value.to_owned());
        self.stored.insert(key.to_owned(), value);
    }

    /// Appends an item to a list that does not have it yet. Replaces a single value under the key
    /// by the list.
    pub fn add(&mut self, key: &str, item: &str) {
        match self.stored.get_mut(key) {
            Some(Stored::List(items)) => {
                if !items.iter().any(|present| present == item) {
                    items.push(item.to_owned());
                }
            }
            _ => {
                let list = Stored::List(vec![item.to_owned()]);
                self.stored.insert(key.to_owned(), list);
            }
        }
    }

    /// Applies a change; every store implements the same meaning. Expiry is up to the store, as
    /// there is no clock here.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Set { key, value, .. } => self.set(key, value),
            Change::Add { key, item } => self.add(key, item),
            Change::Remove { key, item } => self.remove(key, item),
            Change::Clear { key } => {
                self.stored.remove(key);
            }
            Change::ClearAll => self.stored.clear(),
        }
    }

    fn remove(&mut self, key: &str, item: &str) {
        if let Some(Stored::List(items)) = self.stored.get_mut(key) {
            items.retain(|present| present != item);
            if items.is_empty() {
                self.stored.remove(key);
            }
        }
    }
}

/// The stored values of a follower over time, for tests and trials, which have no store to expire
/// them.
#[derive(Clone, Debug, Default)]
pub struct TimedUser {
    user: User,
    /// In Unix seconds.
    expires_at: BTreeMap<String, i64>,
}

impl TimedUser {
    /// None of these expire.
    pub fn new(user: User) -> TimedUser {
        TimedUser {
            user,
            expires_at: BTreeMap::new(),
        }
    }

    /// The values that have not expired at this time.
    pub fn at(&mut self, now: i64) -> &User {
        let user = &mut self.user;
        self.expires_at.retain(|key, expires_at| {
            let is_left = *expires_at > now;
            if !is_left {
                user.stored.remove(key);
            }
            is_left
        });
        &self.user
    }

    pub fn apply(&mut self, change: &Change, now: i64) {
        self.user.apply(change);
        match change {
            Change::Set {
                key,
                expires: Some(expires),
                ..
            } => {
                let seconds = i64::try_from(expires.as_secs()).unwrap_or(i64::MAX);
                let expires_at = now.saturating_add(seconds);
                self.expires_at.insert(key.clone(), expires_at);
            }
            Change::Set { key, .. } | Change::Add { key, .. } | Change::Clear { key } => {
                self.expires_at.remove(key);
            }
            Change::Remove { .. } => {}
            Change::ClearAll => self.expires_at.clear(),
        }
    }
}

impl Stored {
    /// As a template shows it: a list is joined with 、.
    pub fn text(&self) -> String {
        match self {
            Stored::Value(value) => value.clone(),
            Stored::List(items) => items.join("、"),
        }
    }

    /// The texts that a condition compares: the value, or each item of a list.
    pub fn texts(&self) -> &[String] {
        match self {
            Stored::Value(value) => std::slice::from_ref(value),
            Stored::List(items) => items,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(changes: &[Change]) -> User {
        let mut user = User::default();
        for change in changes {
            user.apply(change);
        }
        user
    }

    fn add(item: &str) -> Change {
        let (key, item) = ("stocks".to_owned(), item.to_owned());
        Change::Add { key, item }
    }

    fn remove(item: &str) -> Change {
        let (key, item) = ("stocks".to_owned(), item.to_owned());
        Change::Remove { key, item }
    }

    #[test]
    fn a_list_keeps_its_order_and_each_item_once() {
        let user = after(&[add("600519"), add("000001"), add("600519")]);
        assert_eq!(user.get("stocks").unwrap().text(), "600519、000001");
    }

    #[test]
    fn a_list_without_its_last_item_is_nothing_stored() {
        assert!(after(&[add("600519"), remove("600519")]).is_empty());
        assert!(!after(&[add("600519"), remove("000001")]).is_empty());
    }

    #[test]
    fn a_value_is_forgotten_from_the_second_on_at_which_it_expires() {
        let set = |value: &str, seconds: Option<u64>| Change::Set {
            key: "step".to_owned(),
            value: value.to_owned(),
            expires: seconds.map(Duration::from_secs),
        };
        let mut timed = TimedUser::new(after(&[add("600519")]));
        timed.apply(&set("a", Some(10)), 100);
        assert!(timed.at(109).get("step").is_some());
        assert!(timed.at(110).get("step").is_none());
        timed.apply(&set("b", Some(10)), 110);
        timed.apply(&set("c", None), 115);
        assert!(timed.at(1000).get("step").is_some(), "no longer expires");
        assert!(timed.at(1000).get("stocks").is_some());
    }

    #[test]
    fn clear_forgets_one_key_or_all() {
        let mut user = after(&[add("600519")]);
        user.set("threshold", "10");
        user.apply(&Change::Clear {
            key: "stocks".to_owned(),
        });
        assert_eq!(user.get("stocks"), None);
        assert!(user.get("threshold").is_some());
        user.apply(&Change::ClearAll);
        assert!(user.is_empty());
    }
}
