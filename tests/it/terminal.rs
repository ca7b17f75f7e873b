//! What a person at a terminal sees that nobody in a pipe does. The terminal is the one of
//! `script` (util-linux); where that is missing, the tests say so.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::requirements;
use crate::support::{Folder, program};

const RULES: &str = "\
options: { trim: true, ignore_case: true }
rules:
  - { name: 你好, when: { prefix: 你好 }, reply: 您好 }
  - { name: 营业时间, when: { contains: [几点, Open], regex: '.门' }, reply: 九点 }
  - { name: 图片, when: { type: image }, reply: success }
";

/// What the program writes to a terminal; nothing where no terminal can be made.
fn on_a_terminal(folder: &Folder, words: &[&str], variables: &[(&str, &str)]) -> Option<String> {
    let command = program(words);
    let quoted = |word: &str| format!("'{word}'");
    let line: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| quoted(word.to_str().unwrap()))
        .collect();
    let mut script = Command::new("script");
    script
        .args([
            "--quiet",
            "--return",
            "--command",
            &line.join(" "),
            "/dev/null",
        ])
        .env_remove("NO_COLOR")
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .stdin(Stdio::null());
    match script.output() {
        Ok(output) => Some(
            String::from_utf8(output.stdout)
                .unwrap()
                .replace("\r\n", "\n"),
        ),
        Err(error) => {
            requirements::absent("script", error);
            None
        }
    }
}

/// What a person at a terminal gets to see who types this; nothing where there is no terminal.
pub fn typed(folder: &Folder, words: &[&str], typed: &str) -> Option<String> {
    let command = program(&[]);
    let line = format!(
        "{} {}",
        command.get_program().to_str().unwrap(),
        words.join(" ")
    );
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(folder.path())
        .env("WXREPLY_LANG", "en")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut script = match script.spawn() {
        Ok(script) => script,
        Err(error) => {
            requirements::absent("script", error);
            return None;
        }
    };
    // Dropped afterwards, which is the end of what is typed.
    let mut keyboard = script.stdin.take().unwrap();
    keyboard.write_all(typed.as_bytes()).unwrap();
    drop(keyboard);
    let output = script.wait_with_output().unwrap();
    let seen = String::from_utf8(output.stdout).unwrap();
    Some(seen.replace("\r\n", "\n"))
}

/// What stands between escape sequences.
fn without_colors(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('m').map_or(part, |(_, rest)| rest));
    first + &rest.collect::<String>()
}

#[test]
fn try_is_coloured_on_a_terminal_and_says_the_same() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let words = ["try", "rules.yaml", " 早，你们几点开门 ", "--at", "12:00"];
    let piped = folder.run(&words).stdout;
    assert!(!piped.contains('\u{1b}'), "{piped}");
    let Some(shown) = on_a_terminal(&folder, &words, &[]) else {
        return;
    };
    // What the rule asked for is marked in the text, and only that.
    let marked = shown.lines().next().unwrap();
    let parts: Vec<&str> = marked.split('\u{1b}').collect();
    let beginnings = parts
        .iter()
        .filter(|part| part.ends_with("几点") || part.ends_with("开门"));
    assert_eq!(beginnings.count(), 2, "{marked:?}");
    assert_eq!(without_colors(marked), "text   \"早，你们几点开门\"");
    // Without its colours, the rest is what a pipe gets, so that it is aligned as well.
    let rest = shown.split_once('\n').unwrap().1;
    assert_eq!(without_colors(rest), piped);
    assert_ne!(rest, piped);
}

#[test]
fn what_was_typed_is_marked_however_it_was_compared() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for (text, marked) in [("要OPEN 开门", &["OPEN", "开门"][..]), ("你好", &["你好"])] {
        let words = ["try", "rules.yaml", text];
        let Some(shown) = on_a_terminal(&folder, &words, &[]) else {
            return;
        };
        let line = shown.lines().next().unwrap();
        for word in marked {
            let found = line
                .split('\u{1b}')
                .any(|part| part.ends_with(&format!("m{word}")));
            assert!(found, "{word} in {line:?}");
        }
        assert!(without_colors(line).contains(text), "{line:?}");
    }
}

#[test]
fn whoever_wants_no_colour_gets_none_on_a_terminal_either() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let words = ["try", "rules.yaml", "你好"];
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let Some(shown) = on_a_terminal(&folder, &words, &[variable]) else {
            return;
        };
        assert_eq!(shown, folder.run(&words).stdout, "{variable:?}");
    }
}
