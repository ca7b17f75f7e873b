//! Several accounts in one process: each has its own files, and none waits for another.

use super::*;
use crate::wechat_api::Kind;

const FLOWERS: &str = "wxfedcba9876543210";

fn accounts(app_id: &str) -> String {
    format!(
        "secrets: secrets
accounts:
  书店: {{ path: /books, rules: books/rules.yaml, token: token, app_id: {app_id}, app_secret: books }}
  花店: {{ path: /flowers, rules: flowers/rules.yaml, token: token, app_id: {FLOWERS}, app_secret: flowers }}
"
    )
}

/// The same once the bookshop is gone.
fn only_flowers() -> String {
    let accounts = accounts(APP_ID);
    let kept = accounts.lines().filter(|line| !line.contains("书店"));
    kept.map(|line| format!("{line}\n")).collect()
}

fn shown_on(server: &Server, path: &str, text: &str) -> String {
    let push = wechat::plain(&wechat::text("o1", text));
    let target = format!("{path}?{}", push.query);
    let said = http::request(server.address(), "POST", &target, push.body.as_bytes()).unwrap();
    id_or_text(&said.body)
}

fn shops(api: &WechatApiServer) -> (Folder, Server) {
    api.add_account(FLOWERS, "of the flowers", Kind::VerifiedService);
    let folder = Folder::with(&[
        ("accounts.yaml", &accounts(APP_ID)),
        ("secrets/token", wechat::TOKEN),
        ("secrets/books", APP_SECRET),
        ("secrets/flowers", "of the flowers"),
        ("books/rules.yaml", &rules(&["a"])),
        ("flowers/rules.yaml", &rules(&["a"])),
    ]);
    for shop in ["books", "flowers"] {
        folder.write(&format!("{shop}/a.png"), picture("a"));
    }
    let (url, database) = (api.url(), sqlite(&folder));
    let arguments = [
        "--accounts",
        "accounts.yaml",
        "--api",
        &url,
        "--database",
        &database,
    ];
    let server = Server::spawn(serve(folder.path(), &arguments, &[]));
    (folder, server)
}

#[test]
fn each_account_has_its_own_files_and_keeps_them_with_another_secret() {
    let api = WechatApiServer::start();
    let (folder, server) = shops(&api);
    for path in ["/books", "/flowers"] {
        assert!(shown_on(&server, path, "a").starts_with("image-"), "{path}");
    }
    assert_eq!(api.account(APP_ID).uploads(), 1);
    assert_eq!(api.account(FLOWERS).uploads(), 1);

    api.account(FLOWERS).set_secret("another");
    folder.write("secrets/flowers", "another");
    server.logged("0 new, 1 changed, 0 gone");
    assert!(shown_on(&server, "/flowers", "a").starts_with("image-"));
    folder.write("flowers/b.png", picture("b"));
    folder.write("flowers/rules.yaml", rules(&["a", "b"]));
    eventually("b is live", || {
        shown_on(&server, "/flowers", "b").starts_with("image-")
    });
    assert_eq!(api.account(FLOWERS).uploads(), 2);

    // To another Official Account nothing is known.
    api.add_account("wx1111111111111111", "third", Kind::VerifiedService);
    folder.write("secrets/books", "third");
    folder.write("accounts.yaml", accounts("wx1111111111111111"));
    eventually("it has its own", || {
        let third = api.account("wx1111111111111111").uploads();
        third == 1 && shown_on(&server, "/books", "a").starts_with("image-")
    });
}

#[test]
fn a_slow_upload_of_one_account_delays_no_reload_of_another() {
    let api = WechatApiServer::start();
    let (folder, server) = shops(&api);
    api.fault(ADD, 1, Fault::Slow(Duration::from_secs(20)));
    folder.write("books/a.png", picture("new"));
    eventually("the upload is under way", || api.calls(ADD) == 3);
    let text = "rules: [{ name: a, when: { equals: a }, reply: 玫瑰 }]\n";
    folder.write("flowers/rules.yaml", text);
    eventually("the other is live", || {
        shown_on(&server, "/flowers", "a") == "玫瑰"
    });
    assert!(!server.log().contains("reloaded books/rules.yaml"));
}

#[test]
fn nothing_is_uploaded_for_an_account_that_is_gone() {
    let api = WechatApiServer::start();
    let (folder, server) = shops(&api);
    for path in ["/books", "/flowers"] {
        assert!(shown_on(&server, path, "a").starts_with("image-"), "{path}");
    }
    folder.write("accounts.yaml", only_flowers());
    server.logged("0 new, 0 changed, 1 gone");
    for shop in ["books", "flowers"] {
        folder.write(&format!("{shop}/a.png"), picture("new"));
    }
    server.logged("reloaded flowers/rules.yaml");
    assert_eq!(api.account(FLOWERS).uploads(), 2);
    assert_eq!(api.account(APP_ID).uploads(), 1);
}

#[test]
fn what_is_still_to_be_uploaded_is_left_when_its_account_goes() {
    let api = WechatApiServer::start();
    let (folder, server) = shops(&api);
    assert!(shown_on(&server, "/books", "a").starts_with("image-"));
    let many: Vec<String> = (0..20).map(|number| format!("p{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for name in &many {
        folder.write(&format!("books/{name}.png"), picture(name));
    }
    api.fault(ADD, 4, Fault::Slow(Duration::from_secs(2)));
    folder.write("books/rules.yaml", rules(&many));
    let uploads = || api.account(APP_ID).uploads();
    eventually("as many as may be are under way", || uploads() == 1 + 4);
    folder.write("accounts.yaml", only_flowers());
    server.logged("0 new, 0 changed, 1 gone");

    // Over after all of them.
    api.fault(ADD, 1, Fault::Slow(Duration::from_secs(3)));
    folder.write("flowers/a.png", picture("new"));
    server.logged("reloaded flowers/rules.yaml");
    assert_eq!(uploads(), 1 + 4);
}

#[test]
fn an_account_without_an_app_secret_is_refused_at_the_place_of_its_file() {
    let api = WechatApiServer::start();
    let (folder, server) = shops(&api);
    let without = accounts(APP_ID).replace(", app_secret: flowers", "");
    folder.write("accounts.yaml", without);
    server.logged("error[media-without-app-secret]: ");
    server.logged("flowers/rules.yaml:3:53");
    assert!(shown_on(&server, "/flowers", "a").starts_with("image-"));
}
