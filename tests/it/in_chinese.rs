//! `--lang zh`: every command in every mood says nothing in English.

use crate::support::{Folder, program};

const GOOD: &str = "\
options: { timezone: Asia/Shanghai }
services: { 商店: { url: http://127.0.0.1:9/ask } }
rules:
  - { name: 你好, when: { equals: 你好 }, reply: 您好 }
  - { name: 问, when: { prefix: 问 }, ask: 商店, failed: 暂时查不到, reply: <answer> }
  - { name: 记, when: { prefix: 记 }, set: { note: <rest> }, reply: 记下了 }
menu: [ { name: 你好, reply: 你好 } ]
tests:
  - { name: 问好, send: 你好, expect: { reply: 您好 } }
";
const FAILING: &str = "\
rules:
  - { name: 你好, when: { equals: 你好 }, reply: 您好 }
tests:
  - { name: 问好, send: 你好, expect: { reply: 您好呀 } }
";

const COMMANDS: &[&str] = &[
    "check good.yaml",
    "check wrong.yaml",
    "check nothing.yaml",
    "check .",
    "check --format json wrong.yaml",
    "test good.yaml",
    "test failing.yaml",
    "test --format json failing.yaml",
    "test wrong.yaml",
    "try good.yaml 你好",
    "try good.yaml 不",
    "try good.yaml 问价",
    "try good.yaml 问价 --live",
    "try good.yaml 问价 --as-test",
    "try good.yaml x y",
    "try nothing.yaml x",
    "fmt good.yaml",
    "fmt --check good.yaml",
    "fmt --check wrong.yaml",
    "explain",
    "explain unknown-key",
    "explain nope",
    "import console.json",
    "import nothing.json",
    "import --live",
    "import --csv faq.csv",
    "import --csv good.yaml",
    "doctor",
    "doctor --token tok",
    "doctor --token tok --rules good.yaml",
    "doctor --token tok --rules good.yaml --url http://127.0.0.1:9/wx",
    "doctor --token tok --rules good.yaml --database mysql://127.0.0.1:1/x",
    "doctor --token tok --rules wrong.yaml --database sqlite:no/where.db",
    "doctor --accounts nothing.yaml",
    "send",
    "send ftp://x y --token tok",
    "send http://127.0.0.1:9/wx 你好 --token tok",
    "list",
    "list --database sqlite:none.db",
    "list --database sqlite:none.db --since x",
    "export o1 --database sqlite:none.db",
    "forget o1 --database sqlite:none.db",
    "forget o1 --database mysql://127.0.0.1:1/x",
    "backup x.db",
    "backup x.db --database sqlite:none.db",
    "healthcheck --admin 127.0.0.1:9",
    "healthcheck http://127.0.0.1:9/healthz",
    "menu show",
    "menu diff good.yaml",
    "menu apply good.yaml",
    "menu apply good.yaml --app-id wx1 --app-secret-file nothing",
    "qr 店",
    "qr 店 --app-id wx1 --app-secret-file nothing",
    "media list",
    "media upload good.yaml",
    "schema nope",
    "completions cmd.exe",
    "serve",
    "serve --rules nothing.yaml --token tok3nTok3n",
    "serve --rules wrong.yaml --token tok3nTok3n",
    "serve --rules good.yaml --token a",
    "serve --rules good.yaml --token tok3nTok3n --listen x",
    "serve --rules good.yaml --token tok3nTok3n --mode secure",
    "serve --accounts nothing.yaml",
    "serve --accounts good.yaml",
    "--nope",
    "check --nope",
    "check --format xml good.yaml",
    "nope",
    "help",
    "serve --help",
    "init --help",
    "check --help",
    "test --help",
    "fmt --help",
    "explain --help",
    "try --help",
    "send --help",
    "doctor --help",
    "menu --help",
    "menu apply --help",
    "qr --help",
    "media --help",
    "media upload --help",
    "list --help",
    "export --help",
    "forget --help",
    "backup --help",
    "healthcheck --help",
    "import --help",
    "schema --help",
    "completions --help",
    "init",
];

/// What the system and the libraries below say of themselves.
const FOREIGN: &[&str] = &[
    "unable to open database file",
    "error communicating with database: Connection refused (os error 111)",
];

#[test]
fn nothing_is_said_in_english() {
    let folder = Folder::with(&[
        ("good.yaml", GOOD),
        ("failing.yaml", FAILING),
        ("wrong.yaml", "rules:\n  - { nme: a, reply: x }\n"),
        ("faq.csv", "keyword,reply\n你好,您好\n"),
        ("console.json", "{\"errcode\":40001}"),
    ]);
    for command in COMMANDS {
        let arguments: Vec<&str> = command.split(' ').collect();
        let mut program = program(&["--lang", "zh"]);
        let output = program.args(arguments).current_dir(folder.path()).output();
        let output = output.unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        for line in said.lines() {
            assert!(!has_english(line), "{command}: {line}");
        }
    }
}

/// Three words in a row that are neither quoted nor typed: a line to type begins with the program.
fn has_english(line: &str) -> bool {
    let mut own = line.to_owned();
    for foreign in FOREIGN {
        own = own.replace(foreign, "");
    }
    let own = own.split("wxreply ").next().unwrap_or_default();
    let outside = own.split(['`', '"', '“', '”']).step_by(2);
    let mut words = outside.map(|text| {
        let words = text.split(' ');
        let is_word =
            |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        let words: Vec<bool> = words.map(is_word).collect();
        words
            .windows(3)
            .any(|three| three.iter().all(|is_word| *is_word))
    });
    words.any(|has_three| has_three)
}

#[test]
fn a_sentence_of_english_would_be_noticed() {
    assert!(has_english("错误: cannot open the file a.yaml"));
    assert!(!has_english(
        "错误: 打不开文件 a.yaml，`cannot open the file`"
    ));
}
