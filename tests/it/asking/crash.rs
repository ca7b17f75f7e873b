//! `kill -9` with questions under way: two replicas on one database, a service that takes its time,
//! and WeChat, which delivers each message up to three times, to whichever replica it reaches.
//!
//! A few rounds on each database; `WXREPLY_CRASH_ROUNDS` asks for more.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, thread};

use wxreply::message::Message;

use crate::asking::shop::{SLOW, Shop, seen};
use crate::server::Server;
use crate::{http, wechat};

/// So many rounds of a pair of replicas follow each other. The pairs play at once, each with a
/// database or an account of its own.
const ROUNDS_OF_A_PAIR: usize = 25;
const MIN_PAIRS: usize = 4;
const FOLLOWERS: usize = 3;

/// How fast WeChat delivers, and with it everybody else.
const CLOCK: [&str; 4] = ["--deadline", "1800ms", "--retry-after", "2s"];
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// How long a follower fetches, on a machine however busy, until nothing waits any more.
const PATIENCE: Duration = Duration::from_secs(600);

/// What became of all questions on one database.
#[derive(Debug, Default)]
struct Tally {
    kills: usize,
    questions: usize,
    delivered: usize,
    fetched: usize,
    /// The service had another question of the follower.
    busy: usize,
    /// On an overloaded machine, or with a replica gone at the wrong moment, nobody asked.
    unasked: usize,
    /// The follower was told so instead of an answer.
    failed: usize,
    doubled: usize,
    wrong: Vec<String>,
    lost: Vec<String>,
    twice: Vec<String>,
}

/// Two replicas, and where WeChat reaches them.
struct Pair<'s> {
    shop: &'s Shop,
    reached: Mutex<[Option<SocketAddr>; 2]>,
}

/// What one follower has asked, and how often they fetched that it failed.
struct Follower {
    name: String,
    asked: Vec<Asked>,
    failures: usize,
}

/// A question, and what came of it.
struct Asked {
    content: String,
    answer: String,
    /// What its own deliveries were told.
    told: Option<String>,
    delivered: usize,
    fetched: usize,
}

#[test]
fn questions_outlive_replicas_and_reach_their_follower_once() {
    let rounds = env::var("WXREPLY_CRASH_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap());
    let pairs = (rounds / ROUNDS_OF_A_PAIR).max(MIN_PAIRS).min(rounds);
    let tallies = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for pair in 0..pairs {
            let share = rounds / pairs + usize::from(pair < rounds % pairs);
            let tallies = &tallies;
            scope.spawn(move || {
                Shop::on_each_database_timed(|shop| {
                    let kind = shop.database.split(':').next().unwrap().to_owned();
                    let tally = play(shop, share);
                    let mut tallies = tallies.lock().unwrap();
                    tallies
                        .entry(kind)
                        .or_insert_with(Tally::default)
                        .add(tally);
                });
            });
        }
    });
    for (kind, tally) in tallies.into_inner().unwrap() {
        println!("{kind}: {tally:#?}");
        let Tally {
            wrong, lost, twice, ..
        } = &tally;
        assert!(wrong.is_empty() && lost.is_empty() && twice.is_empty());
        assert_eq!(tally.kills, rounds);
        // By a replica that died before it knew that an answer had arrived.
        assert!(tally.doubled * 10 <= tally.questions, "{}", tally.doubled);
        assert!(
            tally.delivered + tally.fetched >= rounds,
            "hardly anything was asked"
        );
    }
}

fn play(shop: &Shop, rounds: usize) -> Tally {
    let mut replicas = [(); 2].map(|()| Some(shop.replica_with(&CLOCK)));
    let reached = replicas
        .each_ref()
        .map(|it| it.as_ref().map(Server::address));
    let pair = Pair {
        shop,
        reached: Mutex::new(reached),
    };
    let mut tally = Tally::default();
    for round in 0..rounds {
        let followers: Vec<Follower> = thread::scope(|scope| {
            let pair = &pair;
            let names = (0..FOLLOWERS).map(|number| letters(round * FOLLOWERS + number));
            let followers: Vec<_> = names
                .map(|name| scope.spawn(move || pair.live(name)))
                .collect();
            let victim = random(2);
            pair.kill_and_start(&mut replicas[victim], victim);
            let followers = followers.into_iter();
            followers.map(|follower| follower.join().unwrap()).collect()
        });
        tally.kills += 1;
        for follower in &followers {
            tally.count(shop, follower);
        }
    }
    tally.twice = shop.endpoint.asked_twice();
    tally
}

impl Pair<'_> {
    fn kill_and_start(&self, replica: &mut Option<Server>, number: usize) {
        thread::sleep(random_time(RETRY_AFTER * 4));
        self.reached.lock().unwrap()[number] = None;
        replica.take().unwrap().kill();
        thread::sleep(random_time(RETRY_AFTER * 2));
        let started = self.shop.replica_with(&CLOCK);
        self.reached.lock().unwrap()[number] = Some(started.address());
        *replica = Some(started);
    }

    /// One follower asks up to three times, sometimes without waiting for the answer, and fetches
    /// in the end until nothing waits.
    fn live(&self, name: String) -> Follower {
        let follower = Mutex::new(Follower {
            name: name.clone(),
            asked: Vec::new(),
            failures: 0,
        });
        thread::scope(|scope| {
            for number in 0..=random(3) {
                let service = ["问谁", "另谁"][random(2)];
                let takes = random(RETRY_AFTER.as_millis() as usize * 24 / 10);
                let content = format!("{service}{takes}{name}{}", letters(number));
                follower.lock().unwrap().asked.push(Asked {
                    answer: format!("：答{content}"),
                    content,
                    told: None,
                    delivered: 0,
                    fetched: 0,
                });
                let follower = &follower;
                let delivering = scope.spawn(move || self.ask(follower, number));
                match random(3) {
                    0 => thread::sleep(random_time(RETRY_AFTER)),
                    _ => delivering.join().unwrap(),
                }
                if random(3) == 0 {
                    self.fetch(&name, follower);
                }
            }
        });
        let until = Instant::now() + PATIENCE;
        while !self.fetch(&name, &follower) {
            assert!(Instant::now() < until, "something waits for ever");
        }
        follower.into_inner().unwrap()
    }

    fn ask(&self, follower: &Mutex<Follower>, number: usize) {
        let message = {
            let follower = follower.lock().unwrap();
            let content = &follower.asked[number].content;
            self.shop.text(&follower.name, content)
        };
        let told = self.deliver(&message);
        let Follower { name, asked, .. } = &mut *follower.lock().unwrap();
        let asked = &mut asked[number];
        if told
            .as_deref()
            .is_some_and(|told| self.is_answer(name, told, asked))
        {
            asked.delivered += 1;
        }
        asked.told = told;
    }

    /// Whether nothing waits any more.
    fn fetch(&self, name: &str, follower: &Mutex<Follower>) -> bool {
        let told = self.deliver(&self.shop.text(name, "1"));
        match told.as_deref() {
            Some("普通") => return true,
            None | Some(SLOW | "" | "故障") => {}
            Some("坏了") => follower.lock().unwrap().failures += 1,
            Some(told) => {
                let asked = &mut follower.lock().unwrap().asked;
                let found = asked.iter_mut().find(|it| self.is_answer(name, told, it));
                found
                    .unwrap_or_else(|| panic!("{name} fetched {told}"))
                    .fetched += 1;
            }
        }
        false
    }

    /// The second service may know the openid, the first a name that stands for it.
    fn is_answer(&self, name: &str, told: &str, asked: &Asked) -> bool {
        let Some(follower) = told.strip_suffix(&asked.answer) else {
            return false;
        };
        !asked.content.starts_with('另') || follower == self.shop.openid(name)
    }

    /// Delivers as WeChat does: what the follower sees in the end.
    fn deliver(&self, message: &Message) -> Option<String> {
        for _ in 0..3 {
            let until = Instant::now() + RETRY_AFTER;
            let first = random(2);
            let told = [first, 1 - first].into_iter().find_map(|number| {
                let address = self.reached.lock().unwrap()[number]?;
                TcpStream::connect(address).ok()
            });
            if let Some(text) = told.and_then(|stream| told_by(stream, message, until)) {
                return Some(text);
            }
            thread::sleep(until.saturating_duration_since(Instant::now()));
        }
        None
    }
}

/// What a delivery gets, if WeChat has not hung up before.
fn told_by(mut stream: TcpStream, message: &Message, until: Instant) -> Option<String> {
    let push = wechat::plain(message);
    let left = until.saturating_duration_since(Instant::now());
    stream
        .set_read_timeout(Some(left).filter(|left| !left.is_zero()))
        .ok()?;
    let length = push.body.len();
    let head = format!(
        "POST /wx_flask?{} HTTP/1.1\r\nhost: bot\r\ncontent-length: {length}\r\n\r\n",
        push.query,
    );
    stream
        .write_all(&[head, push.body].concat().into_bytes())
        .ok()?;
    let said = http::answer(&mut stream)?;
    (said.status == 200).then(|| seen(&said.body))
}

impl Tally {
    fn count(&mut self, shop: &Shop, follower: &Follower) {
        let mut lost = Vec::new();
        for asked in &follower.asked {
            self.count_question(shop, &follower.name, asked, &mut lost);
        }
        let failed = follower.failures.min(lost.len());
        self.failed += failed;
        self.lost.extend(lost.into_iter().skip(failed));
    }

    fn count_question(&mut self, shop: &Shop, name: &str, asked: &Asked, lost: &mut Vec<String>) {
        self.questions += 1;
        let (told, times) = (asked.told.as_deref(), asked.delivered + asked.fetched);
        self.delivered += asked.delivered;
        self.fetched += asked.fetched;
        self.doubled += times.saturating_sub(1);
        let calls = shop.endpoint.asked(&asked.content);
        let line = || {
            let (content, answered) = (&asked.content, shop.endpoint.answered(&asked.content));
            format!("{name} {content}: told {told:?}, called {calls}, answered {answered}")
        };
        let is_other = |told| !matches!(told, SLOW | "忙" | "故障" | "坏了" | "");
        match told {
            Some(told) if asked.delivered == 0 && is_other(told) => self.wrong.push(line()),
            _ if times > 0 => {}
            Some("坏了") => self.failed += 1,
            Some(SLOW) => lost.push(line()),
            _ if calls > 0 => lost.push(line()),
            Some("忙") => self.busy += 1,
            _ => self.unasked += 1,
        }
    }

    fn add(&mut self, other: Tally) {
        self.kills += other.kills;
        self.questions += other.questions;
        self.delivered += other.delivered;
        self.fetched += other.fetched;
        self.busy += other.busy;
        self.unasked += other.unasked;
        self.failed += other.failed;
        self.doubled += other.doubled;
        self.wrong.extend(other.wrong);
        self.lost.extend(other.lost);
        self.twice.extend(other.twice);
    }
}

/// A name that has no digit in it: those say how long the service takes.
fn letters(number: usize) -> String {
    let digits = number.to_string().into_bytes();
    digits
        .iter()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}

fn random(below: usize) -> usize {
    (RandomState::new().hash_one(()) % below as u64) as usize
}

fn random_time(below: Duration) -> Duration {
    Duration::from_micros(random(below.as_micros() as usize) as u64)
}
