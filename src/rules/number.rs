//! Exact numbers, with a limited number of digits.

use std::fmt;

use rust_decimal::Decimal;

use crate::rules::fold;
use crate::rules::fold::Folding;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(Decimal);

/// Digits before the point.
pub(crate) const MAX_DIGITS: usize = 15;

/// Digits after the point.
pub(crate) const MAX_DECIMALS: usize = 6;

impl Number {
    pub(crate) const ZERO: Number = Number(Decimal::ZERO);

    /// `None` if the text is not a number, or has too many digits.
    pub(crate) fn read(text: &str) -> Option<Number> {
        let narrow = Folding {
            ignore_width: true,
            ..Folding::default()
        };
        let text = narrow.fold(fold::trim(text));
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, MAX_DIGITS) || !digits(decimals, MAX_DECIMALS) {
            return None;
        }
        let number = Decimal::from_str_exact(text.trim_start_matches('+')).ok()?;
        Some(Number(number))
    }

    /// `None` if the sum has too many digits.
    pub(crate) fn plus(self, other: Number) -> Option<Number> {
        let sum = Number(self.0.checked_add(other.0)?);
        Number::read(&sum.to_string())
    }
}

/// In the shortest form: `5`, not `5.0`.
impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it_and_shown_in_one_way() {
        for (text, shown) in [
            ("5", Some("5")),
            ("-5", Some("-5")),
            ("+5", Some("5")),
            (" 007 ", Some("7")),
            ("１２．５", Some("12.5")),
            ("1.50", Some("1.5")),
            ("-0", Some("0")),
            ("999999999999999", Some("999999999999999")),
            ("1000000000000000", None),
            ("0.0000001", None),
            ("", None),
            ("-", None),
            (".5", None),
            ("5.", None),
            ("1e3", None),
            ("1_000", None),
            ("1,000", None),
            ("--5", None),
            ("+-5", None),
            ("十", None),
            ("5个", None),
        ] {
            let number = Number::read(text).map(|number| number.to_string());
            assert_eq!(number.as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn sums_are_exact_and_end_where_there_are_too_many_digits() {
        for (one, other, sum) in [
            ("0.1", "0.2", Some("0.3")),
            ("5", "-7", Some("-2")),
            (
                "999999999999998.999999",
                "0.000001",
                Some("999999999999999"),
            ),
            ("999999999999999", "1", None),
            ("-999999999999999", "-1", None),
        ] {
            let number = |text| Number::read(text).unwrap();
            let found = number(one).plus(number(other));
            let found = found.map(|number| number.to_string());
            assert_eq!(found.as_deref(), sum, "{one} + {other}");
        }
    }
}
