//! Files that an account no longer has, and accounts that are gone: nothing follows them.

use std::fs;

use super::{entry, folder, rules, says, start, write_accounts};
use crate::server::eventually;
use crate::support::Folder;

const LAST_GOOD: &[&str] = &["--last-good", "good"];

const STORES: &str =
    "rules: [{ name: store, when: { type: text }, set: { word: <content> }, reply: stored }]\n";

/// An entry of the accounts file with another rule file.
fn entry_with(name: &str, rules: &str) -> String {
    entry(name, "").replace(&format!("{name}/rules.yaml"), rules)
}

fn kept(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path().join(format!("good.{name}"))).unwrap_or_default()
}

#[test]
fn an_account_keeps_only_the_rules_of_its_own_file() {
    let folder = folder(&["books", "flowers"]);
    let (server, _) = start(&folder, LAST_GOOD);
    let swapped = entry_with("books", "flowers/rules.yaml");
    let swapped = swapped + &entry_with("flowers", "books/rules.yaml");
    write_accounts(&folder, &swapped);
    server.logged("0 new, 2 changed, 0 gone");
    // Each file is edited once the other was read again.
    for (file, owner, other) in [
        ("books", "flowers", "books"),
        ("flowers", "books", "flowers"),
    ] {
        let text = format!("{file}, edited");
        folder.write(&format!("{file}/rules.yaml"), rules(&text));
        eventually("the edit is kept", || kept(&folder, owner).contains(&text));
        assert!(!kept(&folder, other).contains(&text), "{file}");
    }
    server.kill();
    for file in ["books", "flowers"] {
        folder.write(&format!("{file}/rules.yaml"), "rules: 1");
    }
    let (server, _) = start(&folder, LAST_GOOD);
    assert_eq!(
        says(&server, "books", "o1", "hi"),
        "here is flowers, edited"
    );
    assert_eq!(
        says(&server, "flowers", "o1", "hi"),
        "here is books, edited"
    );
}

#[test]
fn nothing_is_read_or_kept_for_an_account_that_is_gone() {
    let folder = folder(&["books", "flowers"]);
    let (server, _) = start(&folder, LAST_GOOD);
    eventually("they are kept", || !kept(&folder, "books").is_empty());
    write_accounts(&folder, &entry("flowers", ""));
    server.logged("0 new, 0 changed, 1 gone");
    let before = kept(&folder, "books");
    folder.write("books/rules.yaml", rules("books, edited"));
    folder.write("flowers/rules.yaml", rules("flowers, edited"));
    server.logged("reloaded flowers/rules.yaml");
    assert!(!server.log().contains("reloaded books/rules.yaml"));
    assert_eq!(kept(&folder, "books"), before);
}

/// Otherwise what a rule deletes stays in it.
#[test]
fn the_database_of_an_account_that_is_gone_keeps_no_log() {
    let numbers = 0..8;
    let names: Vec<String> = numbers.map(|number| format!("shop{number}")).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).chain(["stays"]).collect();
    let folder = folder(&all);
    let own = |name: &&str| entry(name, &format!(", database: 'sqlite:{name}.db'"));
    write_accounts(&folder, &all.iter().map(own).collect::<String>());
    for name in &all {
        folder.write(&format!("{name}/rules.yaml"), STORES);
    }
    let (server, _) = start(&folder, &[]);
    for name in &all {
        assert_eq!(says(&server, name, "o1", "a"), "stored");
    }
    let log = |name: &str| folder.path().join(format!("{name}.db-wal"));
    assert!(all.iter().all(|name| log(name).exists()));
    write_accounts(&folder, &own(&"stays"));
    server.logged("0 new, 0 changed, 8 gone");
    eventually("their logs are gone", || {
        names.iter().all(|name| !log(name).exists())
    });
    assert!(log("stays").exists());
}

#[test]
fn rules_of_an_accounts_file_that_is_refused_are_not_kept() {
    let folder = folder(&["books"]);
    let (server, _) = start(&folder, LAST_GOOD);
    eventually("they are kept", || !kept(&folder, "books").is_empty());
    let before = kept(&folder, "books");
    folder.write("other.yaml", rules("another"));
    folder.write("secrets/cakes-token", super::token("cakes"));
    folder.write("cakes/rules.yaml", "rules: 1");
    write_accounts(
        &folder,
        &(entry_with("books", "other.yaml") + &entry("cakes", "")),
    );
    server.logged("the accounts are not replaced");
    assert_eq!(says(&server, "books", "o1", "hi"), "here is books");
    assert_eq!(kept(&folder, "books"), before);

    folder.write("cakes/rules.yaml", rules("cakes"));
    server.logged("1 new, 1 changed, 0 gone");
    eventually("they are kept now", || {
        kept(&folder, "books").contains("another") && kept(&folder, "cakes").contains("cakes")
    });
}

#[test]
fn a_new_account_does_not_answer_by_the_kept_rules_of_one_that_had_its_name() {
    let folder = folder(&["books", "flowers"]);
    let flowers = entry("flowers", "");
    write_accounts(&folder, &(entry("books", ", id: gh_a") + &flowers));
    let (server, _) = start(&folder, LAST_GOOD);
    eventually("they are kept", || !kept(&folder, "gh_a").is_empty());
    write_accounts(&folder, &flowers);
    server.logged("0 new, 0 changed, 1 gone");
    folder.write("other.yaml", "rules: [");
    let new = entry_with("books", "other.yaml").replace(" }", ", id: gh_b }");
    write_accounts(&folder, &(new + &flowers));
    server.logged("the accounts are not replaced");

    folder.write("other.yaml", rules("another"));
    server.logged("1 new, 0 changed, 0 gone");
    eventually("its own are kept", || {
        kept(&folder, "gh_b").contains("another")
    });
    assert!(kept(&folder, "gh_a").contains("here is books"));
}

/// Without an id, kept rules are found by the name.
#[test]
fn nor_does_one_without_an_id() {
    let folder = folder(&["books", "flowers"]);
    let flowers = entry("flowers", "");
    let (server, _) = start(&folder, LAST_GOOD);
    eventually("they are kept", || !kept(&folder, "books").is_empty());
    write_accounts(&folder, &flowers);
    server.logged("0 new, 0 changed, 1 gone");
    folder.write("other.yaml", "rules: [");
    write_accounts(&folder, &(entry_with("books", "other.yaml") + &flowers));
    server.logged("the accounts are not replaced");
    assert!(server.log().contains("they are those of another file"));
    write_accounts(&folder, &(entry("books", "") + &flowers));
    server.logged("1 new, 0 changed, 0 gone");
    folder.write("books/rules.yaml", "rules: [");
    drop(server);
    let (server, _) = start(&folder, LAST_GOOD);
    assert_eq!(says(&server, "books", "o1", "hi"), "here is books");
}
