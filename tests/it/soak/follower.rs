//! A follower who knows what must be answered, whatever happens to the server meanwhile.

use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use wxreply::message::Message;

use crate::soak::Soak;
use crate::soak::accounts::Account;
use crate::soak::troubles::ON_ERROR;
use crate::{http, wechat};

/// Then the list is cleared.
const WORDS: usize = 12;

/// Between two deliveries of a message that got `on_error`.
const PATIENCE: Duration = Duration::from_millis(200);

pub struct Follower<'s> {
    account: &'s Account,
    openid: String,
    /// What is stored of him, for certain.
    words: Vec<String>,
    step: usize,
    connection: Option<TcpStream>,
}

impl<'s> Follower<'s> {
    /// The same openid may follow other accounts, too.
    pub fn new(account: &'s Account, openid: String) -> Follower<'s> {
        Follower {
            account,
            openid,
            words: Vec::new(),
            step: 0,
            connection: None,
        }
    }

    /// One request of each kind in turn; some are repeated.
    pub fn send_next(&mut self, soak: &Soak) {
        self.step += 1;
        if self.step.is_multiple_of(20) {
            self.connection = None;
        }
        match self.step % 8 {
            0 => self.pose_as_wechat(soak),
            1 | 4 => self.remember(soak),
            2 | 6 => self.recall(soak),
            _ => self.chat(soak),
        }
    }

    /// What needs no database is answered even without it, by rules that were live meanwhile.
    fn chat(&mut self, soak: &Soak) {
        let lowest = self.account.rules.lowest();
        let content = format!("说 {}", self.step);
        let Some(said) = self.deliver(soak, &self.text(&content)) else {
            return;
        };
        let edition = said
            .strip_prefix(&format!("{} 第 ", self.step))
            .and_then(|rest| rest.strip_suffix(" 版"))
            .and_then(|edition| edition.parse::<u64>().ok());
        let highest = self.account.rules.highest();
        if !edition.is_some_and(|edition| (lowest..=highest).contains(&edition)) {
            soak.complain(format!(
                "{content}: {said:?}, while the rules were {lowest} to {highest}"
            ));
        }
    }

    /// One word more is stored, once, however often the message is delivered.
    fn remember(&mut self, soak: &Soak) {
        if self.words.len() == WORDS {
            return self.forget(soak);
        }
        let word = format!("词{}", self.step);
        let message = self.text(&format!("记 {word}"));
        if !self.insist(soak, &message, &format!("记住了 {word}")) {
            return;
        }
        self.words.push(word.clone());
        if self.step.is_multiple_of(3) {
            soak.counts.repeated.fetch_add(1, Ordering::Relaxed);
            self.insist(soak, &message, &format!("记住了 {word}"));
        }
    }

    fn forget(&mut self, soak: &Soak) {
        let message = self.text("清");
        if self.insist(soak, &message, "清了") {
            self.words.clear();
        }
    }

    fn recall(&mut self, soak: &Soak) {
        let wanted = match self.words.is_empty() {
            true => "没有".to_owned(),
            false => self.words.join("、"),
        };
        let message = self.text("念");
        self.insist(soak, &message, &wanted);
    }

    /// Delivers until the answer is not `on_error`, which only a database that is away excuses.
    fn insist(&mut self, soak: &Soak, message: &Message, wanted: &str) -> bool {
        loop {
            let began = Instant::now();
            let Some(said) = self.deliver(soak, message) else {
                return false;
            };
            if said == wanted {
                return true;
            }
            if said != ON_ERROR || !soak.weather.excuses(began) {
                let content = message.content();
                soak.complain(format!("{content:?}: {said:?} instead of {wanted:?}"));
                // What is stored of this one is not known any more.
                *self = Follower::new(self.account, new_openid());
                return false;
            }
            soak.counts.on_error.fetch_add(1, Ordering::Relaxed);
            if soak.is_over.load(Ordering::Relaxed) {
                return false;
            }
            thread::sleep(PATIENCE);
        }
    }

    /// A stranger who knows no token.
    fn pose_as_wechat(&mut self, soak: &Soak) {
        let push = self.account.push(&self.text("说 谎"));
        let query = push.query.replace("signature=", "signature=0");
        let target = format!("{}?{query}", self.account.path);
        match http::request(soak.server.address(), "POST", &target, push.body.as_bytes()) {
            Some(said) if said.status == 403 && said.body.is_empty() => {
                soak.counts.refused.fetch_add(1, Ordering::Relaxed);
            }
            said => soak.complain(format!("a stranger got {said:?}")),
        }
    }

    /// What a delivery is answered; empty for `success`.
    fn deliver(&mut self, soak: &Soak, message: &Message) -> Option<String> {
        let began = Instant::now();
        let push = self.account.push(message);
        let target = format!("{}?{}", self.account.path, push.query);
        if self.connection.is_none() {
            self.connection = connect(soak);
        }
        let stream = self.connection.as_mut();
        let said = stream.and_then(|stream| {
            http::request_on(stream, &target, push.body.as_bytes(), "keep-alive")
        });
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let slowest = &soak.counts.slowest_micros;
        slowest.fetch_max(took, Ordering::Relaxed);
        match said {
            Some(said) if said.status == 200 => {
                soak.counts.answered.fetch_add(1, Ordering::Relaxed);
                match said.body.as_slice() {
                    b"success" => Some(String::new()),
                    body => Some(wechat::element(body, "Content")),
                }
            }
            said => {
                self.connection = None;
                soak.complain(format!("{:?} got {said:?}", message.content()));
                None
            }
        }
    }

    fn text(&self, content: &str) -> Message {
        wechat::text(&self.openid, content)
    }
}

fn connect(soak: &Soak) -> Option<TcpStream> {
    let stream = TcpStream::connect(soak.server.address()).ok()?;
    stream.set_read_timeout(Some(http::PATIENCE)).ok()?;
    Some(stream)
}

pub fn new_openid() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("o{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
