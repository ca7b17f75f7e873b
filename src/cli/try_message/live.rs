//! `try --live`: what the service answers that a rule asks, and a test of that.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::case_writer;
use crate::cli::{asking, http_client};
use crate::conversation;
use crate::engine::Decision;
use crate::i18n::phrase;
use crate::message::Message;
use crate::moment::Moment;
use crate::rules::trial::{Trial, TrialStep};
use crate::rules::{Canned, RuleSet};
use crate::server;
use crate::service::{Question, Service};
use crate::services::{AskResult, Asking, Outside};
use crate::user::User;

/// What a service has just said.
pub(super) struct Heard {
    asked: AskResult,
    canned: Canned,
    /// As `answers` of a test has it.
    written: Value,
}

/// What was tried.
pub(super) struct LiveTrial<'t> {
    pub rules: &'t RuleSet,
    /// In the words of a test.
    pub sent: Vec<(&'t str, &'t str)>,
    pub message: &'t Message,
    pub moment: &'t Moment,
    /// The time, if it was chosen.
    pub at: Option<DateTime>,
    pub user: &'t User,
}

/// Asks, as a server would.
pub(super) fn ask(outside: Outside, question: &Question, follower: &str) -> Result<Heard, String> {
    // An endpoint that knows a repeated question must not take this one for the one before.
    let delivery = format!("try-{:08x}", http_client::stamp().nonce);
    let asking = Asking {
        account: "",
        metrics: None,
        delivery: &delivery,
        follower,
        turns: &[],
    };
    let asked = asking::with_services(outside, async |services| {
        services.ask(question, &asking).await
    })?;
    let answer = asked.answer.clone().map_err(|failure| failure.error);
    let canned = Canned::heard(&question.service, answer, asked.usage.took);
    Ok(Heard {
        written: canned.written(&question.service),
        canned,
        asked,
    })
}

impl Heard {
    /// What the decision becomes.
    pub(super) fn complete(&self, tried: &LiveTrial, decision: Decision) -> Decision {
        conversation::answered(
            tried.rules,
            tried.user,
            tried.message,
            tried.moment,
            std::slice::from_ref(&self.canned),
            decision,
            &mut server::choose,
        )
    }

    /// What came back, or what helps if nothing did, and how long that took.
    pub(super) fn rows(&self, service: &Service) -> Vec<(String, String)> {
        let seconds = format!("{:.1}", self.asked.usage.took.as_secs_f64());
        let took = phrase!(try_seconds, seconds).to_string();
        let mut rows = match &self.asked.answer {
            Ok(answer) => vec![(phrase!(try_answers), answer.0.to_string())],
            Err(failure) => vec![
                (phrase!(try_fails), failure.why.to_string()),
                (phrase!(try_help), failure.remedy(service).to_string()),
            ],
        };
        rows.insert(1, (phrase!(try_took), took));
        rows.into_iter()
            .map(|(name, value)| (name.to_string(), value))
            .collect()
    }

    pub(super) fn json(&self, tried: &LiveTrial) -> Value {
        let failure = self.asked.answer.as_ref().err();
        let took = self.asked.usage.took.as_millis();
        json!({
            "answers": { &*self.canned.service: self.written },
            "milliseconds": u64::try_from(took).unwrap_or(u64::MAX),
            "why": failure.map(|failure| failure.why.to_string()),
            "test": self.test(tried),
        })
    }

    /// What was tried as a test. An answer that comes late is fetched there, if there is a word
    /// for that.
    pub(super) fn test(&self, tried: &LiveTrial) -> Option<String> {
        let step = |sent: &[(&str, &str)], message: &Message| TrialStep {
            sent: sent
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            message: message.clone(),
            at: None,
            later: None,
            answers: Vec::new(),
        };
        let mut steps = vec![TrialStep {
            at: tried.at,
            answers: vec![(self.canned.service.to_string(), self.written.clone())],
            ..step(&tried.sent, tried.message)
        }];
        let settings = &tried.rules.settings;
        if let (Some(word), false) = (settings.fetch.first(), self.canned.after.is_zero()) {
            let message = Message::new("text").with("Content", word);
            steps.push(TrialStep {
                later: Some(self.canned.after),
                ..step(&[("content", word)], &message)
            });
        }
        let trial = Trial {
            name: None,
            user: tried.user.clone(),
            steps,
        };
        let now = Timestamp::now().to_zoned(settings.zone.clone()).datetime();
        let now = now.with().subsec_nanosecond(0).build().unwrap_or(now);
        case_writer::write(tried.rules, &trial, now).ok()
    }
}
