//! Times of day and days of the week, as written in `hours` and `days`. Reads no clock.

use crate::i18n::{Phrase, phrase};
use std::fmt;

use jiff::civil::Weekday;

use crate::rules::nearest;

/// From one minute of the day until before another; across midnight when the end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    start: u16,
    end: u16,
}

/// Some days of the week. The day asked for is always that of the moment itself: with hours
/// that cross midnight, `days: fri` holds on Friday after 22:00 and on Friday before 06:00.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// One bit a day, Monday the lowest.
    set: u8,
}

/// Hours or days that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HoursError {
    pub message: Phrase,
    pub help: Phrase,
}

const DAY: u16 = 24 * 60;

const WEEK: [(&str, &str); 7] = [
    ("mon", "monday"),
    ("tue", "tuesday"),
    ("wed", "wednesday"),
    ("thu", "thursday"),
    ("fri", "friday"),
    ("sat", "saturday"),
    ("sun", "sunday"),
];

impl Hours {
    pub fn parse(text: &str) -> Result<Hours, HoursError> {
        let Some(hours) = read_hours(text) else {
            let help = match read_hours(&respell_hours(text)) {
                Some(meant) if meant.start != meant.end => {
                    phrase!(help_write_it_as, meant = format!("\"{meant}\""))
                }
                _ => phrase!(help_hours),
            };
            let message = phrase!(invalid_hours, text);
            return Err(HoursError { message, help });
        };
        if hours.start == hours.end {
            return Err(HoursError {
                message: phrase!(empty_hours, text),
                help: phrase!(help_whole_day),
            });
        }
        Ok(hours)
    }

    /// Whether a minute of the day lies within; the first does, the one at the end does not.
    pub fn contains(&self, minute_of_day: u16) -> bool {
        if self.start < self.end {
            (self.start..self.end).contains(&minute_of_day)
        } else {
            minute_of_day >= self.start || minute_of_day < self.end
        }
    }
}

/// Whether every minute of some hours, or of the whole day, is within others.
pub fn covers(others: &[Hours], hours: Option<&[Hours]>) -> bool {
    (0..DAY).all(|minute| within(others, minute) || hours.is_some_and(|own| !within(own, minute)))
}

/// Whether some minute is within both.
pub fn meet(one: &[Hours], other: &[Hours]) -> bool {
    (0..DAY).any(|minute| within(one, minute) && within(other, minute))
}

fn within(hours: &[Hours], minute: u16) -> bool {
    hours.iter().any(|hours| hours.contains(minute))
}

fn read_hours(text: &str) -> Option<Hours> {
    let (start, end) = text.split_once('-')?;
    let (start, end) = (read_minute(start.trim())?, read_minute(end.trim())?);
    (start < DAY).then_some(Hours { start, end })
}

fn read_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

/// The same hours in our spelling, where that can be guessed: to be offered, never to be taken.
fn respell_hours(text: &str) -> String {
    let mut spelled: String = text
        .chars()
        .map(|letter| match letter {
            '０'..='９' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
            '：' | '.' | '．' | '时' | '點' | '点' => ':',
            '－' | '–' | '—' | '―' | '─' | '~' | '～' | '〜' | '到' | '至' => '-',
            _ => letter,
        })
        .filter(|letter| !letter.is_whitespace() && *letter != '分')
        .collect();
    while spelled.contains("--") {
        spelled = spelled.replace("--", "-");
    }
    let times: Vec<String> = spelled
        .split('-')
        .map(|time| match time.split_once(':') {
            None => format!("{time}:00"),
            Some((hour, "")) => format!("{hour}:00"),
            Some((hour, "半")) => format!("{hour}:30"),
            Some(_) => time.to_owned(),
        })
        .collect();
    times.join("-")
}

impl fmt::Display for Hours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start, self.end);
        let (from, until) = ((start / 60, start % 60), (end / 60, end % 60));
        write!(formatter, "{:02}:{:02}-", from.0, from.1)?;
        write!(formatter, "{:02}:{:02}", until.0, until.1)
    }
}

impl Days {
    pub const ALL: Days = Days { set: 0b111_1111 };

    /// One day, or a range of them that may cross the end of the week.
    pub fn parse(text: &str) -> Result<Days, HoursError> {
        read_days(text).ok_or_else(|| HoursError {
            message: phrase!(invalid_day, text),
            help: match respell_days(text) {
                _ if text.contains([',', '，', '、', ';', '；', '/']) => {
                    phrase!(help_several_days)
                }
                Some(meant) => phrase!(help_write_it_as, meant = meant.to_string()),
                None => phrase!(help_days),
            },
        })
    }

    pub fn union(self, other: Days) -> Days {
        Days {
            set: self.set | other.set,
        }
    }

    pub fn is_within(self, other: Days) -> bool {
        self.set & !other.set == 0
    }

    pub fn meets(self, other: Days) -> bool {
        self.set & other.set != 0
    }

    pub fn contains(&self, day: Weekday) -> bool {
        self.has(usize::try_from(day.to_monday_zero_offset()).unwrap_or(0))
    }

    fn has(&self, index: usize) -> bool {
        self.set >> (index % 7) & 1 == 1
    }

    /// Both ends belong to the range.
    fn range(first: usize, last: usize) -> Days {
        let mut set = 1 << (last % 7);
        let mut index = first % 7;
        while index != last % 7 {
            set |= 1 << index;
            index = (index + 1) % 7;
        }
        Days { set }
    }
}

fn read_days(text: &str) -> Option<Days> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(Days::range(read_day(first)?, read_day(last)?))
}

fn read_day(text: &str) -> Option<usize> {
    let text = text.trim();
    WEEK.iter().position(|(short, long)| {
        text.eq_ignore_ascii_case(short) || text.eq_ignore_ascii_case(long)
    })
}

/// The days that were meant, where that can be guessed.
fn respell_days(text: &str) -> Option<Days> {
    let text = text.trim().to_lowercase().replace(" to ", "-");
    match text.as_str() {
        "工作日" | "平日" | "weekday" | "weekdays" | "workday" | "workdays" => {
            return Some(Days::range(0, 4));
        }
        "周末" | "週末" | "weekend" | "weekends" => return Some(Days::range(5, 6)),
        "每天" | "daily" | "everyday" => return Some(Days::range(0, 6)),
        _ => {}
    }
    let dashes = ['-', '－', '–', '—', '~', '～', '到', '至'];
    let mut days = text.split(dashes).filter(|day| !day.is_empty());
    let first = respell_day(days.next()?)?;
    let last = match days.next() {
        Some(last) => respell_day(last)?,
        None => first,
    };
    days.next().is_none().then(|| Days::range(first, last))
}

fn respell_day(text: &str) -> Option<usize> {
    let text = text.trim();
    let chinese = ["星期", "礼拜", "周", "週"]
        .iter()
        .find_map(|week| text.strip_prefix(week));
    match chinese.unwrap_or(text) {
        "一" | "1" => Some(0),
        "二" | "2" => Some(1),
        "三" | "3" => Some(2),
        "四" | "4" => Some(3),
        "五" | "5" => Some(4),
        "六" | "6" => Some(5),
        "日" | "天" | "7" => Some(6),
        _ => {
            let names = WEEK.iter().flat_map(|(short, long)| [*short, *long]);
            read_day(nearest::nearest(text, names)?)
        }
    }
}

/// As an author would write it: `mon-fri`, `mon, wed`, `sat-mon`.
impl fmt::Display for Days {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if (0..7).all(|day| self.has(day)) {
            return formatter.write_str("mon-sun");
        }
        let mut separator = "";
        for (first, (name, _)) in WEEK.iter().enumerate() {
            if !self.has(first) || self.has(first + 6) {
                continue;
            }
            write!(formatter, "{separator}{name}")?;
            let length = (0..7).take_while(|more| self.has(first + more)).count();
            if let (2.., Some((last, _))) = (length, WEEK.get((first + length - 1) % 7)) {
                write!(formatter, "-{last}")?;
            }
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_hold_from_their_first_minute_until_before_their_end() {
        let minute = |time: &str| read_minute(time).unwrap();
        for (hours, time, holds) in [
            ("09:00-18:00", "08:59", false),
            ("09:00-18:00", "09:00", true),
            ("09:00-18:00", "17:59", true),
            ("09:00-18:00", "18:00", false),
            ("22:00-06:00", "21:59", false),
            ("22:00-06:00", "22:00", true),
            ("22:00-06:00", "00:00", true),
            ("22:00-06:00", "05:59", true),
            ("22:00-06:00", "06:00", false),
            ("22:00-00:00", "23:59", true),
            ("22:00-00:00", "00:00", false),
            ("12:00-24:00", "23:59", true),
            ("12:00-24:00", "00:00", false),
            ("00:00-24:00", "00:00", true),
            ("00:00-24:00", "23:59", true),
        ] {
            let parsed = Hours::parse(hours).unwrap();
            assert_eq!(parsed.contains(minute(time)), holds, "{time} in {hours}");
        }
    }

    #[test]
    fn hours_are_shown_in_one_spelling() {
        for (written, shown) in [
            ("9:00-18:00", "09:00-18:00"),
            (" 22:30 - 6:05 ", "22:30-06:05"),
            ("0:00-24:00", "00:00-24:00"),
        ] {
            assert_eq!(Hours::parse(written).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn hours_in_another_spelling_are_refused_with_the_right_one() {
        let spelled = "\"09:00-18:00\"";
        for (written, help) in [
            ("09：00－18：00", spelled),
            ("09:00—18:00", spelled),
            ("9:00——18:00", spelled),
            ("9:00~18:00", spelled),
            ("9:00 到 18:00", spelled),
            ("9点至18点", spelled),
            ("９:００-１８:００", spelled),
            ("9-18", spelled),
            ("9点半-18点", "\"09:30-18:00\""),
            ("09:00", "use the 24-hour clock, such as \"09:00-18:00\""),
            (
                "09:00-18:0",
                "use the 24-hour clock, such as \"09:00-18:00\"",
            ),
            (
                "09:60-18:00",
                "use the 24-hour clock, such as \"09:00-18:00\"",
            ),
            (
                "09:00-24:01",
                "use the 24-hour clock, such as \"09:00-18:00\"",
            ),
            (
                "24:00-06:00",
                "use the 24-hour clock, such as \"09:00-18:00\"",
            ),
            (
                "-1:00-06:00",
                "use the 24-hour clock, such as \"09:00-18:00\"",
            ),
            (
                "+9:00-18:00",
                "use the 24-hour clock, such as \"09:00-18:00\"",
            ),
            (
                "09:00-12:00-18:00",
                "use the 24-hour clock, such as \"09:00-18:00\"",
            ),
            (
                "99999:00-18:00",
                "use the 24-hour clock, such as \"09:00-18:00\"",
            ),
            ("上班时间", "use the 24-hour clock, such as \"09:00-18:00\""),
            ("-", "use the 24-hour clock, such as \"09:00-18:00\""),
            ("", "use the 24-hour clock, such as \"09:00-18:00\""),
            ("09:00-09:00", "is \"00:00-24:00\""),
            ("00:00-00:00", "is \"00:00-24:00\""),
        ] {
            let error = Hours::parse(written).unwrap_err();
            assert!(
                error.help.to_string().ends_with(help),
                "{written}: {}",
                error.help
            );
        }
    }

    #[test]
    fn a_range_of_days_has_both_its_ends_and_may_cross_the_end_of_the_week() {
        for (written, shown, inside, outside) in [
            ("mon", "mon", &[Weekday::Monday][..], Weekday::Tuesday),
            ("mon-mon", "mon", &[Weekday::Monday], Weekday::Sunday),
            (
                "Mon-FRIDAY",
                "mon-fri",
                &[Weekday::Monday, Weekday::Wednesday, Weekday::Friday],
                Weekday::Saturday,
            ),
            (
                "sat - mon",
                "sat-mon",
                &[Weekday::Saturday, Weekday::Sunday, Weekday::Monday],
                Weekday::Tuesday,
            ),
        ] {
            let days = Days::parse(written).unwrap();
            assert_eq!(days.to_string(), shown);
            assert!(inside.iter().all(|day| days.contains(*day)), "{written}");
            assert!(!days.contains(outside), "{written}");
        }
    }

    #[test]
    fn days_together_are_shown_as_the_fewest_ranges() {
        for (written, shown) in [
            (&["wed", "mon"][..], "mon, wed"),
            (&["mon", "tue", "wed", "sat"], "mon-wed, sat"),
            (&["sun", "mon", "thu"], "thu, sun-mon"),
            (&["mon-fri", "fri-sun"], "mon-sun"),
            (&["tue-mon"], "mon-sun"),
            (&[], ""),
        ] {
            let days = written
                .iter()
                .map(|day| Days::parse(day).unwrap())
                .fold(Days::default(), Days::union);
            assert_eq!(days.to_string(), shown, "{written:?}");
        }
    }

    #[test]
    fn days_in_another_spelling_are_refused_with_the_right_one() {
        for (written, help) in [
            ("周一", "write it as mon"),
            ("星期天", "write it as sun"),
            ("礼拜三", "write it as wed"),
            ("周一到周五", "write it as mon-fri"),
            ("周六—周日", "write it as sat-sun"),
            ("工作日", "write it as mon-fri"),
            ("weekend", "write it as sat-sun"),
            ("Monday to Friday", "write it as mon-fri"),
            ("thurs", "write it as thu"),
            ("wendesday", "write it as wed"),
            ("mon, tue", "write several days as a list: [mon, wed]"),
            (
                "mon-tue-wed",
                "use mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri",
            ),
            (
                "节假日",
                "use mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri",
            ),
            (
                "8",
                "use mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri",
            ),
            (
                "-",
                "use mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri",
            ),
            (
                "",
                "use mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri",
            ),
        ] {
            let error = Days::parse(written).unwrap_err();
            assert_eq!(error.help.to_string(), help, "{written}");
        }
    }
}
