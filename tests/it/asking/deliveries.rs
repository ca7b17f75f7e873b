//! What becomes of an answer that nobody reads, and what deliveries get while the database is busy.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use wxreply::message::Message;

use crate::asking::shop::{SLOW, Shop, delivered};
use crate::server::eventually;
use crate::{admin, database, wechat};

#[test]
fn an_answer_that_wechat_hung_up_on_is_fetched() {
    Shop::on_each_database_timed(|shop| {
        // The first delivery is the last one there is, and leaves before there is an answer.
        let server = shop.replica_with(&["--deadline", "4900ms"]);
        let push = wechat::plain(&shop.text("o1", "问500"));
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let length = push.body.len();
        let head = format!(
            "POST /wx_flask?{} HTTP/1.1\r\nhost: bot\r\ncontent-length: {length}\r\n\r\n",
            push.query
        );
        let request = [head, push.body].concat();
        stream.write_all(request.as_bytes()).unwrap();
        eventually("it is asked", || shop.endpoint.asked("问500") == 1);
        drop(stream);
        let given = format!(
            "SELECT given_to FROM wx_questions WHERE given_to IS NOT NULL AND openid = '{}'",
            shop.openid("o1")
        );
        eventually("it is given", || {
            !database::column(&shop.database, &given).is_empty()
        });
        // It waits for as long as it could still be known to have arrived.
        assert_eq!(shop.fetched(&server, "o1"), "答问500");
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
        assert_eq!(shop.endpoint.asked("问500"), 1);
    });
}

#[test]
fn the_last_delivery_is_told_to_wait_whatever_the_database_does() {
    let shop = Shop::on_a_file();
    // It waits longer than it takes WeChat to deliver for the last time.
    let server = shop.replica_with(&["--deadline", "3s", "--retry-after", "1s"]);
    let message = shop.text("o1", "问9000");
    assert_eq!(delivered(&server, &message), None);
    let arrived = format!(
        "SELECT 'twice' FROM wx_arrivals WHERE times = 2 AND openid = '{}'",
        shop.openid("o1")
    );
    thread::scope(|scope| {
        let last = scope.spawn(|| delivered(&server, &message));
        eventually("it comes", || {
            !database::column(&shop.database, &arrived).is_empty()
        });
        let told = database::locked(&shop.database, || last.join().unwrap());
        assert_eq!(told.as_deref(), Some(SLOW));
    });
}

#[test]
fn a_delivery_asks_itself_where_an_earlier_one_could_not() {
    let shop = Shop::on_a_file();
    let server = shop.replica_with(&["--deadline", "4900ms"]);
    assert_eq!(shop.told(&server, "o1", "问1"), "答问1");
    let message = shop.text("o1", "问2");
    thread::scope(|scope| {
        let (first, second) = database::locked(&shop.database, || {
            let first = scope.spawn(|| delivered(&server, &message));
            thread::sleep(Duration::from_secs(3));
            let second = scope.spawn(|| delivered(&server, &message));
            (first.join().unwrap(), second)
        });
        assert_eq!(first.as_deref(), Some("故障"));
        assert_eq!(second.join().unwrap().as_deref(), Some("答问2"));
    });
    assert_eq!(shop.endpoint.asked("问2"), 1);
}

/// Keywords are what is left of an account whose database is away.
#[test]
fn a_keyword_beside_rules_that_ask_is_looked_up_only_when_it_may_be_repeated() {
    let shop = Shop::on("postgres://u@127.0.0.1:1/db".to_owned());
    let flags = [
        "--deadline",
        "4s",
        "--retry-after",
        "5s",
        "--admin",
        "127.0.0.1:0",
    ];
    let server = shop.start(&flags);
    let looked_up = || {
        let page = admin::get(admin::operators(&server), "/metrics");
        page.text().contains("operation=\"question\"")
    };
    assert_eq!(shop.told(&server, "o1", "你好"), "好");
    assert!(!looked_up());
    let new = shop.text("o1", "你好");
    let old = new.elements().map(|(name, value)| match name {
        "CreateTime" => (name, "1767326400"),
        _ => (name, value),
    });
    let old = old.fold(Message::default(), |message, (name, value)| {
        message.with(name, value)
    });
    assert_eq!(delivered(&server, &old).as_deref(), Some("好"));
    assert!(looked_up());
}
