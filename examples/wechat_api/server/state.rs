//! Everything that the server knows, and its clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::account::{Account, Kind};
use super::call::{Call, Outcome, refuse};
use super::faults::{Fault, Faults};
use super::{APP_ID, APP_SECRET, interfaces, picture};

pub(super) type OnMessage = Arc<dyn Fn(&str, &Value) + Send + Sync>;

pub(super) struct State {
    pub accounts: BTreeMap<String, Account>,
    pub faults: Faults,
    pub on_message: Option<OnMessage>,
    ahead: Duration,
    calls: HashMap<String, u64>,
    serial: u64,
}

/// What goes back.
pub(super) enum Answer {
    Json(Value),
    Page(u16, &'static str),
    Picture(Vec<u8>),
}

/// An answer, and what happens to it on its way.
pub(super) struct Answered {
    pub answer: Answer,
    pub after: Duration,
    pub hang_up: bool,
}

impl Answered {
    pub fn at_once(answer: Answer) -> Answered {
        Answered {
            answer,
            after: Duration::ZERO,
            hang_up: false,
        }
    }
}

impl State {
    pub fn new() -> State {
        let mut state = State {
            accounts: BTreeMap::new(),
            faults: Faults::default(),
            on_message: None,
            ahead: Duration::ZERO,
            calls: HashMap::new(),
            serial: 0,
        };
        state.add_account(APP_ID, APP_SECRET, Kind::VerifiedService);
        state
    }

    pub fn add_account(&mut self, app_id: &str, secret: &str, kind: Kind) {
        let account = Account::new(app_id, secret, kind);
        self.accounts.insert(app_id.to_owned(), account);
    }

    pub fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.unwrap_or_default() + self.ahead;
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
    }

    pub fn advance(&mut self, by: Duration) {
        self.ahead += by;
    }

    pub fn calls(&self, path: &str) -> u64 {
        self.calls.get(path).copied().unwrap_or(0)
    }

    pub fn answer(&mut self, call: &Call) -> Answered {
        *self.calls.entry(call.path.clone()).or_default() += 1;
        self.serial += 1;
        let mut answered = Answered::at_once(Answer::Page(200, ""));
        match self.faults.take(&call.path) {
            Some(Fault::Status(status)) => {
                answered.answer = Answer::Page(status, "<html><body>Bad gateway</body></html>");
                return answered;
            }
            Some(Fault::Html) => {
                answered.answer = Answer::Page(200, "<html><body>Welcome</body></html>");
                return answered;
            }
            Some(Fault::Errcode(code, message)) => {
                answered.answer = Answer::Json(refuse(code, &message).json(self.serial));
                return answered;
            }
            Some(Fault::HangUp) => {
                answered.hang_up = true;
                return answered;
            }
            Some(Fault::HangUpAfter) => answered.hang_up = true,
            Some(Fault::Slow(time)) => answered.after = time,
            Some(Fault::EndToken) => self.end_token(call.parameter("access_token")),
            None => {}
        }
        answered.answer = self.carry_out(call);
        answered
    }

    fn end_token(&mut self, token: &str) {
        for account in self.accounts.values_mut() {
            if account.tokens.check(token, 0).is_some() {
                account.tokens.end();
            }
        }
    }

    fn carry_out(&mut self, call: &Call) -> Answer {
        if call.path == "/cgi-bin/showqrcode" {
            let ticket = call.parameter("ticket");
            let mut accounts = self.accounts.values();
            return match accounts.any(|one| one.qr_codes.shows(ticket, call.now)) {
                true => Answer::Picture(picture::png(ticket)),
                false => Answer::Page(404, "<html><body>404 Not Found</body></html>"),
            };
        }
        let outcome: Outcome = interfaces::answer(self, call);
        if outcome.is_ok() && call.path == "/cgi-bin/message/custom/send" {
            self.tell(call);
        }
        Answer::Json(match outcome {
            Ok(said) => said,
            Err(refusal) => refusal.json(self.serial),
        })
    }

    fn tell(&self, call: &Call) {
        let (Some(tell), Ok(message)) = (&self.on_message, call.json()) else {
            return;
        };
        let openid = message.get("touser").and_then(Value::as_str);
        tell(openid.unwrap_or_default(), &message);
    }
}
