//! `wxreply fmt`: files become tidy in their places, and nothing else about them changes.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Folder, program};

const UNTIDY: &str = "# 问候\nrules:\n-   {name: 你好,reply:   您好}\n";
const TIDY: &str = "# 问候\nrules:\n  - { name: 你好, reply: 您好 }\n";

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn files_become_tidy_in_their_places() {
    let folder = Folder::with(&[("a.yaml", UNTIDY), ("b.yaml", TIDY)]);
    let check = folder.run(&["fmt", "--check", "a.yaml", "b.yaml"]);
    assert_eq!(
        (check.code, check.stdout.as_str()),
        (1, "a.yaml: not formatted\n")
    );
    assert_eq!(read(&folder, "a.yaml"), UNTIDY);
    let made = folder.run(&["fmt", "a.yaml", "b.yaml"]);
    assert_eq!(
        (made.code, made.stdout.as_str()),
        (0, "a.yaml: formatted\n")
    );
    assert_eq!(read(&folder, "a.yaml"), TIDY);
    let check = folder.run(&["fmt", "--check", "a.yaml", "b.yaml"]);
    assert_eq!((check.code, check.stdout.as_str()), (0, ""));
    let names = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2, "nothing is left lying about");
}

#[test]
fn a_file_with_mistakes_is_left_alone() {
    let wrong = UNTIDY.replace("name", "nme");
    let folder = Folder::with(&[("wrong.yaml", &wrong), ("good.yaml", UNTIDY)]);
    let made = folder.run(&["fmt", "wrong.yaml", "good.yaml"]);
    let said = "error: wrong.yaml: it has errors; `wxreply check` lists them\n";
    assert_eq!((made.code, made.stderr.as_str()), (1, said));
    assert_eq!(read(&folder, "wrong.yaml"), wrong);
    assert_eq!(read(&folder, "good.yaml"), TIDY);
    let missing = folder.run(&["fmt", "none.yaml"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.stderr.contains("cannot read none.yaml"),
        "{missing:?}"
    );
    folder.write("gbk.yaml", b"rules:\n  - name: \xc4\xe3\n");
    let gbk = folder.run(&["fmt", "gbk.yaml"]);
    let said = "error: cannot read gbk.yaml: it is not UTF-8 (line 2); save it as UTF-8\n";
    assert_eq!((gbk.code, gbk.stderr.as_str()), (2, said));
}

#[test]
fn blanks_in_a_block_of_text_are_told_with_their_line() {
    let text = "rules:\n  - name: 你好\n    reply: |\n      您好  \n      再见\n";
    let folder = Folder::with(&[("a.yaml", text)]);
    for arguments in [&["fmt", "a.yaml"][..], &["fmt", "--check", "a.yaml"]] {
        let made = folder.run(arguments);
        let said = "error: a.yaml: line 4 ends with blanks that are a part of its text";
        assert_eq!((made.code, made.stdout.as_str()), (1, ""));
        assert!(made.stderr.starts_with(said), "{}", made.stderr);
        assert_eq!(read(&folder, "a.yaml"), text);
    }
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::with(&[("far/rules.yaml", UNTIDY)]);
    let far = folder.path().join("far/rules.yaml");
    let link = folder.path().join("rules.yaml");
    std::fs::set_permissions(&far, PermissionsExt::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&far, &link).unwrap();
    assert_eq!(folder.run(&["fmt", "rules.yaml"]).code, 0);
    assert!(link.is_symlink());
    assert_eq!(read(&folder, "far/rules.yaml"), TIDY);
    let mode = std::fs::metadata(&far).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let mut child = program(&["fmt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(UNTIDY.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), TIDY);
    assert!(output.status.success());
}
