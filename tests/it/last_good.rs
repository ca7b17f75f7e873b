//! `--last-good`: a broken rule file does not keep a restart from answering.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Stdio;

use crate::admin::{get, json, metric, operators, reload};
use crate::server::{Server, eventually, serve};
use crate::support::Folder;
use crate::{among, wechat};

/// Where the live rules are kept.
const GOOD: &str = "state/good";

const MAIN: &str = "
rules:
  - include: words/*.yaml
  - { name: rest, when: { type: text }, reply: rest }
tests:
  - { name: an a, send: a, expect: { reply: one } }
";

fn word(reply: &str) -> String {
    format!("rules: [{{ name: a, when: {{ equals: a }}, reply: {reply} }}]\n")
}

fn start(folder: &Folder) -> Server {
    let arguments = [
        "--require-tests",
        "--admin",
        "127.0.0.1:0",
        "--last-good",
        GOOD,
    ];
    Server::start(folder, &arguments)
}

fn kept(folder: &Folder) -> PathBuf {
    folder.path().join(among::last_good(GOOD))
}

/// A folder in which rules have been live once.
fn known_as_good() -> Folder {
    let folder = Folder::with(&[
        ("rules.yaml", MAIN),
        ("words/a.yaml", &word("one")),
        ("state/other", ""),
    ]);
    let server = start(&folder);
    eventually("they are kept", || kept(&folder).exists());
    assert_eq!(
        json(&get(operators(&server), "/readyz"))["last_good"],
        false
    );
    server.kill();
    folder
}

#[test]
fn whatever_is_wrong_with_the_files_the_last_good_rules_answer() {
    type Break = fn(&Folder);
    let breaks: [(&str, Break); 5] = [
        ("unknown key `nme`", |folder| {
            folder.write("words/a.yaml", word("one").replace("name", "nme"));
        }),
        ("test failed: an a", |folder| {
            folder.write("words/a.yaml", word("two"))
        }),
        ("cannot read rules.yaml", |folder| {
            fs::remove_file(folder.path().join("rules.yaml")).unwrap();
        }),
        ("there is no folder words", |folder| {
            fs::remove_dir_all(folder.path().join("words")).unwrap();
        }),
        ("it is not UTF-8", |folder| {
            folder.write("rules.yaml", b"\xff")
        }),
    ];
    for (why, break_it) in breaks {
        let folder = known_as_good();
        break_it(&folder);
        let server = start(&folder);
        let address = operators(&server);
        let good = among::last_good(GOOD);
        server.logged(&format!(
            "the rules are refused, the last good ones from {good} answer:"
        ));
        server.logged(why);
        assert_eq!(
            (server.says("o1", "a"), server.says("o1", "x")),
            ("one".into(), "rest".into())
        );
        let page = json(&get(address, "/readyz"));
        assert_eq!(
            (&page["ready"], &page["last_good"]),
            (&true.into(), &true.into())
        );
        assert!(
            page["last_reload_error"].as_str().unwrap().contains(why),
            "{page:#}"
        );
        assert_eq!(metric(address, "wxreply_rules_last_good"), 1.0);
        assert_eq!(metric(address, "wxreply_rules_refused"), 1.0);

        // As they were, which changes no answer; then otherwise.
        folder.write("rules.yaml", MAIN);
        folder.write("words/a.yaml", word("one"));
        server.logged("the files match the live rules again");
        assert_eq!(json(&get(address, "/readyz"))["last_good"], false);
        assert_eq!(metric(address, "wxreply_rules_last_good"), 0.0);
        folder.write("rules.yaml", MAIN.replace("reply: rest", "reply: other"));
        eventually("an edit is live", || server.says("o1", "x") == "other");
    }
}

#[test]
fn what_an_include_would_take_for_rules_is_not_kept() {
    let main = MAIN.replace("words/*.yaml", "words/*");
    for file in ["words/good", "link"] {
        let folder = Folder::with(&[("rules.yaml", &main), ("words/a.yaml", &word("one"))]);
        symlink("words/good", folder.path().join("link")).unwrap();
        let flags = ["--token", wechat::TOKEN, "--last-good", file];
        let server = Server::start_exactly(folder.path(), &flags, &[]);
        server.logged("the include `words/*` would take it for rules");
        folder.write("words/a.yaml", word("two"));
        eventually("an edit is live", || server.says("o1", "a") == "two");
    }
}

#[test]
fn files_are_kept_whatever_their_names() {
    let folder = Folder::with(&[("rules.yaml", MAIN), ("state/other", "")]);
    folder.write("words/a.yaml", "rules: []");
    let odd = OsStr::from_bytes(b"words/\xd6\xd0.yaml");
    fs::write(folder.path().join(odd), word("one")).unwrap();
    let server = start(&folder);
    eventually("they are kept", || kept(&folder).exists());
    server.kill();
    folder.write("rules.yaml", "rules: 1");
    assert_eq!(start(&folder).says("o1", "a"), "one");
}

#[test]
fn what_is_kept_is_what_was_live_last() {
    let folder = known_as_good();
    let server = start(&folder);
    folder.write("rules.yaml", MAIN.replace("reply: rest", "reply: other"));
    eventually("an edit is live", || server.says("o1", "x") == "other");
    let file = kept(&folder);
    let text = || fs::read_to_string(&file).unwrap();
    eventually("it is kept", || text().contains("reply: other"));
    let before = text();
    folder.write("rules.yaml", "rules: 1");
    server.logged("the rules are not replaced");
    server.kill();
    let server = start(&folder);
    assert_eq!(server.says("o1", "x"), "other");
    assert_eq!(text(), before);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let left = fs::read_dir(folder.path().join("state")).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // Those of other accounts stand beside it.
    let left = names.filter(|name| !name.contains("good.n")).count();
    assert_eq!(left, 2, "nothing lies about");
}

#[test]
fn without_good_rules_nothing_starts_and_both_reasons_are_given() {
    let folder = Folder::with(&[("rules.yaml", "rules: 1")]);
    folder.write(&among::last_good("damaged"), "{");
    // It says that its file includes itself.
    let file = r#"{"path": "r", "text": "rules: [{ include: r }]", "includes": [INCLUDE]}"#;
    let include = r#"{"entry": 0, "place": 0, "pattern": "r", "files": [0]}"#;
    let circular = file.replace("INCLUDE", include);
    folder.write(
        &among::last_good("circular"),
        format!(r#"{{"files": [{circular}]}}"#),
    );
    // Deeper than whoever follows it has stack for.
    let deep = (1..5000).map(|next| {
        let include = include.replace("[0]", &format!("[{next}]"));
        file.replace("INCLUDE", &include)
    });
    let deep: Vec<String> = deep.chain([file.replace("INCLUDE", "")]).collect();
    folder.write(
        &among::last_good("deep"),
        format!(r#"{{"files": [{}]}}"#, deep.join(",")),
    );
    for (file, why) in [
        (
            "none",
            "there are no last good rules in FILE: it cannot be read",
        ),
        (
            "damaged",
            "there are no last good rules in FILE: it is damaged",
        ),
        ("circular", "a file in it includes one that is not there"),
        ("deep", "a file in it includes one that is not there"),
    ] {
        let why = why.replace("FILE", &among::last_good(file));
        let arguments = ["--token", wechat::TOKEN, "--last-good", file];
        let mut command = serve(folder.path(), &arguments, &[]);
        let output = command.stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains(&why) && said.contains("expected a list of rules"),
            "{said}"
        );
    }
}

#[test]
fn rules_that_cannot_be_kept_answer_all_the_same() {
    let folder = Folder::with(&[("rules.yaml", &word("one"))]);
    let server = Server::start(&folder, &["--last-good", "nowhere/good"]);
    server.logged("the last good rules cannot be kept in nowhere/good");
    assert_eq!(server.says("o1", "a"), "one");
}

#[test]
fn what_is_no_file_of_good_rules_is_not_replaced() {
    let folder = Folder::with(&[("rules.yaml", &word("one"))]);
    let (other, empty) = (among::last_good("rules.yaml"), among::last_good("empty"));
    folder.write(&other, word("one"));
    folder.write(&empty, "");
    let server = Server::start(&folder, &["--last-good", "rules.yaml"]);
    server.logged(&format!(
        "the last good rules cannot be kept in {other}: something else is there"
    ));
    assert_eq!(server.says("o1", "a"), "one");
    let text = fs::read_to_string(folder.path().join(other)).unwrap();
    assert_eq!(text, word("one"));
    let _server = Server::start(&folder, &["--last-good", "empty"]);
    eventually("rules are kept in an empty file", || {
        fs::read_to_string(folder.path().join(&empty)).unwrap() != ""
    });
}

#[test]
fn behind_a_link_the_file_that_it_leads_to_is_replaced() {
    let folder = Folder::with(&[("rules.yaml", MAIN), ("words/a.yaml", &word("one"))]);
    let (link, disk) = (kept(&folder), folder.path().join("disk"));
    for way in ["state", "disk/next"] {
        fs::create_dir_all(folder.path().join(way)).unwrap();
    }
    // One link leads to the other, and nothing is there yet.
    symlink("../disk/link", &link).unwrap();
    symlink("next/good", disk.join("link")).unwrap();
    let file = disk.join("next/good");
    let is_kept = |part: &str| fs::read_to_string(&file).is_ok_and(|text| text.contains(part));
    let server = start(&folder);
    eventually("the rules are kept", || is_kept("reply: rest"));
    folder.write("rules.yaml", MAIN.replace("reply: rest", "reply: other"));
    eventually("an edit is kept", || is_kept("reply: other"));
    assert!(link.is_symlink() && disk.join("link").is_symlink());
    server.kill();
    // The disk is away, and comes back.
    fs::rename(disk.join("next"), disk.join("away")).unwrap();
    let server = start(&folder);
    let state = among::last_good(GOOD);
    server.logged(&format!(
        "cannot be kept in {state}: it is a symbolic link to state/../disk/next/good, whose folder is not there"
    ));
    fs::rename(disk.join("away"), disk.join("next")).unwrap();
    folder.write("rules.yaml", "rules: 1");
    server.kill();
    assert_eq!(start(&folder).says("o1", "x"), "other");
}

#[test]
fn rules_that_could_not_be_kept_are_kept_at_the_next_reload() {
    let folder = known_as_good();
    let server = start(&folder);
    let kept = kept(&folder);
    let address = operators(&server);
    let (state, away) = (folder.path().join("state"), folder.path().join("away"));
    // The folder is away as rules go live.
    fs::rename(&state, &away).unwrap();
    folder.write("words/a.yaml", word("one") + "# anew\n");
    assert_eq!(reload(address).status, 200);
    fs::rename(&away, &state).unwrap();
    // Also where what is read is refused: these are the rules that answer.
    folder.write("words/a.yaml", "rules: 1");
    assert_eq!(reload(address).status, 422);
    eventually("the new rules are kept", || {
        fs::read_to_string(&kept).unwrap().contains("# anew")
    });
    folder.write("words/a.yaml", word("one") + "# anew\n");
    // Somebody tidies up.
    fs::remove_file(&kept).unwrap();
    assert_eq!(reload(address).status, 200);
    eventually("they are kept again", || kept.exists());
}
