//! What goes on around the followers: rules that change every second, clients that are slow, a
//! database that goes away.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::admin;
use crate::attack::Crowd;
use crate::postgres::Postgres;
use crate::soak::Soak;
use crate::soak::asker::ORDINARY;
use crate::soak::window::{self, POSTER};
use crate::support::Folder;

pub const ON_ERROR: &str = "系统繁忙";

/// Beside the few rules that followers use.
const KEYWORDS: usize = 300;

/// Which editions of the rules may answer now.
pub struct Rules {
    /// What they ask.
    endpoint: SocketAddr,
    /// Where the file is, with a `/` at its end, and where it is reloaded.
    folder: String,
    target: String,
    /// Whether they show what WeChat keeps for the account.
    has_poster: bool,
    written: AtomicU64,
    confirmed: AtomicU64,
    saves: AtomicU64,
}

impl Rules {
    pub fn asking(
        endpoint: SocketAddr,
        folder: String,
        target: String,
        has_poster: bool,
        first_save: u64,
    ) -> Rules {
        Rules {
            endpoint,
            folder,
            target,
            has_poster,
            written: AtomicU64::new(0),
            confirmed: AtomicU64::new(0),
            saves: AtomicU64::new(first_save),
        }
    }

    pub fn write_first(&self, folder: &Folder) {
        folder.write(&self.file(), self.text(0));
        if self.has_poster {
            folder.write(&self.poster(), window::poster(0));
        }
    }

    fn file(&self) -> String {
        format!("{}rules.yaml", self.folder)
    }

    fn poster(&self) -> String {
        format!("{}{POSTER}", self.folder)
    }

    fn text(&self, edition: u64) -> String {
        let endpoint = self.endpoint;
        let mut text = format!(
            "options: {{ on_error: {ON_ERROR}, slow: 稍等，回复【1】, fetch: ['1'] }}
services: {{ 慢: {{ url: 'http://{endpoint}/', timeout: 60s, at_once: 500 }} }}
rules:
  - {{ name: 问, when: {{ type: text, prefix: 问 }}, ask: 慢, failed: 坏了 }}
  - {{ name: 一, when: {{ type: text, equals: '1' }}, reply: {ORDINARY} }}
  - {{ name: 说, when: {{ type: text, prefix: 说 }}, reply: '<rest> 第 {edition} 版' }}
  - {{ name: 记, when: {{ type: text, prefix: 记 }}, add: {{ words: <rest> }}, reply: 记住了 <rest> }}
  - {{ name: 念, when: {{ type: text, equals: 念 }}, reply: '<user.words|没有>' }}
  - {{ name: 清, when: {{ type: text, equals: 清 }}, clear: [words], reply: 清了 }}
"
        );
        if self.has_poster {
            text += &format!(
                "  - {{ name: 海报, when: {{ type: text, equals: 海报 }}, reply: {{ image: ./{POSTER} }} }}\n"
            );
        }
        for number in 0..KEYWORDS {
            text += &format!(
                "  - {{ name: k{number}, when: {{ contains: 关键词{number}号 }}, reply: 答{number} }}\n"
            );
        }
        text
    }

    pub fn lowest(&self) -> u64 {
        self.confirmed.load(Ordering::SeqCst)
    }

    pub fn highest(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// Saves other rules, every fourth time broken ones, and sees to it that the server takes
    /// the ones and refuses the others. Whether they were good.
    pub fn replace(
        &self,
        folder: &Folder,
        operators: SocketAddr,
        weather: &Weather,
    ) -> Result<bool, String> {
        let save = self.saves.fetch_add(1, Ordering::SeqCst);
        let edition = self.written.load(Ordering::SeqCst) + 1;
        let good = self.text(edition);
        let is_good = save % 4 != 3;
        let text = match (is_good, save % 16) {
            (true, _) => good,
            (false, 3) => good.replace("reply: 清了", "replay: 清了"),
            (false, 7) => good.replace("name: 念", "name: 说"),
            (false, 11) => good.replace("clear: [words]", "clear: [words"),
            (false, _) => String::new(),
        };
        if is_good {
            self.written.store(edition, Ordering::SeqCst);
        }
        if self.has_poster && save % 10 == 9 {
            folder.write(&self.poster(), window::poster(save));
        }
        match save % 2 {
            0 => folder.write(&self.file(), text),
            _ => {
                let new = format!("{}new.yaml", self.folder);
                folder.write(&new, text);
                let path = folder.path();
                fs::rename(path.join(new), path.join(self.file())).unwrap();
            }
        }
        let began = Instant::now();
        let said = admin::try_post(operators, &self.target);
        match (is_good, said.as_ref().map(|said| said.status)) {
            (true, Ok(200)) => self.confirmed.store(edition, Ordering::SeqCst),
            (false, Ok(422)) => {}
            // Without a database nobody knows whether WeChat has the poster.
            (true, Ok(422)) if weather.excuses(began) => return Ok(false),
            _ => {
                let took = began.elapsed();
                return Err(format!("save {save}, good {is_good}, {took:?}: {said:?}"));
            }
        }
        Ok(is_good)
    }
}

/// Whether the database is there.
#[derive(Default)]
pub struct Weather(Mutex<Sky>);

#[derive(Default)]
struct Sky {
    away: bool,
    back: Option<Instant>,
}

impl Weather {
    /// Whether the database was away at a moment since then, or had just come back.
    pub fn excuses(&self, began: Instant) -> bool {
        let sky = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let just = |back: Instant| back + Duration::from_secs(1) > began;
        sky.away || sky.back.is_some_and(just)
    }

    fn set(&self, away: bool) {
        let mut sky = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sky.away = away;
        sky.back = (!away).then(Instant::now);
    }
}

/// Ends the database and starts it again, over and over; how often.
pub fn restarts(soak: &Soak, postgres: &mut Postgres, until: Instant) -> u64 {
    let mut restarts = 0;
    let rests = [3, 20, 7].map(Duration::from_secs).into_iter().cycle();
    for (rest, away) in rests.zip([1, 3].map(Duration::from_secs).into_iter().cycle()) {
        if Instant::now() + rest + away * 2 > until {
            return restarts;
        }
        thread::sleep(rest);
        soak.weather.set(true);
        postgres.stop();
        thread::sleep(away);
        postgres.start_again();
        soak.weather.set(false);
        restarts += 1;
    }
    restarts
}

/// Connections that send next to nothing; who is hung up on comes again.
pub fn slow_clients(soak: &Soak, size: usize) {
    let mut crowd = Crowd::gather(soak.server.address(), size);
    while !soak.is_over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(300));
        let hung_up = crowd.drip().hung_up;
        let hung_up = u64::try_from(hung_up).unwrap_or(u64::MAX);
        soak.counts.slow.fetch_add(hung_up, Ordering::Relaxed);
        crowd.come_again();
    }
}
