//! Nothing of one account reaches another, and nothing that happens to one.

use std::fmt::Write;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::{fs, thread};

use serde_json::json;
use wxreply::wechat::{Credentials, Mode, push};

use super::{entry, folder, plain, post, readiness, rules, says, start, token, write_accounts};
use crate::admin::{get, metric, operators, try_post};
use crate::asking::shop::{FLAGS, SLOW, Shop};
use crate::server::{Server, eventually, said_text, serve};
use crate::wechat_api::{APP_ID, APP_SECRET, WechatApiServer};
use crate::{database, requirements, wechat};

const REMEMBERS: &str = "
rules:
  - { name: set, when: { type: text, prefix: set }, set: { word: <rest> }, reply: stored }
  - { name: get, when: { type: text, equals: get }, reply: 'it is <user.word|nothing>' }
";

#[test]
fn what_is_stored_for_one_account_is_read_by_no_other() {
    let folder = folder(&["books", "flowers", "cakes"]);
    for name in ["books", "flowers", "cakes"] {
        folder.write(&format!("{name}/rules.yaml"), REMEMBERS);
    }
    let id = format!(", id: {}", wechat::ACCOUNT);
    let entries = entry("books", &id) + &entry("flowers", "") + &entry("cakes", "");
    write_accounts(&folder, &entries);
    let (server, _) = start(&folder, &[]);
    // One openid, and every message names the same account as its receiver.
    assert_eq!(says(&server, "books", "o1", "set of books"), "stored");
    for name in ["flowers", "cakes"] {
        assert_eq!(says(&server, name, "o1", "get"), "it is nothing", "{name}");
    }
    assert_eq!(says(&server, "flowers", "o1", "set of flowers"), "stored");
    assert_eq!(says(&server, "cakes", "o1", "get"), "it is nothing");
    assert_eq!(says(&server, "books", "o1", "get"), "it is of books");
    assert_eq!(says(&server, "flowers", "o1", "get"), "it is of flowers");
}

#[test]
fn what_a_service_answered_in_one_account_is_known_in_no_other() {
    Shop::on_each_database(|shop| {
        let (database, allow) = (&shop.database, shop.endpoint.address);
        let entry = |name: &str, path: &str| {
            format!("  {name}: {{ path: {path}, rules: rules.yaml, token: token }}\n")
        };
        let entries = entry("books", "/wx_flask") + &entry("flowers", "/flowers");
        let file = format!("secrets: .\nallow: ['{allow}']\naccounts:\n{entries}");
        shop.folder.write("accounts.yaml", file);
        shop.folder.write("token", wechat::TOKEN);
        let more = ["--accounts", "accounts.yaml", "--database", database];
        let flags = [&shop.flags()[..], &more].concat();
        let server = Server::start_with(shop.folder.path(), &flags, &[]);
        let elsewhere = |content: &str| {
            let message = shop.text("o1", content);
            said_text(&post(&server, "/flowers", &plain(wechat::TOKEN), &message))
        };
        assert_eq!(shop.told(&server, "o1", "问4000"), SLOW);
        assert_eq!(elsewhere("1"), "普通", "nothing waits for them here");
        assert_eq!(shop.fetched(&server, "o1"), "答问4000");
        assert_eq!(elsewhere("上次"), "无");
        // What was talked about is no turn of the other talk.
        assert_eq!(shop.told(&server, "o1", "聊1"), "【AI】答聊1");
        assert_eq!(elsewhere("聊2"), "【AI】答聊2");
        let asked = shop.endpoint.last_request()["messages"].clone();
        assert_eq!(asked, json!([{ "role": "user", "content": "聊2" }]));
    });
}

#[test]
fn a_message_for_another_account_is_refused_in_every_mode() {
    let folder = folder(&["books", "flowers"]);
    let more = format!(
        ", id: gh_other, app_id: {}, aes_key: aes, mode: MODE",
        wechat::APP_ID
    );
    folder.write("secrets/aes", wechat::AES_KEY);
    // Even who has the token and the key of an account is no other account.
    folder.write("secrets/flowers-token", token("books"));
    folder.write("flowers/rules.yaml", REMEMBERS);
    for mode in Mode::ALL {
        let more = more.replace("MODE", mode.name());
        write_accounts(&folder, &(entry("books", "") + &entry("flowers", &more)));
        let (server, operator) = start(&folder, &[]);
        let credentials = wechat::credentials_with(mode, &token("books"), wechat::AES_KEY);
        let send = |credentials: &Credentials, to: &str| {
            let message = wechat::text("o1", "get").with("ToUserName", to);
            post(&server, "/wx/flowers", credentials, &message)
        };
        let said = send(&credentials, wechat::ACCOUNT);
        assert_eq!((said.status, said.text()), (200, "success"), "{mode}");
        let refused =
            "wxreply_refused_requests_total{account=\"flowers\",reason=\"other_account\"}";
        assert_eq!(metric(operator, refused), 1.0, "{mode}");
        server.logged("a message of flowers is refused, it is for another account");

        let said = send(&credentials, "gh_other");
        let answer = push::read_answer(&credentials, &said.body);
        assert!(answer.is_ok(), "{mode}");
        let stranger = wechat::credentials_with(mode, &token("stranger"), wechat::AES_KEY);
        assert_eq!(send(&stranger, "gh_other").status, 403, "{mode}");
    }
}

#[test]
fn a_database_that_cannot_be_reached_is_the_trouble_of_its_accounts_alone() {
    let folder = folder(&["books", "flowers"]);
    for name in ["books", "flowers"] {
        folder.write(&format!("{name}/rules.yaml"), REMEMBERS);
    }
    let nowhere = ", database: 'postgres://nobody@127.0.0.1:1/none'";
    write_accounts(&folder, &(entry("books", nowhere) + &entry("flowers", "")));
    let (server, operator) = start(&folder, &[]);
    assert_eq!(says(&server, "flowers", "o1", "set a"), "stored");
    assert_ne!(says(&server, "books", "o1", "set a"), "stored");
    assert_eq!(says(&server, "flowers", "o1", "get"), "it is a");
    assert_eq!(readiness(operator, "books")["database"], json!("failing"));
    assert_eq!(readiness(operator, "flowers")["database"], json!("usable"));
    let failed = "wxreply_deliveries_total{account=\"NAME\",outcome=\"store_failed\"}";
    assert_eq!(metric(operator, &failed.replace("NAME", "books")), 1.0);
    assert_eq!(metric(operator, &failed.replace("NAME", "flowers")), 0.0);
}

#[test]
fn nor_does_it_keep_the_databases_of_others_open_at_the_end() {
    let folder = folder(&["books", "flowers"]);
    let entries = ["books", "flowers"].map(|name| {
        folder.write(&format!("{name}/rules.yaml"), REMEMBERS);
        entry(name, &format!(", database: 'sqlite:{name}.db'"))
    });
    write_accounts(&folder, &entries.concat());
    let (server, _) = start(&folder, &[]);
    for name in ["books", "flowers"] {
        assert_eq!(says(&server, name, "o1", "set a"), "stored", "{name}");
    }
    let file = |name: &str| folder.path().join(name);
    assert!(file("flowers.db-wal").exists());
    let books = format!("sqlite:{}", file("books.db").display());
    database::locked(&books, || {
        server.signal("TERM");
        assert!(server.ended().success());
    });
    assert!(!file("flowers.db-wal").exists());
}

/// So many that asking all of theirs first would take longer than any test waits.
const STUCK: usize = 60;

#[test]
fn nor_does_it_keep_the_questions_of_others_from_being_asked_again() {
    let Some(server) = requirements::server("postgres", "WXREPLY_TEST_POSTGRES") else {
        return;
    };
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let stuck = database::create(&server);
    let entry = |number: usize, database: &str| {
        format!(
            "  a{number}: {{ path: /wx{number}, rules: rules.yaml, app_id: {APP_ID}, \
             token: token, app_secret: app, database: '{database}' }}\n"
        )
    };
    let mut entries: String = (0..STUCK).map(|number| entry(number, &stuck)).collect();
    entries += &entry(STUCK, &shop.database).replace(&format!("/wx{STUCK}"), "/wx_flask");
    let allow = shop.endpoint.address;
    let file = format!("secrets: secrets\nallow: ['{allow}']\naccounts:\n{entries}");
    shop.folder.write("accounts.yaml", file);
    shop.folder.write("secrets/token", wechat::TOKEN);
    shop.folder.write("secrets/app", APP_SECRET);
    let url = api.url();
    let start = || {
        let more = ["--accounts", "accounts.yaml", "--api", &url];
        let server = Server::start_with(shop.folder.path(), &[&FLAGS[..], &more].concat(), &[]);
        let tried = ["can be used", "rules that need the database"];
        eventually("it has tried both databases", || {
            let log = server.log();
            let times = tried.map(|line| log.matches(line).count());
            times.iter().sum::<usize>() == 2
        });
        server
    };
    let server = start();
    api.account(APP_ID).wrote(&shop.openid("o1"));
    assert_eq!(shop.told(&server, "o1", "问4000"), SLOW);
    server.kill();
    let server = start();
    database::without_questions(&stuck, || {
        shop.let_replica_die("o1");
        eventually("the answer comes by itself", || {
            !api.account(APP_ID).messages(&shop.openid("o1")).is_empty()
        });
    });
    drop(server);
    database::drop(&stuck);
}

#[test]
fn a_large_or_broken_rule_file_of_one_account_keeps_no_other_from_being_answered() {
    let folder = folder(&["books", "flowers"]);
    let (server, operator) = start(&folder, &[]);
    folder.write("books/rules.yaml", "rules: [");
    eventually("the broken file is refused", || {
        !readiness(operator, "books")["last_reload_error"].is_null()
    });
    assert_eq!(says(&server, "flowers", "o1", "hi"), "here is flowers");
    assert!(readiness(operator, "flowers")["last_reload_error"].is_null());

    let mut large = "rules:\n".to_owned();
    for number in 0..100_000 {
        let _ = writeln!(
            large,
            "  - {{ name: r{number}, when: {{ type: text, equals: w{number} }}, reply: x }}"
        );
    }
    folder.write("books/rules.yaml", large);
    eventually("the large file is live", || {
        assert_eq!(says(&server, "flowers", "o1", "hi"), "here is flowers");
        readiness(operator, "books")["rules"] == json!(100_000)
    });
    folder.write("flowers/rules.yaml", rules("flowers, new"));
    eventually("the other rules are replaced", || {
        says(&server, "flowers", "o1", "hi") == "here is flowers, new"
    });
}

#[test]
fn a_flood_of_one_account_leaves_the_others_their_answers() {
    let folder = folder(&["books", "flowers"]);
    for name in ["books", "flowers"] {
        folder.write(&format!("{name}/rules.yaml"), REMEMBERS);
    }
    let (server, operator) = start(&folder, &[]);
    thread::scope(|scope| {
        for flood in 0..8 {
            let server = &server;
            scope.spawn(move || {
                for number in 0..100 {
                    let openid = format!("o{flood}-{number}");
                    let message = wechat::text(&openid, "set x");
                    post(server, "/wx/books", &plain(&token("books")), &message);
                }
            });
        }
        for _ in 0..20 {
            assert_eq!(says(&server, "flowers", "o1", "set mine"), "stored");
            assert_eq!(says(&server, "flowers", "o1", "get"), "it is mine");
        }
    });
    let late = "wxreply_deliveries_total{account=\"flowers\",outcome=\"too_late\"}";
    assert_eq!(metric(operator, late), 0.0);
}

#[test]
fn databases_leave_files_to_the_connections_of_all_accounts() {
    let shops: Vec<String> = (0..60).map(|number| format!("shop{number}")).collect();
    let all: Vec<&str> = shops.iter().map(String::as_str).chain(["plain"]).collect();
    let folder = folder(&all);
    for name in &shops {
        folder.write(&format!("{name}/rules.yaml"), REMEMBERS);
    }
    let own = |name: &&str| entry(name, &format!(", database: 'sqlite:{name}.db'"));
    write_accounts(&folder, &all.iter().map(own).collect::<String>());
    let arguments = ["--accounts", "accounts.yaml", "--admin", "127.0.0.1:0"];
    let serve = serve(folder.path(), &arguments, &[]);
    let mut limited = Command::new("prlimit");
    limited.arg("--nofile=300").arg(serve.get_program());
    limited.args(serve.get_args()).current_dir(folder.path());
    for (name, value) in serve.get_envs() {
        limited.env(name, value.unwrap_or_default());
    }
    limited.stdin(Stdio::null()).stderr(Stdio::piped());
    let server = Server::spawn(limited);
    let operator = operators(&server);
    let stored = shops
        .iter()
        .filter(|name| says(&server, name, "o1", "set x") == "stored");
    assert!((3..60).contains(&stored.count()));
    server.logged("too few files or threads");
    assert_eq!(says(&server, "plain", "o1", "hi"), "here is plain");
    assert_eq!(get(operator, "/healthz").status, 200);
}

/// One that is opened anew would not be known to work yet.
#[test]
fn a_file_whose_path_is_written_in_two_ways_is_one_database_and_stays_it() {
    let folder = folder(&["books", "flowers"]);
    for name in ["books", "flowers"] {
        folder.write(&format!("{name}/rules.yaml"), REMEMBERS);
    }
    let on = |name, file: &str| entry(name, &format!(", database: 'sqlite:{file}'"));
    write_accounts(&folder, &(on("books", "f.db") + &on("flowers", "./f.db")));
    let (server, operator) = start(&folder, &["--database", "sqlite:.//f.db"]);
    assert_eq!(says(&server, "books", "o1", "set a"), "stored");
    assert_eq!(says(&server, "flowers", "o1", "set b"), "stored");
    let absolute = folder.path().join("f.db").display().to_string();
    for entries in [
        on("books", &absolute) + &on("flowers", "f.db"),
        on("flowers", ".//f.db") + &entry("books", ""),
    ] {
        write_accounts(&folder, &entries);
        assert_eq!(try_post(operator, "/reload").unwrap().status, 200);
        for name in ["books", "flowers"] {
            assert_eq!(readiness(operator, name)["database"], json!("usable"));
        }
        assert_eq!(says(&server, "books", "o1", "get"), "it is a");
        assert_eq!(says(&server, "flowers", "o1", "get"), "it is b");
    }
}

/// A link may lead elsewhere later, so that it is a database of its own.
#[test]
fn a_link_and_the_file_behind_it_do_not_get_in_each_others_way() {
    let folder = folder(&["books", "flowers"]);
    for name in ["books", "flowers"] {
        folder.write(&format!("{name}/rules.yaml"), REMEMBERS);
    }
    let link = folder.path().join("link.db");
    symlink("f.db", &link).unwrap();
    let on = |name, file: &str| entry(name, &format!(", database: 'sqlite:{file}'"));
    write_accounts(&folder, &(on("books", "f.db") + &on("flowers", "link.db")));
    let (server, _) = start(&folder, &[]);
    assert_eq!(says(&server, "books", "o1", "set a"), "stored");
    assert_eq!(says(&server, "flowers", "o1", "set b"), "stored");
    // Another program must see that the file is in use.
    let forgotten = folder.run(&["forget", "nobody", "--database", "sqlite:f.db"]);
    assert_eq!(forgotten.code, 0, "{forgotten:?}");
    assert_eq!(says(&server, "books", "o1", "set c"), "stored");

    fs::remove_file(&link).unwrap();
    symlink("other.db", &link).unwrap();
    eventually("the link is followed", || {
        says(&server, "flowers", "o1", "set d") == "stored"
    });
    assert_eq!(says(&server, "books", "o1", "get"), "it is c");
    let page = folder.run(&["list", "--database", "sqlite:other.db"]);
    assert!(page.stdout.contains('d'), "{page:?}");
}
