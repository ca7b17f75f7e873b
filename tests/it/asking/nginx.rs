//! Thirty keywords with a model behind them, on two replicas behind nginx, at WeChat's own pace.

use std::path::Path;
use std::thread;

use crate::asking::shop::{SLOW, Shop};
use crate::proxies::{Missing, Proxy};
use crate::{requirements, wechat};

/// Of these thirty, the first four say how many milliseconds the model takes.
const SLOW_WORDS: [&str; 4] = ["故事1000", "评书7000", "相声13000", "长篇40000"];

fn rules(shop: &Shop) -> String {
    let others = (5..=30).map(|number| format!("词{}", char::from(b'a' + number - 5)));
    let slow = SLOW_WORDS.map(str::to_owned).into_iter();
    let words: Vec<String> = slow.chain(others).collect();
    assert_eq!(words.len(), 30);
    format!(
        "options: {{ slow: '{SLOW}', fetch: ['1'], on_error: 故障 }}
services:
  模型: {{ llm: 'http://{}/', model: m, timeout: 90s, label: 【AI】 }}
rules:
  - {{ name: 问, when: {{ contains: [{}] }}, ask: 模型, failed: 坏了 }}
  - {{ name: 一, when: {{ equals: '1' }}, reply: 普通 }}
",
        shop.endpoint.address,
        words.join(", ")
    )
}

/// What the follower sees of a text that WeChat delivers up to three times.
fn sees(shop: &Shop, url: &str, authority: &Path, openid: &str, text: &str) -> String {
    let (field, authority) = (format!("openid={openid}"), authority.display().to_string());
    let message = ["send", url, text, "--deliveries", "3", "--field", &field];
    let more = [
        "--token",
        wechat::TOKEN,
        "--cacert",
        &authority,
        "--lang",
        "en",
    ];
    let outcome = shop.folder.run(&[&message[..], &more].concat());
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (0, ""),
        "{}",
        outcome.stdout
    );
    let seen = outcome.stdout.split("the follower sees \"").nth(1);
    let seen = seen.unwrap_or_else(|| panic!("{}", outcome.stdout));
    seen.split('"').next().unwrap().to_owned()
}

#[test]
fn each_answer_comes_once_after_one_second_seven_thirteen_and_forty() {
    Shop::on_each_database_timed(|shop| {
        shop.folder.write("rules.yaml", rules(shop));
        let replica = || shop.replica_with(&["--deadline", "4s"]);
        let (one, other) = (replica(), replica());
        let proxy = match Proxy::nginx(shop.folder.path(), &[one.address(), other.address()]) {
            Ok(proxy) => proxy,
            Err(Missing(program)) => return requirements::absent(program, "it cannot be run"),
        };
        let url = proxy.url("/wx_flask");
        thread::scope(|scope| {
            for (number, text) in SLOW_WORDS.into_iter().enumerate() {
                let (openid, url) = (shop.openid(&format!("o{number}")), &url);
                let authority = proxy.authority();
                scope.spawn(move || {
                    let sees = |text| sees(shop, url, authority, &openid, text);
                    let mut seen = vec![sees(text)];
                    // Whoever was told to wait fetches, until the word is an ordinary one.
                    while seen.last().is_some_and(|last| last != "普通") {
                        seen.push(sees("1"));
                    }
                    let answer = format!("【AI】答{text}");
                    let (told, rest): (Vec<_>, Vec<_>) =
                        seen.iter().partition(|seen| **seen == answer);
                    assert_eq!(told.len(), 1, "{text}: {seen:?}");
                    let waited = rest.iter().filter(|seen| seen.as_str() == SLOW).count();
                    assert_eq!(waited + 1, rest.len(), "{text}: {seen:?}");
                    assert_eq!(waited > 0, number == 3, "{text}: {seen:?}");
                });
            }
        });
        for text in SLOW_WORDS {
            assert_eq!(shop.endpoint.asked(text), 1, "{text}");
        }
    });
}
