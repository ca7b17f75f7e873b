//! The tests of one account, for one of a hundred.

use std::env;
use std::process::Command;

use crate::among::ACCOUNTS;
use crate::support::Folder;

/// A part of them always runs so; the others do when somebody sets the variable.
#[test]
fn the_tests_of_one_account_pass_for_one_of_a_hundred() {
    if env::var_os(ACCOUNTS).is_some() {
        return;
    }
    let temporary = Folder::with(&[]);
    let run = Command::new(env::current_exe().unwrap())
        .args(["callback::", "dialogues::", "reload::", "remembering::a_"])
        .env(ACCOUNTS, "100")
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    let passed = said.matches(" ... ok").count();
    assert!(passed >= 30, "{said}");
}
