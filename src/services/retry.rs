//! When a question may be asked again that came to nothing.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Doubled with each further try.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    /// As the service wishes.
    wished: Option<Duration>,
}

impl Retry {
    /// By a header `Retry-After`: seconds, or a date.
    pub(super) fn after(header: Option<&str>) -> Retry {
        let wished = header.and_then(|text| pause(text.trim(), Timestamp::now()));
        Retry { wished }
    }

    /// How long to wait after so many tries.
    pub(super) fn pause(&self, tries: u32) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(10));
        self.wished
            .map_or(doubled, |wished| wished.max(FIRST_PAUSE))
    }
}

fn pause(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::parse(text).ok()?.timestamp();
    let seconds = u64::try_from(until.as_second().saturating_sub(now.as_second())).unwrap_or(0);
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_may_say_when_to_come_back() {
        let now: Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
        for (text, seconds) in [
            ("3", Some(3)),
            ("0", Some(0)),
            ("Fri, 27 Nov 2026 10:00:07 GMT", Some(7)),
            ("Fri, 27 Nov 2026 09:59:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("99999999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(pause(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn without_a_wish_each_pause_is_twice_the_last() {
        let pauses = [1, 2, 3].map(|tries| Retry::after(None).pause(tries).as_millis());
        assert_eq!(pauses, [200, 400, 800]);
        assert_eq!(Retry::after(Some("0")).pause(3).as_millis(), 200);
        assert_eq!(Retry::after(Some("2")).pause(1).as_millis(), 2000);
        assert!(Retry::after(None).pause(u32::MAX) < Duration::from_secs(300));
    }
}
