//! `kill -9` in the middle of writes: every acknowledged change is there afterwards, none twice.
//! Ten rounds on each database; `WXREPLY_CRASH_ROUNDS` asks for more.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, thread};

use wxreply::message::Message;

use crate::database::{databases, items, items_of_all, new_follower, value, values_of_all};
use crate::server::{Server, eventually, said_text};
use crate::support::Folder;
use crate::wechat;

const RULES: &str = "\
rules:
  - name: count
    when: { prefix: count }
    set: { count: '<user.count|>x' }
    add: { counted: <rest> }
    reply: counted <rest>
";

const WRITERS: usize = 4;

/// A server is killed after so many answers at most, and a moment later.
const MAX_ANSWERS: u64 = 30;
const MOMENT_MICROSECONDS: u64 = 10_000;

/// What one follower has sent: the messages that were answered, and the one that was not.
#[derive(Default)]
struct Written {
    acknowledged: usize,
    in_doubt: Option<Message>,
}

#[derive(Default)]
struct Counts {
    acknowledged: usize,
    in_doubt: usize,
    in_doubt_and_done: usize,
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_done_twice() {
    let rounds = env::var("WXREPLY_CRASH_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for url in databases(&folder) {
        let kind = url.split(':').next().unwrap();
        let run = new_follower();
        let mut counts = Counts::default();
        for round in 0..rounds {
            check_round(&folder, &url, &format!("{run}-{round}"), &mut counts);
        }
        let total = counts.acknowledged + counts.in_doubt;
        assert_eq!(items_of_all(&url, &run), total);
        assert_eq!(values_of_all(&url, &run).len(), total);
        assert!(
            counts.acknowledged >= rounds,
            "the server hardly wrote anything"
        );
        println!(
            "{kind}: {rounds} kills; {} changes acknowledged, 0 lost, 0 doubled; {} in doubt, \
             {} of them on disk, each done once in the end",
            counts.acknowledged, counts.in_doubt, counts.in_doubt_and_done
        );
    }
}

/// A disk that others keep busy can cost an answer; then the follower has `on_error`, and asks again.
fn said_in_time(server: &Server, message: &Message) -> String {
    let mut said = (0..5).map(|_| said_text(&server.send(message)));
    said.find(|said| !said.is_empty()).unwrap_or_default()
}

fn check_round(folder: &Folder, url: &str, round: &str, counts: &mut Counts) {
    let server = start(folder, url);
    let answers = AtomicU64::new(0);
    let written: Vec<(String, Written)> = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (follower, server, answers) = (format!("{round}-{writer}"), &server, &answers);
                scope.spawn(move || {
                    let written = write_until_killed(server, &follower, answers);
                    (follower, written)
                })
            })
            .collect();
        let most = random(MAX_ANSWERS);
        eventually("the answers", || answers.load(Ordering::SeqCst) >= most);
        thread::sleep(Duration::from_micros(random(MOMENT_MICROSECONDS)));
        server.signal("KILL");
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .collect()
    });
    assert!(!server.ended().success());

    let server = start(folder, url);
    for (follower, written) in &written {
        counts.acknowledged += written.acknowledged;
        let done = items(url, follower, "counted").len();
        let in_doubt = done.checked_sub(written.acknowledged);
        assert!(
            in_doubt.is_some_and(|more| more <= 1),
            "{} acknowledged, {done} done",
            written.acknowledged
        );
        let mut expected = written.acknowledged;
        if let Some(message) = &written.in_doubt {
            counts.in_doubt += 1;
            counts.in_doubt_and_done += done - written.acknowledged;
            expected += 1;
            for _ in 0..2 {
                let said = said_in_time(&server, message);
                assert_eq!(said, format!("counted {}", expected - 1));
            }
        }
        let expected: Vec<String> = (0..expected).map(|number| number.to_string()).collect();
        assert_eq!(items(url, follower, "counted"), expected);
        assert_eq!(value(url, follower, "count").len(), expected.len());
    }
}

/// With more patience than WeChat has: a busy machine is not what is tested here.
fn start(folder: &Folder, url: &str) -> Server {
    Server::start(folder, &["--database", url, "--deadline", "4900ms"])
}

fn write_until_killed(server: &Server, follower: &str, answers: &AtomicU64) -> Written {
    let mut written = Written::default();
    loop {
        let message = wechat::text(follower, &format!("count {}", written.acknowledged));
        match server.try_post(&wechat::plain(&message)) {
            Some(said) => {
                let expected = format!("counted {}", written.acknowledged);
                assert_eq!(said_text(&said), expected);
                written.acknowledged += 1;
                answers.fetch_add(1, Ordering::SeqCst);
            }
            None => {
                written.in_doubt = Some(message);
                return written;
            }
        }
    }
}

fn random(below: u64) -> u64 {
    RandomState::new().hash_one(()) % below
}
