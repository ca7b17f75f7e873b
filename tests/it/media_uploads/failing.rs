//! What goes wrong with uploads, and what followers and operators notice of it.

use super::*;
use crate::among;
use crate::wechat_api::AddressList;

#[test]
fn a_reload_whose_upload_fails_changes_nothing_until_it_is_tried_again() {
    let api = WechatApiServer::start();
    let folder = folder(&["a"]);
    let (server, operators) = start(&folder, &api.url(), &sqlite(&folder));
    let first = shown(&server, "a");
    let refused = Fault::Errcode(40113, "unsupported file type hint: [x.png]".to_owned());
    api.fault(ADD, 1, refused);
    folder.write("b.png", picture("b"));
    folder.write("rules.yaml", rules(&["b", "a"]));
    server.logged("the rules are not replaced, the old ones go on answering:");
    server.logged("error[media-not-uploaded]: b.png could not be uploaded: ");
    server.logged("--> rules.yaml:3:53");
    server.logged("= help: ");
    assert_eq!(shown(&server, "a"), first);
    assert_eq!(shown(&server, "b"), "");

    // Nobody touches the file.
    server.logged("(generation 2: 1 new, 0 changed, 0 gone");
    assert!(shown(&server, "b").starts_with("image-"));
    let ready = admin::json(&admin::get(operators, "/readyz"));
    assert_eq!(ready["last_reload_error"], Value::Null, "{ready}");
    assert_eq!(ready["reload_failures"], 1, "{ready}");
    assert_eq!(api.account(APP_ID).uploads(), 2);
}

#[test]
fn whoever_asks_for_a_reload_hears_why_it_failed_and_where() {
    let api = WechatApiServer::start();
    let folder = folder(&["a"]);
    let (server, operators) = start(&folder, &api.url(), &sqlite(&folder));
    let account = api.account(APP_ID);
    account.set_quota(ADD, 0);
    folder.write("b.png", picture("b"));
    folder.write("c.png", picture("c"));
    folder.write("rules.yaml", rules(&["a", "b", "c"]));
    let said = admin::reload(operators);
    assert_eq!(said.status, 422, "{}", said.text());
    let page = admin::json(&said);
    let first = &page["diagnostics"][0];
    assert_eq!(first["code"], "media-not-uploaded", "{page}");
    assert_eq!((&first["line"], &first["column"]), (&json!(4), &json!(53)));
    assert!(page["error"].as_str().unwrap().contains("45009"), "{page}");
    let ready = admin::json(&admin::get(operators, "/readyz"));
    assert_eq!(ready["last_reload_error"], page["error"]);
    assert_eq!(admin::metric(operators, "wxreply_rules_refused"), 1.0);
    // Tried again, it fails in the same way, which nobody needs to read twice.
    let before = api.calls(ADD);
    eventually("it is tried again", || api.calls(ADD) >= before + 2);
    assert_eq!(admin::reload(operators).status, 422);
    assert_eq!(
        server.log().matches("the rules are not replaced").count(),
        1
    );

    // As it was: nothing waits any longer.
    folder.write("rules.yaml", rules(&["a"]));
    server.logged("the files match the live rules again");
    assert_eq!(admin::metric(operators, "wxreply_rules_refused"), 0.0);
    account.set_quota(ADD, 100);
    folder.write("rules.yaml", rules(&["a", "b", "c"]));
    server.logged("(generation 2: 2 new, 0 changed, 0 gone");
}

#[test]
fn an_upload_of_which_nobody_knows_how_it_ended_is_made_twice_only_where_wechat_has_no_list() {
    for (reply, element, uploads) in [
        ("{ image: ./cover.jpg }", "Image.MediaId", 1),
        ("{ voice: ./hello.mp3 }", "Voice.MediaId", 1),
        (
            "{ video: { media_id: ./film.mp4, title: 片 } }",
            "Video.MediaId",
            1,
        ),
        (
            "{ music: { thumb_media_id: ./cover.jpg } }",
            "Music.ThumbMediaId",
            2,
        ),
    ] {
        let api = WechatApiServer::start();
        let text = format!("rules: [{{ name: a, when: {{ equals: a }}, reply: {reply} }}]\n");
        let folder = Folder::with(&[("rules.yaml", &text)]);
        crate::media_files::put_beside(&folder.path().join("rules.yaml"), &text);
        api.fault(ADD, 1, Fault::HangUpAfter);
        let (server, _) = start(&folder, &api.url(), &sqlite(&folder));
        eventually("it is there", || {
            let said = server.send(&wechat::text("o1", "a"));
            said.body != b"success"
                && wechat::elements(&said.body)
                    .iter()
                    .any(|(name, _)| name == element)
        });
        assert_eq!(api.account(APP_ID).uploads(), uploads, "{reply}");
        assert_eq!(api.calls(LIST), 1, "{reply}");
    }
}

#[test]
fn at_a_start_without_the_api_known_files_work_and_others_answer_on_error_until_they_are_up() {
    let api = WechatApiServer::start();
    let (url, address) = (api.url(), api.address());
    let folder = folder(&["a"]);
    let database = sqlite(&folder);
    let (server, _) = start(&folder, &url, &database);
    let known = shown(&server, "a");
    drop((server, api));

    folder.write("b.png", picture("b"));
    let text = "\
options: { on_error: 稍后再试 }
rules:
  - { name: a, when: { equals: a }, reply: { image: ./a.png } }
  - { name: b, when: { equals: b }, increase: { seen: 1 }, reply: { image: ./b.png } }
  - { name: n, when: { equals: n }, reply: <user.seen|0> }
";
    folder.write("rules.yaml", text);
    let (server, operators) = start(&folder, &url, &database);
    assert_eq!(shown(&server, "a"), known);
    let message = wechat::text("o1", "b");
    assert_eq!(shown_for(&server, &message), "稍后再试");
    server.logged("WeChat does not keep ./b.png yet");
    // A rule that fails changes nothing.
    assert_eq!(shown(&server, "n"), "0");
    server.logged("WeChat does not keep everything that the rules show");
    server.logged("--> rules.yaml:4:76");
    let ready = admin::json(&admin::get(operators, "/readyz"));
    assert_eq!(
        (&ready["ready"], &ready["media_missing"]),
        (&json!(true), &json!(1))
    );
    let error = ready["last_media_error"].as_str().unwrap();
    assert!(error.contains("b.png could not be uploaded"), "{error}");
    assert_eq!(admin::metric(operators, "wxreply_media_missing"), 1.0);

    let api = WechatApiServer::listen(address).unwrap();
    server.logged("WeChat keeps everything that the rules show");
    assert!(shown(&server, "b").starts_with("image-"));
    assert_eq!(shown(&server, "n"), "1");
    // What was answered stays.
    assert_eq!(shown_for(&server, &message), "稍后再试");
    let ready = admin::json(&admin::get(operators, "/readyz"));
    assert_eq!(
        (&ready["media_missing"], &ready["last_media_error"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(api.account(APP_ID).uploads(), 1);
}

#[test]
fn a_wrong_secret_and_an_address_that_is_not_listed_are_told_with_what_to_do() {
    const WRONG: &str = "fedcba9876543210fedcba9876543210";
    let api = WechatApiServer::start();
    let folder = folder(&["a"]);
    let (server, _) = start_as(&folder, &api.url(), &sqlite(&folder), WRONG);
    server.logged("a.png could not be uploaded: ");
    assert_eq!(shown(&server, "a"), "稍后再试");
    let log = server.log();
    assert!(log.contains("AppSecret"), "{log}");
    assert!(!log.contains(WRONG), "{log}");

    api.account(APP_ID).set_address(AddressList::Missing);
    let (server, _) = start(&folder, &api.url(), &sqlite(&folder));
    server.logged("40164");
    server.logged("127.0.0.1");
    api.account(APP_ID).set_address(AddressList::Listed);
    server.logged("WeChat keeps everything that the rules show");
    assert!(!server.log().contains(APP_SECRET));
}

#[test]
fn whatever_the_api_answers_the_rules_go_live_in_the_end_and_each_picture_is_there_once() {
    let api = WechatApiServer::start();
    let folder = folder(&[]);
    let text = "rules: [{ name: a0, when: { equals: a0 }, reply: 没有 }]\n";
    folder.write("rules.yaml", text);
    let (server, _) = start(&folder, &api.url(), &sqlite(&folder));
    let all: Vec<String> = (0..12).map(|number| format!("a{number}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for name in &all {
        folder.write(&format!("{name}.png"), picture(name));
    }
    api.fault("/cgi-bin/stable_token", 1, Fault::Html);
    for fault in [
        Fault::Status(502),
        Fault::HangUp,
        Fault::HangUpAfter,
        Fault::EndToken,
        Fault::Errcode(-1, "system error".to_owned()),
        Fault::Errcode(40006, "invalid media size".to_owned()),
    ] {
        api.fault(ADD, 1, fault);
    }
    folder.write("rules.yaml", rules(&all));
    assert_eq!(shown(&server, "a0"), "没有");
    server.logged("(generation 2");
    let ids: Vec<String> = all.iter().map(|name| shown(&server, name)).collect();
    assert!(ids.iter().all(|id| id.starts_with("image-")), "{ids:?}");
    assert_eq!(api.account(APP_ID).uploads(), 12);
}

#[test]
fn rules_that_were_kept_show_what_is_known_though_the_file_is_gone() {
    let api = WechatApiServer::start();
    let folder = folder(&["a"]);
    let url = sqlite(&folder);
    let api_url = api.url();
    let last_good = [
        "--token",
        wechat::TOKEN,
        "--app-id",
        APP_ID,
        "--app-secret",
        APP_SECRET,
        "--api",
        &api_url,
        "--database",
        &url,
        "--last-good",
        "last-good",
    ];
    let server = Server::spawn(serve(folder.path(), &last_good, &[]));
    let known = shown(&server, "a");
    eventually("the rules are kept", || {
        let kept = among::last_good("last-good");
        folder.path().join(kept).exists()
    });
    drop(server);
    fs::remove_file(folder.path().join("a.png")).unwrap();
    let server = Server::spawn(serve(folder.path(), &last_good, &[]));
    server.logged("error[media-not-found]");
    // Of many accounts, it may not be known yet when the first message comes.
    eventually("what is known is shown", || shown(&server, "a") == known);
}
