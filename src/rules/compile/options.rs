//! The keys of `options`, and durations.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::i18n::phrase;
use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::Settings;
use crate::rules::answer::Answer;
use crate::rules::compile::Compiler;
use crate::rules::compile::path::At;
use crate::rules::file::{Options, Text};
use crate::rules::fold::Folding;
use crate::rules::template::{Captures, Scope, Values};
use crate::rules::yaml::tree::EntryPart;
use crate::user::User;

impl Settings {
    pub fn plain(zone: TimeZone) -> Settings {
        Settings {
            folding: Folding::default(),
            zone,
            on_error: Reply::Silence,
            slow: Reply::Silence,
            pushes: true,
            fetch: Vec::new(),
            more: String::new(),
        }
    }
}

impl Compiler<'_> {
    /// The options of the file where the reading began.
    pub(super) fn options(&mut self) {
        let Some(source) = self.sources.files.first() else {
            return;
        };
        let options = &source.file.options;
        let root = At::File(0);
        let at = root.key("options");
        let on =
            |switch: &Option<crate::rules::file::Switch>| switch.is_some_and(|switch| switch.0);
        self.settings.folding = Folding {
            trim: on(&options.trim),
            ignore_case: on(&options.ignore_case),
            ignore_width: on(&options.ignore_width),
            ignore_punctuation: on(&options.ignore_punctuation),
        };
        if let Some(Text(name)) = options.timezone.as_ref() {
            match TimeZone::get(name) {
                Ok(zone) => self.settings.zone = zone,
                Err(_) => {
                    self.report
                        .error(
                            &at.key("timezone"),
                            EntryPart::Value,
                            phrase!(unknown_time_zone, name),
                        )
                        .help(phrase!(help_unknown_time_zone));
                }
            }
        }
        if let Some(written) = options.on_error.as_ref() {
            self.on_error(written, &at.key("on_error"));
        }
        if let Some(text) = options.push.as_ref() {
            self.settings.pushes = self.pushes(text, &at.key("push"));
        }
        self.fetching(options, &at);
    }

    fn pushes(&mut self, Text(text): &Text, at: &At) -> bool {
        match text.trim() {
            "auto" => true,
            "never" => false,
            _ => {
                self.report
                    .error(at, EntryPart::Value, phrase!(invalid_push))
                    .help(phrase!(help_push));
                true
            }
        }
    }

    /// It is sent when something has failed, so that it must not need anything itself.
    fn on_error(&mut self, written: &crate::rules::file::ReplyEntry, at: &At) {
        let Some(answer) = self.answer(written, &Scope::default(), at) else {
            return;
        };
        let mut templates = answer.templates().into_iter();
        let fixed = templates.all(|template| template.literal().is_some());
        if !fixed || matches!(answer, Answer::Random(_)) {
            self.report
                .error(at, EntryPart::Value, phrase!(on_error_not_fixed))
                .help(phrase!(help_on_error_not_fixed));
            return;
        }
        self.settings.on_error = rendered(&answer);
    }

    /// An included file has rules and tests; what holds for all is said once, at the root.
    pub(super) fn included_options(&mut self, file: usize) {
        let Some(source) = self.sources.files.get(file) else {
            return;
        };
        let Options {
            trim,
            ignore_case,
            ignore_width,
            ignore_punctuation,
            timezone,
            on_error,
            slow,
            push,
            fetch,
            more,
        } = &source.file.options;
        let any = trim.is_some()
            || ignore_case.is_some()
            || ignore_width.is_some()
            || ignore_punctuation.is_some()
            || timezone.is_some()
            || on_error.is_some()
            || slow.is_some()
            || push.is_some()
            || fetch.is_some()
            || more.is_some();
        if any {
            let root = At::File(file);
            self.report
                .error(
                    &root.key("options"),
                    EntryPart::Key,
                    phrase!(options_in_include),
                )
                .help(phrase!(help_options_in_include));
        }
    }
}

/// A reply that depends on nothing.
pub(super) fn rendered(answer: &Answer) -> Reply {
    let values = Values {
        message: &Message::default(),
        user: &User::default(),
        changed: &User::default(),
        progress: None,
        moment: &Moment::new(jiff::Timestamp::UNIX_EPOCH, &TimeZone::UTC),
        rest: None,
        captures: &Captures::default(),
        answer: None,
        tidied: false,
    };
    answer.render(&values, &mut |_| 0)
}

/// The same length in the largest unit that it is a whole number of.
pub(crate) fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let mut whole = units
        .iter()
        .filter(|(_, unit)| seconds.is_multiple_of(*unit));
    whole.next().map_or(String::new(), |(name, unit)| {
        format!("{}{name}", seconds / unit)
    })
}

/// A number with s, m, h or d behind it, of at most ten years.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let number: u64 = number.trim_end().parse().ok()?;
    let total = number.checked_mul(seconds)?;
    (1..=3_650 * 86_400)
        .contains(&total)
        .then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_a_number_and_a_unit() {
        for (text, seconds) in [
            ("30s", Some(30)),
            ("10m", Some(600)),
            ("2h", Some(7_200)),
            ("7d", Some(604_800)),
            ("10 m", Some(600)),
            ("0s", None),
            ("10", None),
            ("m", None),
            ("", None),
            ("-5m", None),
            ("1.5h", None),
            ("4000d", None),
            ("10分", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(duration(text), expected, "{text}");
        }
    }
}
