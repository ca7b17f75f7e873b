//! `send --deliveries 3` shows what each delivery gets, and what the follower sees.

use crate::asking::shop::Shop;
use crate::pages::pages;
use crate::wechat;

#[test]
fn send_shows_what_each_delivery_gets_and_what_the_follower_sees() {
    let shop = Shop::on_a_file();
    let server = shop.replica_with(&[]);
    let url = format!("http://{}/wx_flask", server.address());
    let sent = |text: &str, language: &str| {
        let openid = format!("openid=o{text}{language}");
        let message = ["send", &url, text, "--field", &openid, "--lang", language];
        let flags = ["--token", wechat::TOKEN, "--deliveries", "3"];
        let outcome = shop.folder.run(&[&message[..], &flags].concat());
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        outcome.stdout
    };
    let quick = sent("问0", "en");
    let held = "delivery  at . s: held for . s, no answer\n";
    let answered = "delivery  at . s: answered after . s with …\nthe follower sees … after . s\n";
    assert_eq!(outline(&quick), answered, "{quick}");
    assert!(quick.contains("the follower sees \"答问0\""), "{quick}");

    for (page, language) in [("docs/running.md", "en"), ("docs/zh/running.md", "zh")] {
        let later = sent("问6000", language);
        assert_eq!(outline(&later), outline(&shown(page)), "{later}");
    }
    let slow = sent("问30000", "en");
    assert_eq!(outline(&slow), [held, held, answered].concat(), "{slow}");
    let seen = "the follower sees \"稍等，回复【1】\"";
    assert!(slow.contains(seen), "{slow}");
}

/// What a page says that `send` prints.
fn shown(page: &str) -> String {
    let mut pages = pages().into_iter();
    let page = pages.find(|it| it.name == page).unwrap();
    let mut blocks = page.blocks().into_iter();
    blocks.find(|block| block.info == "text").unwrap().text
}

/// Without the times and the answers.
fn outline(text: &str) -> String {
    let texts = text.split('"').step_by(2).collect::<Vec<_>>().join("…");
    texts.replace(|letter: char| letter.is_ascii_digit(), "")
}
