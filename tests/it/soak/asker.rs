//! Followers who ask a slow service, and get each answer once: from a delivery, by fetching, or by
//! itself where WeChat takes it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::asking::shop::{deliver_each, question};
use crate::soak::Soak;
use crate::soak::troubles::ON_ERROR;
use crate::wechat;
use crate::wechat_api::{APP_ID, Fault};

/// As WeChat does it.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The slowest answer, long after the last delivery, or as long as the soak.
pub const SLOWEST: Duration = Duration::from_secs(24);

/// What is said to the word that fetches where nothing waits.
pub const ORDINARY: &str = "普通";

/// After so many fetches something is wrong.
const FETCHES: usize = 40;

const SEND: &str = "/cgi-bin/message/custom/send";

/// One follower after the other.
pub fn ask_and_fetch(soak: &Soak, next: &AtomicUsize, until: Instant) {
    while Instant::now() < until {
        ask(soak, next.fetch_add(1, Ordering::Relaxed));
    }
}

fn ask(soak: &Soak, number: usize) {
    let began = Instant::now();
    let openid = format!("s{number}");
    let account = soak.api.account(APP_ID);
    account.wrote(&openid);
    match number % 20 {
        3 => account.leaves_nothing(&openid),
        9 => soak.api.fault(SEND, 1, refused()),
        15 => account.expire_tokens(),
        _ => {}
    }
    let told = |content: &str| {
        let message = wechat::text(&openid, content);
        let told = deliver_each(RETRY_AFTER, &[&soak.server], &message);
        told.map_or_else(|| "nothing".to_owned(), |(_, text)| text)
    };
    let slowest = usize::try_from(soak.slowest_answer.as_millis()).unwrap_or(usize::MAX);
    let content = question(number, number * 997 % slowest);
    let mut got = vec![told(&content)];
    while got.len() < FETCHES && got.last().is_none_or(|text| text != ORDINARY) {
        // Some fetch at once, and all in the end. Who hears of a fault waits a little.
        if !number.is_multiple_of(3) || got.last().is_some_and(|text| text == ON_ERROR) {
            thread::sleep(RETRY_AFTER);
        }
        got.push(told("1"));
    }
    let answer = format!("答{content}");
    let messages = account.messages(&openid);
    let pushed = messages
        .iter()
        .filter(|message| message["text"]["content"] == answer.as_str())
        .count();
    let fetched = got.iter().filter(|text| **text == answer).count();
    let on_error = got.iter().filter(|text| *text == ON_ERROR).count();
    let counts = &soak.counts;
    let add = |counter: &AtomicU64, count: usize| {
        counter.fetch_add(count.try_into().unwrap_or(0), Ordering::Relaxed)
    };
    add(&counts.asked, 1);
    add(&counts.pushed, pushed);
    add(&counts.fetched, fetched);
    add(&counts.on_error, on_error);
    let is_excused = soak.weather.excuses(began);
    let is_unasked = got.first().is_some_and(|text| text == ON_ERROR) && is_excused;
    let is_over = got.last().is_some_and(|text| text == ORDINARY);
    let asked = soak.endpoint.asked(&content);
    let is_right = match pushed + fetched {
        0 => is_unasked,
        reached => reached == 1 && is_over && asked == 1,
    };
    if !is_right || (on_error > 0 && !is_excused) {
        soak.complain(format!(
            "{content}: asked {asked} times, pushed {pushed}, fetched {fetched}: {got:?}"
        ));
    }
}

fn refused() -> Fault {
    Fault::Errcode(45015, "for once".to_owned())
}
