//! `wxreply media`: material that no rule names.

use serde_json::Value;

use crate::account_command;
use crate::account_command::{flags, succeeds};
use crate::support::{Folder, Outcome};
use crate::terminal::typed;
use crate::wechat_api::{APP_ID, APP_SECRET, Fault, Kind, WechatApiServer};

const ADD: &str = "/cgi-bin/material/add_material";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xaeB`\x82and so on";
const JPEG: &[u8] = b"\xff\xd8\xff\xd9 and so on";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42 and so on";

fn run(server: &WechatApiServer, folder: &Folder, arguments: &[&str]) -> Outcome {
    account_command::run(server, folder, &[&["media"], arguments].concat())
}

fn folder() -> Folder {
    let folder = Folder::with(&[("page.png", "<html>"), ("empty.png", "")]);
    folder.write("half.png", &PNG[..10]);
    folder.write("海报.png", PNG);
    folder.write("wrong-name.jpg", PNG);
    folder.write("small.jpg", JPEG);
    folder.write("large.jpg", [JPEG, &vec![0; 64 * 1024]].concat());
    folder.write("film.mp4", MP4);
    folder.write("hello.amr", b"#!AMR\n.");
    folder
}

#[test]
fn what_is_uploaded_is_listed_and_can_be_deleted() {
    let (server, folder) = (WechatApiServer::start(), folder());
    let files = [
        "upload",
        "海报.png",
        "wrong-name.jpg",
        "film.mp4",
        "hello.amr",
    ];
    let uploaded = run(&server, &folder, &files);
    succeeds(&uploaded);
    let lines: Vec<(&str, &str)> = uploaded
        .stdout
        .lines()
        .map(|line| line.split_once("  ").unwrap())
        .collect();
    let names: Vec<&str> = lines.iter().map(|(_, name)| *name).collect();
    assert_eq!(names, files[1..]);
    assert!(
        lines[2].0.starts_with("video-") && lines[3].0.starts_with("voice-"),
        "{lines:?}"
    );

    let listed = run(&server, &folder, &["list"]);
    succeeds(&listed);
    for (id, _) in &lines {
        assert!(listed.stdout.contains(id), "{}", listed.stdout);
    }
    // WeChat goes by the end of the name.
    assert!(
        listed.stdout.contains("  wrong-name.png  "),
        "{}",
        listed.stdout
    );
    let images = run(
        &server,
        &folder,
        &["list", "--kind", "image", "--format", "json"],
    );
    let images: Value = serde_json::from_str(&images.stdout).unwrap();
    assert_eq!(images["material"].as_array().unwrap().len(), 2);
    assert_eq!(images["material"][1]["name"], "海报.png");

    succeeds(&run(
        &server,
        &folder,
        &["delete", "--yes", lines[0].0, lines[1].0],
    ));
    let left = run(&server, &folder, &["list", "--kind", "image"]);
    assert_eq!((left.code, left.stdout.as_str()), (0, ""));
    assert!(left.stderr.contains("keeps nothing"), "{}", left.stderr);
    let again = run(&server, &folder, &["delete", "--yes", lines[0].0]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("40007"), "{}", again.stderr);
}

#[test]
fn long_lists_come_whole() {
    let (server, folder) = (WechatApiServer::start(), folder());
    let many: Vec<&str> = std::iter::repeat_n("small.jpg", 45).collect();
    succeeds(&run(
        &server,
        &folder,
        &[&["upload"], many.as_slice()].concat(),
    ));
    let listed = run(&server, &folder, &["list"]);
    assert_eq!(listed.stdout.lines().count(), 45);
}

#[test]
fn nothing_is_uploaded_if_one_file_will_not_do() {
    let (server, folder) = (WechatApiServer::start(), folder());
    for (arguments, said) in [
        (["海报.png", "empty.png"].as_slice(), "empty.png"),
        (&["海报.png", "half.png"], "half.png is cut off"),
        (&["海报.png", "page.png"], "page.png"),
        (&["海报.png", "missing.png"], "missing.png"),
        (&["海报.png", "."], "folder"),
        (&["--kind", "thumb", "海报.png"], "JPEG"),
        (&["--kind", "thumb", "large.jpg"], "64 KB"),
        (&["--kind", "voice", "film.mp4"], "MP3"),
        (&["--kind", "dance", "film.mp4"], "thumb"),
        (&[], "FILE"),
        (&["--temporary", "--title", "a", "film.mp4"], "--title"),
    ] {
        let refused = run(&server, &folder, &[&["upload"], arguments].concat());
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.stdout);
        assert!(
            refused.stderr.contains(said),
            "{arguments:?}: {}",
            refused.stderr
        );
    }
    assert_eq!(server.calls(ADD), 0);
}

#[test]
fn a_failure_on_the_way_says_what_is_there() {
    let (server, folder) = (WechatApiServer::start(), folder());
    server.fault(ADD, 1, Fault::Slow(std::time::Duration::ZERO));
    server.fault(
        ADD,
        1,
        Fault::Errcode(45009, "reach max api daily quota limit".to_owned()),
    );
    let files = [
        "upload",
        "--format",
        "json",
        "海报.png",
        "small.jpg",
        "film.mp4",
    ];
    let failed = run(&server, &folder, &files);
    assert_eq!(failed.code, 2);
    assert!(failed.stderr.contains("small.jpg") && failed.stderr.contains("45009"));
    let said: Value = serde_json::from_str(&failed.stdout).unwrap();
    assert_eq!(
        (&said["ok"], said["uploaded"].as_array().unwrap().len()),
        (&Value::Bool(false), 1)
    );
    assert_eq!(server.account(APP_ID).uploads(), 1);

    server.account(APP_ID).set_kind(Kind::UnverifiedService);
    let refused = run(&server, &folder, &["upload", "海报.png"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("48001"), "{}", refused.stderr);
    assert!(!refused.stderr.contains(APP_SECRET), "{}", refused.stderr);
}

#[test]
fn temporary_media_are_not_kept() {
    let (server, folder) = (WechatApiServer::start(), folder());
    succeeds(&run(
        &server,
        &folder,
        &["upload", "--temporary", "海报.png"],
    ));
    let thumb = run(
        &server,
        &folder,
        &["upload", "--temporary", "--kind", "thumb", "small.jpg"],
    );
    succeeds(&thumb);
    assert!(thumb.stdout.starts_with("thumb-"), "{}", thumb.stdout);
    assert_eq!(server.account(APP_ID).uploads(), 0);
}

#[test]
fn nothing_is_deleted_without_a_yes() {
    let (server, folder) = (WechatApiServer::start(), folder());
    let uploaded = run(&server, &folder, &["upload", "海报.png"]).stdout;
    let id = uploaded.split_once("  ").unwrap().0;
    let refused = run(&server, &folder, &["delete", id]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    let url = server.url();
    let words = [["media", "delete", id].as_slice(), &flags(&url)].concat();
    for (keys, deleted) in [("n\n", 0), ("y\n", 1)] {
        let Some(seen) = typed(&folder, &words, keys) else {
            return;
        };
        assert!(seen.contains("[y/N]"), "{seen}");
        assert_eq!(
            server.calls("/cgi-bin/material/del_material"),
            deleted,
            "{seen}"
        );
    }
}
