//! Many late answers, while everything goes wrong at random.

use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::*;
use crate::among;
use crate::asking::shop::{deliver_each, question};

/// WeChat, faster than it is, and slow enough for a busy machine to keep the deadline.
const RETRY_AFTER: Duration = Duration::from_secs(3);
const TIMES: [&str; 4] = ["--deadline", "2700ms", "--retry-after", "3s"];

/// In milliseconds, from what the last delivery just gets to what comes long after it.
const SOONEST: usize = 7_200;
const SPREAD: usize = 4_800;

/// What is said on a machine that is too busy for the deadline.
const FAULT: &str = "故障";

/// Questions of one follower, one after the other.
const OF_ONE: usize = 3;
/// How long a follower goes on fetching, on the busiest of machines.
const PATIENCE: Duration = Duration::from_secs(600);

/// What became of one question.
struct Told {
    openid: String,
    content: String,
    /// What the deliveries got, from the first to the one for which nothing was left.
    got: Vec<String>,
}

/// `WXREPLY_LATE_ANSWERS=10000 cargo test --test it -- pushing::however` is the long one.
#[test]
fn it_goes_wrong_each_late_answer_reaches_its_follower_exactly_once() {
    let all = env::var("WXREPLY_LATE_ANSWERS").map_or(45, |count| count.parse().unwrap());
    Shop::on_each_database_timed(|shop| {
        let api = WechatApiServer::start();
        let flags = [&TIMES[..], &["--admin", "127.0.0.1:0"]].concat();
        let replicas = [
            replica_timed(shop, &api, &flags),
            replica_timed(shop, &api, &flags),
        ];
        for replica in &replicas {
            eventually("it has its database", || {
                shop.told(replica, "first", "上次") == "无"
            });
        }
        api.random_faults(0x5eed, 300, faults());
        let next = AtomicUsize::new(0);
        let next = &|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < all);
        let one_after_another = &|thread| follower(shop, &api, &replicas, thread, next);
        // As many are under way, however fast the machine is.
        let at_once = (all / 40).clamp(45, 250);
        let told: Vec<Told> = thread::scope(|scope| {
            let threads = (0..at_once).map(|thread| scope.spawn(move || one_after_another(thread)));
            let threads: Vec<_> = threads.collect();
            let told = threads.into_iter();
            told.flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(told.len(), all);
        judge(shop, &api, &replicas, &told);
    });
}

fn faults() -> Vec<Fault> {
    let refused = |code| Fault::Errcode(code, "at random".to_owned());
    vec![
        refused(-1),
        refused(45011),
        refused(45015),
        refused(45047),
        Fault::EndToken,
        Fault::Slow(Duration::from_millis(300)),
        Fault::HangUp,
        Fault::HangUpAfter,
    ]
}

/// Asks a few questions, and fetches until nothing is left of each.
fn follower(
    shop: &Shop,
    api: &WechatApiServer,
    replicas: &[Server; 2],
    thread: usize,
    next: impl Fn() -> Option<usize>,
) -> Vec<Told> {
    let account = api.account(APP_ID);
    let (mut all, mut asked) = (Vec::new(), 0);
    while let Some(number) = next() {
        let name = format!("f{thread}-{}", asked / OF_ONE);
        asked += 1;
        let openid = shop.openid(&name);
        match number % 40 {
            7 => account.expire_tokens(),
            20 => account.set_quota(SEND, 2),
            27 => account.set_quota(SEND, 500_000),
            _ => {}
        }
        account.wrote(&openid);
        if number % 10 == 3 {
            account.leaves_nothing(&openid);
        }
        let servers = [&replicas[number % 2], &replicas[(number + 1) % 2]];
        let told = |content: &str| {
            let told = deliver_each(RETRY_AFTER, &servers, &shop.text(&name, content));
            told.map_or_else(|| "nothing".to_owned(), |(_, text)| text)
        };
        let content = question(number, SOONEST + number * 997 % SPREAD);
        let (mut got, began) = (Vec::new(), Instant::now());
        // On a machine that is too busy, a question may not be asked: then it is sent again.
        while shop.endpoint.asked(&content) == 0 && began.elapsed() < PATIENCE {
            got.push(told(&content));
            while got.last().is_none_or(|text| text != "普通") && began.elapsed() < PATIENCE {
                // Some fetch at once, and all in the end.
                if !number.is_multiple_of(3) || got.last().is_some_and(|text| text == FAULT) {
                    thread::sleep(RETRY_AFTER * 3 / 2);
                }
                got.push(told("1"));
            }
        }
        all.push(Told {
            openid,
            content,
            got,
        });
    }
    all
}

#[expect(clippy::print_stderr, reason = "who starts the long one wants to know")]
fn judge(shop: &Shop, api: &WechatApiServer, replicas: &[Server; 2], told: &[Told]) {
    let (mut by_push, mut by_fetch, mut lost) = (0, 0, 0);
    let mut wrong = Vec::new();
    for Told {
        openid,
        content,
        got,
    } in told
    {
        let answer = format!("答{content}");
        let pushed = api.account(APP_ID).messages(openid);
        let pushed = pushed.iter();
        let pushed = pushed.filter(|message| message["text"]["content"] == answer.as_str());
        let fetched = got.iter().filter(|text| **text == answer);
        let (asked, reached) = (
            shop.endpoint.asked(content),
            (pushed.count(), fetched.count()),
        );
        // A replica that cannot use its database counts as gone, and another asks again.
        let is_asked = match got.iter().any(|text| text == FAULT) {
            true => asked > 0,
            false => asked == 1,
        };
        match reached {
            (1, 0) if is_asked => by_push += 1,
            (0, 1) if is_asked => by_fetch += 1,
            (0, 0) if is_asked => lost += 1,
            _ => wrong.push(format!(
                "{content}: asked {asked} times, {reached:?}, {got:?}"
            )),
        }
        if got.last().is_none_or(|text| text != "普通") {
            wrong.push(format!("{content} is never over: {got:?}"));
        }
    }
    // A call whose connection breaks counts as sent.
    let unknown = replicas.iter().map(|replica| {
        let page = admin::get(admin::operators(replica), "/metrics");
        let series = among::series("wxreply_pushed_answers_total{outcome=\"unknown\"}");
        let line = page
            .text()
            .lines()
            .find_map(|line| line.strip_prefix(&series)?.strip_prefix(' '));
        line.map_or(0, |count| count.parse().unwrap())
    });
    let unknown: usize = unknown.sum();
    let all = told.len();
    let (kind, _) = shop.database.split_once(':').unwrap();
    eprintln!(
        "{kind}: {all} late answers, {by_push} pushed, {by_fetch} fetched, {lost} lost of {unknown} \
         whose connection broke"
    );
    assert_eq!(wrong, [""; 0]);
    assert!(by_push > 0 && by_fetch > 0 && lost <= unknown);
}
