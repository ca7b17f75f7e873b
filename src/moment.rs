//! The local time of a decision, passed in by the caller. Reads no clock.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// One second of local time, with the values that templates and hours need computed once.
#[derive(Clone, Debug)]
pub struct Moment {
    zoned: Zoned,
    text: String,
}

/// How `<time>` is written unless a rule gives a format.
pub const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S";

impl Moment {
    pub fn new(timestamp: Timestamp, zone: &TimeZone) -> Moment {
        Moment::from(timestamp.to_zoned(zone.clone()))
    }

    /// A local time in a zone. For a time that a clock change skips or repeats, the nearest that
    /// exists.
    pub fn local(time: DateTime, zone: &TimeZone) -> Option<Moment> {
        let zoned = time.to_zoned(zone.clone()).ok()?;
        Some(Moment::from(zoned))
    }

    pub fn unix_seconds(&self) -> i64 {
        self.zoned.timestamp().as_second()
    }

    /// How long it is until the next local day.
    pub fn until_midnight(&self) -> Duration {
        let tomorrow = self.zoned.tomorrow().and_then(|day| day.start_of_day());
        let seconds = tomorrow.map_or(1, |day| day.timestamp().as_second() - self.unix_seconds());
        Duration::from_secs(u64::try_from(seconds).unwrap_or(1))
    }

    /// The same zone at a later time; `None` past the end of the calendar.
    pub fn later(&self, by: Duration) -> Option<Moment> {
        self.zoned.checked_add(by).ok().map(Moment::from)
    }

    pub fn datetime(&self) -> DateTime {
        self.zoned.datetime()
    }

    /// The local date.
    pub fn date(&self) -> Date {
        self.zoned.date()
    }

    pub fn weekday(&self) -> Weekday {
        self.zoned.weekday()
    }

    /// Minutes since local midnight, by wall clock.
    pub fn minute_of_day(&self) -> u16 {
        let (hour, minute) = (self.zoned.hour(), self.zoned.minute());
        u16::try_from(i32::from(hour) * 60 + i32::from(minute)).unwrap_or(0)
    }

    /// As `<time>` shows it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// In another format. Formats are checked when the rules are loaded.
    pub fn format(&self, format: &str) -> String {
        jiff::fmt::strtime::format(format, &self.zoned).unwrap_or_default()
    }

    /// Whether `format` is valid for every moment, with the reason if it is not.
    pub fn check_format(format: &str) -> Result<(), String> {
        jiff::fmt::strtime::format(format, &Zoned::default())
            .map(|_| ())
            .map_err(|error| error.to_string())
    }
}

impl From<Zoned> for Moment {
    fn from(zoned: Zoned) -> Moment {
        let text = zoned.strftime(TIME_FORMAT).to_string();
        Moment { zoned, text }
    }
}
