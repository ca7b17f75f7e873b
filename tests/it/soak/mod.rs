//! Everything at once and for long: followers, slow services, late answers, pictures, menus,
//! reloads, retries, strangers, slow clients and a database that goes away.
//! `cargo bench --bench soak` is the long form.

mod accounts;
mod asker;
mod follower;
mod troubles;
mod window;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::admin::operators;
use crate::asking::endpoint::Endpoint;
use crate::postgres::Postgres;
use crate::server;
use crate::server::Server;
use crate::soak::accounts::Accounts;
use crate::soak::follower::{Follower, new_openid};
use crate::soak::troubles::Weather;
use crate::support::Folder;
use crate::wechat_api::{APP_ID, WechatApiServer};

/// Each has followers of its own, and one request under way.
const CLIENTS: usize = 8;

/// Each has one question under way.
const ASKERS: usize = 20;

/// Connections of clients that are slow, and back whenever they are hung up on.
const SLOW: usize = 100;

/// Memory is judged from then on, or from a quarter of the time in a short soak.
const WARM: Duration = Duration::from_secs(60);

pub struct Plan {
    pub time: Duration,
    /// More than one stand in a file, which changes, too.
    pub accounts: usize,
    /// Requests a second at most, where others need the machine, too.
    pub most: f64,
    /// Says how it goes, once a minute.
    pub tell: fn(&str),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Requests a second: as many as there can be, and half of that or less.
    pub capacity: f64,
    pub rate: f64,
    pub answered: u64,
    /// Answers that were rightly `on_error`, as the database was away.
    pub on_error: u64,
    pub repeated: u64,
    pub refused: u64,
    pub reloads: u64,
    pub broken: u64,
    pub restarts: u64,
    pub slow: u64,
    /// Questions, and how their answers came.
    pub asked: u64,
    pub pushed: u64,
    pub fetched: u64,
    /// Looks at the poster, uploads of another one, and menus.
    pub posters: u64,
    pub uploads: u64,
    pub menus: u64,
    pub wrong: u64,
    /// The first of those that were wrong.
    pub complaints: Vec<String>,
    pub slowest: Duration,
    /// KiB, each second.
    pub memory: Vec<u64>,
    /// Why it ran on SQLite, which does not restart.
    pub without_postgres: Option<String>,
}

/// What all threads of a soak share.
pub struct Soak {
    server: Server,
    /// What rules ask, and how long it takes at most.
    endpoint: Endpoint,
    slowest_answer: Duration,
    api: WechatApiServer,
    accounts: Accounts,
    weather: Weather,
    counts: Counts,
    complaints: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

#[derive(Default)]
struct Counts {
    answered: AtomicU64,
    on_error: AtomicU64,
    repeated: AtomicU64,
    refused: AtomicU64,
    slow: AtomicU64,
    asked: AtomicU64,
    pushed: AtomicU64,
    fetched: AtomicU64,
    posters: AtomicU64,
    menus: AtomicU64,
    wrong: AtomicU64,
    slowest_micros: AtomicU64,
}

/// Runs until the time of the plan is over.
pub fn run(plan: &Plan) -> Outcome {
    let (mut postgres, without_postgres) = match Postgres::start() {
        Ok(postgres) => (Some(postgres), None),
        Err(missing) => (None, Some(missing)),
    };
    let (endpoint, api) = (Endpoint::start(1), WechatApiServer::start());
    let accounts = Accounts::asking(endpoint.address, plan.accounts);
    let folder = Folder::with(&[]);
    let flags = accounts.write(&folder);
    let url = postgres
        .as_ref()
        .map_or("sqlite:followers.db".to_owned(), Postgres::url);
    let api_url = api.url();
    let mut flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    flags.extend(["--database", &url, "--api", &api_url]);
    flags.extend(["--admin", "127.0.0.1:0"]);
    let mut command = server::serve(folder.path(), &flags, &[]);
    // Thousands of followers get on_error; the log need not keep a line for each.
    command.env("RUST_LOG", "info,wxreply::delivery=off");
    let soak = Soak {
        server: Server::spawn(command),
        endpoint,
        slowest_answer: plan.time.min(asker::SLOWEST),
        api,
        accounts,
        weather: Weather::default(),
        counts: Counts::default(),
        complaints: Mutex::default(),
        is_over: AtomicBool::new(false),
    };
    let mut outcome = Outcome {
        without_postgres,
        capacity: soak.capacity((plan.time / 20).clamp(Duration::from_secs(2), WARM / 6)),
        ..Outcome::default()
    };
    outcome.rate = (outcome.capacity / 2.0).min(plan.most);
    (plan.tell)(&format!(
        "{:.0} requests a second are too many for this machine; {:.0} it is",
        outcome.capacity, outcome.rate
    ));
    let until = Instant::now() + plan.time;
    let questions = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            let (soak, rate) = (&soak, outcome.rate);
            scope.spawn(move || soak.send_at(rate / CLIENTS as f64, until));
        }
        for _ in 0..ASKERS {
            scope.spawn(|| asker::ask_and_fetch(&soak, &questions, until));
        }
        scope.spawn(|| window::look(&soak, &folder));
        scope.spawn(|| troubles::slow_clients(&soak, SLOW));
        let database = scope.spawn(|| {
            let postgres = postgres.as_mut()?;
            Some(troubles::restarts(&soak, postgres, until))
        });
        let operators = operators(&soak.server);
        let mut told = Instant::now();
        while Instant::now() < until {
            let began = Instant::now();
            let reloads = soak.accounts.replace(&folder, operators, &soak.weather);
            match reloads {
                Ok((taken, refused)) => {
                    outcome.reloads += taken;
                    outcome.broken += refused;
                }
                Err(complaint) => soak.complain(complaint),
            }
            outcome.memory.push(soak.server.kibibytes("VmRSS"));
            if told.elapsed() >= WARM {
                told = Instant::now();
                (plan.tell)(&soak.so_far(&outcome.memory));
            }
            thread::sleep(Duration::from_secs(1).saturating_sub(began.elapsed()));
        }
        soak.is_over.store(true, Ordering::Relaxed);
        outcome.restarts = database.join().unwrap().unwrap_or(0);
    });
    (plan.tell)(&soak.so_far(&outcome.memory));
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let counts = &soak.counts;
    outcome.answered = count(&counts.answered);
    outcome.on_error = count(&counts.on_error);
    outcome.repeated = count(&counts.repeated);
    outcome.refused = count(&counts.refused);
    outcome.slow = count(&counts.slow);
    outcome.asked = count(&counts.asked);
    outcome.pushed = count(&counts.pushed);
    outcome.fetched = count(&counts.fetched);
    outcome.posters = count(&counts.posters);
    outcome.uploads = soak.api.account(APP_ID).uploads();
    outcome.menus = count(&counts.menus);
    outcome.wrong = count(&counts.wrong);
    outcome.slowest = Duration::from_micros(count(&counts.slowest_micros));
    let complaints = soak.complaints.lock();
    outcome.complaints = complaints.unwrap_or_else(PoisonError::into_inner).clone();
    outcome
}

impl Soak {
    /// How many requests a second are answered when all clients ask without a pause.
    fn capacity(&self, time: Duration) -> f64 {
        let until = Instant::now() + time;
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| self.send_at(f64::INFINITY, until));
            }
        });
        let answered = self.counts.answered.load(Ordering::Relaxed);
        let refused = self.counts.refused.load(Ordering::Relaxed);
        (answered + refused) as f64 / time.as_secs_f64()
    }

    /// One client, who follows every account: so many requests a second, one after the other.
    fn send_at(&self, rate: f64, until: Instant) {
        let openid = new_openid();
        let accounts = self.accounts.all.iter();
        let mut followers: Vec<Follower> = accounts
            .map(|account| Follower::new(account, openid.clone()))
            .collect();
        let pause = Duration::from_secs_f64(1.0 / rate);
        let mut next = Instant::now();
        for turn in 0.. {
            if Instant::now() >= until {
                return;
            }
            let account = turn % followers.len();
            followers[account].send_next(self);
            next += pause;
            // Who is far behind need not hurry to make up for it.
            next = next.max(Instant::now() - pause * 10);
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }

    fn complain(&self, complaint: String) {
        self.counts.wrong.fetch_add(1, Ordering::Relaxed);
        let complaints = self.complaints.lock();
        let mut complaints = complaints.unwrap_or_else(PoisonError::into_inner);
        if complaints.len() < 20 {
            complaints.push(format!("{} {complaint}", Timestamp::now()));
        }
    }

    fn so_far(&self, memory: &[u64]) -> String {
        format!(
            "{} answered, {} asked, {} pushed, {} on_error, {} wrong, {} KiB",
            self.counts.answered.load(Ordering::Relaxed),
            self.counts.asked.load(Ordering::Relaxed),
            self.counts.pushed.load(Ordering::Relaxed),
            self.counts.on_error.load(Ordering::Relaxed),
            self.counts.wrong.load(Ordering::Relaxed),
            memory.last().unwrap_or(&0),
        )
    }
}

impl Outcome {
    /// The median memory of the first and of the last quarter of what follows the warm-up, KiB.
    /// It is flat when the last is hardly more than the first.
    pub fn memory_early_and_late(&self) -> (u64, u64) {
        let warm = usize::try_from(WARM.as_secs()).unwrap_or(usize::MAX);
        let warm = warm.min(self.memory.len() / 4);
        let judged = self.memory.get(warm..).unwrap_or_default();
        let quarter = (judged.len() / 4).max(1);
        let median = |samples: Option<&[u64]>| {
            let mut samples = samples.unwrap_or_default().to_vec();
            samples.sort_unstable();
            samples.get(samples.len() / 2).copied().unwrap_or(0)
        };
        let early = median(judged.get(..quarter));
        (
            early,
            median(judged.get(judged.len().saturating_sub(quarter)..)),
        )
    }

    /// A twentieth more is how an allocator breathes.
    pub fn memory_is_flat(&self) -> bool {
        let (early, late) = self.memory_early_and_late();
        late <= early + early / 20 + 2048
    }
}

#[test]
fn whatever_happens_at_once_no_follower_gets_a_wrong_answer() {
    let number = |name, usual| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let seconds = number("WXREPLY_SOAK_SECONDS", 10);
    let accounts = number("WXREPLY_SOAK_ACCOUNTS", 8);
    let outcome = run(&Plan {
        time: Duration::from_secs(seconds),
        accounts: usize::try_from(accounts).unwrap(),
        most: 300.0,
        tell: |line| eprintln!("{line}"),
    });
    if let Some(missing) = &outcome.without_postgres {
        crate::requirements::absent("postgres-binaries", missing);
    }
    assert_eq!(outcome.wrong, 0, "{outcome:#?}");
    for happened in [
        outcome.answered,
        outcome.repeated,
        outcome.refused,
        outcome.reloads,
        outcome.broken,
        outcome.slow,
        outcome.asked,
        outcome.fetched,
        outcome.posters,
        outcome.uploads,
        outcome.menus,
    ] {
        assert!(happened > 0, "{outcome:#?}");
    }
    assert!(outcome.memory_is_flat(), "{outcome:#?}");
}
