//! `wxreply init`: a first rule file, which passes its own tests, and nothing overwritten.

use std::fs;

use crate::disk::Disk;
use crate::requirements;
use crate::support::{Folder, run_in};
use crate::terminal::typed;

const WROTE: &str = "\
wrote rules.yaml
next:
  wxreply test rules.yaml      runs its tests
  wxreply try rules.yaml 时间  shows which rule answers 时间, and why
  wxreply serve --token test   starts the bot; chat with it at http://127.0.0.1:8081/
";

/// The names of all examples, as the help has them.
fn names() -> Vec<String> {
    let folder = Folder::with(&[]);
    let help = folder.run(&["init", "--help"]).stdout;
    let help: Vec<&str> = help.split_whitespace().collect();
    let help = help.join(" ");
    let (_, list) = help.split_once("[possible values:").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

#[test]
fn without_a_terminal_the_default_is_written_and_the_next_commands_work() {
    let folder = Folder::with(&[]);
    let outcome = folder.run(&["init"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert_eq!(outcome.stdout, WROTE);
    let tried = folder.run(&["try", "rules.yaml", "时间"]);
    assert!(tried.stdout.starts_with("rule   时间 "), "{}", tried.stdout);
}

#[test]
fn every_example_passes_its_tests_without_a_warning() {
    let names = names();
    assert_eq!(names.len(), 26, "{names:?}");
    for name in names {
        let folder = Folder::with(&[]);
        let outcome = folder.run(&["init", "--example", &name]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{name}");
        let tested = folder.run(&["test", "--deny-warnings", "rules.yaml"]);
        assert_eq!(tested.code, 0, "{name}: {}", tested.stdout);
        let checked = folder.run(&["check", "--deny-warnings", "rules.yaml"]);
        assert_eq!(checked.code, 0, "{name}: {}", checked.stdout);
    }
}

#[test]
fn in_chinese_the_example_has_chinese_names() {
    let folder = Folder::with(&[]);
    let outcome = folder.run(&["init", "--lang", "zh"]);
    assert!(outcome.stdout.starts_with("已写入 rules.yaml\n"));
    let text = fs::read_to_string(folder.path().join("rules.yaml")).unwrap();
    assert!(text.contains("新关注的人知道可以回复什么"), "{text}");
}

#[test]
fn what_is_there_stays_as_it_is() {
    for (there, example) in [
        ("rules.yaml", "welcome"),
        ("keywords/20-delivery.yaml", "faq"),
    ] {
        let folder = Folder::with(&[]);
        let path = folder.path().join(there);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "mine").unwrap();
        let outcome = folder.run(&["init", "--example", example]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        let said = format!(
            "error: {there} is already there and is not overwritten; nothing was written\n"
        );
        assert_eq!(outcome.stderr, said);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        let other = folder.path().join("keywords/10-returns.yaml");
        assert!(!other.exists(), "half of it was written");
    }
}

#[test]
fn on_a_full_disk_nothing_is_left_that_keeps_it_from_being_written_later() {
    let Some(disk) = Disk::make(&["mkfs.ext4", "-q", "-b", "1024", "-m", "0"]) else {
        requirements::absent("mounts", "it needs root");
        return;
    };
    let init = || run_in(&disk.path(), &["init", "--example", "faq"]);
    disk.fill();
    let outcome = init();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(
        outcome.stderr.contains("No space left"),
        "{}",
        outcome.stderr
    );
    disk.empty();
    assert_eq!(init().code, 0);
}

#[test]
fn an_example_that_is_none_is_refused_with_a_suggestion() {
    let folder = Folder::with(&[]);
    let outcome = folder.run(&["init", "--example", "welcom"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("'welcome'"), "{}", outcome.stderr);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn on_a_terminal_there_is_a_choice() {
    for (keys, begins, wanted) in [
        ("\n", "options: { trim: true }", "感谢关注"),
        ("21\n", "options:\n", "预约"),
        ("nonsense\n99\nlottery\n", "", "抽奖"),
    ] {
        let folder = Folder::with(&[]);
        let Some(seen) = typed(&folder, &["init"], keys) else {
            return;
        };
        assert!(seen.contains(" 1  welcome"), "{seen}");
        assert!(seen.contains("Welcome new followers"), "{seen}");
        assert!(seen.contains("wrote rules.yaml"), "{seen}");
        let text = fs::read_to_string(folder.path().join("rules.yaml")).unwrap();
        assert!(text.starts_with(begins) && text.contains(wanted), "{text}");
    }
    let folder = Folder::with(&[]);
    if let Some(seen) = typed(&folder, &["init"], "") {
        assert!(seen.contains("nothing was written"), "{seen}");
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
}
