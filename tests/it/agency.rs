//! One process that answers for several accounts of a file.

mod changes;
mod isolation;
mod leaving;
mod starting;

use std::net::SocketAddr;

use serde_json::{Value, json};
use wxreply::message::Message;
use wxreply::wechat::{Credentials, Mode, push};

use crate::admin::{get_exactly, metric, operators};
use crate::browser::Browser;
use crate::http::Said;
use crate::server::{Server, said_text};
use crate::support::Folder;
use crate::{admin, http, wechat};

/// Answers with its own name.
pub fn rules(name: &str) -> String {
    format!("rules: [{{ name: greeting, when: {{ type: text }}, reply: 'here is {name}' }}]\n")
}

/// An entry of the accounts file; each account has its folder, path and token by its name.
pub fn entry(name: &str, more: &str) -> String {
    format!(
        "  {name}: {{ path: /wx/{name}, rules: {name}/rules.yaml, token: {name}-token{more} }}\n"
    )
}

pub fn token(name: &str) -> String {
    format!("{name}TokenOfThisTest")
}

/// A folder with these accounts in plain mode.
pub fn folder(names: &[&str]) -> Folder {
    let folder = Folder::with(&[]);
    let entries: String = names.iter().map(|name| entry(name, "")).collect();
    write_accounts(&folder, &entries);
    for name in names {
        folder.write(&format!("secrets/{name}-token"), token(name));
        folder.write(&format!("{name}/rules.yaml"), rules(name));
    }
    folder
}

pub fn write_accounts(folder: &Folder, entries: &str) {
    folder.write(
        "accounts.yaml",
        format!("secrets: secrets\naccounts:\n{entries}"),
    );
}

pub fn start(folder: &Folder, arguments: &[&str]) -> (Server, SocketAddr) {
    let mut all = vec!["--accounts", "accounts.yaml", "--admin", "127.0.0.1:0"];
    all.extend(arguments);
    let server = Server::start_with(folder.path(), &all, &[]);
    let address = operators(&server);
    (server, address)
}

pub fn plain(token: &str) -> Credentials {
    wechat::credentials_with(Mode::Plain, token, wechat::AES_KEY)
}

/// Posts a message to an account's path, signed with this token.
pub fn post(server: &Server, path: &str, credentials: &Credentials, message: &Message) -> Said {
    let push = wechat::sealed(credentials, &push::message_xml(message));
    let target = format!("{path}?{}", push.query);
    http::request(server.address(), "POST", &target, push.body.as_bytes()).unwrap()
}

/// What a follower of an account in plain mode gets for a text.
#[track_caller]
pub fn says(server: &Server, name: &str, openid: &str, content: &str) -> String {
    let message = wechat::text(openid, content);
    said_text(&post(
        server,
        &format!("/wx/{name}"),
        &plain(&token(name)),
        &message,
    ))
}

/// The state of one account as the operator sees it.
pub fn readiness(operator: SocketAddr, name: &str) -> Value {
    let page = admin::json(&get_exactly(operator, "/readyz"));
    let accounts = page["accounts"].as_array().unwrap();
    let account = accounts
        .iter()
        .find(|account| account["account"] == json!(name));
    account.unwrap_or(&Value::Null).clone()
}

#[test]
fn each_account_has_its_path_its_token_and_its_rules() {
    let folder = folder(&["books", "flowers"]);
    let (server, operator) = start(&folder, &[]);
    assert_eq!(says(&server, "books", "o1", "hi"), "here is books");
    assert_eq!(says(&server, "flowers", "o1", "hi"), "here is flowers");
    let message = wechat::text("o1", "hi");
    let books = plain(&token("books"));
    for (path, status) in [
        ("/wx/flowers", 403),
        ("/wx/none", 404),
        ("/wx", 404),
        ("/", 404),
    ] {
        assert_eq!(
            post(&server, path, &books, &message).status,
            status,
            "{path}"
        );
    }

    let page = admin::json(&get_exactly(operator, "/readyz"));
    assert_eq!(page["ready"], json!(true));
    assert_eq!(page["last_accounts_error"], json!(null));
    assert_eq!(page["accounts"].as_array().unwrap().len(), 2);
    assert_eq!(readiness(operator, "flowers")["rules"], json!(1));
    for (series, value) in [
        (
            "wxreply_deliveries_total{account=\"books\",outcome=\"answered\"}",
            1.0,
        ),
        (
            "wxreply_rule_answers_total{account=\"flowers\",rule=\"greeting\"}",
            1.0,
        ),
        (
            "wxreply_refused_requests_total{account=\"flowers\",reason=\"signature\"}",
            1.0,
        ),
        ("wxreply_refused_requests_total{reason=\"path\"}", 3.0),
        ("wxreply_rules{account=\"books\"}", 1.0),
    ] {
        assert_eq!(metric(operator, series), value, "{series}");
    }
}

#[test]
fn the_operator_asks_for_one_account_or_for_all() {
    let folder = folder(&["books", "flowers"]);
    let (server, operator) = start(&folder, &[]);
    let reload = |target: &str| {
        let head = format!(
            "POST {target} HTTP/1.1\r\nhost: {operator}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let said = http::try_exchange(operator, head.as_bytes()).unwrap();
        (said.status, admin::json(&said))
    };
    folder.write("books/rules.yaml", rules("books, new"));
    folder.write("flowers/rules.yaml", "rules: [{ name: a, replyy: b }]");
    let (status, page) = reload("/reload?account=books");
    assert_eq!(
        (status, &page["account"], &page["generation"]),
        (200, &json!("books"), &json!(2))
    );
    let (status, page) = reload("/reload?account=flowers");
    assert_eq!(
        (status, page["diagnostics"].as_array().unwrap().len()),
        (422, 1)
    );
    let (status, page) = reload("/reload");
    assert_eq!(
        (status, page["accounts"].as_array().unwrap().len()),
        (422, 2)
    );
    assert!(
        page["accounts"][1]["error"]
            .as_str()
            .unwrap()
            .contains("replyy")
    );
    assert_eq!(reload("/reload?account=nobody").0, 404);
    assert_eq!(says(&server, "books", "o1", "hi"), "here is books, new");
    assert_eq!(says(&server, "flowers", "o1", "hi"), "here is flowers");

    let rules_of = |target: &str| admin::json(&get_exactly(operator, target))["generation"].clone();
    assert_eq!(rules_of("/rules?account=books"), json!(2));
    assert_eq!(rules_of("/rules?account=flowers"), json!(1));
    assert_eq!(get_exactly(operator, "/rules?account=nobody").status, 404);
}

#[test]
fn the_playground_tries_the_rules_of_the_account_that_is_chosen() {
    let folder = folder(&["books", "flowers"]);
    let (_server, operator) = start(&folder, &[]);
    let url = format!("http://{operator}/?account=flowers");
    let Some(browser) = Browser::open("en", &url) else {
        return;
    };
    browser.sees("#accounts", "flowers");
    browser.write("#text", "hi");
    browser.click("#say .main");
    browser.sees("#log", "here is flowers");
    browser.is_content();
}
