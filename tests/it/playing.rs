//! The playground as its reader sees it, in a real browser where there is one.

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::browser::{Browser, CONTROL, ENTER, TAB};
use crate::doctor_services::endpoint;
use crate::pages::{root, shipped};
use crate::server::{Server, eventually};
use crate::support::Folder;
use crate::{admin, among};

const RULES: &str = r#"rules:
  - { name: 买, when: { key: buy }, reply: 你点了 <key> }
  - { name: 扫, when: { scene: 7 }, reply: "场景 <scene>" }
  - { name: 听, when: { fields: { recognition: { contains: 你好 } } }, reply: "听见：<recognition>" }
  - { name: 问价, when: { equals: 提醒 }, set: { step: ask_price }, reply: 多少钱？ }
  - { name: 记价, when: { user: { step: ask_price }, regex: '^(?P<price>\d+)元?$' }, set: { price: <price> }, clear: [step], reply: "记下了：<price>" }
  - { name: 夜里, when: { equals: 人工, hours: "22:00-06:00" }, reply: 休息了 }
  - { name: 人工, when: { equals: 人工 }, reply: transfer_customer_service }
  - name: 坏
    when: { equals: 坏 }
    reply: |-
      <img src=x onerror="hacked=1"><<script>hacked=1</script>
      <a href="javascript:hacked=1">一</a> <a href="https://example.com/?a=1&b=2" onclick="hacked=1">二</a>
      <a href="weixin://bizmsgmenu?msgmenucontent=%E4%BA%BA%E5%B7%A5&msgmenuid=9">三</a>
  - { name: 长, when: { key: 文章 }, reply: { news: [ { title: 一, url: "https://example.com/" }, { title: "<<b>二</b>", url: "javascript:hacked=1" } ] } }
"#;

/// A server with these rules, and a browser on its page.
fn open(language: &str, rules: &str) -> Option<(Folder, Server, Browser)> {
    open_with(language, rules, &[])
}

fn open_with(language: &str, rules: &str, flags: &[&str]) -> Option<(Folder, Server, Browser)> {
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let server = Server::start(&folder, &[&["--admin", "127.0.0.1:0"], flags].concat());
    let (address, page) = (admin::operators(&server), among::target("/"));
    let browser = Browser::open(language, &format!("http://{address}{page}"))?;
    browser.sees("#live", "1");
    Some((folder, server, browser))
}

fn says(browser: &Browser, text: &str) {
    browser.write("#text", &format!("{text}{ENTER}"));
}

/// Fills in the form of a kind of message and sends it.
fn sends(browser: &Browser, kind: usize, fields: &[(&str, &str)]) {
    browser.click("#more");
    browser.click(&format!("#kinds button:nth-child({kind})"));
    for (name, value) in fields {
        browser.write(&format!("#elements [name={name}]"), value);
    }
    browser.click("#elements .main");
}

#[test]
fn whoever_types_sees_the_answer_and_why_in_either_language() {
    let Some((_folder, server, browser)) = open("zh-CN", &shipped()) else {
        return;
    };
    browser.sees("h2", "公众号");
    says(&browser, "你好");
    browser.sees(".follower .bubble", "你好");
    browser.sees(".account .bubble", "hello!!");
    browser.sees("#why", "rules.yaml:15:5");
    browser.sees("#why", "它就是第一条规则");
    says(&browser, "今天天气怎么样");
    browser.sees(".account .bubble", "复述：今天天气怎么样");
    browser.sees(
        "#why .passed",
        "设置 文本 \"今天天气怎么样\" 不以 \"设置\" 开头",
    );
    browser.click("#language");
    let english = "设置 text \"今天天气怎么样\" does not begin with \"设置\"";
    browser.sees("#why .passed", english);
    browser.click("#language");
    browser.click("#log .rule button");
    browser.sees("#why", "rules.yaml:15:5");

    browser.click("#language");
    browser.sees("h2", "Official Account");
    browser.sees("#log", "Why: 你好");
    browser.sees("#why", "It is the first rule.");
    assert_eq!(browser.script("return document.documentElement.lang"), "en");
    browser.click("#language");
    browser.sees("h2", "公众号");

    // Nobody was answered, and nothing was stored.
    says(&browser, "设置 100");
    browser.sees(".account .bubble", "设置成功");
    browser.click("[data-view=rules]");
    browser.sees("#answers", "设置\t0");
    server.says("o1", "你好");
    browser.sees("#answers", "你好\t1");
    browser.is_content();
}

#[test]
fn every_kind_of_message_can_be_sent() {
    let Some((_folder, _server, browser)) = open("en-US", RULES) else {
        return;
    };
    sends(&browser, 6, &[("key", "buy")]);
    browser.sees("#log", "Event CLICK buy");
    browser.sees(".account .bubble", "你点了 buy");
    sends(&browser, 7, &[("scene", "7")]);
    browser.sees(".account .bubble", "场景 7");
    sends(&browser, 2, &[("recognition", "我说你好")]);
    browser.sees(".follower .bubble", "Voice");
    browser.sees(".account .bubble", "听见：我说你好");
    sends(&browser, 1, &[("media_id", "M9")]);
    browser.sees(".follower .bubble", "M9");
    browser.sees("#log", "No answer");
    sends(&browser, 10, &[("elements", "event=VIEW\nkey＝buy")]);
    browser.sees("#why", "\"event\": \"VIEW\"");
    browser.sees("#why", "\"key\": \"buy\"");
    // A line that cannot be read is named, and nothing is sent.
    sends(&browser, 10, &[("elements", "event=CLICK\nkey：buy")]);
    let refused = "return document.querySelector('[name=elements]').validationMessage";
    assert_eq!(
        browser.script(refused),
        "This line is not written like name=value: key：buy"
    );
    browser.write("[name=elements]", "event=CLICK\nkey=buy2");
    browser.click("#elements .main");
    browser.sees("#why", "\"key\": \"buy2\"");
    browser.click("[data-view=follower]");
    browser.script("document.querySelector('#at').value = '2026-05-06T12:30:00'");
    says(&browser, "人工");
    browser.sees("#log", "Handed over to customer service");
    browser.script("document.querySelector('#at').value = '2026-05-06T23:30:00'");
    says(&browser, "人工");
    browser.sees(".account .bubble", "休息了");
    // Without a type there is no message: the server says so, and the page passes it on.
    sends(&browser, 10, &[("elements", "label=x")]);
    browser.sees("#log", "Not tried: this message has no type");
}

#[test]
fn time_that_passes_ends_what_expires_and_is_in_the_copied_test() {
    const TIMED: &str = "\
rules:
  - { name: 问, when: { equals: 问 }, set: { step: asked, name: 小满 }, expires: { step: 10m }, reply: 几位？ }
  - { name: 答, when: { type: text, user: { step: asked } }, clear: step, reply: 好的 }
  - { name: 其他, when: { type: text }, reply: 您好 }
";
    let Some((_folder, _server, browser)) = open("en-US", TIMED) else {
        return;
    };
    says(&browser, "问");
    browser.sees(".account .bubble", "几位？");
    browser.click("[data-view=follower]");
    browser.click("#pass");
    browser.sees("#log", "11m later");
    let keys = "return [...document.querySelectorAll('#stored [name=key]')].map(k => k.value)";
    assert_eq!(browser.script(keys), json!(["name"]));
    says(&browser, "三位");
    browser.sees(".account .bubble", "您好");
    browser.click("[data-view=case]");
    browser.click("[name=scope][value=talk]");
    browser.sees("#yaml", "later: 11m");
}

#[test]
fn a_saved_file_is_live_and_a_broken_one_says_what_is_wrong() {
    let Some((folder, _server, browser)) = open("en-US", &shipped()) else {
        return;
    };
    folder.write("rules.yaml", shipped().replace("hello!!", "欢迎！"));
    browser.sees("#live", "Generation 2");
    browser.sees("#log", "New rules are live: generation 2");
    says(&browser, "你好");
    browser.sees(".account .bubble", "欢迎！");

    folder.write(
        "rules.yaml",
        shipped().replace("prefix: 你好", "prefx: 你好"),
    );
    browser.sees("#broken", "The files have mistakes");
    browser.click("#broken");
    browser.sees(
        "#diagnostics pre",
        "error[unknown-key]: unknown key `prefx`\n  --> rules.yaml:16:25",
    );
    browser.sees("#diagnostics pre", "help: did you mean `prefix`?");
    says(&browser, "你好呀");
    browser.sees(".account:nth-last-child(2) .bubble", "欢迎！");

    let never = "  - { name: 又一条, when: { type: image }, reply: success }\n  - name: 其他\n";
    let rules = shipped().replace("  - name: 其他\n", never);
    folder.write("rules.yaml", &rules);
    browser.sees("#warnings", "又一条");
    browser.sees("#live", "Generation 3");
    browser.sees_no_more("#broken");
    browser.sees_no_more("#diagnostics");
    browser.is_content();
}

#[test]
fn stored_values_carry_a_dialogue_which_is_copied_as_a_test_that_passes() {
    let Some((folder, _server, browser)) = open("en-US", RULES) else {
        return;
    };
    says(&browser, "提醒");
    browser.sees(".account .bubble", "多少钱？");
    browser.sees("#why", "set step = \"ask_price\"");
    says(&browser, "1800元");
    browser.sees(".account .bubble", "记下了：1800");
    browser.sees("#why", "price: 1800");
    browser.sees("#why", "step: ask_price");

    browser.click("[data-view=case]");
    browser.sees("#yaml", "user: { step: ask_price }\n    send: 1800元");
    browser.click("[value=talk]");
    browser.write("[name=name]", "记下提醒的价格");
    browser.sees(
        "#yaml",
        "- name: 记下提醒的价格\n    talk:\n      - send: 提醒",
    );
    browser.click("#copy");
    browser.sees("#copied", "Copied.");
    browser.write("#text", "");
    browser.click("#text");
    browser.press(&format!("{CONTROL}v"));
    let copied = browser.script("return document.querySelector('#text').value");
    let copied = copied.as_str().unwrap();
    assert_eq!(copied.trim_end(), browser.text("#yaml").trim_end());
    folder.write("rules.yaml", format!("{RULES}tests:\n{copied}"));
    let outcome = folder.run(&["test", "rules.yaml"]);
    assert!(outcome.stdout.contains("1 passed, 0 failed"), "{outcome:?}");

    // What is stored can be set by hand; then a new talk begins.
    browser.click("[data-view=follower]");
    browser.sees("#stored", "Remove");
    browser.click("#stored fieldset:first-child button");
    browser.click("#forget");
    browser.sees_no_more("#stored");
    browser.click("#store");
    browser.write("#stored [name=key]", "step");
    browser.write("#stored [name=value]", &format!("ask_price{TAB}"));
    browser.sees("#log", "A new talk, with other stored values");
    says(&browser, "12");
    browser.sees(".account .bubble", "记下了：12");
    browser.click("[data-view=case]");
    browser.sees("#yaml", "user: { step: ask_price }\n    send: \"12\"");
    browser.is_content();
}

/// With a service at this address.
fn asking(service: &str) -> String {
    format!(
        "services: {{ 快递: {{ url: 'http://{service}/track' }} }}
rules:
  - {{ name: 快递, when: {{ prefix: 快递 }}, ask: {{ 快递: {{ number: <rest> }} }}, reply: '<answer.state>', set: {{ parcel: <rest> }} }}
"
    )
}

#[test]
fn a_service_is_asked_by_a_button_and_its_answer_copied_as_a_test_that_passes() {
    let parcel = "HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\n{\"state\": \"on its way\"}";
    let service = endpoint(parcel).to_string();
    let rules = asking(&service);
    let flags = ["--live", "--allow", &service];
    let Some((folder, _server, browser)) = open_with("zh-CN", &rules, &flags) else {
        return;
    };
    says(&browser, "快递 SF1");
    browser.sees("#log", "提问: 快递 去问");
    browser.sees("#why", "{ \"number\": \"SF1\" }");
    browser.click("#log .call");
    browser.sees("#log", "快递 在 0.");
    browser.sees(".account .bubble", "on its way");
    browser.sees("#why", "{ \"state\": \"on its way\" }");
    browser.sees("#why", "parcel = \"SF1\"");
    browser.click("#language");
    browser.sees("#log", "快递 answered after 0.");
    browser.sees("#why", "Came back");
    browser.click("#why button:nth-of-type(2)");
    browser.sees("#yaml", "answers: { 快递: { state: on its way } }");
    let test = browser.text("#yaml");
    folder.write("rules.yaml", format!("{rules}tests:\n{test}\n"));
    let outcome = folder.run(&["test", "rules.yaml"]);
    assert!(outcome.stdout.contains("1 passed, 0 failed"), "{outcome:?}");
    // What the answer stored is there for the next message.
    browser.click("[data-view=follower]");
    let value = "return document.querySelector('#stored [name=value]').value";
    assert_eq!(browser.script(value), "SF1");
    browser.is_content();
}

#[test]
fn without_the_flag_a_question_is_shown_and_nobody_asked() {
    let Some((_folder, _server, browser)) = open("en-US", &asking("127.0.0.1:1")) else {
        return;
    };
    says(&browser, "快递 SF1");
    browser.sees("#log", "Asks: 快递");
    browser.sees("#why", "http://127.0.0.1:1/track");
    browser.sees_no_more(".call");
    browser.is_content();
}

#[test]
fn a_service_that_gives_no_answer_is_said_with_what_helps() {
    let flags = ["--live"];
    let Some((_folder, _server, browser)) = open_with("en-US", &asking("127.0.0.1:1"), &flags)
    else {
        return;
    };
    says(&browser, "快递 SF1");
    browser.click("#log .call");
    browser.sees("#log", "快递 gave no answer, after 0.");
    browser.sees("#why", "its address 127.0.0.1 is internal");
    browser.click("[data-view=case]");
    browser.sees("#yaml", "answers: { 快递: { fails: refused } }");
    browser.is_content();
}

#[test]
fn what_looks_like_markup_stays_text_and_only_links_to_the_web_are_links() {
    let Some((_folder, _server, browser)) = open("en-US", RULES) else {
        return;
    };
    says(&browser, "坏");
    let markup = "<img src=x onerror=\"hacked=1\"><script>hacked=1</script>";
    browser.sees(".account .bubble", markup);
    sends(&browser, 6, &[("key", "文章")]);
    browser.sees(".news", "<b>二</b>");
    says(&browser, "<img src=x onerror=hacked=1>");
    browser.sees(".follower .bubble", "<img src=x onerror=hacked=1>");
    let links = browser.script("return [...document.querySelectorAll('a')].map(a => a.outerHTML)");
    let link = |to: &str, label: &str| {
        format!("<a href=\"{to}\" target=\"_blank\" rel=\"noopener noreferrer\">{label}</a>")
    };
    assert_eq!(
        links,
        json!([
            link("https://example.com/?a=1&amp;b=2", "二"),
            link("https://example.com/", "一"),
        ])
    );
    let foreign = "return [document.querySelectorAll('main img, main script, main b').length, window.hacked ?? null]";
    assert_eq!(browser.script(foreign), json!([0, null]));
    // A menu link sends its words, with its id.
    browser.click(".bubble .link");
    browser.sees(".follower .bubble", "人工");
    browser.sees("#why", "\"menu\": \"9\"");
    browser.is_content();
}

#[test]
fn everything_can_be_reached_by_keyboard() {
    let Some((_folder, _server, browser)) = open("en-US", RULES) else {
        return;
    };
    let focused = |script: &str| browser.script(&format!("return document.activeElement.{script}"));
    let go_to = |selector: &str| {
        for _ in 0..60 {
            if focused(&format!("matches({selector:?})")) == json!(true) {
                let seen = "const s = getComputedStyle(document.activeElement); \
                            return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2";
                assert_eq!(
                    browser.script(seen),
                    json!(true),
                    "{selector} shows its focus"
                );
                return;
            }
            browser.press(TAB);
        }
        panic!("Tab does not lead to {selector}");
    };
    go_to("#text");
    browser.press(&format!("人工{ENTER}"));
    browser.sees("#log", "Why: ");
    go_to("#more");
    browser.press(ENTER);
    for _ in 0..5 {
        browser.press(TAB);
    }
    assert_eq!(focused("innerText"), "Menu click");
    browser.press(ENTER);
    assert_eq!(focused("name"), "key");
    browser.press(&format!("buy{ENTER}"));
    browser.sees(".account .bubble", "你点了 buy");
    go_to("#log .rule button");
    browser.press(ENTER);
    browser.sees("#why", "人工");
    for view in ["case", "follower", "rules"] {
        go_to(&format!("[data-view={view}]"));
        browser.press(ENTER);
        assert_eq!(
            browser.script(&format!("return document.querySelector('#{view}').hidden")),
            json!(false)
        );
    }
    go_to("#language");
    browser.is_content();
}

#[test]
fn on_a_phone_one_part_is_shown_and_nothing_is_wider_than_the_screen() {
    let Some((folder, _server, browser)) = open("zh-CN", RULES) else {
        return;
    };
    browser.emulate(320, 640, 2, ("prefers-color-scheme", "dark"));
    browser.click("[data-view=chat]");
    says(&browser, &"很长".repeat(200));
    says(&browser, &"w".repeat(200));
    says(&browser, "坏");
    sends(&browser, 6, &[("key", "文章")]);
    browser.sees(".news", "二");
    let header = "return document.querySelector('header').offsetHeight";
    let before = browser.script(header);
    folder.write("rules.yaml", RULES.replace("equals: 坏", "equal: 坏"));
    browser.sees("#broken", "文件有错误");
    browser.click("#broken");
    browser.sees("#diagnostics pre", "错误[");
    assert_eq!(browser.script(header), before, "the page jumps");
    for view in ["chat", "why", "case", "follower", "rules"] {
        browser.click(&format!("[data-view={view}]"));
        let shown = "return [...document.querySelectorAll('section')].filter(s => s.offsetParent).map(s => s.id)";
        assert_eq!(browser.script(shown), json!([view]));
        let wide = "const s = document.documentElement.scrollWidth; return s <= innerWidth && \
                    [...document.querySelectorAll('section')].every(s => s.scrollWidth <= s.clientWidth)";
        assert_eq!(browser.script(wide), json!(true), "{view}");
    }
    // From an answer in the chat to the reason for it.
    browser.click("[data-view=chat]");
    browser.click("#log .rule:last-child button");
    browser.sees("#why", "长");
    // What is sent from there is in sight in the chat.
    let turns = browser.script("return document.querySelector('#log').childElementCount");
    browser.click("#why p button");
    let sent = format!("return document.querySelector('#log').childElementCount > {turns}");
    eventually("sent again", || browser.script(&sent) == json!(true));
    browser.click("[data-view=chat]");
    let end = "const l = document.querySelector('#log'); return l.scrollHeight - l.clientHeight - l.scrollTop < 2";
    assert_eq!(browser.script(end), json!(true));
    let dark = "return getComputedStyle(document.documentElement).backgroundColor";
    assert_eq!(browser.script(dark), "rgb(25, 25, 25)");
    browser.is_content();
}

/// `UPDATE_SCREENSHOT=1 cargo test --test it playing::the_picture` takes it anew.
#[test]
fn the_picture_in_the_documents_is_of_a_talk_with_the_shipped_rules() {
    let Some((_folder, _server, browser)) = open("zh-CN", &shipped()) else {
        return;
    };
    browser.emulate(960, 650, 2, ("prefers-color-scheme", "light"));
    browser.click("[data-view=follower]");
    browser.script("document.querySelector('#at').value = '2026-01-02T09:30:00'");
    for text in ["你好", "设置 1800", "什么时候开门？"] {
        says(&browser, text);
        browser.sees(".says.follower:nth-last-child(3) .bubble", text);
    }
    browser.click("[data-view=why]");
    let why = "订阅 文本 \"什么时候开门？\" 不以 \"订阅\" 开头";
    browser.sees("#why .passed", why);
    browser.script("document.activeElement.blur()");
    if std::env::var_os("UPDATE_SCREENSHOT").is_some() {
        let picture = BASE64_STANDARD.decode(browser.picture()).unwrap();
        fs::write(root().join("docs/playground.png"), picture).unwrap();
    }
    browser.is_content();
}
