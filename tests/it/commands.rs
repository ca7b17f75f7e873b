//! Exit codes and exact output of the commands that work offline.

use crate::support::Folder;

const GREETING: &str = "\
rules:
  - name: 你好
    when: { type: text, prefix: 你好 }
    reply: hello
tests:
  - name: greets
    send: 你好呀
    expect: { rule: 你好, reply: hello }
";

#[test]
fn a_sound_file_passes_check_and_test() {
    let folder = Folder::with(&[("rules.yaml", GREETING)]);
    let check = folder.run(&["check", "rules.yaml"]);
    assert_eq!(check.stdout, "rules.yaml: 1 rule, 1 test, no mistakes\n");
    assert_eq!((check.code, check.stderr.as_str()), (0, ""));

    let test = folder.run(&["test", "--deny-warnings", "rules.yaml"]);
    assert_eq!(
        test.stdout,
        "rules.yaml: 1 passed, 0 failed; 1 of 1 rule reached\n"
    );
    assert_eq!((test.code, test.stderr.as_str()), (0, ""));
}
