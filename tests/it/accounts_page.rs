//! What the page about several accounts shows is what happens, and commands for one account of a
//! file keep to it.

use std::fs;

use crate::pages::{Page, root};
use crate::server::Server;
use crate::stored::{NOON, set, store};
use crate::support::Folder;

/// The files of the page, each under the name in its first line, and secrets to go with them.
fn folder_of(page: &str) -> Folder {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let name = page.to_owned();
    let page = Page { name, text };
    let folder = Folder::with(&[
        ("secrets/books-token", "5f0c1d2e3a4b59687f0e1d2c3b4a5968\n"),
        (
            "secrets/flowers-token",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f9\n",
        ),
        (
            "secrets/books-token-old",
            "1a1b2c3d4e5f60718293a4b5c6d7e8f9\n",
        ),
        (
            "secrets/books-aes",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG\n",
        ),
        ("secrets/books-app", "2a1b2c3d4e5f60718293a4b5c6d7e8f9\n"),
    ]);
    let mut written = 0;
    for block in page.blocks() {
        let first = block.text.lines().next().unwrap_or_default();
        if let Some(name) = first
            .strip_prefix("# ")
            .filter(|name| name.ends_with(".yaml"))
        {
            folder.write(name, &block.text);
            written += 1;
        }
    }
    assert_eq!(written, 4);
    folder
}

#[test]
fn the_example_runs_two_accounts_and_send_knows_them_by_name() {
    for page in ["docs/accounts.md", "docs/zh/accounts.md"] {
        let folder = folder_of(page);
        for arguments in [
            ["check", "accounts.yaml"],
            ["check", "all.yaml"],
            ["test", "accounts.yaml"],
        ] {
            let run = folder.run(&arguments);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        }
        let server = start(&folder);
        let url = format!("http://{}", server.address());
        for (name, reply) in [("书店", "欢迎来到书店"), ("花店", "欢迎来到花店")] {
            let send = |url: &str, name: &str| {
                let of = ["send", "--accounts", "accounts.yaml", "--account", name];
                folder.run(&[&of[..], &[url, "你好"]].concat())
            };
            for url in [url.clone(), format!("{url}/")] {
                let sent = send(&url, name);
                assert_eq!(sent.code, 0, "{}{}", sent.stdout, sent.stderr);
                assert!(sent.stdout.contains(reply), "{}", sent.stdout);
            }
            // The token of one opens no other.
            let other = if name == "书店" {
                "/wx/flowers"
            } else {
                "/wx/books"
            };
            let sent = send(&format!("{url}{other}"), name);
            assert_eq!(sent.code, 1, "{}", sent.stdout);
            assert!(sent.stdout.contains("403"), "{}", sent.stdout);
        }
    }
}

fn start(folder: &Folder) -> Server {
    Server::spawn(crate::server::serve(
        folder.path(),
        &["--accounts", "accounts.yaml"],
        &[],
    ))
}

#[test]
fn an_account_that_cannot_be_meant_is_told_which_there_are() {
    let folder = folder_of("docs/accounts.md");
    let send = |arguments: &[&str]| {
        let all = [&["send"], arguments, &["http://127.0.0.1:1", "a"]].concat();
        folder.run(&all)
    };
    for (arguments, said) in [
        (
            &["--accounts", "accounts.yaml", "--account", "面馆"][..],
            "there is no account 面馆 in accounts.yaml; there are 书店, 花店",
        ),
        (
            &["--accounts", "accounts.yaml"],
            "name one of the accounts in accounts.yaml with --account: 书店, 花店",
        ),
        (&["--account", "书店"], "name the accounts file, too"),
        (&["--accounts", "none.yaml"], "cannot read none.yaml"),
        (
            &["--accounts", "books/rules.yaml"],
            "`wxreply check books/rules.yaml` shows each",
        ),
    ] {
        let run = send(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

const STORING: &str = "rules: [{ name: 记, set: { word: <content> }, reply: <user.word|无> }]\n";

#[test]
fn list_export_and_forget_keep_to_the_account_that_is_named() {
    let folder = Folder::with(&[
        ("secrets/a", "5f0c1d2e3a4b59687f0e1d2c3b4a5968\n"),
        ("secrets/b", "0a1b2c3d4e5f60718293a4b5c6d7e8f9\n"),
        ("secrets/db", "sqlite:b.db\n"),
        ("rules.yaml", STORING),
        (
            "accounts.yaml",
            "secrets: secrets\n\
             accounts:\n  \
             甲: { id: gh_1, path: /a, rules: rules.yaml, token: a }\n  \
             乙: { id: gh_2, path: /b, rules: rules.yaml, token: b, database: db }\n  \
             丙: { path: /c, rules: rules.yaml, token: b }\n",
        ),
    ]);
    let server = start(&folder);
    let url = format!("http://{}", server.address());
    for (name, id) in [("甲", "gh_1"), ("乙", "gh_2"), ("丙", "gh_3")] {
        let account = format!("account={id}");
        let sent = folder.run(&[
            "send",
            "--accounts",
            "accounts.yaml",
            "--account",
            name,
            &url,
            "你好",
            "--field",
            "openid=o1",
            "--field",
            &account,
        ]);
        assert_eq!(sent.code, 0, "{}{}", sent.stdout, sent.stderr);
    }
    let run = |command: &str, more: &[&str]| {
        let all = [&[command, "o1", "--accounts", "accounts.yaml"], more].concat();
        folder.run(&all)
    };
    let stored = |more: &[&str]| {
        let run = run("export", more);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let said: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let values = said["values"].as_array().unwrap().iter();
        let accounts = values.map(|value| value["account"].as_str().unwrap().to_owned());
        accounts.collect::<Vec<_>>()
    };
    let listed = |more: &[&str]| {
        let all = ["list", "--accounts", "accounts.yaml", "--format", "json"];
        let run = folder.run(&[&all[..], more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let said: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let rows = said.as_array().unwrap().iter();
        let accounts = rows.map(|row| row["account"].as_str().unwrap().to_owned());
        accounts.collect::<Vec<_>>()
    };
    // An account without an id is known by its name.
    for (account, stored_under) in [
        ("甲", "gh_1"),
        ("gh_1", "gh_1"),
        ("乙", "gh_2"),
        ("丙", "丙"),
    ] {
        let one = ["--account", account];
        assert_eq!(stored(&one), [stored_under], "{account}");
        assert_eq!(listed(&one), [stored_under], "{account}");
    }
    for mut all in [stored(&[]), listed(&[])] {
        all.sort();
        assert_eq!(all, ["gh_1", "gh_2", "丙"]);
    }
    for account in ["乙", "丙"] {
        assert_eq!(run("forget", &["--account", account]).code, 0);
    }
    assert_eq!(stored(&[]), ["gh_1"]);
    // Both in one database, without a file.
    assert!(
        folder
            .run(&["forget", "o1", "--account", "gh_2"])
            .stdout
            .contains("nothing")
    );
    assert_eq!(stored(&[]), ["gh_1"]);
    assert!(
        folder
            .run(&["forget", "o1", "--account", "gh_1"])
            .stdout
            .contains("deleted")
    );
    assert_eq!(stored(&[]), Vec::<String>::new());
}

#[test]
fn a_database_that_is_away_keeps_no_command_from_the_others() {
    let away = "postgres://u:secret@127.0.0.1:1/wx";
    let folder = Folder::with(&[
        ("secrets/a", "a7c3e9f1"),
        ("rules.yaml", "rules: [{ when: { equals: 1 }, reply: a }]"),
        ("secrets/away", away),
        ("secrets/odd", "sqlite:100%.db"),
        (
            "accounts.yaml",
            "secrets: secrets\n\
             accounts:\n  \
             甲: { path: /a, rules: rules.yaml, token: a, database: odd }\n  \
             乙: { path: /b, rules: rules.yaml, token: a, database: away }\n  \
             丙: { path: /c, rules: rules.yaml, token: a, database: sqlite:one.db }\n  \
             丁: { path: /d, rules: rules.yaml, token: a, database: sqlite:none.db }\n  \
             戊: { path: /e, rules: rules.yaml, token: a, database: sqlite:two.db }\n  \
             己: { path: /f, rules: rules.yaml, token: a, database: sqlite:./one.db }\n",
        ),
    ]);
    for file in ["one.db", "two.db"] {
        let url = format!("sqlite:{}/{file}", folder.path().display());
        store(&url, "gh_1", "o1", NOON, &[set("in", file)]);
    }
    let run = |command: &[&str]| {
        let outcome = folder.run(&[command, &["--accounts", "accounts.yaml"]].concat());
        assert_eq!(outcome.code, 2, "{command:?}: {}", outcome.stderr);
        let none = "not looked at, as it is not there or holds nothing of wxreply: sqlite:none.db";
        for said in ["127.0.0.1:1/wx cannot be reached", "odd", none] {
            assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
        }
        assert!(!outcome.stderr.contains("secret@"));
        outcome.stdout
    };
    let listed: serde_json::Value =
        serde_json::from_str(&run(&["list", "--format", "json"])).unwrap();
    // One file is one database, however its path is written.
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    let exported: serde_json::Value = serde_json::from_str(&run(&["export", "o1"])).unwrap();
    assert_eq!(
        exported["values"].as_array().unwrap().len(),
        2,
        "{exported}"
    );
    assert_eq!(
        run(&["forget", "o1"]),
        "sqlite:one.db: deleted 3 rows of o1\n\
         sqlite:two.db: deleted 3 rows of o1\n"
    );
    assert!(!folder.path().join("none.db").exists());
    assert_eq!(run(&["list", "--format", "json"]), "[]\n");
}

#[test]
fn doctor_looks_over_one_account_of_the_file() {
    let folder = folder_of("docs/accounts.md");
    let server = start(&folder);
    let url = format!("http://{}/wx/flowers", server.address());
    let doctor = |account: &str| {
        let of = [
            "doctor",
            "--accounts",
            "accounts.yaml",
            "--account",
            account,
        ];
        let more = ["--url", &url, "--listen", "127.0.0.1:0", "--admin", "off"];
        folder.run(&[&of[..], &more].concat())
    };
    let flowers = doctor("花店");
    for said in [
        "accounts.yaml: 2 accounts, no problems",
        "1 passed",
        "answered as WeChat wants",
    ] {
        assert!(flowers.stdout.contains(said), "{}", flowers.stdout);
    }
    assert!(doctor("书店").stdout.contains("refused: 403"));
    assert_eq!(doctor("面馆").code, 2);
    std::fs::remove_file(folder.path().join("secrets/books-token")).unwrap();
    let broken = doctor("花店");
    assert_eq!(broken.code, 1);
    let said = "accounts.yaml has 1 error";
    assert!(broken.stdout.contains(said), "{}", broken.stdout);
}
