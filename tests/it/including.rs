//! How many files a rule file includes, and how deep: beyond the limit there is an error at its
//! place, and the server goes on.

use std::fs;

use crate::server::{Server, eventually};
use crate::support::Folder;

/// What the documents say.
const MAX_DEPTH: usize = 100;
const MAX_FILES: usize = 10_000;

/// The rule file includes `1.yaml`, that `2.yaml`, and so on; the last one answers with its number.
fn write_chain(folder: &Folder, length: usize) {
    for number in (0..=length).rev() {
        let name = match number {
            0 => "rules.yaml".to_owned(),
            _ => format!("{number}.yaml"),
        };
        let text = match number == length {
            true => format!("rules: [{{ name: last, when: {{ equals: hi }}, reply: {number} }}]\n"),
            false => format!("rules: [{{ include: {}.yaml }}]\n", number + 1),
        };
        folder.write(&name, text);
    }
}

#[test]
fn includes_that_are_nested_too_deep_are_an_error_and_end_nothing() {
    let folder = Folder::with(&[]);
    write_chain(&folder, MAX_DEPTH);
    let server = Server::start(&folder, &[]);
    assert_eq!(server.says("o1", "hi"), "100");
    for length in [MAX_DEPTH + 1, 5000] {
        write_chain(&folder, length);
        let check = folder.run(&["check", "rules.yaml"]);
        assert_eq!(check.code, 1, "{check:?}");
        for part in [
            "cannot read 101.yaml: includes may be nested 100 deep, and this one is deeper",
            "--> 100.yaml:1:20",
        ] {
            assert!(check.stdout.contains(part), "{}", check.stdout);
        }
    }
    server.logged("includes may be nested 100 deep");
    assert_eq!(server.says("o1", "hi"), "100");
    write_chain(&folder, 1);
    eventually("the server goes on", || server.says("o1", "hi") == "1");
}

#[test]
fn as_many_files_are_included_as_the_documents_say() {
    let folder = Folder::with(&[("rules.yaml", "rules: [{ include: words/*.yaml }]\n")]);
    fs::create_dir(folder.path().join("words")).unwrap();
    let add = |number: usize| {
        let text =
            format!("rules: [{{ name: n{number}, when: {{ equals: w{number} }}, reply: a }}]");
        fs::write(folder.path().join(format!("words/{number:05}.yaml")), text).unwrap();
    };
    (0..MAX_FILES).for_each(add);
    let check = folder.run(&["check", "rules.yaml"]);
    assert_eq!(check.code, 0, "{}", check.stdout);
    add(MAX_FILES);
    let check = folder.run(&["check", "rules.yaml"]);
    let said =
        "cannot read words/10000.yaml: 10000 files are included before it, and no more are read";
    assert!(check.stdout.contains(said), "{}", check.stdout);
}

#[test]
fn the_name_of_a_file_commands_no_terminal() {
    let name = "words/\x1b[2Ja.yaml";
    let folder = Folder::with(&[("rules.yaml", "rules: [{ include: words/*.yaml }]\n")]);
    for wrong in [&b"rules: [{ nme: a }]\n"[..], b"\xff"] {
        folder.write("words/a.yaml", "rules: []\n");
        folder.write(name, wrong);
        let check = folder.run(&["check", "rules.yaml"]);
        assert_eq!(check.code, 1, "{check:?}");
        assert!(check.stdout.contains("words/␛[2Ja.yaml"), "{check:?}");
        assert!(!check.stdout.contains('\x1b'), "{check:?}");
    }
}
