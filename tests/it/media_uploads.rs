//! Files that rules show, uploaded to a server that plays WeChat's API: each once, before the rules
//! that need it go live, whatever goes wrong.

mod failing;
mod several;
mod troubles;

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use wxreply::message::Message;

use crate::account_command::{self, succeeds};
use crate::media_files::PNG;
use crate::server::{Server, eventually, serve};
use crate::support::Folder;
use crate::wechat_api::{APP_ID, APP_SECRET, Fault, WechatApiServer};
use crate::{admin, database, http, wechat};

const ADD: &str = "/cgi-bin/material/add_material";
const LIST: &str = "/cgi-bin/material/batchget_material";

/// A rule for each of these names, each with a picture.
fn rules(names: &[&str]) -> String {
    let mut rules = String::from("options: { on_error: 稍后再试 }\nrules:\n");
    for name in names {
        writeln!(
            rules,
            "  - {{ name: {name}, when: {{ equals: {name} }}, reply: {{ image: ./{name}.png }} }}"
        )
        .unwrap();
    }
    rules
}

/// A picture unlike any other.
fn picture(content: &str) -> Vec<u8> {
    [PNG, content.as_bytes()].concat()
}

/// Rules with these pictures.
fn folder(names: &[&str]) -> Folder {
    let folder = Folder::with(&[("rules.yaml", &rules(names))]);
    for name in names {
        folder.write(&format!("{name}.png"), picture(name));
    }
    folder
}

/// With the account of the API, on a database and with the operator's listener.
fn start(folder: &Folder, api: &str, database: &str) -> (Server, SocketAddr) {
    start_as(folder, api, database, APP_SECRET)
}

fn start_as(folder: &Folder, api: &str, database: &str, secret: &str) -> (Server, SocketAddr) {
    let arguments = [
        "--token",
        wechat::TOKEN,
        "--app-id",
        APP_ID,
        "--app-secret",
        secret,
        "--api",
        api,
        "--database",
        database,
        "--admin",
        "127.0.0.1:0",
    ];
    let server = Server::spawn(serve(folder.path(), &arguments, &[]));
    let operators = admin::operators(&server);
    (server, operators)
}

/// The media id that a follower gets for a text, or the text.
fn shown(server: &Server, text: &str) -> String {
    shown_for(server, &wechat::text("o1", text))
}

fn shown_for(server: &Server, message: &Message) -> String {
    id_or_text(&server.send(message).body)
}

fn id_or_text(body: &[u8]) -> String {
    if body == b"success" {
        return String::new();
    }
    let elements = wechat::elements(body);
    let found = |name: &str| elements.iter().find(|(element, _)| element == name);
    let (_, text) = found("Image.MediaId").or_else(|| found("Content")).unwrap();
    text.clone()
}

fn post(api: &WechatApiServer, path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let said = http::request(api.address(), "POST", path, body.as_bytes()).unwrap();
    serde_json::from_str(said.text()).unwrap()
}

/// The token that the server has, too.
fn token(api: &WechatApiServer) -> String {
    let asked = json!({ "grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET });
    let token = post(api, "/cgi-bin/stable_token", &asked);
    token["access_token"].as_str().unwrap().to_owned()
}

/// The names of the pictures that the account has, newest first.
fn names(api: &WechatApiServer) -> Vec<String> {
    let token = token(api);
    let page = json!({ "type": "image", "offset": 0, "count": 20 });
    let page = post(api, &format!("{LIST}?access_token={token}"), &page);
    let items = page["item"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

fn sqlite(folder: &Folder) -> String {
    format!("sqlite:{}", folder.path().join("shared.db").display())
}

#[test]
fn two_hundred_pictures_go_live_in_one_reload_and_are_uploaded_once() {
    let shared = Folder::with(&[]);
    for url in database::databases(&shared) {
        let api = WechatApiServer::start();
        let account = api.account(APP_ID);
        let folder = folder(&[]);
        let text = "rules:\n  - { name: 海报0, when: { equals: 海报0 }, reply: 没有 }\n";
        folder.write("rules.yaml", text);
        let (server, operators) = start(&folder, &api.url(), &url);
        assert_eq!(shown(&server, "海报0"), "没有");

        let all: Vec<String> = (0..200).map(|number| format!("海报{number}")).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        for name in &all {
            // Of a test and a database of its own: what is kept of others stays.
            folder.write(
                &format!("{name}.png"),
                picture(&format!("{name} {}", api.url())),
            );
        }
        folder.write("rules.yaml", rules(&all));
        server.logged("rules.yaml: 200 rules (generation 2: 199 new, 1 changed, 0 gone");
        assert_eq!(account.uploads(), 200);
        let mut ids: Vec<String> = all.iter().map(|name| shown(&server, name)).collect();
        assert!(ids.iter().all(|id| id.starts_with("image-")), "{ids:?}");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 200);
        let ready = admin::json(&admin::get(operators, "/readyz"));
        assert_eq!(ready["media_missing"], 0, "{ready}");

        // Another replica and a restart upload nothing.
        let (other, _) = start(&folder, &api.url(), &url);
        let first = shown(&server, "海报0");
        assert_eq!(shown(&other, "海报0"), first);
        drop(server);
        let (server, _) = start(&folder, &api.url(), &url);
        assert_eq!(shown(&server, "海报0"), first);
        assert_eq!(shown(&server, "海报199"), shown(&other, "海报199"));

        // A changed picture is a reload of both, and one upload.
        folder.write("海报0.png", picture(&format!("another {}", api.url())));
        for server in [&server, &other] {
            server.logged("rules.yaml: 200 rules (generation 2: 0 new, 1 changed, 0 gone");
        }
        let changed = shown(&server, "海报0");
        assert_ne!(changed, first);
        assert_eq!(shown(&other, "海报0"), changed);
        assert_eq!(account.uploads(), 201);
        assert_eq!(api.calls(LIST), 0);
    }
}

#[test]
fn every_kind_is_uploaded_as_what_it_is_and_one_file_once_for_each_kind() {
    let text = "\
rules:
  - { name: p, when: { equals: p }, reply: { image: ./cover.jpg } }
  - { name: pp, when: { equals: pp }, reply: { image: ./cover.jpg } }
  - { name: v, when: { equals: v }, reply: { voice: ./hello.mp3 } }
  - { name: f, when: { equals: f }, reply: { video: { media_id: ./film.mp4, title: 片 } } }
  - { name: m, when: { equals: m }, reply: { music: { thumb_media_id: ./cover.jpg } } }
";
    let api = WechatApiServer::start();
    let folder = Folder::with(&[("rules.yaml", text)]);
    crate::media_files::put_beside(&folder.path().join("rules.yaml"), text);
    let (server, _) = start(&folder, &api.url(), &sqlite(&folder));
    for (text, element, kind) in [
        ("p", "Image.MediaId", "image-"),
        ("pp", "Image.MediaId", "image-"),
        ("v", "Voice.MediaId", "voice-"),
        ("f", "Video.MediaId", "video-"),
        ("m", "Music.ThumbMediaId", "thumb-"),
    ] {
        let said = server.send(&wechat::text("o1", text));
        let id = wechat::element(&said.body, element);
        assert!(id.starts_with(kind), "{text}: {id}");
    }
    assert_eq!(api.account(APP_ID).uploads(), 4);
}

#[test]
fn a_jpg_that_is_a_png_is_uploaded_as_a_png() {
    let api = WechatApiServer::start();
    let text = "rules: [{ name: a, when: { equals: a }, reply: { image: ./poster.jpg } }]\n";
    let folder = Folder::with(&[("rules.yaml", text)]);
    folder.write("poster.jpg", PNG);
    let (server, _) = start(&folder, &api.url(), &sqlite(&folder));
    assert!(shown(&server, "a").starts_with("image-"));
    let names = names(&api);
    assert!(
        names[0].starts_with("poster-") && names[0].ends_with(".png"),
        "{names:?}"
    );
}

#[test]
fn what_was_answered_stays_for_a_repeated_delivery_after_the_picture_has_changed() {
    let api = WechatApiServer::start();
    let folder = folder(&["海报"]);
    let text = "\
rules:
  - { name: 海报, when: { equals: 海报 }, set: { seen: 海报 }, reply: { image: ./海报.png } }
";
    folder.write("rules.yaml", text);
    let (server, _) = start(&folder, &api.url(), &sqlite(&folder));
    let message = wechat::text("o1", "海报");
    let first = shown_for(&server, &message);
    folder.write("海报.png", picture("new"));
    server.logged("(generation 2");
    assert_eq!(shown_for(&server, &message), first);
    assert_ne!(shown(&server, "海报"), first);
}

#[test]
fn a_picture_that_changes_during_the_upload_is_live_as_it_is_then() {
    let api = WechatApiServer::start();
    let folder = folder(&["a", "b", "c", "d"]);
    let (server, _) = start(&folder, &api.url(), &sqlite(&folder));
    // Four are uploaded at a time; the fifth waits for the first of them.
    api.fault(ADD, 4, Fault::Slow(Duration::from_secs(2)));
    let all = ["a", "b", "c", "d", "e"];
    for name in all {
        folder.write(&format!("{name}.png"), picture(&format!("new {name}")));
    }
    folder.write("rules.yaml", rules(&all));
    eventually("the first uploads are under way", || api.calls(ADD) >= 8);
    folder.write("e.png", picture("newer e"));
    eventually("e is live", || shown(&server, "e").starts_with("image-"));
    let hash = wxreply::media::ContentHash::of(&picture("newer e")).to_string();
    let hash: String = hash.chars().take(12).collect();
    let names = names(&api);
    let is_e = |name: &&String| name.starts_with("e-");
    let of_e: Vec<&String> = names.iter().filter(is_e).collect();
    assert_eq!(of_e, [&format!("e-{hash}.png")]);
    assert_eq!(api.account(APP_ID).uploads(), 9);
}

#[test]
fn what_is_deleted_is_uploaded_again_by_a_reload_that_somebody_asks_for() {
    let api = WechatApiServer::start();
    let folder = folder(&["a", "b"]);
    let url = sqlite(&folder);
    let (server, operators) = start(&folder, &api.url(), &url);
    let delete = |id: &str, database: &str| {
        let arguments = ["media", "delete", "--yes", id, "--database", database];
        account_command::run(&api, &folder, &arguments)
    };
    let again = |name: &str, before: &str| {
        assert_eq!(admin::reload(operators).status, 200);
        eventually("there is another id", || {
            let id = shown(&server, name);
            assert!(id.starts_with("image-"), "{id}");
            id != before
        });
    };
    let first = shown(&server, "a");
    let deleted = delete(&first, &url);
    succeeds(&deleted);
    assert!(deleted.stdout.contains("after a reload"), "{deleted:?}");
    again("a", &first);
    assert_eq!(delete(&first, &url).code, 2, "it is nowhere any more");

    // In the console, and only then here.
    let second = shown(&server, "a");
    let without_database = ["media", "delete", "--yes", &second];
    succeeds(&account_command::run(&api, &folder, &without_database));
    let deleted = delete(&second, &url);
    succeeds(&deleted);
    assert!(!deleted.stdout.contains("deleted"), "{deleted:?}");
    again("a", &second);

    let other = shown(&server, "b");
    let nowhere = delete(&other, "sqlite:nowhere.db");
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.stderr.contains("nowhere.db"), "{nowhere:?}");
}
