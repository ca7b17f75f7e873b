//! What is said at the start, right or wrong.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::{entry, folder, plain, post, readiness, rules, says, start, token, write_accounts};
use crate::server::{Server, eventually, said_text};
use crate::wechat;

#[test]
fn all_mistakes_are_told_at_the_start() {
    let folder = folder(&["books", "flowers"]);
    let serve = |arguments: &[&str]| {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--admin", "off"];
        all.extend(arguments);
        folder.run(&all)
    };
    folder.write("books/rules.yaml", "rules: [{ name: a, replyy: b }]");
    folder.write(
        "flowers/rules.yaml",
        "rules: [{ name: a, wen: {}, reply: b }]",
    );
    let outcome = serve(&["--accounts", "accounts.yaml"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    for part in [
        "books/rules.yaml:1",
        "replyy",
        "flowers/rules.yaml:1",
        "wen",
    ] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }

    write_accounts(
        &folder,
        &(entry("books", ", mode: none") + &entry("cakes", "")),
    );
    let outcome = serve(&["--accounts", "accounts.yaml"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    for part in [
        "accounts.yaml:3",
        "invalid-mode",
        "accounts.yaml:4",
        "cakes",
    ] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }

    // What is stored for it would be that of the other.
    write_accounts(
        &folder,
        &(entry("books", ", id: gh_flowers") + &entry("gh_flowers", "")),
    );
    folder.write("gh_flowers/rules.yaml", rules("flowers"));
    folder.write("secrets/gh_flowers-token", token("flowers"));
    let outcome = serve(&["--accounts", "accounts.yaml"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(
        outcome.stderr.contains("duplicate-account-id"),
        "{}",
        outcome.stderr
    );

    let outcome = serve(&["--accounts", "nowhere.yaml"]);
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(
        outcome.stderr.contains("nowhere.yaml"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn what_each_account_has_of_its_own_is_no_flag() {
    let folder = folder(&["books"]);
    for flag in [
        "--token=abcdefgh",
        "--mode=plain",
        "--path=/x",
        "--rules=x.yaml",
    ] {
        let outcome = folder.run(&["serve", "--accounts", "accounts.yaml", flag]);
        assert_eq!(outcome.code, 2, "{outcome:?}");
        let name = flag.split('=').next().unwrap();
        assert!(
            outcome.stderr.contains(name) && outcome.stderr.contains("--accounts"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn a_broken_or_missing_rule_file_at_the_start_is_answered_by_the_last_good_one_of_its_account() {
    let folder = folder(&["books", "flowers"]);
    let arguments = ["--last-good", "last-good"];
    let (server, _) = start(&folder, &arguments);
    eventually("the rules are kept", || {
        folder.path().join("last-good.flowers").exists()
    });
    drop(server);
    let breaks: [fn(&Path); 2] = [
        |file| fs::write(file, "rules: [").unwrap(),
        |file| fs::remove_file(file).unwrap(),
    ];
    for break_it in breaks {
        break_it(&folder.path().join("flowers/rules.yaml"));
        let (server, operator) = start(&folder, &arguments);
        assert_eq!(says(&server, "books", "o1", "hi"), "here is books");
        assert_eq!(says(&server, "flowers", "o1", "hi"), "here is flowers");
        assert_eq!(readiness(operator, "flowers")["last_good"], json!(true));
        assert_eq!(readiness(operator, "books")["last_good"], json!(false));
    }
}

/// What a follower of an account with an id gets, by the path of the account.
fn says_to(id: &str, server: &Server, path: &str) -> String {
    let message = wechat::message_to(id, "text", "o1").with("Content", "hi");
    let said = post(
        server,
        &format!("/wx/{path}"),
        &plain(&token(path)),
        &message,
    );
    said_text(&said)
}

#[test]
fn kept_rules_answer_only_for_their_account_whatever_it_is_called() {
    let folder = folder(&["books", "flowers"]);
    let arguments = ["--last-good", "last-good"];
    let (books, flowers) = (entry("books", ", id: gh_a"), entry("flowers", ", id: gh_b"));
    write_accounts(&folder, &(books.clone() + &flowers));
    let (server, _) = start(&folder, &arguments);
    eventually("the rules are kept", || {
        let kept = ["last-good.gh_a", "last-good.gh_b"].map(|name| folder.path().join(name));
        kept.iter().all(|kept| kept.exists())
    });
    for name in ["books", "flowers"] {
        folder.write(&format!("{name}/rules.yaml"), "rules: [");
        server.logged(&format!("{name}/rules.yaml:1"));
    }
    let each_has_its_own = |server: &Server| {
        assert_eq!(says_to("gh_a", server, "books"), "here is books");
        assert_eq!(says_to("gh_b", server, "flowers"), "here is flowers");
    };
    let exchanged =
        books.replace("  books:", "  flowers:") + &flowers.replace("  flowers:", "  books:");
    write_accounts(&folder, &exchanged);
    server.logged("0 new, 2 changed, 0 gone");
    each_has_its_own(&server);
    drop(server);
    let (server, _) = start(&folder, &arguments);
    each_has_its_own(&server);
}
