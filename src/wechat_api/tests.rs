//! Calls against a server that answers as a test says.

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::http_client::endpoint::{Endpoint, Received, http, ok};
use crate::media::MediaKind;

const TOKEN: &str = "t0ken";
const SECRET: &str = "s3cret";

/// Answers the requests with these bytes, one after another, and the last of them for ever.
fn in_turn(answers: &[&str]) -> Endpoint {
    let answers: Vec<Vec<u8>> = answers.iter().map(ok).collect();
    Endpoint::new(move |before, stream| {
        let answer = answers.get(before).or(answers.last()).unwrap();
        stream.write_all(answer).is_ok()
    })
}

fn account_at(base: &str, fallback: Option<&str>) -> ApiAccount {
    let hosts = ApiHosts {
        fallback: fallback.map(|url| url.parse().unwrap()),
        ..ApiHosts::at(base.parse().unwrap())
    };
    let settings = ApiSettings {
        hosts,
        choose: |_| 0,
    };
    let credentials = AppCredentials {
        app_id: "wx1".to_owned(),
        secret: AppSecret::new(SECRET),
    };
    WechatApi::new(settings).unwrap().account(credentials, None)
}

fn account(endpoint: &Endpoint) -> ApiAccount {
    account_at(&endpoint.url(), None)
}

fn wait<T>(calls: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let said = runtime.block_on(calls);
    runtime.shutdown_background();
    said
}

fn text(text: &str) -> CustomMessage {
    CustomMessage::of(&crate::reply::Reply::Text(text.to_owned())).unwrap()
}

fn line(request: &Received) -> &str {
    request.head.lines().next().unwrap()
}

const GOOD_TOKEN: &str = r#"{"access_token":"t0ken","expires_in":7200}"#;
const OTHER_TOKEN: &str = r#"{"access_token":"0ther","expires_in":7200}"#;
const GOOD: &str = r#"{"errcode":0,"errmsg":"ok"}"#;
const ENDED: &str = r#"{"errcode":40001,"errmsg":"invalid credential t0ken s3cret rid: 1"}"#;
const BUSY: &str = r#"{"errcode":-1,"errmsg":"system error"}"#;

#[test]
fn a_message_goes_out_as_it_is_with_a_token_of_the_gentle_kind() {
    let server = in_turn(&[GOOD_TOKEN, GOOD]);
    let account = account(&server);
    wait(account.send_message("o1", &text("“好”"))).unwrap();
    wait(account.typing("o1", true)).unwrap();
    let [asked, sent, typed] = server.received().try_into().unwrap();
    assert_eq!(line(&asked), "POST /cgi-bin/stable_token HTTP/1.1");
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    let expected = json!({
        "grant_type": "client_credential", "appid": "wx1", "secret": SECRET,
        "force_refresh": false,
    });
    assert_eq!(body, expected);
    assert_eq!(
        line(&sent),
        "POST /cgi-bin/message/custom/send?access_token=t0ken HTTP/1.1"
    );
    // Raw UTF-8: WeChat shows `\u201c` as it is.
    assert_eq!(
        String::from_utf8(sent.body).unwrap(),
        r#"{"touser":"o1","msgtype":"text","text":{"content":"“好”"}}"#
    );
    assert_eq!(
        String::from_utf8(typed.body).unwrap(),
        r#"{"touser":"o1","command":"Typing"}"#
    );
}

#[test]
fn many_callers_ask_for_one_token() {
    let server = in_turn(&[GOOD_TOKEN]);
    let account = account(&server);
    let tokens = wait(async {
        let asking: Vec<_> = (0..20)
            .map(|_| {
                tokio::spawn({
                    let account = account.clone();
                    async move { account.token().await.unwrap() }
                })
            })
            .collect();
        let mut tokens = Vec::new();
        for asked in asking {
            tokens.push(asked.await.unwrap());
        }
        tokens
    });
    assert!(tokens.iter().all(|token| token.expose() == TOKEN));
    assert_eq!(server.received().len(), 1);
}

#[test]
fn those_who_waited_for_a_token_share_its_failure_and_the_next_one_asks_again() {
    let server = in_turn(&[r#"{"errcode":40164,"errmsg":"invalid ip 1.2.3.4, not"}"#]);
    let account = account(&server);
    wait(async {
        let asking = [account.clone(), account.clone()].map(|account| {
            tokio::spawn(async move { account.token().await.unwrap_err().to_string() })
        });
        for asked in asking {
            assert!(asked.await.unwrap().contains("1.2.3.4"));
        }
    });
    assert_eq!(server.received().len(), 1);
    wait(account.token()).unwrap_err();
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_token_that_another_program_ended_is_replaced_once() {
    for (answers, requests, arrives) in [
        (&[GOOD_TOKEN, ENDED, OTHER_TOKEN, GOOD][..], 4, true),
        (&[GOOD_TOKEN, ENDED, OTHER_TOKEN, ENDED], 4, false),
    ] {
        let server = in_turn(answers);
        let sent = wait(account(&server).send_message("o1", &text("a")));
        assert_eq!(sent.is_ok(), arrives);
        let received = server.received();
        assert_eq!(received.len(), requests);
        assert!(line(&received[3]).contains("access_token=0ther"));
        // What WeChat says is shown, but for what is secret in it.
        if let Err(error) = sent {
            let said = format!("{error} {error:?}");
            assert!(said.contains("40001"), "{said}");
            assert!(!said.contains("0ther") && !said.contains(SECRET), "{said}");
        }
    }
}

#[test]
fn a_busy_wechat_is_asked_again_and_any_other_refusal_is_final() {
    let server = in_turn(&[BUSY, GOOD_TOKEN, BUSY, GOOD]);
    wait(account(&server).send_message("o1", &text("a"))).unwrap();
    assert_eq!(server.received().len(), 4);
    let server = in_turn(&[GOOD_TOKEN, r#"{"errcode":45015,"errmsg":"out of time"}"#]);
    let error = wait(account(&server).send_message("o1", &text("a"))).unwrap_err();
    assert_eq!((error.code(), error.is_definite()), (Some(45015), true));
    assert_eq!(server.received().len(), 2);
}

#[test]
fn the_other_site_is_called_only_where_there_is_no_connection_to_the_first() {
    let away = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", away.local_addr().unwrap());
    drop(away);
    let other = in_turn(&[GOOD_TOKEN, GOOD]);
    let account = account_at(&url, Some(&other.url()));
    wait(account.send_message("o1", &text("a"))).unwrap();
    assert_eq!(other.received().len(), 2);

    let first =
        Endpoint::new(|before, stream| before == 0 && stream.write_all(&ok(GOOD_TOKEN)).is_ok());
    let other = in_turn(&[GOOD]);
    let account = account_at(&first.url(), Some(&other.url()));
    let error = wait(account.send_message("o1", &text("a"))).unwrap_err();
    assert!(!error.is_definite(), "{error}");
    assert!(other.received().is_empty());
}

#[test]
fn only_what_certainly_did_not_happen_is_definite() {
    for (answer, is_definite) in [
        (http("502 Bad Gateway", "", ""), false),
        (ok("<html>"), false),
        (ok(""), false),
        (ok("[]"), false),
        (ok("{}"), false),
        (b"nonsense\r\n\r\n".to_vec(), false),
        (ok(r#"{"errcode":48001}"#), true),
    ] {
        let said = String::from_utf8_lossy(&answer).into_owned();
        let server = Endpoint::new(move |before, stream| match before {
            0 => stream.write_all(&ok(GOOD_TOKEN)).is_ok(),
            _ => stream.write_all(&answer).is_err(),
        });
        let error = wait(account(&server).send_message("o1", &text("a"))).unwrap_err();
        assert_eq!(error.is_definite(), is_definite, "{said}: {error}");
    }
    // Without a token, nothing was sent.
    let server = in_turn(&["<html>"]);
    let error = wait(account(&server).send_message("o1", &text("a"))).unwrap_err();
    assert!(error.is_definite(), "{error}");
}

#[test]
fn a_renewal_that_fails_leaves_the_old_token_as_long_as_it_is_good() {
    let server = in_turn(&[
        r#"{"access_token":"t0ken","expires_in":1}"#,
        r#"{"errcode":45011,"errmsg":"slower"}"#,
    ]);
    let account = account(&server);
    let cell = &account.0.token;
    wait(account.token()).unwrap();
    wait(cell.due_now(Duration::from_secs(60)));
    assert_eq!(wait(account.token()).unwrap().expose(), TOKEN);
    assert_eq!(server.received().len(), 2);
    wait(cell.due_now(Duration::ZERO));
    wait(account.token()).unwrap_err();
}

#[test]
fn a_picture_is_uploaded_with_its_name_and_a_video_with_what_it_is() {
    let server = in_turn(&[
        GOOD_TOKEN,
        r#"{"media_id":"m1","url":"http://mmbiz/1","item":[]}"#,
    ]);
    let account = account(&server);
    let picture = account.add_material(MediaKind::Image, "海报.png", b"\x89PNG", None);
    let added = wait(picture).unwrap();
    assert_eq!(
        (&*added.media_id, added.url.as_deref()),
        ("m1", Some("http://mmbiz/1"))
    );
    let described = VideoDescription {
        title: "书店".to_owned(),
        introduction: "一分钟".to_owned(),
    };
    let video = account.add_material(MediaKind::Video, "a.mp4", b"mp4", Some(&described));
    wait(video).unwrap();
    let received = server.received();
    let path = "POST /cgi-bin/material/add_material?access_token=t0ken&type=image HTTP/1.1";
    assert_eq!(line(&received[1]), path);
    let body = String::from_utf8_lossy(&received[1].body).into_owned();
    assert!(
        body.contains("name=\"media\"; filename=\"海报.png\""),
        "{body}"
    );
    let body = String::from_utf8_lossy(&received[2].body).into_owned();
    let field = "name=\"description\"\r\n\r\n{\"title\":\"书店\",\"introduction\":\"一分钟\"}";
    assert!(body.contains(field), "{body}");
}

#[test]
fn the_other_calls_read_what_the_documentation_shows() {
    let of = |answer: &str| in_turn(&[GOOD_TOKEN, answer]);
    let server = of(r#"{"total_count":2,"item_count":1,"item":[
        {"media_id":"m","name":"a.png","update_time":1700000000,"url":"http://x"}]}"#);
    let page = wait(account(&server).list_material(MediaKind::Thumb, 0, 20)).unwrap();
    assert_eq!((page.total, &*page.items[0].name), (2, "a.png"));
    assert!(server.received()[1].body.starts_with(br#"{"type":"image""#));

    let server = of(r#"{"type":"image","media_id":"m","created_at":1700000000}"#);
    let temporary = account(&server);
    let temporary = temporary.upload_temporary(MediaKind::Image, "a.png", b"x");
    assert_eq!(wait(temporary).unwrap().created_at, 1_700_000_000);

    let server = of(r#"{"ticket":"t/+=","expire_seconds":60,"url":"http://weixin.qq.com/q/1"}"#);
    let minute = Some(Duration::from_secs(60));
    let scene = QrScene::Text("门店".to_owned());
    let account_ = account(&server);
    let code = wait(account_.create_qr_code(&scene, minute)).unwrap();
    assert_eq!(code.expires_in, minute);
    let sent: Value = serde_json::from_slice(&server.received()[1].body).unwrap();
    let expected = json!({
        "action_name": "QR_STR_SCENE", "expire_seconds": 60,
        "action_info": { "scene": { "scene_str": "门店" } },
    });
    assert_eq!(sent, expected);

    let server = of(r#"{"errcode":0,"quota":{"daily_limit":500000,"used":3,"remain":499997}}"#);
    let quota = wait(account(&server).quota("/cgi-bin/message/custom/send")).unwrap();
    assert_eq!(quota.used, 3);

    for answer in [r#"{"errcode":0}"#, "{}"] {
        let account = account(&of(answer));
        let odd = wait(account.quota("/x")).unwrap_err();
        assert!(odd.to_string().contains("lacks"), "{odd}");
    }
}

#[test]
fn debug_shows_neither_secret_nor_token() {
    let server = in_turn(&[GOOD_TOKEN]);
    let account = account(&server);
    let token = wait(account.token()).unwrap();
    let shown = format!("{account:?} {token:?} {:?}", account.credentials());
    assert!(!shown.contains(TOKEN) && !shown.contains(SECRET), "{shown}");
}
