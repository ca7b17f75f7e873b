//! How much fits into the tables, the same in every database. Knows no SQL.

use crate::store::Delivery;
use crate::store::error::Failure;
use crate::user::Change;

/// Characters of a key of `set`, `add`, `remove` and `clear`.
pub const MAX_KEY_CHARACTERS: usize = 64;

/// Bytes of one value or one item, as UTF-8.
pub const MAX_VALUE_BYTES: usize = 65_535;

/// Items of one list. A list is read whole for each message of its follower, who alone decides
/// how long it gets.
pub const MAX_ITEMS: i64 = 1000;

/// Characters of an account, an openid (28 in practice) or a delivery's key.
const MAX_ID_CHARACTERS: usize = 64;

/// Well below the packet that MySQL takes by default.
const MAX_ANSWER_BYTES: usize = 1 << 20;

pub(super) fn check_delivery(delivery: &Delivery) -> Result<(), Failure> {
    id("the account", &delivery.account, MAX_ID_CHARACTERS)?;
    check_openid(&delivery.openid)?;
    id("the delivery's key", &delivery.key, MAX_ID_CHARACTERS)
}

pub(super) fn check_openid(openid: &str) -> Result<(), Failure> {
    id("the openid", openid, MAX_ID_CHARACTERS)
}

pub(super) fn check_changes(changes: &[Change], answer: &str) -> Result<(), Failure> {
    text("the answer", answer, MAX_ANSWER_BYTES)?;
    for change in changes {
        match change {
            Change::Set { key, value, .. } => {
                id("the key", key, MAX_KEY_CHARACTERS)?;
                text("the value", value, MAX_VALUE_BYTES)?;
            }
            Change::Add { key, item } | Change::Remove { key, item } => {
                id("the key", key, MAX_KEY_CHARACTERS)?;
                text("the item", item, MAX_VALUE_BYTES)?;
            }
            Change::Clear { key } => id("the key", key, MAX_KEY_CHARACTERS)?,
            Change::ClearAll => {}
        }
    }
    Ok(())
}

fn id(what: &'static str, id: &str, most_characters: usize) -> Result<(), Failure> {
    text(what, id, usize::MAX)?;
    // MySQL finds `a` when asked for `a `; the others do not.
    if id.ends_with(' ') {
        let why = "it ends in a space";
        return Err(Failure::Unstorable { what, why });
    }
    if id.chars().nth(most_characters).is_some() {
        let why = "it is too long";
        return Err(Failure::Unstorable { what, why });
    }
    Ok(())
}

fn text(what: &'static str, text: &str, most_bytes: usize) -> Result<(), Failure> {
    if text.len() > most_bytes {
        let why = "it is too long";
        return Err(Failure::Unstorable { what, why });
    }
    // PostgreSQL has no such character.
    if text.contains('\0') {
        let why = "it holds the character U+0000";
        return Err(Failure::Unstorable { what, why });
    }
    Ok(())
}
