//! What somebody wants to try: a test of a rule file without what it expects.

mod lenient_scalar;

use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use crate::i18n::{Phrase, phrase};
use crate::message::Message;
use crate::moment::Moment;
use crate::rules::canned::{Canned, CannedError};
use crate::rules::compile::cases::{TEST_TIME, message_of, read_time, stored};
use crate::rules::compile::options::duration;
use crate::rules::file::{Json, Pairs, Sent, Text};
use crate::rules::trial::lenient_scalar::LenientScalar;
use crate::rules::{RuleSet, file};
use crate::user::{Stored, User};

/// What one follower sends in turn.
#[derive(Debug, Deserialize)]
#[serde(try_from = "file::CaseEntry")]
pub struct Trial {
    pub name: Option<String>,
    /// What is stored of the follower before.
    pub user: User,
    pub steps: Vec<TrialStep>,
}

#[derive(Debug)]
pub struct TrialStep {
    /// In the words of a test.
    pub sent: Vec<(String, String)>,
    pub message: Message,
    /// The local time; without one that of the step before, or now.
    pub at: Option<DateTime>,
    /// How long after that.
    pub later: Option<Duration>,
    /// What services answer, as `answers` of a test has it.
    pub answers: Vec<(String, Value)>,
}

impl TrialStep {
    /// When it is, after a step at another time.
    pub(crate) fn moment(
        &self,
        before: Option<Moment>,
        zone: &TimeZone,
    ) -> Result<Moment, TrialError> {
        let start = match self.at {
            Some(time) => Moment::local(time, zone),
            None => before,
        };
        let moment = match self.later {
            Some(later) => start.and_then(|start| start.later(later)),
            None => start,
        };
        moment.ok_or_else(TrialError::far_time)
    }

    /// What services answer, if these rules have such services.
    pub(crate) fn canned(&self, rules: &RuleSet) -> Result<Vec<Canned>, TrialError> {
        let canned = |(name, value): &(String, Value)| {
            let service = rules.service(name);
            let service = service.ok_or_else(|| phrase!(unknown_service, name))?;
            Canned::read(service, &Json::from(value)).map_err(|error| match error {
                CannedError::Invalid => phrase!(invalid_canned),
                CannedError::After => phrase!(invalid_after),
                CannedError::Failure(kind) => phrase!(unknown_failure, kind),
            })
        };
        let canned: Result<Vec<Canned>, Phrase> = self.answers.iter().map(canned).collect();
        canned.map_err(TrialError::Unfit)
    }
}

/// Why there is nothing to try.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    #[error("{}", self.to_phrase())]
    Malformed(serde_json::Error),
    /// As a reader of JSON says it, which takes texts only.
    #[error("{}", self.to_phrase())]
    Wrong(String),
    /// Nothing that these rules, or the calendar, have.
    #[error("{0}")]
    Unfit(Phrase),
}

impl TrialError {
    pub(crate) fn far_time() -> TrialError {
        TrialError::Unfit(phrase!(trial_far_time))
    }

    pub(crate) fn to_phrase(&self) -> Phrase {
        match self {
            TrialError::Malformed(error) => phrase!(trial_malformed, reason = error.to_string()),
            TrialError::Wrong(why) => Phrase::verbatim(why.as_str()),
            TrialError::Unfit(why) => why.clone(),
        }
    }
}

impl Trial {
    pub fn from_json(text: &[u8]) -> Result<Trial, TrialError> {
        let mut reader = serde_json::Deserializer::from_slice(text);
        let attempt = Trial::deserialize(LenientScalar(&mut reader));
        let attempt = attempt.and_then(|attempt| reader.end().map(|()| attempt));
        attempt.map_err(|error| match error.is_data() {
            true => TrialError::Wrong(error.to_string()),
            false => TrialError::Malformed(error),
        })
    }
}

impl TryFrom<file::CaseEntry> for Trial {
    type Error = Phrase;

    fn try_from(case: file::CaseEntry) -> Result<Trial, Phrase> {
        if case.expect.is_some() {
            return Err(phrase!(trial_no_expect));
        }
        let start = time(case.at.as_ref(), TEST_TIME.date())?;
        let steps = match (case.send.as_ref(), case.talk.as_ref()) {
            (Some(send), None) => vec![step(send, start, None, case.answers.as_ref())?],
            (None, Some(talk)) if !talk.is_empty() => steps(talk, start, case.answers.as_ref())?,
            (Some(_), Some(_)) => {
                return Err(phrase!(trial_send_or_talk));
            }
            (None, _) => return Err(phrase!(trial_nothing_sent)),
        };
        let name = case.name.as_ref().map(|Text(name)| name.trim().to_owned());
        Ok(Trial {
            name: name.filter(|name| !name.is_empty()),
            user: user(stored(case.user.as_ref())),
            steps,
        })
    }
}

/// `common` are the answers for turns that have none of their own.
fn steps(
    talk: &[file::TurnEntry],
    start: Option<DateTime>,
    common: Option<&Pairs<Json>>,
) -> Result<Vec<TrialStep>, Phrase> {
    let mut start = start;
    let mut now = start.unwrap_or(TEST_TIME);
    let step = |turn: &file::TurnEntry| {
        if turn.expect.is_some() {
            return Err(phrase!(trial_no_expect));
        }
        let at = time(turn.at.as_ref(), now.date())?.or(start.take());
        let later = turn
            .later
            .as_ref()
            .map(|Text(text)| duration(text).ok_or_else(|| phrase!(trial_later)))
            .transpose()?;
        now = at.unwrap_or(now);
        now = now.saturating_add(later.unwrap_or_default());
        let send = turn.send.as_ref().ok_or_else(|| phrase!(trial_silent_turn));
        let answers = turn.answers.as_ref().or(common);
        self::step(send?, at, later, answers)
    };
    talk.iter().map(step).collect()
}

fn step(
    send: &Sent,
    at: Option<DateTime>,
    later: Option<Duration>,
    answers: Option<&Pairs<Json>>,
) -> Result<TrialStep, Phrase> {
    let sent: Vec<(String, String)> = match send {
        Sent::Text(Text(text)) => vec![("content".to_owned(), text.clone())],
        Sent::Elements(Pairs(elements)) => elements
            .iter()
            .map(|(name, Text(value))| (name.clone(), value.clone()))
            .collect(),
    };
    let pairs: Vec<(&str, &str)> = sent
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let message = message_of(&pairs).map_err(|_| phrase!(trial_no_type))?;
    let answers = answers.map_or(&[][..], |Pairs(answers)| answers);
    let answers = answers.iter();
    Ok(TrialStep {
        sent,
        message,
        at,
        later,
        answers: answers
            .map(|(service, json)| (service.clone(), json.value()))
            .collect(),
    })
}

/// A time without a date is on this day.
fn time(written: Option<&Text>, day: Date) -> Result<Option<DateTime>, Phrase> {
    let time = written.map(|Text(text)| read_time(text, day).ok_or_else(|| phrase!(trial_at)));
    time.transpose()
}

fn user(stored: Vec<(String, Option<Stored>)>) -> User {
    let mut user = User::default();
    for (key, stored) in stored {
        match stored {
            Some(Stored::Value(value)) => user.set(&key, &value),
            Some(Stored::List(items)) => items.iter().for_each(|item| user.add(&key, item)),
            None => {}
        }
    }
    user
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_without_what_it_expects_is_an_attempt() {
        let text = r#"{ "user": { "step": "ask", "stocks": ["1", "2"], "gone": null },
            "at": "22:30", "talk": [{ "send": "你好" },
            { "send": { "event": "CLICK", "key": "buy" }, "at": "2026-05-06T07:08" }] }"#;
        let attempt = Trial::from_json(text.as_bytes()).unwrap();
        assert_eq!(attempt.user.iter().count(), 2);
        let [hello, click] = &attempt.steps[..] else {
            panic!("{attempt:?}");
        };
        assert_eq!(hello.message.content(), Some("你好"));
        assert_eq!(hello.at.unwrap().to_string(), "2026-01-02T22:30:00");
        assert_eq!(click.message.key(), Some("buy"));
        assert_eq!(click.at.unwrap().to_string(), "2026-05-06T07:08:00");
    }

    #[test]
    fn an_integer_or_a_yes_no_is_the_text_that_it_is_spelled_as() {
        let text = r#"{ "name": 1, "user": { "price": 100, "stocks": [600519, "1", -2], "vip": true },
            "talk": [{ "send": 123 }, { "send": false },
            { "send": { "event": "CLICK", "key": 18446744073709551615 } }] }"#;
        let attempt = Trial::from_json(text.as_bytes()).unwrap();
        assert_eq!(attempt.name.as_deref(), Some("1"));
        let stored: Vec<String> = attempt
            .user
            .iter()
            .map(|(key, stored)| format!("{key} {stored:?}"))
            .collect();
        assert_eq!(
            stored,
            [
                r#"price Value("100")"#,
                r#"stocks List(["600519", "1", "-2"])"#,
                r#"vip Value("true")"#,
            ]
        );
        let [number, no, click] = &attempt.steps[..] else {
            panic!("{attempt:?}");
        };
        assert_eq!(number.message.content(), Some("123"));
        assert_eq!(no.message.content(), Some("false"));
        assert_eq!(click.message.key(), Some("18446744073709551615"));
    }

    #[test]
    fn answers_of_a_talk_are_for_turns_that_have_none() {
        let text = r#"{ "answers": { "a": { "n": 1.5 } },
            "talk": [{ "send": "x" }, { "send": "y", "answers": { "b": "z" } }] }"#;
        let attempt = Trial::from_json(text.as_bytes()).unwrap();
        let answers: Vec<_> = attempt.steps.iter().map(|step| &step.answers[..]).collect();
        let expected = [("a", serde_json::json!({ "n": 1.5 })), ("b", "z".into())];
        for (found, (service, answer)) in answers.iter().zip(expected) {
            assert_eq!(**found, [(service.to_owned(), answer)]);
        }
    }

    #[test]
    fn what_cannot_be_tried_is_said_with_what_to_write() {
        for (text, said) in [
            ("{", "this is not JSON"),
            ("{}", "say what the follower sends"),
            ("5", "expected a test"),
            (r#"{"send": "a", "sent": "b"}"#, "unknown field `sent`"),
            (r#"{"send": "a", "a|b": 1}"#, "unknown field `a|b`"),
            (r#""a|b""#, "string \"a|b\", expected a test"),
            (r#"{"send": {"location_x": 31.20}}"#, "put it in quotes"),
            (r#"{"send": 1e3}"#, "put it in quotes"),
            (r#"{"send": -0}"#, "put it in quotes"),
            (r#"{"send": 98765432109876543210}"#, "put it in quotes"),
            (r#"{"send": 007}"#, "this is not JSON"),
            (r#"{"send": null}"#, "null, expected a text or the elements"),
            (r#"{"send": {"key": [5]}}"#, "sequence, expected a text"),
            (r#"{"send": "a"} x"#, "this is not JSON"),
            (r#"{"send": {"key": 5, "key": 6}}"#, "given before"),
            (r#"{"send": {"label": "a"}}"#, "has no type"),
            (r#"{"send": "a", "at": "soon"}"#, "not a local time"),
            (r#"{"send": "a", "talk": []}"#, "keep one"),
            (r#"{"talk": [{}]}"#, "sends nothing"),
            (r#"{"send": "a", "expect": {"rule": "b"}}"#, "leave it out"),
        ] {
            let error = Trial::from_json(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
