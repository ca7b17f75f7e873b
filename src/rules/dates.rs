//! Local dates as written in `dates`: a day, a range of days, a day of every year. Reads no clock.

use crate::i18n::{Phrase, phrase};
use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::civil::date;

/// Consecutive days, including both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    /// An open end is the first or the last day of the calendar.
    Range { first: Date, last: Date },
    /// The same days of every year; across the end of the year when the last comes first.
    Yearly { first: YearDay, last: YearDay },
}

/// A month and a day of it, in any year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearDay {
    month: i8,
    day: i8,
}

/// Invalid dates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DatesError {
    pub message: Phrase,
    pub help: Phrase,
}

/// A leap year, in which every month and day exists.
const LEAP_YEAR: i16 = 2000;

impl Dates {
    pub fn parse(text: &str) -> Result<Dates, DatesError> {
        read(text).map_err(|wrong| {
            let (message, help) = match wrong {
                Wrong::NoDate => (phrase!(invalid_date, text), guess(text)),
                Wrong::Missing => (phrase!(missing_day, text), phrase!(help_dates)),
                Wrong::Order(first, last) => (
                    phrase!(reversed_dates, text),
                    phrase!(help_reversed_dates, meant = format!("{last}..{first}")),
                ),
                Wrong::HalfYearly => (phrase!(half_yearly_dates, text), phrase!(help_both_years)),
            };
            DatesError { message, help }
        })
    }

    pub fn contains(&self, day: Date) -> bool {
        match *self {
            Dates::Range { first, last } => (first..=last).contains(&day),
            Dates::Yearly { first, last } => {
                let day = YearDay::of(day);
                if first <= last {
                    (first..=last).contains(&day)
                } else {
                    day >= first || day <= last
                }
            }
        }
    }

    /// Whether every day of these is one of others, as far as days of a year tell.
    fn is_within(self, others: &[Dates]) -> bool {
        let inside = |day| others.iter().any(|other| other.contains(day));
        match self {
            Dates::Range { first, last } => {
                let one = |other: &Dates| match *other {
                    Dates::Range {
                        first: from,
                        last: until,
                    } => from <= first && last <= until,
                    Dates::Yearly { .. } => false,
                };
                others.iter().any(one) || self.days().is_some_and(|mut days| days.all(inside))
            }
            Dates::Yearly { .. } => {
                let mut days = every_day().filter(|day| self.contains(*day));
                days.all(|day| yearly(others).any(|other| other.contains(day)))
            }
        }
    }

    fn meets(self, other: Dates) -> bool {
        match (self, other) {
            (
                Dates::Range { first, last },
                Dates::Range {
                    first: from,
                    last: until,
                },
            ) => first <= until && from <= last,
            (range @ Dates::Range { .. }, yearly) | (yearly, range @ Dates::Range { .. }) => {
                match range.days() {
                    Some(mut days) => days.any(|day| yearly.contains(day)),
                    None => true,
                }
            }
            (one, other) => every_day().any(|day| one.contains(day) && other.contains(day)),
        }
    }

    /// The days of a range within a year; longer ones have every day of the year.
    fn days(self) -> Option<impl Iterator<Item = Date>> {
        let Dates::Range { first, last } = self else {
            return None;
        };
        let a_year_later = first.saturating_add(1.year());
        (last < a_year_later).then(|| first.series(1.day()).take_while(move |day| *day <= last))
    }
}

/// Whether all of some dates, or every day, are among others. True is always right; false may be
/// wrong.
pub fn covers(others: &[Dates], own: Option<&[Dates]>) -> bool {
    match own {
        Some(own) => own.iter().all(|dates| dates.is_within(others)),
        None => every_day().all(|day| yearly(others).any(|other| other.contains(day))),
    }
}

/// Whether some day may be in both.
pub fn meet(one: &[Dates], other: &[Dates]) -> bool {
    one.iter()
        .any(|one| other.iter().any(|other| one.meets(*other)))
}

fn yearly(dates: &[Dates]) -> impl Iterator<Item = &Dates> {
    let is_yearly = |dates: &&Dates| matches!(dates, Dates::Yearly { .. });
    dates.iter().filter(is_yearly)
}

fn every_day() -> impl Iterator<Item = Date> {
    let days = date(LEAP_YEAR, 1, 1).series(1.day());
    days.take_while(|day| day.year() == LEAP_YEAR)
}

impl YearDay {
    fn of(day: Date) -> YearDay {
        YearDay {
            month: day.month(),
            day: day.day(),
        }
    }
}

/// Why a text is not a valid date or range.
enum Wrong {
    NoDate,
    Missing,
    Order(Date, Date),
    HalfYearly,
}

fn read(text: &str) -> Result<Dates, Wrong> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last) = (read_end(first.trim()), read_end(last.trim()));
    match (first.ok_or(Wrong::NoDate)?, last.ok_or(Wrong::NoDate)?) {
        (RangeEnd::Open, RangeEnd::Open) => Err(Wrong::NoDate),
        (RangeEnd::Missing, _) | (_, RangeEnd::Missing) => Err(Wrong::Missing),
        (RangeEnd::Date(first), RangeEnd::Date(last)) if last < first => {
            Err(Wrong::Order(first, last))
        }
        (RangeEnd::Date(first), RangeEnd::Date(last)) => Ok(Dates::Range { first, last }),
        (RangeEnd::Date(first), RangeEnd::Open) => Ok(Dates::Range {
            first,
            last: Date::MAX,
        }),
        (RangeEnd::Open, RangeEnd::Date(last)) => Ok(Dates::Range {
            first: Date::MIN,
            last,
        }),
        (RangeEnd::YearDay(first), RangeEnd::YearDay(last)) => Ok(Dates::Yearly { first, last }),
        (RangeEnd::YearDay(_), _) | (_, RangeEnd::YearDay(_)) => Err(Wrong::HalfYearly),
    }
}

enum RangeEnd {
    Open,
    Date(Date),
    YearDay(YearDay),
    /// Written like a day, and none.
    Missing,
}

fn read_end(text: &str) -> Option<RangeEnd> {
    if text.is_empty() {
        return Some(RangeEnd::Open);
    }
    let number = |text: &str| -> Option<i16> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| plain)
    };
    let parts: Option<Vec<i16>> = text.split('-').map(number).collect();
    let (year, month, day) = match parts?.as_slice() {
        [year, month, day] if *year >= 1000 => (Some(*year), *month, *day),
        [month, day] => (None, *month, *day),
        _ => return None,
    };
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
        return Some(RangeEnd::Missing);
    };
    let found = Date::new(year.unwrap_or(LEAP_YEAR), month, day);
    Some(match (found, year) {
        (Ok(found), Some(_)) => RangeEnd::Date(found),
        (Ok(_), None) => RangeEnd::YearDay(YearDay { month, day }),
        (Err(_), _) => RangeEnd::Missing,
    })
}

fn guess(text: &str) -> Phrase {
    if text.contains([',', '，', '、', ';', '；']) {
        return phrase!(help_several_dates);
    }
    match read(&respelled(text)) {
        Ok(meant) => phrase!(help_write_it_as, meant = meant.to_string()),
        Err(_) => phrase!(help_dates),
    }
}

/// The same dates in the supported format, if that can be guessed. A suggestion only.
fn respelled(text: &str) -> String {
    let spelled: String = text
        .replace("..", "~")
        .chars()
        .filter(|letter| !letter.is_whitespace() && !"日号號".contains(*letter))
        .map(|letter| match letter {
            '０'..='９' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
            '年' | '月' | '/' | '／' | '.' | '．' | '－' => '-',
            '～' | '〜' | '—' | '–' | '―' | '─' | '到' | '至' | '…' => '~',
            letter => letter,
        })
        .collect();
    let mut ends: Vec<&str> = spelled.split('~').filter(|end| !end.is_empty()).collect();
    // A dash may separate two days or be part of one.
    let parts: Vec<&str> = spelled.split('-').collect();
    let halves = match parts.len() {
        4 | 6 if ends.len() == 1 => parts.split_at_checked(parts.len() / 2),
        _ => None,
    };
    let halves = halves.map(|(first, last)| [first.join("-"), last.join("-")]);
    if let Some(halves) = &halves {
        ends = halves.iter().map(String::as_str).collect();
    }
    ends.join("..")
}

/// As an author would write it.
impl fmt::Display for Dates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dates::Range { first, last } if first == last => write!(formatter, "{first}"),
            Dates::Range { first, last } => {
                if *first != Date::MIN {
                    write!(formatter, "{first}")?;
                }
                formatter.write_str("..")?;
                if *last != Date::MAX {
                    write!(formatter, "{last}")?;
                }
                Ok(())
            }
            Dates::Yearly { first, last } if first == last => write!(formatter, "{first}"),
            Dates::Yearly { first, last } => write!(formatter, "{first}..{last}"),
        }
    }
}

impl fmt::Display for YearDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}-{:02}", self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_hold_on_their_days_and_on_no_other() {
        for (written, day, holds) in [
            ("2027-02-15..2027-02-23", date(2027, 2, 14), false),
            ("2027-02-15..2027-02-23", date(2027, 2, 15), true),
            ("2027-02-15..2027-02-23", date(2027, 2, 23), true),
            ("2027-02-15..2027-02-23", date(2027, 2, 24), false),
            ("2027-10-01", date(2027, 10, 1), true),
            ("2027-10-01", date(2028, 10, 1), false),
            ("2027-10-01..", date(2099, 1, 1), true),
            ("2027-10-01..", date(2027, 9, 30), false),
            ("..2027-10-01", date(2027, 10, 1), true),
            ("..2027-10-01", date(2027, 10, 2), false),
            ("12-25", date(2031, 12, 25), true),
            ("12-25", date(2031, 12, 24), false),
            ("12-30..01-02", date(2030, 12, 29), false),
            ("12-30..01-02", date(2030, 12, 31), true),
            ("12-30..01-02", date(2031, 1, 2), true),
            ("12-30..01-02", date(2031, 1, 3), false),
            ("02-29", date(2027, 2, 28), false),
            ("02-29", date(2028, 2, 29), true),
        ] {
            let dates = Dates::parse(written).unwrap();
            assert_eq!(dates.contains(day), holds, "{day} in {written}");
        }
    }

    #[test]
    fn dates_are_shown_in_one_spelling() {
        for (written, shown) in [
            ("2027-2-5", "2027-02-05"),
            (" 2027-02-15 .. 2027-02-23 ", "2027-02-15..2027-02-23"),
            ("2027-02-15..", "2027-02-15.."),
            ("..2027-02-15", "..2027-02-15"),
            ("1-1", "01-01"),
            ("12-24..12-26", "12-24..12-26"),
        ] {
            assert_eq!(Dates::parse(written).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn dates_in_another_spelling_are_refused_with_the_right_one() {
        for (written, help) in [
            ("2027年2月15日", "write it as 2027-02-15"),
            ("10月1日", "write it as 10-01"),
            ("10月1日到10月7日", "write it as 10-01..10-07"),
            ("2027/2/15", "write it as 2027-02-15"),
            ("2027.2.15", "write it as 2027-02-15"),
            (
                "2027-02-15～2027-02-23",
                "write it as 2027-02-15..2027-02-23",
            ),
            (
                "2027-02-15 - 2027-02-23",
                "write it as 2027-02-15..2027-02-23",
            ),
            ("10-01 - 10-07", "write it as 10-01..10-07"),
            ("10-01, 12-25", "write several dates as a list"),
            ("2027-02-30", "use a day such as 2027-10-01"),
            ("13-01", "use a day such as 2027-10-01"),
            ("2027-02-23..2027-02-15", "2027-02-15..2027-02-23"),
            ("2027-02-15..02-23", "two dates without a year"),
            ("12-25..", "two dates without a year"),
            ("春节", "use a day such as 2027-10-01"),
            ("..", "use a day such as 2027-10-01"),
            ("", "use a day such as 2027-10-01"),
            ("-1-1", "use a day such as 2027-10-01"),
        ] {
            let error = Dates::parse(written).unwrap_err();
            assert!(
                error.help.to_string().contains(help),
                "{written}: {error} {}",
                error.help
            );
        }
    }

    #[test]
    fn what_covers_and_what_meets_is_told_for_lints() {
        let all = |written: &[&str]| -> Vec<Dates> {
            let dates = written.iter().map(|text| Dates::parse(text).unwrap());
            dates.collect()
        };
        for (others, own, covered, met) in [
            (&["2027-01-01.."][..], &["2027-10-01"][..], true, true),
            (&["2027-10-01"], &["2027-01-01.."], false, true),
            (&["10-01..10-07"], &["2027-10-02..2027-10-05"], true, true),
            (&["10-01..10-07"], &["2027-10-06..2027-10-09"], false, true),
            (&["10-01..10-07"], &["2027-10-08"], false, false),
            (&["10-01..12-31"], &["12-25"], true, true),
            (&["12-01..01-31"], &["01-01"], true, true),
            (&["2027-01-01.."], &["01-01"], false, true),
            (&["12-25"], &["2027-01-01.."], false, true),
        ] {
            let (others, own) = (all(others), all(own));
            assert_eq!(covers(&others, Some(&own)), covered, "{others:?} {own:?}");
            assert_eq!(meet(&others, &own), met, "{others:?} {own:?}");
        }
        assert!(covers(&all(&["01-01..06-30", "07-01..12-31"]), None));
        assert!(!covers(&all(&["01-01..12-30"]), None));
    }
}
