//! What to answer, as written by the account's authors and as checked. Knows no XML, HTTP or SQL.

pub mod elements;
pub mod fold;
pub mod hours;
pub mod nearest;
pub mod placeholder;
pub mod template;
pub mod values;
