//! CSV (RFC 4180) that a spreadsheet program opens without taking what followers wrote for a
//! formula.

use std::borrow::Cow;
use std::io::{Result, Write};

use jiff::tz::TimeZone;

use crate::cli::list::row::{Row, local_time};
use crate::rules::number::Number;

pub(super) struct Csv {
    pub(super) zone: TimeZone,
    pub(super) byte_order_mark: bool,
}

/// The same in every language, as programs go by it.
const HEADER: &str = "stored_at,follower,account,key,value,expires_at\r\n";

impl Csv {
    pub(super) fn begin(&self, out: &mut impl Write) -> Result<()> {
        let mark = if self.byte_order_mark { "\u{feff}" } else { "" };
        write!(out, "{mark}{HEADER}")
    }

    pub(super) fn add(&self, out: &mut impl Write, row: &Row) -> Result<()> {
        let expires = row.expires_at.map(|time| local_time(time, &self.zone));
        write!(
            out,
            "{},{},{},{},{},{}\r\n",
            local_time(row.stored_at, &self.zone),
            cell(&row.follower),
            cell(&row.account),
            cell(&row.key),
            cell(&row.value),
            expires.unwrap_or_default(),
        )
    }
}

fn cell(text: &str) -> Cow<'_, str> {
    let text = match is_formula(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    };
    let edges = text.starts_with(' ') || text.ends_with(' ');
    match edges || text.contains([',', '"', '\r', '\n', '\t', ';']) {
        true => Cow::Owned(format!("\"{}\"", text.replace('"', "\"\""))),
        false => text,
    }
}

/// Programs compute what begins like this, in full-width letters, too, and some after white space
/// or a quote.
fn is_formula(text: &str) -> bool {
    let start = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"');
    let begins = start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    begins && Number::read(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_what_was_stored_and_never_a_formula() {
        for (text, written) in [
            ("3 位", "3 位"),
            ("", ""),
            ("000001", "000001"),
            ("-5", "-5"),
            ("+8613800138000", "+8613800138000"),
            ("-12.5", "-12.5"),
            ("a,b", "\"a,b\""),
            ("a;b", "\"a;b\""),
            ("说\"好\"", "\"说\"\"好\"\"\""),
            ("一\n二", "\"一\n二\""),
            (" a", "\" a\""),
            ("=1+1", "'=1+1"),
            ("＝1+1", "'＝1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＠SUM(A1)", "'＠SUM(A1)"),
            ("-1+1", "'-1+1"),
            ("－－1", "'－－1"),
            ("+A1", "'+A1"),
            ("＋A1", "'＋A1"),
            ("-", "'-"),
            (" =A1", "' =A1"),
            ("\u{3000}=A1", "'\u{3000}=A1"),
            ("\t=A1", "\"'\t=A1\""),
            ("\rA1", "\"'\rA1\""),
            ("\"=A1\"", "\"'\"\"=A1\"\"\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(cell(text), written, "{text:?}");
        }
    }
}
