//! What the callback says to WeChat, and to everyone else.

use std::io::Write;
use std::net::TcpStream;

use wxreply::message::Message;
use wxreply::reply::Reply;
use wxreply::wechat::push::Push;
use wxreply::wechat::{Mode, push};

use crate::http::Said;
use crate::server::{Server, serve};
use crate::support::Folder;
use crate::{http, wechat};

const RULES: &str = "\
rules:
  - name: hello
    when: { type: text, prefix: hello }
    reply: 'hi <rest>'
  - name: long
    when: { equals: long }
    reply: '你<content>LONG'
  - name: picture
    when: { type: image }
    reply: { image: <media_id> }
  - name: news
    when: { event: subscribe }
    reply: { news: [{ title: 欢迎 & <openid>, url: 'http://e.example/?a=1&b=2' }] }
  - name: number
    when: { equals: '0' }
    reply: '0'
  - name: blank
    when: { prefix: blank }
    reply: '<rest>'
  - name: echo
    when: { type: text }
    reply: <content>
";

fn server() -> (Folder, Server) {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &[]);
    (folder, server)
}

fn encrypting(folder: &Folder, mode: &str) -> Server {
    let (key, app_id) = (wechat::AES_KEY, wechat::APP_ID);
    Server::start(
        folder,
        &["--aes-key", key, "--app-id", app_id, "--mode", mode],
    )
}

fn get(server: &Server, query: &str) -> Said {
    http::request(server.address(), "GET", &format!("/wx_flask?{query}"), b"").unwrap()
}

#[track_caller]
fn check_refused(said: &Said) {
    assert_eq!((said.status, said.text()), (403, ""), "{said:?}");
}

#[test]
fn the_handshake_gives_back_the_echostr_and_nothing_else() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for mode in Mode::ALL {
        let server = match mode {
            Mode::Plain => Server::start(&folder, &[]),
            mode => encrypting(&folder, mode.name()),
        };
        let credentials = wechat::credentials(mode);
        for echostr in ["5940482193847561029", "<script>&\"+ %41\n", "回声"] {
            let said = get(
                &server,
                &push::handshake(&credentials, echostr, &wechat::stamp()),
            );
            assert_eq!((said.status, said.text()), (200, echostr), "{mode}");
            assert_eq!(said.header("content-type"), "text/plain; charset=utf-8");
        }
        let right = push::handshake(&credentials, "1", &wechat::stamp());
        let strange = wechat::credentials_with(mode, "strange", wechat::AES_KEY);
        for wrong in [
            String::new(),
            "echostr=1".to_owned(),
            "signature=&timestamp=&nonce=&echostr=1".to_owned(),
            push::handshake(&strange, "1", &wechat::stamp()),
            right.replace("timestamp=1", "timestamp=2"),
            right.replace("&echostr=1", ""),
            format!("{right}&echostr=1"),
            format!("{right}&signature=0"),
            right.replace("signature=", "msg_signature="),
            format!("{right}&nonce=%zz"),
        ] {
            check_refused(&get(&server, &wrong));
        }
    }
}

#[test]
fn every_mode_answers_its_own_pushes_and_refuses_the_others() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let accepted: [(Mode, &[Mode]); 3] = [
        (Mode::Plain, &[Mode::Plain]),
        (Mode::Compat, &Mode::ALL),
        (Mode::Secure, &[Mode::Secure, Mode::Compat]),
    ];
    for (mode, accepted) in accepted {
        let server = encrypting(&folder, mode.name());
        for sent in Mode::ALL {
            let credentials = wechat::credentials(sent);
            let xml = push::message_xml(&wechat::text("oFollower", "hello ]]> 你"));
            let said = server.post(&wechat::sealed(&credentials, &xml));
            if !accepted.contains(&sent) {
                check_refused(&said);
                continue;
            }
            assert_eq!(said.status, 200, "{mode} got {sent}");
            let answer = push::read_answer(&credentials, &said.body).unwrap();
            assert_eq!(answer.reply, Reply::Text("hi ]]> 你".to_owned()));
            assert_eq!(
                (answer.to.as_str(), answer.from.as_str()),
                ("oFollower", wechat::ACCOUNT)
            );
            assert_eq!(answer.encrypted, sent != Mode::Plain);

            let silent = push::message_xml(&wechat::message("unheard_of", "oFollower"));
            let said = server.post(&wechat::sealed(&credentials, &silent));
            assert_eq!((said.status, said.text()), (200, "success"));
        }
    }
}

#[test]
fn a_request_that_wechat_did_not_sign_is_refused_in_one_way() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for mode in Mode::ALL {
        let server = encrypting(&folder, mode.name());
        let xml = push::message_xml(&wechat::text("oFollower", "hello"));
        let right = wechat::sealed(&wechat::credentials(mode), &xml);
        let strange_token = wechat::credentials_with(mode, "strange", wechat::AES_KEY);
        let strange_key = wechat::credentials_with(mode, wechat::TOKEN, &"A".repeat(43));
        let with_query = |query: String| Push {
            query,
            body: right.body.clone(),
        };
        let mut wrong = vec![
            with_query(String::new()),
            with_query("signature=&timestamp=&nonce=&msg_signature=".to_owned()),
            with_query(right.query.replace("nonce=", "nonce=1")),
            with_query(right.query.replace("signature=", "signature=0")),
            with_query(format!("{}&timestamp=1", right.query)),
            with_query(format!("{}&encrypt_type=rot13", right.query)),
            wechat::sealed(&strange_token, &xml),
        ];
        if mode != Mode::Plain {
            wrong.push(wechat::sealed(&strange_key, &xml));
            wrong.push(Push {
                query: right.query.clone(),
                body: right
                    .body
                    .replace("<Encrypt><![CDATA[", "<Encrypt><![CDATA[AAAA"),
            });
            wrong.push(Push {
                query: right.query.clone(),
                body: "<xml></xml>".to_owned(),
            });
            wrong.push(Push {
                query: right.query.clone(),
                body: "no xml".to_owned(),
            });
        }
        let heads: Vec<String> = wrong
            .iter()
            .map(|push| {
                let said = server.post(push);
                check_refused(&said);
                let lines = said.head.lines().filter(|line| !line.starts_with("date: "));
                lines.collect()
            })
            .collect();
        assert!(heads.windows(2).all(|two| two[0] == two[1]), "{heads:?}");
        assert_eq!(server.post(&right).status, 200, "{mode}");
    }
}

#[test]
fn what_is_signed_and_cannot_be_read_gets_success_and_reaches_no_rule() {
    let folder = Folder::with(&[("rules.yaml", "rules: [{ name: all, reply: <openid> }]")]);
    let server = Server::start(&folder, &[]);
    let nested = |depth: usize| {
        let (open, close) = ("<a>".repeat(depth), "</a>".repeat(depth));
        format!("<xml><FromUserName>o1</FromUserName>{open}{close}</xml>")
    };
    for body in [
        String::new(),
        "hello".to_owned(),
        "{\"MsgType\":\"text\"}".to_owned(),
        "<xml>".to_owned(),
        "<xml><FromUserName>o1</FromUserName>".to_owned(),
        "<xml><FromUserName>o1</xml></FromUserName>".to_owned(),
        nested(17),
        nested(3000),
    ] {
        let said = server.post(&wechat::sealed(&wechat::credentials(Mode::Plain), &body));
        assert_eq!((said.status, said.text()), (200, "success"), "{body:.100}");
    }
    server.logged("is refused, malformed");
    let whole = wechat::sealed(&wechat::credentials(Mode::Plain), &nested(10));
    assert_eq!(wechat::element(&server.post(&whole).body, "Content"), "o1");
}

#[test]
fn what_is_signed_and_not_quite_xml_is_answered() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let from = "<ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>\
                <CreateTime>1</CreateTime><MsgType>text</MsgType>";
    for mode in Mode::ALL {
        let server = encrypting(&folder, mode.name());
        let credentials = wechat::credentials(mode);
        for (rest, expected) in [
            ("<Content>hello &#xD83D;&#xDE00;</Content>", "hi 😀"),
            ("<Content>hello a & b</Content>", "hi a & b"),
            (
                "<Content>hello a</Content><Content>hello b</Content>",
                "hi a",
            ),
            ("<Content>hello &unheard;</Content>", "hi &unheard;"),
            ("<Content>hello x</Content>stray", "hi x"),
        ] {
            for xml in [
                format!("<xml>{from}{rest}</xml>"),
                format!("<!DOCTYPE xml><xml>{from}{rest}</xml>junk"),
            ] {
                let said = server.post(&wechat::sealed(&credentials, &xml));
                assert_eq!(said.status, 200, "{mode}: {xml}");
                let answer = push::read_answer(&credentials, &said.body).unwrap();
                assert_eq!(answer.reply, Reply::Text(expected.to_owned()), "{xml}");
            }
        }
    }
    let server = Server::start(&folder, &[]);
    let query = wechat::sealed(&wechat::credentials(Mode::Plain), "").query;
    let target = format!("/wx_flask?{query}");
    let body = [
        b"<xml>",
        from.as_bytes(),
        b"<Content>hello \xe9</Content></xml>",
    ]
    .concat();
    let said = http::request(server.address(), "POST", &target, &body).unwrap();
    assert_eq!(wechat::element(&said.body, "Content"), "hi \u{FFFD}");
}

#[test]
fn a_message_from_nobody_is_answered_to_nobody_and_stores_nothing() {
    let rules = "rules: [{ name: all, set: { a: b }, reply: <content|none> }]";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let server = Server::start(&folder, &[]);
    for from in [
        "",
        "<FromUserName></FromUserName>",
        "<FromUserName>&#1;</FromUserName>",
    ] {
        for rest in [
            "<MsgType>text</MsgType>",
            "<action>CheckContainerPath</action>",
            "",
        ] {
            let body = format!("<xml>{from}{rest}</xml>");
            let said = server.post(&wechat::sealed(&wechat::credentials(Mode::Plain), &body));
            assert_eq!((said.status, said.text()), (200, "success"), "{body}");
        }
    }
}

#[test]
fn the_limit_of_a_message_does_not_count_its_envelope() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for mode in Mode::ALL {
        let server = encrypting(&folder, mode.name());
        let credentials = wechat::credentials(mode);
        for (bytes, status) in [(60_000, 200), (130_000, 413)] {
            let message = wechat::text("o1", &format!("hello {}", "x".repeat(bytes)));
            let xml = push::message_xml(&message);
            let said = server.post(&wechat::sealed(&credentials, &xml));
            assert_eq!(said.status, status, "{mode}: {bytes}");
        }
    }
}

#[test]
fn what_is_larger_than_any_message_is_refused_before_it_is_read_whole() {
    let (_folder, server) = server();
    let query = wechat::sealed(&wechat::credentials(Mode::Plain), "").query;
    let head =
        |length: &str| format!("POST /wx_flask?{query} HTTP/1.1\r\nhost: bot\r\n{length}\r\n\r\n");
    let fits = "x".repeat(64 * 1024 - 100);
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    for (what, bytes, status) in [
        ("announced", head("content-length: 65537"), 413),
        (
            "announced absurdly",
            head("content-length: 18446744073709551615"),
            413,
        ),
        (
            "in chunks",
            head("transfer-encoding: chunked") + &chunk.repeat(3),
            413,
        ),
        (
            "a fitting one",
            head(&format!("content-length: {}", fits.len())) + &fits,
            200,
        ),
        (
            "a fitting one in chunks",
            head("transfer-encoding: chunked") + &chunk + "0\r\n\r\n",
            200,
        ),
    ] {
        let said = http::exchange(server.address(), bytes.as_bytes());
        let body = if status == 200 { "success" } else { "" };
        let said = said.unwrap();
        assert_eq!((said.status, said.text()), (status, body), "{what}");
    }
    assert_eq!(server.says("o1", "hello you"), "hi you");
}

#[test]
fn a_body_that_never_comes_is_given_up_and_keeps_nobody_waiting() {
    let (_folder, server) = server();
    let query = wechat::sealed(&wechat::credentials(Mode::Plain), "").query;
    let head =
        format!("POST /wx_flask?{query} HTTP/1.1\r\nhost: bot\r\ncontent-length: 10\r\n\r\n<xml>");
    let mut stalled: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert_eq!(server.says("o1", "hello you"), "hi you");
    for stream in &mut stalled {
        stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
        assert_eq!(http::answer(stream).map(|said| said.status), Some(408));
    }
}

#[test]
fn a_body_that_never_comes_after_a_pipelined_request_is_given_up_too() {
    let rules = "\
rules:
  - { name: keep, when: { prefix: keep }, set: { word: <rest> }, reply: kept }
";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let url = format!("sqlite:{}", folder.path().join("f.db").display());
    let server = Server::start(&folder, &["--database", &url, "--client-timeout", "1s"]);
    let first = wechat::plain(&wechat::text("o1", "keep this"));
    let second = wechat::plain(&wechat::text("o1", "keep that"));
    let head = |query: &str, length: usize| {
        format!("POST /wx_flask?{query} HTTP/1.1\r\nhost: bot\r\ncontent-length: {length}\r\n\r\n")
    };
    let both = head(&first.query, first.body.len()) + &first.body + &head(&second.query, 10);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
    stream.write_all(both.as_bytes()).unwrap();
    assert_eq!(http::answer(&mut stream).map(|said| said.status), Some(200));
    assert_eq!(http::answer(&mut stream).map(|said| said.status), Some(408));
}

#[test]
fn nothing_else_is_there() {
    let (_folder, server) = server();
    let query = push::handshake(&wechat::credentials(Mode::Plain), "1", &wechat::stamp());
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/wx_flask/", 404),
        ("GET", "/wx_flask/x", 404),
        ("GET", "/WX_FLASK", 404),
        ("GET", "/metrics", 404),
        ("POST", "/reload", 404),
        ("POST", "//wx_flask", 404),
        ("GET", "/x/../wx_flask", 404),
        ("HEAD", "/wx_flask", 405),
        ("PUT", "/wx_flask", 405),
        ("DELETE", "/wx_flask", 405),
        ("OPTIONS", "/wx_flask", 405),
    ] {
        let said = http::request(server.address(), method, &format!("{path}?{query}"), b"");
        let said = said.unwrap();
        assert_eq!((said.status, said.text()), (status, ""), "{method} {path}");
        let allowed = if status == 405 { "get, post" } else { "" };
        assert_eq!(said.header("allow"), allowed, "{method} {path}");
    }
}

#[test]
fn bytes_that_are_no_http_do_no_harm() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let mut command = serve(folder.path(), &["--token", wechat::TOKEN], &[]);
    command.env_remove("RUST_LOG");
    send_no_http(&Server::spawn(command));
}

#[test]
fn who_wants_to_hear_more_of_one_thing_hears_no_more_of_others() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let mut command = serve(folder.path(), &["--token", wechat::TOKEN], &[]);
    command.env("RUST_LOG", "wxreply::delivery=debug");
    let server = Server::spawn(command);
    send_no_http(&server);
    server.logged("answered, rule hello");
}

fn send_no_http(server: &Server) {
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /wx_flask HTTP/9.9\r\n\r\n",
        b"POST /wx_flask HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /wx_flask HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST /wx_flask HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /wx_flask?\xff\xfe HTTP/1.1\r\nhost: \xff\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
        let status = http::answer(&mut stream).map_or(400, |said| said.status);
        assert!((400..500).contains(&status), "{bytes:?}: {status}");
    }
    // The internet sends such things all day; nobody is to be woken up for it.
    assert!(!server.log().contains("ERROR"), "{}", server.log());
    assert_eq!(server.says("o1", "hello you"), "hi you");
}

#[test]
fn several_messages_come_over_one_connection() {
    let (_folder, server) = server();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
    for number in 0..3 {
        let push = wechat::plain(&wechat::text("o1", &format!("hello {number}")));
        let (query, length) = (&push.query, push.body.len());
        let head = format!(
            "POST /wx_flask?{query} HTTP/1.1\r\nhost: b\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
        );
        let head = if number == 1 {
            head
        } else {
            head.replace("expect: 100-continue\r\n", "")
        };
        stream.write_all(head.as_bytes()).unwrap();
        if number == 1 {
            let said = http::answer(&mut stream).unwrap();
            assert_eq!(said.status, 100);
        }
        stream.write_all(push.body.as_bytes()).unwrap();
        let said = http::answer(&mut stream).unwrap();
        assert_eq!(
            wechat::element(&said.body, "Content"),
            format!("hi {number}")
        );
    }
}

#[test]
fn what_followers_write_comes_back_harmless() {
    let (_folder, server) = server();
    let hundred = "字".repeat(1000);
    for (sent, expected) in [
        ("a ]]> b", "a ]]> b"),
        ("]]]]>>", "]]]]>>"),
        ("</Content><Content>x", "</Content><Content>x"),
        ("<![CDATA[x]]>", "<![CDATA[x]]>"),
        ("&amp;&#65;", "&amp;&#65;"),
        (
            "😀/::) 【收到不支持的消息类型，暂无法显示】",
            "😀/::) 【收到不支持的消息类型，暂无法显示】",
        ),
        ("a\u{1d}b\u{0}c\u{8}d\u{fffe}", "abcd"),
        ("0", "0"),
        ("blank", ""),
        ("blank \u{1}\u{2}", ""),
    ] {
        let message = wechat::text("oFollower", sent);
        assert_eq!(
            crate::server::said_text(&server.send(&message)),
            expected,
            "{sent:?}"
        );
    }
    let cut = server.says("oFollower", &hundred);
    assert!(cut.len() <= 2047 && cut.len() > 2040, "{}", cut.len());
    assert!(cut.ends_with('…') && hundred.starts_with(cut.trim_end_matches('…')));
    let cut = server.logged("the end is cut off");
    assert!(
        cut.contains("WARN") && cut.contains(" gets less than rule "),
        "{cut}"
    );
    assert!(!cut.contains("oFollower"), "{cut}");
    assert_eq!(
        server.says("oFollower", &"x".repeat(2047)),
        "x".repeat(2047)
    );
}

#[test]
fn an_answer_goes_from_the_account_to_the_follower() {
    let (_folder, server) = server();
    let said = server.send(&wechat::message("event", "o<1>&]]>").with("Event", "subscribe"));
    assert_eq!(said.header("content-type"), "text/xml");
    let elements = wechat::elements(&said.body);
    let created = wechat::element(&said.body, "CreateTime");
    assert!(created.len() == 10 && created.parse::<u32>().is_ok());
    let expected = [
        ("ToUserName", "o<1>&]]>"),
        ("FromUserName", wechat::ACCOUNT),
        ("CreateTime", &created),
        ("MsgType", "news"),
        ("ArticleCount", "1"),
        ("Articles.item.Title", "欢迎 & o<1>&]]>"),
        ("Articles.item.Url", "http://e.example/?a=1&b=2"),
    ];
    let elements: Vec<(&str, &str)> = elements
        .iter()
        .map(|(path, value)| (path.as_str(), value.as_str()))
        .collect();
    for (path, value) in expected {
        assert!(elements.contains(&(path, value)), "{path} in {elements:?}");
    }
    let picture = wechat::message("image", "o1").with("MediaId", "M-1_x");
    assert_eq!(
        wechat::element(&server.send(&picture).body, "Image.MediaId"),
        "M-1_x"
    );
    let faceless = wechat::message("image", "o1");
    assert_eq!(server.send(&faceless).text(), "success");
}

#[test]
fn no_level_of_logging_shows_secrets_or_followers() {
    let rules = "\
rules:
  - { name: keep, when: { prefix: keep }, set: { word: <rest> }, reply: kept <rest> }
  - { name: shown, when: { equals: shown }, reply: 'you said <user.word>' }
  - { name: echo, when: { type: text }, reply: <content> }
";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    for mode in [Mode::Plain, Mode::Secure] {
        let arguments = [
            "--token",
            wechat::TOKEN,
            "--aes-key",
            wechat::AES_KEY,
            "--app-id",
        ];
        let arguments = [&arguments[..], &[wechat::APP_ID, "--mode", mode.name()]].concat();
        let trace = [("RUST_LOG", "trace,actix_http=trace,actix_server=trace")];
        let server = Server::start_with(folder.path(), &arguments, &trace);
        let credentials = wechat::credentials(mode);
        let mut messages: Vec<Message> = Vec::new();
        for content in ["keep sEcretWord", "shown", "sEcretWord"] {
            messages.push(wechat::text("oPrivateOpenid", content));
        }
        messages.push(wechat::text(
            &format!("oPrivateOpenid{}", "x".repeat(99)),
            "keep sEcretWord",
        ));
        for message in messages {
            let push = wechat::sealed(&credentials, &push::message_xml(&message));
            assert_eq!(server.post(&push).status, 200);
            let wrong = Push {
                query: push.query.replace("signature=", "signature=0"),
                body: push.body,
            };
            assert_eq!(server.post(&wrong).status, 403);
        }
        let broken = wechat::sealed(&credentials, "<xml><Content>sEcretWord</xml>");
        assert_eq!(server.post(&broken).text(), "success");
        server.logged_times("follower", 4);
        let log = server.log();
        let secrets = [
            wechat::TOKEN,
            wechat::AES_KEY,
            "oPrivateOpenid",
            "sEcretWord",
        ];
        for line in log.lines() {
            for secret in secrets {
                assert!(!line.contains(secret), "{secret} in {line}");
            }
        }
    }
}
