//! Size limits of the tables, the same for every database. Knows no SQL.

use crate::i18n::{Phrase, phrase};
use crate::store::Delivery;
use crate::store::error::SqlError;
use crate::user::Change;

/// Characters of a key of `set`, `add`, `remove` and `clear`.
pub const MAX_KEY_CHARACTERS: usize = 64;

/// Bytes of one value or one item, as UTF-8.
pub const MAX_VALUE_BYTES: usize = 65_535;

/// Items of one list. The whole list is read for each message of its follower, who decides how long
/// it gets.
pub const MAX_ITEMS: i64 = 1000;

/// Characters of an account, an openid (28 in practice) or a delivery's key.
const MAX_ID_CHARACTERS: usize = 64;

/// Well below the packet that MySQL takes by default.
const MAX_ANSWER_BYTES: usize = 1 << 20;

pub(super) fn check_delivery(delivery: &Delivery) -> Result<(), SqlError> {
    id(phrase!(the_account), &delivery.account, MAX_ID_CHARACTERS)?;
    check_openid(&delivery.openid)?;
    id(phrase!(the_delivery_key), &delivery.key, MAX_ID_CHARACTERS)
}

pub(super) fn check_service(service: &str) -> Result<(), SqlError> {
    id(phrase!(the_service), service, MAX_ID_CHARACTERS)
}

pub(super) fn check_app_id(app_id: &str) -> Result<(), SqlError> {
    id(phrase!(the_app_id), app_id, MAX_ID_CHARACTERS)
}

/// WeChat's have 64 characters or fewer.
const MAX_MEDIA_ID_CHARACTERS: usize = 255;

pub(super) fn check_media_id(media_id: &str) -> Result<(), SqlError> {
    id(phrase!(the_media_id), media_id, MAX_MEDIA_ID_CHARACTERS)
}

pub(super) fn check_text(what: Phrase, said: &str) -> Result<(), SqlError> {
    text(what, said, MAX_ANSWER_BYTES)
}

pub(super) fn check_openid(openid: &str) -> Result<(), SqlError> {
    id(phrase!(the_openid), openid, MAX_ID_CHARACTERS)
}

pub(super) fn check_changes(changes: &[Change], answer: &str) -> Result<(), SqlError> {
    text(phrase!(the_answer), answer, MAX_ANSWER_BYTES)?;
    for change in changes {
        match change {
            Change::Set { key, value, .. } => {
                id(phrase!(the_key), key, MAX_KEY_CHARACTERS)?;
                text(phrase!(the_value), value, MAX_VALUE_BYTES)?;
            }
            Change::Add { key, item } | Change::Remove { key, item } => {
                id(phrase!(the_key), key, MAX_KEY_CHARACTERS)?;
                text(phrase!(the_item), item, MAX_VALUE_BYTES)?;
            }
            Change::Clear { key } => id(phrase!(the_key), key, MAX_KEY_CHARACTERS)?,
            Change::ClearAll => {}
        }
    }
    Ok(())
}

fn id(what: Phrase, id: &str, most_characters: usize) -> Result<(), SqlError> {
    text(what.clone(), id, usize::MAX)?;
    // MySQL finds `a` when asked for `a `; the others do not.
    if id.ends_with(' ') {
        let why = phrase!(unstorable_space);
        return Err(SqlError::Unstorable { what, why });
    }
    if id.chars().nth(most_characters).is_some() {
        let why = phrase!(unstorable_length);
        return Err(SqlError::Unstorable { what, why });
    }
    Ok(())
}

fn text(what: Phrase, text: &str, most_bytes: usize) -> Result<(), SqlError> {
    if text.len() > most_bytes {
        let why = phrase!(unstorable_length);
        return Err(SqlError::Unstorable { what, why });
    }
    // PostgreSQL cannot store this character.
    if text.contains('\0') {
        let why = phrase!(unstorable_nul);
        return Err(SqlError::Unstorable { what, why });
    }
    Ok(())
}
