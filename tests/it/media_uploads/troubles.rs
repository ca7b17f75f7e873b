//! Each trouble while the rules are live: what is told and where, that followers are answered as
//! before, and that all comes right by itself once the trouble is over.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread;

use super::*;
use crate::wechat_api::{AddressList, Kind};

const OTHER: &str = "fedcba9876543210fedcba9876543210";

struct Trouble {
    what: &'static str,
    begins: fn(&mut Option<WechatApiServer>),
    ends: fn(&mut Option<WechatApiServer>, SocketAddr),
    /// What the log says of the picture; nothing where it is only delayed.
    told: Option<&'static str>,
}

fn account(api: &Option<WechatApiServer>) -> crate::wechat_api::AccountOf<'_> {
    api.as_ref().unwrap().account(APP_ID)
}

fn fault(api: &Option<WechatApiServer>, path: &str, fault: Fault) {
    api.as_ref().unwrap().fault(path, 1, fault);
}

const TROUBLES: [Trouble; 9] = [
    Trouble {
        what: "a secret that was revoked",
        begins: |api| {
            account(api).set_secret(OTHER);
            account(api).expire_tokens();
        },
        ends: |api, _| account(api).set_secret(APP_SECRET),
        told: Some("40125"),
    },
    Trouble {
        what: "a secret that is another account's",
        begins: |api| {
            let server = api.as_ref().unwrap();
            server.add_account("wxfedcba9876543210", APP_SECRET, Kind::VerifiedService);
            account(api).set_secret(OTHER);
            account(api).end_tokens();
        },
        ends: |api, _| account(api).set_secret(APP_SECRET),
        told: Some("40125"),
    },
    Trouble {
        what: "an address that is not on the list any more",
        begins: |api| {
            account(api).set_address(AddressList::Missing);
            account(api).expire_tokens();
        },
        ends: |api, _| account(api).set_address(AddressList::Listed),
        told: Some("40164"),
    },
    Trouble {
        what: "an API that is down",
        begins: |api| *api = None,
        ends: |api, address| {
            let listens = || {
                *api = WechatApiServer::listen(address).ok();
                api.is_some()
            };
            eventually("it listens again", listens);
        },
        told: Some("no connection to WeChat's API at 127.0.0.1:"),
    },
    Trouble {
        what: "an API that is slow",
        begins: |api| fault(api, ADD, Fault::Slow(Duration::from_secs(3))),
        ends: |_, _| (),
        told: None,
    },
    Trouble {
        what: "a page instead of an answer",
        begins: |api| fault(api, ADD, Fault::Html),
        ends: |_, _| (),
        told: Some("is not JSON"),
    },
    Trouble {
        what: "a gateway that is broken",
        begins: |api| fault(api, ADD, Fault::Status(502)),
        ends: |_, _| (),
        told: Some("status 502"),
    },
    Trouble {
        what: "an error with status 200",
        begins: |api| {
            let refused = Fault::Errcode(48004, format!("api forbidden {APP_SECRET}"));
            fault(api, ADD, refused);
        },
        ends: |_, _| (),
        told: Some("48004"),
    },
    Trouble {
        what: "a token that another program ended",
        begins: |api| account(api).end_tokens(),
        ends: |_, _| (),
        told: None,
    },
];

#[test]
fn trouble_with_the_api_is_told_at_its_place_and_followers_are_answered_as_before() {
    thread::scope(|scope| {
        for trouble in TROUBLES {
            let thread = thread::Builder::new().name(trouble.what.to_owned());
            let run = move || is_told_and_passes(&trouble);
            thread.spawn_scoped(scope, run).unwrap();
        }
    });
}

fn is_told_and_passes(trouble: &Trouble) {
    let mut api = Some(WechatApiServer::start());
    let server = api.as_ref().unwrap();
    let (url, address) = (server.url(), server.address());
    let folder = folder(&["a"]);
    let (server, _) = start(&folder, &url, &sqlite(&folder));
    let mut first = String::new();
    eventually("the first picture is there", || {
        first = shown(&server, "a");
        first.starts_with("image-")
    });
    let held = token(api.as_ref().unwrap());

    (trouble.begins)(&mut api);
    folder.write("b.png", picture("b"));
    folder.write("rules.yaml", rules(&["b", "a"]));
    if let Some(told) = trouble.told {
        let line = server.logged("error[media-not-uploaded]: b.png could not be uploaded: ");
        assert!(line.contains(told), "{line}");
        server.logged("--> rules.yaml:3:53");
        assert_eq!(shown(&server, "b"), "");
    }
    assert_eq!(shown(&server, "a"), first);

    (trouble.ends)(&mut api, address);
    server.logged("(generation 2: 1 new, 0 changed, 0 gone");
    assert_eq!(shown(&server, "a"), first);
    assert!(shown(&server, "b").starts_with("image-"));
    let api = api.unwrap();
    let names = names(&api);
    let of_b = names.iter().filter(|name| name.starts_with("b-"));
    assert_eq!(of_b.count(), 1, "{names:?}");
    let log = server.log();
    for secret in [APP_SECRET, &held, &token(&api)] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn trouble_with_a_file_is_told_at_its_place_and_followers_are_answered_as_before() {
    type Break = fn(&Path);
    let cases: [(Break, &str); 5] = [
        (|path| fs::write(path, "").unwrap(), "media-empty"),
        (
            |path| fs::write(path, "<svg/>").unwrap(),
            "media-wrong-format",
        ),
        (
            |path| {
                let file = fs::File::create(path).unwrap();
                file.set_len(10 * 1024 * 1024 + 1).unwrap();
            },
            "media-too-large",
        ),
        (|path| fs::remove_file(path).unwrap(), "media-not-found"),
        (
            |path| {
                let private = path.parent().unwrap().join("../private.png");
                let _ = fs::remove_file(path);
                symlink(private, path).unwrap();
            },
            "media-outside",
        ),
    ];
    let api = WechatApiServer::start();
    let outer = Folder::with(&[]);
    outer.write("private.png", PNG);
    outer.write("shop/rules.yaml", rules(&["a"]));
    outer.write("shop/a.png", picture("a"));
    let path = outer.path().join("shop/a.png");
    let database = sqlite(&outer);
    let url = api.url();
    let own = ["--token", wechat::TOKEN, "--database", &database];
    let flags = [&own[..], &account_command::flags(&url)].concat();
    let server = Server::spawn(serve(&outer.path().join("shop"), &flags, &[]));
    let mut first = String::new();
    eventually("the picture is there", || {
        first = shown(&server, "a");
        first.starts_with("image-")
    });
    for (break_it, code) in cases {
        break_it(&path);
        server.logged(&format!("error[{code}]: "));
        assert_eq!(shown(&server, "a"), first, "{code}");
    }
    server.logged_times("--> rules.yaml:3:53", cases.len());
    fs::remove_file(&path).unwrap();
    fs::write(&path, picture("a")).unwrap();
    server.logged("the files match the live rules again");
    assert_eq!(shown(&server, "a"), first);
    assert_eq!(api.account(APP_ID).uploads(), 1);
}
