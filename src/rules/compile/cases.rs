//! `tests`: what a follower sends and what must come of it.

use std::convert::Infallible;

use jiff::civil::{Date, DateTime, Time};

use crate::i18n::phrase;
use crate::message::{Message, same_name};
use crate::moment::Moment;
use crate::reply::{MapParts, MediaSource, Reply, ReplyPart};
use crate::rules::compile::Compiler;
use crate::rules::compile::options;
use crate::rules::compile::path::At;
use crate::rules::file::{AnswerParts, Pairs, ReplyEntry, Sent, StoredValue, Text};
use crate::rules::nearest::nearest;
use crate::rules::sources::{ListKey, Origin};
use crate::rules::yaml::tree;
use crate::rules::{Canned, Case, ChangeTemplate, Expected, ExpectedRule, Turn, file};
use crate::user::{Stored, User};

/// The day and time of every test that does not say otherwise.
pub const TEST_TIME: DateTime = jiff::civil::datetime(2026, 1, 2, 3, 4, 5, 0);

impl Compiler<'_> {
    /// The tests of all files; they may speak of any rule, so that they come after all rules.
    pub(super) fn cases(&mut self) -> Vec<Case> {
        let sources = self.sources;
        let mut cases = Vec::new();
        for (file, source) in sources.files.iter().enumerate() {
            let root = At::File(file);
            let list = root.key(ListKey::Tests.key());
            for (entry, written) in source.file.tests.iter().enumerate() {
                let origin = Origin {
                    file,
                    list: ListKey::Tests,
                    entry,
                };
                let at = list.index(entry);
                cases.extend(self.case(written, origin, &at));
            }
        }
        cases
    }

    fn case(&mut self, written: &file::CaseEntry, origin: Origin, at: &At) -> Option<Case> {
        let name = match written.name.as_ref() {
            Some(Text(name)) if !name.trim().is_empty() => name.clone(),
            _ => {
                self.report
                    .missing(at, phrase!(missing_name, entry = "test"))
                    .help(phrase!(help_missing_name, entry = "test"));
                return None;
            }
        };
        let start = self.moment(written.at.as_ref(), TEST_TIME.date(), at);
        let mut has_time = written.at.is_some();
        let mut user = User::default();
        for (key, kept) in stored(written.user.as_ref()) {
            match kept {
                Some(Stored::Value(value)) => user.set(&key, &value),
                Some(Stored::List(items)) => items.iter().for_each(|item| user.add(&key, item)),
                None => {}
            }
        }
        let mut turns = Vec::new();
        match (written.send.as_ref(), written.talk.as_ref()) {
            (Some(send), None) => {
                let sent = self.sent(send, &at.key("send"));
                let answers = self.answers(written.answers.as_ref(), at);
                let expected = self.expected(written.expect.as_ref(), at);
                turns.push(self.turn(sent, start.clone(), has_time, answers, expected));
            }
            (None, Some(talk)) if !talk.is_empty() => {
                let list = at.key("talk");
                if written.expect.is_some() {
                    self.report
                        .error(
                            &at.key("expect"),
                            tree::EntryPart::Key,
                            phrase!(expect_with_talk),
                        )
                        .help(phrase!(help_expect_with_talk));
                }
                // Those of the test as a whole are for turns that have none of their own.
                let common = self.answers(written.answers.as_ref(), at);
                let mut now = start;
                for (index, turn) in talk.iter().enumerate() {
                    let at = list.index(index);
                    if turn.at.is_some() {
                        let day = now.as_ref().map_or(TEST_TIME.date(), Moment::date);
                        now = self.moment(turn.at.as_ref(), day, &at);
                        has_time = true;
                    }
                    if let Some(later) = turn.later.as_ref() {
                        now = self.later(now, turn.at.is_some(), later, &at);
                    }
                    let Some(send) = turn.send.as_ref() else {
                        self.report
                            .missing(&at, phrase!(missing_send, entry = "turn"))
                            .help(phrase!(help_missing_send));
                        continue;
                    };
                    let sent = self.sent(send, &at.key("send"));
                    let answers = match turn.answers.is_some() {
                        true => self.answers(turn.answers.as_ref(), &at),
                        false => common.clone(),
                    };
                    let expected = self.expected(turn.expect.as_ref(), &at);
                    turns.push(self.turn(sent, now.clone(), has_time, answers, expected));
                }
            }
            (Some(_), Some(_)) => {
                self.report
                    .error(
                        &at.key("talk"),
                        tree::EntryPart::Key,
                        phrase!(send_with_talk),
                    )
                    .help(phrase!(help_send_with_talk));
            }
            (None, _) => {
                self.report
                    .missing(at, phrase!(missing_send, entry = "test"))
                    .help(phrase!(help_missing_send));
            }
        }
        let turns: Option<Vec<Turn>> = turns.into_iter().collect();
        turns.map(|turns| Case {
            name,
            user,
            turns,
            origin,
        })
    }

    fn turn(
        &mut self,
        sent: Option<(Message, String)>,
        moment: Option<Moment>,
        has_time: bool,
        answers: Vec<Canned>,
        expected: Option<Expected>,
    ) -> Option<Turn> {
        let (message, sent) = sent?;
        let moment = moment?;
        let seconds = moment.unix_seconds().to_string();
        Some(Turn {
            message: message.with("CreateTime", &seconds),
            sent,
            moment,
            has_time,
            answers,
            expected: expected?,
        })
    }

    /// `day` is that of a time without a date.
    fn moment(&mut self, written: Option<&Text>, day: Date, at: &At) -> Option<Moment> {
        let time = match written {
            None => Some(TEST_TIME),
            Some(Text(text)) => read_time(text, day),
        };
        let moment = time.and_then(|time| Moment::local(time, &self.settings.zone));
        if moment.is_none() {
            self.report
                .missing(&at.key("at"), phrase!(invalid_time))
                .help(phrase!(help_invalid_time));
        }
        moment
    }

    /// So long after the turn before.
    fn later(
        &mut self,
        now: Option<Moment>,
        has_time: bool,
        Text(written): &Text,
        at: &At,
    ) -> Option<Moment> {
        let at = at.key("later");
        if has_time {
            self.report
                .error(&at, tree::EntryPart::Key, phrase!(later_with_at))
                .help(phrase!(help_later_with_at));
            return None;
        }
        let Some(duration) = options::duration(written) else {
            self.report
                .error(
                    &at,
                    tree::EntryPart::Value,
                    phrase!(invalid_duration, text = written),
                )
                .help(phrase!(help_later));
            return None;
        };
        now.and_then(|now| now.later(duration))
    }

    /// The message of a test, and how the author wrote it.
    fn sent(&mut self, written: &Sent, at: &At) -> Option<(Message, String)> {
        let elements = match written {
            Sent::Text(Text(text)) => {
                let sent = format!("text {text:?}");
                let message = from_follower("text").with("Content", text);
                return Some((message, sent));
            }
            Sent::Elements(Pairs(elements)) => elements,
        };
        let pairs = elements.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, Text(value))| (name.as_str(), value.as_str()))
            .collect();
        let message = match pairs.as_slice() {
            [("tap", name)] => return self.tapped(name, &at.key("tap")),
            pairs => message_of(pairs),
        };
        match message {
            Ok(message) => {
                let shown: Vec<_> = pairs
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect();
                Some((message, format!("{{ {} }}", shown.join(", "))))
            }
            Err(Untyped) => {
                self.report
                    .missing(at, phrase!(missing_message_type))
                    .help(phrase!(help_missing_message_type));
                None
            }
        }
    }

    fn expected(&mut self, written: Option<&file::CaseExpectation>, at: &At) -> Option<Expected> {
        let Some(written) = written else {
            self.report
                .missing(at, phrase!(missing_expect))
                .help(phrase!(help_missing_expect));
            return None;
        };
        let at = at.key("expect");
        let rule = match written.rule.as_ref() {
            None => None,
            Some(Text(name)) if name == "none" => Some(ExpectedRule::None),
            Some(Text(name)) if name.is_empty() => {
                self.report
                    .missing(&at.key("rule"), phrase!(missing_rule))
                    .help(phrase!(help_unknown_rule));
                return None;
            }
            Some(Text(name)) => {
                if !self.names.contains_key(name) {
                    let names = self.names.keys().map(String::as_str);
                    let help = match nearest(name, names) {
                        Some(meant) => phrase!(help_did_you_mean, meant),
                        None => phrase!(help_unknown_rule),
                    };
                    self.report.missing_rule(&at.key("rule"), name).help(help);
                    return None;
                }
                Some(ExpectedRule::Named(name.clone()))
            }
        };
        let reply = match written.reply.as_ref() {
            None => None,
            Some(answer) => Some(self.finished(answer, &at.key("reply"))?),
        };
        let user = stored(written.user.as_ref());
        let step = match written.step.as_ref() {
            Some(Some(Text(step))) => Some(Some(self.known_step(step, &at.key("step"))?)),
            Some(None) => Some(None),
            None => None,
        };
        let asked = match written.asked.as_ref() {
            Some(asked) => Some(self.expected_question(asked, &at.key("asked"))?),
            None => None,
        };
        let expects_more = !user.is_empty() || step.is_some() || asked.is_some();
        if rule.is_none() && reply.is_none() && !expects_more {
            self.report
                .missing(&at, phrase!(missing_expect))
                .help(phrase!(help_missing_expect));
            return None;
        }
        Some(Expected {
            rule,
            reply,
            user,
            step,
            asked,
        })
    }

    fn known_step(&mut self, name: &str, at: &At) -> Option<String> {
        let changes = self.rules.iter().flat_map(|rule| &rule.changes);
        let steps: Vec<&str> = changes
            .filter_map(|change| match change {
                ChangeTemplate::Step { step, .. } => Some(&**step),
                _ => None,
            })
            .collect();
        if steps.contains(&name) || !self.report.is_clean() {
            return Some(name.to_owned());
        }
        let help = match nearest(name, steps) {
            Some(meant) => phrase!(help_did_you_mean, meant),
            None => phrase!(help_expected_step),
        };
        let message = phrase!(unknown_step, name);
        self.report
            .error(at, tree::EntryPart::Value, message)
            .help(help);
        None
    }

    /// A reply as a follower gets it: nothing in it is a placeholder.
    fn finished(&mut self, written: &ReplyEntry, at: &At) -> Option<Reply> {
        let reply = match written {
            ReplyEntry::Line(Text(line)) => match line.as_str() {
                "success" => Some(Reply::Silence),
                "transfer_customer_service" => Some(Reply::CustomerService { account: None }),
                "" => {
                    self.report
                        .missing(at, phrase!(empty_reply))
                        .help(phrase!(help_expected_silence));
                    return None;
                }
                line => Some(Reply::Text(line.to_owned())),
            },
            ReplyEntry::Parts(parts) => {
                finished_parts(parts).map(|reply| self.with_files(reply, at))
            }
        };
        if reply.is_none() {
            self.report
                .missing(at, phrase!(invalid_expected_reply))
                .help(phrase!(help_invalid_expected_reply));
        }
        reply
    }
}

fn finished_parts(parts: &AnswerParts) -> Option<Reply> {
    let replies = parts.replies();
    match replies.as_slice() {
        [reply] if parts.random.is_none() => {
            let Ok(reply) = reply.map_parts(&mut FinishedParts);
            Some(reply)
        }
        _ => None,
    }
}

/// What is missing is empty, and never what a rule answers.
struct FinishedParts;

impl MapParts<'_, Option<&Text>, Option<&Text>> for FinishedParts {
    type Text = String;
    type Media = MediaSource;
    type Error = Infallible;

    fn needed(&mut self, _: ReplyPart, text: &Option<&Text>) -> Result<String, Infallible> {
        Ok(text.map(|Text(text)| text.clone()).unwrap_or_default())
    }

    fn optional(
        &mut self,
        _: ReplyPart,
        text: &Option<&Text>,
    ) -> Result<Option<String>, Infallible> {
        Ok(text.map(|Text(text)| text.clone()))
    }

    fn media(&mut self, part: ReplyPart, text: &Option<&Text>) -> Result<MediaSource, Infallible> {
        self.needed(part, text).map(MediaSource::Id)
    }
}

/// A mapping without a type, and nothing in it from which the type would follow.
#[derive(Debug, PartialEq, Eq)]
pub struct Untyped;

/// The elements that every message has once, whichever word they were given by.
const HEAD: [&str; 3] = ["MsgType", "ToUserName", "FromUserName"];

/// A message in the words of `when` and of WeChat's elements, as tests and `try` write it.
pub fn message_of(pairs: &[(&str, &str)]) -> Result<Message, Untyped> {
    let first = |is_meant: &dyn Fn(&str) -> bool| {
        let found = pairs.iter().find(|(name, _)| is_meant(name));
        found.map(|(_, value)| *value)
    };
    let find = |word: &str| first(&|name| name == word);
    // A word, or the element that it stands for.
    let said =
        |word: &str, element: &str| find(word).or_else(|| first(&|name| same_name(name, element)));
    let event = find("event");
    let msg_type = match (said("type", "MsgType"), event) {
        (Some(msg_type), _) => msg_type,
        (None, Some(_)) => "event",
        (None, None) if find("content").is_some() || find("menu").is_some() => "text",
        (None, None) => return Err(Untyped),
    };
    let mut message = Message::new(msg_type);
    for (word, element, default) in [
        ("account", "ToUserName", "gh_test"),
        ("openid", "FromUserName", "o_test"),
    ] {
        message = message.with(element, said(word, element).unwrap_or(default));
    }
    for (name, value) in pairs {
        message = match *name {
            "type" | "account" | "openid" => message,
            name if HEAD.iter().any(|element| same_name(name, element)) => message,
            "key" => message.with("EventKey", value),
            "menu" => message.with("bizmsgmenuid", value),
            "scene" if event.is_some_and(|event| event.eq_ignore_ascii_case("subscribe")) => {
                message.with("EventKey", &format!("qrscene_{value}"))
            }
            "scene" => message.with("EventKey", value),
            name => message.with(name, value),
        };
    }
    Ok(message)
}

pub(super) fn from_follower(msg_type: &str) -> Message {
    Message::new(msg_type)
        .with("ToUserName", "gh_test")
        .with("FromUserName", "o_test")
}

pub(in crate::rules) fn stored(
    written: Option<&Pairs<Option<StoredValue>>>,
) -> Vec<(String, Option<Stored>)> {
    let Some(Pairs(pairs)) = written else {
        return Vec::new();
    };
    let pairs = pairs.iter();
    pairs
        .map(|(key, kept)| {
            let stored = kept.as_ref().map(|kept| match kept {
                StoredValue::Value(Text(value)) => Stored::Value(value.clone()),
                StoredValue::List(items) => {
                    Stored::List(items.iter().map(|Text(item)| item.clone()).collect())
                }
            });
            // An empty list is how one may write that nothing is stored.
            (
                key.clone(),
                stored.filter(|stored| !stored.texts().is_empty()),
            )
        })
        .collect()
}

/// A date and a time, or a time on this day.
pub fn read_time(text: &str, day: Date) -> Option<DateTime> {
    let text = text.trim();
    text.parse::<DateTime>()
        .ok()
        .or_else(|| Some(day.to_datetime(text.parse::<Time>().ok()?)))
}
