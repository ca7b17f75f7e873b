//! What goes wrong in other bots that answer later than WeChat waits, one test for each. The name
//! says in which, with the number of the issue where there is one; the comment, what happens there.
//!
//! Late answers that come by themselves have theirs in `pushing`: AstrBot#7566, where nothing was
//! ever sent, in `a_late_answer_comes_by_itself_once_and_cannot_be_fetched_any_more`; CowAgent#1757,
//! where an answer was lost that may not be sent, in `an_account_that_may_not_send_…`; and
//! qq-maid-bot#253, where a refused message counted as sent, in `what_wechat_refuses_…`.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use wxreply::message::Message;
use wxreply::reply::Reply;
use wxreply::wechat::{Mode, push};

use crate::asking::shop::{FLAGS, SLOW, Shop, deliver, delivered};
use crate::server::{Server, eventually};
use crate::wechat_api::{APP_ID, APP_SECRET, Fault, WechatApiServer};
use crate::{admin, agency, among, database, http, wechat};

/// WeChat's patience where a test measures it: a busy machine has as much to spare.
const PATIENCE: Duration = Duration::from_secs(3);
const PATIENT: [&str; 4] = ["--deadline", "1500ms", "--retry-after", "3s"];

/// Delivers, and leaves the answer where it is.
fn begin(server: &Server, message: &Message) -> TcpStream {
    let push = wechat::plain(message);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let length = push.body.len();
    let query = push.query;
    let head =
        format!("POST /wx_flask?{query} HTTP/1.1\r\nhost: bot\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(push.body.as_bytes()).unwrap();
    stream
}

/// What WeChat reads of a delivery before it hangs up.
fn read(server: &Server, message: &Message) -> String {
    let until = Instant::now() + PATIENCE;
    let (mut stream, mut said) = (begin(server, message), Vec::new());
    let mut buffer = [0; 4096];
    while !said.ends_with(b"</xml>") {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_timeout(Some(left)).unwrap();
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => said.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    String::from_utf8(said).unwrap()
}

fn image(shop: &Shop, name: &str) -> Message {
    let message = wechat::message("image", &shop.openid(name));
    message
        .with("PicUrl", "http://x/1.jpg")
        .with("MediaId", "M1")
}

/// Two deliveries at once took the same counter away, and one answered with the error.
#[test]
fn cowagent_1661_deliveries_that_overlap_ask_once_and_get_one_answer() {
    Shop::on_each_database(|shop| {
        // Nobody waits for a second delivery.
        let replica = || shop.replica_with(&[]);
        let (one, other) = (replica(), replica());
        let message = shop.text("o1", "问200");
        thread::scope(|scope| {
            let deliveries = [&one, &other, &one, &other];
            let deliveries = deliveries.map(|server| scope.spawn(|| delivered(server, &message)));
            for delivery in deliveries {
                assert_eq!(delivery.join().unwrap().as_deref(), Some("答问200"));
            }
        });
        assert_eq!(shop.endpoint.asked("问200"), 1);
        assert_eq!(shop.endpoint.asked_twice(), [""; 0]);
    });
}

/// `success` was meant to come after WeChat has hung up; where it came before, there was no next
/// delivery. dify_wechat_plugin answers 500, which WeChat reads, too.
#[test]
fn cowagent_2481_nothing_is_said_to_wechat_before_the_last_delivery() {
    let shop = Shop::on_a_file();
    let server = shop.replica_with(&PATIENT);
    let message = shop.text("o1", "问12000");
    for _ in 0..2 {
        assert_eq!(read(&server, &message), "");
    }
    assert!(read(&server, &message).contains(SLOW));
    assert_eq!(shop.endpoint.asked("问12000"), 1);
}

/// It fetched, and was not asked. In AstrBot it got the text that says to wait, in LangBot nothing.
#[test]
fn cowagent_a_new_question_while_one_runs_is_refused_and_the_first_is_not_lost() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "问4001"), SLOW);
        assert_eq!(shop.told(&server, "o1", "问1"), "忙");
        assert_eq!(shop.told(&server, "o2", "问2"), "答问2");
        assert_eq!(shop.fetched(&server, "o1"), "答问4001");
        assert_eq!(shop.told(&server, "o1", "问1"), "答问1");
    });
}

/// Until the last part was fetched, any text fetched the next one.
#[test]
fn cowagent_2837_other_words_between_the_parts_of_an_answer_are_messages() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        let first = shop.told(&server, "o1", "问长");
        assert!(first.ends_with("（未完，回复【1】继续）"), "{first}");
        for (text, told) in [("你好", "好"), ("问2", "答问2"), ("上次", "问2")] {
            assert_eq!(shop.told(&server, "o1", text), told);
        }
        let next = shop.told(&server, "o1", "1");
        assert!(next.starts_with("从前有座山。"), "{next}");
    });
}

/// A sticker fetched. In LangBot anything did, and what it said was dropped.
#[test]
fn cowagent_pictures_and_the_like_fetch_nothing() {
    let shop = Shop::on_a_file();
    let server = shop.replica();
    assert_eq!(shop.told(&server, "o1", "问10"), "答问10");
    assert_eq!(shop.told(&server, "o1", "问3500"), SLOW);
    eventually("it is answered", || {
        let openid = shop.openid("o1");
        let answered = format!(
            "SELECT service FROM wx_questions WHERE openid = '{openid}' AND answer IS NOT NULL"
        );
        !database::column(&shop.database, &answered).is_empty()
    });
    assert_eq!(delivered(&server, &image(&shop, "o1")).as_deref(), Some(""));
    assert_eq!(shop.told(&server, "o1", "你好"), "好");
    assert_eq!(shop.told(&server, "o1", "1"), "答问3500");
}

/// What waited was kept by follower, for the one account that a process had.
#[test]
fn cowagent_what_waits_in_one_account_is_not_fetched_in_another() {
    let shop = Shop::on_a_file();
    let accounts = "
secrets: secrets
allow: ['ENDPOINT']
accounts:
  书店: { path: /books, rules: rules.yaml, token: books }
  花店: { path: /flowers, rules: rules.yaml, token: flowers }
";
    let address = shop.endpoint.address.to_string();
    let folder = &shop.folder;
    folder.write("accounts.yaml", accounts.replace("ENDPOINT", &address));
    folder.write("secrets/books", agency::token("books"));
    folder.write("secrets/flowers", agency::token("flowers"));
    let more = ["--accounts", "accounts.yaml", "--database", &shop.database];
    let server = Server::start_with(folder.path(), &[&more[..], &FLAGS].concat(), &[]);
    let told = |account: &str, text: &str| {
        let (path, message) = (format!("/{account}"), shop.text("o1", text));
        let credentials = agency::plain(&agency::token(account));
        let mut said = (0..3).map(|_| agency::post(&server, &path, &credentials, &message));
        let said = said.find(|said| said.status == 200).unwrap();
        wechat::element(&said.body, "Content")
    };
    assert_eq!(told("books", "问3500"), SLOW);
    assert_eq!(told("flowers", "1"), "普通");
    assert_eq!(told("flowers", "问20"), "答问20");
    while told("books", "1") == SLOW {}
    assert_eq!(told("books", "1"), "普通", "it was fetched");
    assert_eq!(told("books", "上次"), "问3500");
    assert_eq!(told("flowers", "上次"), "问20");
}

/// Ten seconds after it was sent, a picture was deleted; a repeated delivery showed nothing.
#[test]
fn cowagent_a_picture_is_the_same_for_a_repeated_delivery() {
    let shop = Shop::on_a_file();
    let server = shop.replica();
    let message = shop.text("o1", "问图");
    for _ in 0..3 {
        assert_eq!(delivered(&server, &message).as_deref(), Some("图"));
    }
    assert_eq!(shop.endpoint.asked("问图"), 1);
}

/// It had WeChat begin the account's quota anew by itself, which may be done ten times a month. In
/// dify_wechat_plugin each process ends the token of all others.
#[test]
fn cowagent_quotas_of_the_account_and_tokens_of_others_are_left_alone() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let server = with_api(&shop, &api);
    let send = "/cgi-bin/message/custom/send";
    for code in [45009, 45011, 45047] {
        let name = format!("o{code}");
        api.account(APP_ID).wrote(&shop.openid(&name));
        api.fault(send, 9, Fault::Errcode(code, "no".to_owned()));
        assert_eq!(shop.told(&server, &name, "问3500"), SLOW);
        assert_eq!(shop.fetched(&server, &name), "答问3500");
    }
    for path in ["clear_quota", "clear_quota/v2", "token"] {
        assert_eq!(api.calls(&format!("/cgi-bin/{path}")), 0, "{path}");
    }
}

/// Without a look at what was there already, each delivery asked and sent an answer.
#[test]
fn cowagent_deliveries_that_overlap_have_one_answer_sent() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let (one, other) = (with_api(&shop, &api), with_api(&shop, &api));
    api.account(APP_ID).wrote(&shop.openid("o1"));
    let message = shop.text("o1", "问4000");
    thread::scope(|scope| {
        for servers in [[&one, &other], [&other, &one]] {
            let message = &message;
            scope.spawn(move || deliver(&servers, message));
        }
    });
    let messages = || api.account(APP_ID).messages(&shop.openid("o1")).len();
    eventually("it is sent", || messages() > 0);
    eventually("nothing waits", || shop.told(&one, "o1", "1") == "普通");
    assert_eq!((messages(), shop.endpoint.asked("问4000")), (1, 1));
}

fn with_api(shop: &Shop, api: &WechatApiServer) -> Server {
    let (id, url) = (["--app-id", APP_ID], api.url());
    let more = ["--app-secret", APP_SECRET, "--api", &url];
    shop.replica_with(&[&FLAGS[..], &id, &more].concat())
}

/// A text never ended the waiting, so that an answer after a second got the text that says to wait.
/// In dify_wechat_plugin#2 answers after 11 s did.
#[test]
fn astrbot_7810_an_answer_in_time_is_the_answer_on_whichever_delivery_is_there() {
    Shop::on_each_database(|shop| {
        let (one, other) = (shop.replica(), shop.replica());
        for (openid, text) in [("o1", "问100"), ("o2", "问1400"), ("o3", "问2300")] {
            let message = shop.text(openid, text);
            let (_, answer) = shop.deliver(&[&one, &other], &message).unwrap();
            assert_eq!(answer, format!("答{text}"));
            // In seandong/ChatGPT-Wechat and WeRoBot#480, a repeated delivery asks again.
            assert_eq!(delivered(&other, &message), Some(answer));
            assert_eq!(shop.endpoint.asked(text), 1);
            assert_eq!(shop.told(&one, openid, "1"), "普通");
            assert_eq!(shop.told(&one, openid, "上次"), text);
        }
    });
}

/// What waited was never taken away, and each later message was told to wait until the next start.
#[test]
fn astrbot_after_a_failure_and_after_a_picture_nothing_waits() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "问坏"), "坏了");
        assert_eq!(shop.told(&server, "o1", "上次"), "无");
        assert_eq!(shop.told(&server, "o1", "问图"), "图");
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
        assert_eq!(shop.told(&server, "o1", "问3"), "答问3");
    });
}

/// Parts of 1,024 letters have 3 KB, of which WeChat shows nothing; in wechat_gpt_laf#1 anything
/// over 600 letters was lost.
#[test]
fn astrbot_each_part_of_a_long_answer_is_one_that_wechat_shows() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        let (mut whole, mut part) = (String::new(), shop.told(&server, "o1", "问长"));
        while let Some(begun) = part.strip_suffix("\n（未完，回复【1】继续）") {
            assert!(part.len() < 2048, "{}", part.len());
            whole += begun;
            part = shop.told(&server, "o1", "1");
        }
        assert!(part.len() < 2048);
        assert_eq!(whole + &part, "从前有座山。".repeat(300));
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
    });
}

/// After sixteen seconds, AstrBot#1679 has the answer in its log and nowhere else, and LangBot
/// throws it away.
#[test]
fn langbot_a_late_answer_is_fetched_once() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
        assert_eq!(shop.told(&server, "o1", "问4000"), SLOW);
        let nobodys = "nothing waits for them";
        assert_eq!(shop.told(&server, "o2", "1"), "普通", "{nobodys}");
        assert_eq!(shop.told(&server, "o1", "你好"), "好");
        assert_eq!(shop.fetched(&server, "o1"), "答问4000");
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
        assert_eq!(shop.endpoint.asked("问4000"), 1);
    });
}

/// Answers went out in the clear in secure mode, too, and with `]]>` in them were no XML.
#[test]
fn langbot_answers_are_sealed_as_the_message_was_and_hold_any_text() {
    let shop = Shop::on_a_file();
    let secrets = ["--aes-key", wechat::AES_KEY, "--app-id", wechat::APP_ID];
    let server = shop.replica_with(&[&["--mode", "compat"], &secrets[..], &FLAGS].concat());
    let text = "问]]></Content><MsgType>&amp;<![CDATA[";
    assert_eq!(shop.told(&server, "o1", text), format!("答{text}"));
    let secure = wechat::credentials(Mode::Secure);
    let xml = push::message_xml(&shop.text("o1", text));
    let said = server.post(&wechat::sealed(&secure, &xml));
    let answer = push::read_answer(&secure, &said.body).unwrap();
    assert!(answer.encrypted);
    assert_eq!(answer.reply, Reply::Text(format!("答{text}")));
}

/// The first delivery waited for five seconds, and its answer was always too late.
#[test]
fn dify_wechat_plugin_35_what_is_said_comes_before_wechat_hangs_up() {
    let shop = Shop::on_a_file();
    let server = shop.replica_with(&PATIENT);
    for (name, text, heard_on) in [
        ("o1", "问1000", 1),
        ("o2", "问4000", 2),
        ("o3", "问60000", 3),
    ] {
        let message = shop.text(name, text);
        let heard = (1..=3).find(|_| read(&server, &message).contains("</xml>"));
        assert_eq!(heard, Some(heard_on), "{text}");
    }
}

/// After two rounds or half a minute, the answer could not be fetched any more.
#[test]
fn dify_wechat_plugin_an_answer_is_fetched_however_often_that_takes() {
    let shop = Shop::on_a_file();
    let server = shop.replica();
    let mut rounds = 0;
    let mut told = shop.told(&server, "o1", "问10000");
    while told == SLOW {
        rounds += 1;
        told = shop.told(&server, "o1", "1");
    }
    assert_eq!(told, "答问10000");
    assert!(rounds >= 3, "{rounds}");
}

/// How long a delivery waits was one number for all, which each changed.
#[test]
fn dify_wechat_plugin_how_long_one_waits_changes_nothing_for_others() {
    let shop = Shop::on_a_file();
    let server = shop.replica();
    thread::scope(|scope| {
        for number in 0..16 {
            let (shop, server) = (&shop, &server);
            scope.spawn(move || {
                let (name, text) = (format!("o{number}"), format!("问{}", number * 150));
                assert_eq!(shop.told(server, &name, &text), format!("答{text}"));
            });
        }
    });
}

/// `/clear` could not be said, and in seandong/ChatGPT-Wechat#5 a `1` that came early was asked.
#[test]
fn dify_wechat_plugin_no_word_is_special_but_where_something_waits() {
    let shop = Shop::on_a_file();
    shop.edit("equals: '1' }, reply: 普通", "type: text }, ask: 慢");
    let server = shop.replica();
    for text in ["/clear", "继续", "#清除记忆", "1"] {
        assert_eq!(shop.told(&server, "o1", text), format!("答{text}"));
    }
    assert_eq!(shop.told(&server, "o1", "问4000"), SLOW);
    assert_eq!(shop.fetched(&server, "o1"), "答问4000");
    assert_eq!(shop.endpoint.asked("1"), 1);
}

/// A repeated delivery got nothing, so that an answer that did not arrive was lost.
#[test]
fn qq_maid_bot_an_answer_that_did_not_arrive_comes_with_the_next_delivery() {
    let shop = Shop::on_a_file();
    let server = shop.replica();
    // The connection ends before the answer is there.
    let message = shop.text("o1", "问300");
    let stream = begin(&server, &message);
    eventually("it is asked", || shop.endpoint.asked("问300") > 0);
    drop(stream);
    assert_eq!(delivered(&server, &message).as_deref(), Some("答问300"));
    // And when the answer is on its way.
    let message = shop.text("o2", "问0");
    let stream = begin(&server, &message);
    stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
    assert!(stream.peek(&mut [0]).unwrap() > 0);
    drop(stream);
    assert_eq!(delivered(&server, &message).as_deref(), Some("答问0"));
    for text in ["问300", "问0"] {
        assert_eq!(shop.endpoint.asked(text), 1, "{text}");
    }
}

/// Answers were kept by what was asked: a follower got what another had asked for.
#[test]
fn tomatocuke_another_follower_with_the_same_question_gets_an_answer_of_their_own() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "问30"), "答问30");
        assert_eq!(shop.told(&server, "o2", "问30"), "答问30");
        assert_eq!(shop.endpoint.asked("问30"), 2);
    });
}

/// Whatever nobody came back for was kept for ever, with somebody who waited to hand it over.
#[test]
fn tomatocuke_a_question_ends_though_nobody_comes_back() {
    let shop = Shop::on_a_file();
    let server = shop.replica_with(&["--admin", "127.0.0.1:0"]);
    let operators = admin::operators(&server);
    let messages = ["o1", "o2", "o3"].map(|name| shop.text(name, "问1000"));
    let deliveries = messages.each_ref().map(|message| begin(&server, message));
    eventually("all are asked", || shop.endpoint.asked("问1000") == 3);
    drop(deliveries);
    eventually("all are answered", || {
        let answered = among::series("wxreply_questions_total{event=\"answered\"}");
        let page = admin::get(operators, "/metrics");
        page.text().contains(&format!("{answered} 3\n"))
    });
    eventually("none is under way", || {
        admin::metric(operators, "wxreply_questions_under_way") == 0.0
    });
    let told = delivered(&server, &messages[0]);
    assert_eq!(told.as_deref(), Some("答问1000"), "it comes after all");
}

/// Followers read what a model thinks before it answers.
#[test]
fn dify_on_wechat_233_what_a_model_thinks_is_not_shown() {
    let shop = Shop::on_a_file();
    let server = shop.replica();
    assert_eq!(shop.told(&server, "o1", "聊想"), "【AI】答聊想");
}
