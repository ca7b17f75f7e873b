//! Accounts that come, change and go while others are answered.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;

use serde_json::json;
use wxreply::wechat::push;

use super::{entry, folder, plain, post, readiness, rules, says, start, token, write_accounts};
use crate::admin::operators;
use crate::admin::{self, get_exactly, metric};
use crate::asking::shop::{FLAGS, Shop, deliver, delivered};
use crate::server::{Server, eventually, said_text};
use crate::{http, wechat};

#[test]
fn accounts_come_and_go_while_others_are_answered() {
    let folder = folder(&["books"]);
    let (server, operator) = start(&folder, &[]);
    folder.write("secrets/flowers-token", token("flowers"));
    folder.write("flowers/rules.yaml", rules("flowers"));
    write_accounts(&folder, &(entry("books", "") + &entry("flowers", "")));
    let message = wechat::text("o1", "hi");
    let status = |name: &str| {
        post(
            &server,
            &format!("/wx/{name}"),
            &plain(&token(name)),
            &message,
        )
        .status
    };
    eventually("the new account is answered", || status("flowers") == 200);
    assert_eq!(says(&server, "flowers", "o1", "hi"), "here is flowers");

    // The rules of a new account are followed, too.
    folder.write("flowers/rules.yaml", rules("flowers, new"));
    eventually("its rules are replaced", || {
        says(&server, "flowers", "o1", "hi") == "here is flowers, new"
    });

    write_accounts(&folder, &entry("flowers", ""));
    eventually("the old account is gone", || status("books") == 404);
    assert_eq!(says(&server, "flowers", "o1", "hi"), "here is flowers, new");
    assert_eq!(readiness(operator, "flowers")["generation"], json!(2));
    let page = get_exactly(operator, "/metrics");
    assert!(
        !page.text().contains("account=\"books\""),
        "{}",
        page.text()
    );
}

#[test]
fn a_message_under_way_when_its_account_is_removed_is_answered() {
    let folder = folder(&["books", "flowers"]);
    let stores = "rules: [{ name: set, set: { word: <content> }, reply: stored }]\n";
    folder.write("books/rules.yaml", stores);
    let books = entry("books", ", database: 'sqlite:books.db'");
    write_accounts(&folder, &(books + &entry("flowers", "")));
    let (server, operator) = start(&folder, &["--client-timeout", "30s"]);
    let message = push::message_xml(&wechat::text("o1", "hi"));
    let push = wechat::sealed(&plain(&token("books")), &message);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
    let head = format!(
        "POST /wx/books?{} HTTP/1.1\r\nhost: bot\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        push.query,
        push.body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(http::answer(&mut stream).unwrap().status, 100);

    write_accounts(&folder, &entry("flowers", ""));
    let gone = || http::request(server.address(), "GET", "/wx/books", b"").unwrap();
    eventually("the account is gone", || gone().status == 404);
    stream.write_all(push.body.as_bytes()).unwrap();
    assert_eq!(said_text(&http::answer(&mut stream).unwrap()), "stored");
    // The next message on the same connection comes too late.
    let target = format!("/wx/books?{}", push.query);
    let said = http::request_on(&mut stream, &target, push.body.as_bytes(), "keep-alive");
    assert_eq!(said.unwrap().status, 404);
    // What was counted meanwhile is gone with the account.
    let page = get_exactly(operator, "/metrics");
    assert!(
        !page.text().contains("account=\"books\""),
        "{}",
        page.text()
    );
}

#[test]
fn a_question_is_asked_once_although_its_account_gets_another_name() {
    let shop = Shop::on_a_file();
    let message = shop.text("o1", "问2300");
    let mut elements = message.elements();
    let (_, id) = elements.find(|(name, _)| *name == "ToUserName").unwrap();
    let allow = shop.endpoint.address;
    let call_it = |name: &str| {
        let entry = format!("{{ id: {id}, path: /wx_flask, rules: rules.yaml, token: token }}");
        let file = format!("secrets: .\nallow: ['{allow}']\naccounts:\n  {name}: {entry}\n");
        shop.folder.write("accounts.yaml", file);
    };
    call_it("books");
    shop.folder.write("token", wechat::TOKEN);
    let more = ["--accounts", "accounts.yaml", "--admin", "127.0.0.1:0"];
    let more = [&more[..], &["--database", &shop.database]].concat();
    let server = Server::start_with(shop.folder.path(), &[&FLAGS[..], &more].concat(), &[]);
    assert_eq!(delivered(&server, &message), None);
    call_it("novels");
    let is_called_so = || readiness(operators(&server), "novels") != json!(null);
    eventually("it has its new name", is_called_so);
    let told = deliver(&[&server], &message).map(|(_, text)| text);
    assert_eq!(told.as_deref(), Some("答问2300"));
    assert_eq!(shop.endpoint.asked("问2300"), 1);
}

#[test]
fn a_secret_changes_without_a_restart_and_a_bad_one_changes_nothing() {
    let folder = folder(&["books"]);
    let (server, operator) = start(&folder, &[]);
    let message = wechat::text("o1", "hi");
    let status = |token: &str| post(&server, "/wx/books", &plain(token), &message).status;
    folder.write("secrets/books-token", "newTokenOfBooks");
    eventually("the new token is taken", || {
        status("newTokenOfBooks") == 200
    });
    assert_eq!(status(&token("books")), 403);
    folder.write("secrets/books-token", "not a token");
    server.logged("the accounts are not replaced, the old ones go on answering");
    assert_eq!(status("newTokenOfBooks"), 200);
    assert!(!server.log().contains("not a token"));
    assert_eq!(metric(operator, "wxreply_rules{account=\"books\"}"), 1.0);
}

#[test]
fn a_mistake_changes_nothing_is_told_once_and_is_over_when_it_is_mended() {
    let folder = folder(&["books", "flowers"]);
    let (server, operator) = start(&folder, &[]);
    let new = entry("books", "") + &entry("cakes", "");
    folder.write("secrets/cakes-token", token("cakes"));
    folder.write("cakes/rules.yaml", "rules: [{ name: a, replyy: b }]");
    write_accounts(&folder, &new);
    server.logged("the accounts are not replaced");
    for name in ["books", "flowers"] {
        assert_eq!(says(&server, name, "o1", "hi"), format!("here is {name}"));
    }
    let page = admin::json(&get_exactly(operator, "/readyz"));
    assert_eq!(page["ready"], json!(true));
    let error = page["last_accounts_error"].as_str().unwrap();
    assert!(
        error.contains("cakes/rules.yaml:1") && error.contains("replyy"),
        "{error}"
    );
    let head = format!(
        "POST /reload HTTP/1.1\r\nhost: {operator}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(
        http::try_exchange(operator, head.as_bytes())
            .unwrap()
            .status,
        422
    );
    let told = server
        .log()
        .matches("the accounts are not replaced")
        .count();
    assert_eq!(told, 1);

    folder.write("cakes/rules.yaml", rules("cakes"));
    server.logged("reloaded the accounts from accounts.yaml (1 new, 0 changed, 1 gone");
    assert_eq!(says(&server, "cakes", "o1", "hi"), "here is cakes");
    let page = admin::json(&get_exactly(operator, "/readyz"));
    assert_eq!(page["last_accounts_error"], json!(null));
    assert_eq!(page["accounts_reload_failures"], json!(1));
}

#[test]
fn nobody_is_refused_while_accounts_are_replaced() {
    let folder = folder(&["books"]);
    let (server, _) = start(&folder, &[]);
    let entries: Vec<String> = (0..5)
        .map(|round| {
            let name = format!("shop{round}");
            folder.write(&format!("secrets/{name}-token"), token(&name));
            folder.write(&format!("{name}/rules.yaml"), rules(&name));
            entry(&name, "")
        })
        .collect();
    for (round, other) in entries.iter().enumerate() {
        write_accounts(&folder, &(entry("books", "") + other));
        let (credentials, path) = (
            plain(&token(&format!("shop{round}"))),
            format!("/wx/shop{round}"),
        );
        eventually("the other account is there", || {
            assert_eq!(says(&server, "books", "o1", "hi"), "here is books");
            let said = post(&server, &path, &credentials, &wechat::text("o1", "hi"));
            said.status == 200 && said_text(&said) == format!("here is shop{round}")
        });
    }
}

#[test]
fn a_rule_file_that_is_being_written_keeps_no_other_change_from_going_live() {
    let folder = folder(&["books", "flowers"]);
    let (server, _) = start(&folder, &[]);
    folder.write("secrets/cakes-token", token("cakes"));
    folder.write("cakes/rules.yaml", rules("cakes"));
    let all = ["books", "flowers", "cakes"].map(|name| entry(name, ""));
    write_accounts(&folder, &all.concat());
    server.logged("1 new, 0 changed, 0 gone");
    // One that was there at the start, and one that came later.
    for (writing, secret) in [("books", "newTokenOne"), ("cakes", "newTokenTwo")] {
        let path = folder.path().join(writing).join("rules.yaml");
        let mut file = File::options().append(true).open(path).unwrap();
        folder.write("secrets/flowers-token", secret);
        eventually("the new token is taken", || {
            file.write_all(b"# more\n").unwrap();
            let message = wechat::text("o1", "hi");
            post(&server, "/wx/flowers", &plain(secret), &message).status == 200
        });
        assert!(!server.log().contains("is being written all the time"));
    }
}

#[test]
fn a_rule_file_that_is_gone_keeps_no_other_change_from_going_live() {
    let breaks: [fn(&Path); 3] = [
        |file| fs::remove_file(file).unwrap(),
        |file| {
            fs::remove_file(file).unwrap();
            fs::create_dir(file).unwrap();
        },
        |file| fs::write(file, "rules: [").unwrap(),
    ];
    for break_it in breaks {
        let folder = folder(&["books", "flowers"]);
        let (server, operator) = start(&folder, &[]);
        break_it(&folder.path().join("books/rules.yaml"));
        server.logged("books/rules.yaml");

        folder.write("secrets/flowers-token", "newTokenOfFlowers");
        server.logged("0 new, 1 changed, 0 gone");
        folder.write("secrets/cakes-token", token("cakes"));
        folder.write("cakes/rules.yaml", rules("cakes"));
        let both = entry("books", "") + &entry("cakes", "");
        write_accounts(&folder, &both);
        server.logged("1 new, 0 changed, 1 gone");
        for name in ["books", "cakes"] {
            assert_eq!(says(&server, name, "o1", "hi"), format!("here is {name}"));
        }
        // For a new account there is nothing that could answer.
        fs::remove_file(folder.path().join("flowers/rules.yaml")).unwrap();
        write_accounts(&folder, &(both + &entry("flowers", "")));
        eventually("the new account is refused", || {
            let page = admin::json(&get_exactly(operator, "/readyz"));
            let refused = page["last_accounts_error"].as_str().unwrap_or_default();
            refused.contains("flowers/rules.yaml") && !refused.contains("books/rules.yaml")
        });
        assert_eq!(says(&server, "books", "o1", "hi"), "here is books");
    }
}
