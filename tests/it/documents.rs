//! What the documents show and name is there: rule files pass their own tests, commands, flags,
//! variables and links exist, and the Chinese pages keep step.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use wxreply::live_rules::files;
use wxreply::rules::{format, lint};
use wxreply::{case_runner, rules};

use crate::media_files;
use crate::pages::{Page, follow, pages, root};
use crate::support::program;

#[test]
fn every_rule_file_in_the_documents_passes_its_own_tests_and_all_of_it_is_tested() {
    let mut found = BTreeMap::new();
    // What the page about mistakes shows is tested with it.
    let is_about_mistakes = |page: &Page| page.name.ends_with("/diagnostics.md");
    for page in pages().into_iter().filter(|page| !is_about_mistakes(page)) {
        // The files that the next rule file includes.
        let mut beside: Vec<(String, String)> = Vec::new();
        for block in page.blocks() {
            let at = format!("{}:{}", page.name, block.line);
            match block.info.split_once(' ') {
                Some(("yaml", "ignore-check")) => {}
                Some(("yaml", name)) => beside.push((name.to_owned(), block.text)),
                None if block.info == "yaml" => {
                    check_rule_file(&at, &block.text, &std::mem::take(&mut beside));
                    *found.entry(counted_as(&page.name)).or_insert(0) += 1;
                }
                _ => {}
            }
        }
        assert!(beside.is_empty(), "{}: included by nothing", page.name);
    }
    let found: Vec<_> = found.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    let expected = [
        ("README.md", 1),
        ("docs/coming-from.md", 1),
        ("docs/cookbook", 26),
        ("docs/cookbook.md", 1),
        ("docs/database.md", 1),
        ("docs/dialogues.md", 1),
        ("docs/importing.md", 1),
        ("docs/introduction.md", 1),
        ("docs/rules.md", 35),
        ("docs/services.md", 1),
        ("docs/wechat-api.md", 1),
        ("docs/zh/README.md", 1),
        ("docs/zh/coming-from.md", 1),
        ("docs/zh/cookbook", 26),
        ("docs/zh/cookbook.md", 1),
        ("docs/zh/database.md", 1),
        ("docs/zh/dialogues.md", 1),
        ("docs/zh/importing.md", 1),
        ("docs/zh/introduction.md", 1),
        ("docs/zh/rules.md", 35),
        ("docs/zh/services.md", 1),
        ("docs/zh/wechat-api.md", 1),
    ];
    assert_eq!(found, expected);
}

/// The recipes of the cookbook are counted together.
fn counted_as(page: &str) -> String {
    match page.split_once("/cookbook/") {
        Some((folder, _)) => format!("{folder}/cookbook"),
        None => page.to_owned(),
    }
}

#[track_caller]
fn check_rule_file(at: &str, text: &str, beside: &[(String, String)]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yaml");
    fs::write(&path, text).unwrap();
    for (name, text) in beside {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        media_files::put_beside(&path, text);
    }
    media_files::put_beside(&path, text);
    for text in beside.iter().map(|(_, text)| text.as_str()).chain([text]) {
        assert_eq!(
            format::formatted(text).as_deref(),
            Ok(text),
            "{at}: not formatted"
        );
    }
    let sources = files::read_now(&path).unwrap();
    let rules = match rules::compile(&sources, &TimeZone::UTC, None) {
        Ok(rules) => rules,
        Err(diagnostics) => {
            let shown: Vec<_> = diagnostics.iter().map(|one| one.render(false)).collect();
            panic!("{at}:\n{}", shown.join("\n"));
        }
    };
    if let Some(warning) = lint::warnings(&rules, &sources).first() {
        panic!("{at}:\n{}", warning.render(false));
    }
    let outcome = case_runner::run(&rules);
    if let Some(failure) = outcome.failures.first() {
        let report = wxreply::report::failure(failure, &rules, &sources);
        panic!("{at}:\n{report}");
    }
    for (index, rule) in rules.rules.iter().enumerate() {
        let reached = outcome.reached.contains(&rules::RuleId(index));
        assert!(reached, "{at}: no test reaches the rule {}", rule.name);
    }
}

#[test]
fn the_chinese_pages_keep_step_with_the_english_ones() {
    let pages = pages();
    let find = |name: &str| pages.iter().find(|page| page.name == name);
    let mut twins = Vec::new();
    for chinese in &pages {
        let Some(name) = chinese.name.strip_prefix("docs/zh/") else {
            continue;
        };
        let english = match name {
            "README.md" => find(name),
            name => find(&format!("docs/{name}")),
        };
        let english = english.unwrap_or_else(|| panic!("{} has no twin", chinese.name));
        let levels = |page: &Page| -> Vec<usize> {
            let headings = page.headings().into_iter();
            headings
                .map(|line| line.bytes().take_while(|byte| *byte == b'#').count())
                .collect()
        };
        let fences = |page: &Page| -> Vec<String> {
            let blocks = page.blocks().into_iter();
            blocks.map(|block| block.info.to_owned()).collect()
        };
        assert_eq!(levels(english), levels(chinese), "headings of {name}");
        assert_eq!(fences(english), fences(chinese), "blocks of {name}");
        twins.push(&english.name);
    }
    let alone = pages.iter().map(|page| &page.name);
    let alone = alone.filter(|name| !name.starts_with("docs/zh/") && !twins.contains(name));
    assert_eq!(
        alone.collect::<Vec<_>>(),
        [
            "CHANGELOG.md",
            "CODE_OF_CONDUCT.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "docs/architecture.md",
            "docs/dependencies.md",
            "docs/glossary.md",
            "docs/out-of-scope.md",
            "docs/performance.md",
            "docs/protocol.md",
            "packaging/README.md"
        ],
        "English pages without a Chinese twin"
    );
}

/// What `--help` of the program and of each of its commands says, by command; the program's own
/// under the empty name.
fn helps() -> BTreeMap<String, String> {
    let help = |arguments: &[&str]| {
        let output = program(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let whole = help(&["--help"]);
    let commands = subcommands(&whole);
    let mut helps: BTreeMap<_, _> = commands
        .into_iter()
        .map(|command| {
            let mut said = help(&[&command, "--help"]);
            for below in subcommands(&said) {
                said.push_str(&help(&[&command, &below, "--help"]));
            }
            (command, said)
        })
        .collect();
    assert!(helps.contains_key("serve"));
    helps.insert(String::new(), whole);
    helps
}

/// The commands that a `--help` lists.
fn subcommands(help: &str) -> Vec<String> {
    let commands = help.lines().skip_while(|line| *line != "Commands:");
    let commands = commands.skip(1).take_while(|line| !line.is_empty());
    commands
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .map(str::to_owned)
        .collect()
}

fn is_in_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

/// The `--flags` of a command line.
fn flags(line: &str) -> BTreeSet<&str> {
    let words = line.split(|letter| !is_in_name(letter));
    words
        .filter(|word| word.starts_with("--") && word.len() > 2)
        .collect()
}

#[test]
fn every_command_flag_and_variable_that_a_document_names_exists() {
    let helps = helps();
    let flags_of: BTreeMap<&str, BTreeSet<&str>> = helps
        .iter()
        .map(|(command, help)| (command.as_str(), flags(help)))
        .collect();
    let all_flags: BTreeSet<&str> = flags_of.values().flatten().copied().collect();
    let mut commands_named = 0;
    for page in pages() {
        for code in page.code() {
            let starts = ["wxreply ", "cargo run --release -- "];
            let ours = starts
                .iter()
                .find_map(|start| Some(code.split_once(start)?.1));
            if let Some(line) = ours {
                let command = line.split_whitespace().next().unwrap_or_default();
                let command = if command.starts_with('-') {
                    ""
                } else {
                    command
                };
                let Some(known) = flags_of.get(command) else {
                    panic!("{}: no command {command}: {code}", page.name);
                };
                commands_named += 1;
                for flag in flags(line.split(" | ").next().unwrap_or_default()) {
                    assert!(known.contains(flag), "{}: no {flag}: {code}", page.name);
                }
            } else if code.starts_with("--") {
                for flag in flags(&code) {
                    assert!(all_flags.contains(flag), "{}: no {flag}", page.name);
                }
            }
        }
        let words = page.text.split(|letter| !is_in_name(letter));
        let variables = words.filter(|word| word.starts_with("WXREPLY_") && word.len() > 8);
        for variable in variables.filter(|word| !word.starts_with("WXREPLY_TEST_")) {
            // One for each name of a secret.
            let variable = match variable.starts_with("WXREPLY_SECRET_") {
                true => "WXREPLY_SECRET_",
                false => variable,
            };
            let known = helps.values().any(|help| help.contains(variable));
            assert!(known, "{}: no variable {variable}", page.name);
        }
    }
    assert!(commands_named > 40, "only {commands_named} commands found");
}

#[test]
fn every_flag_and_variable_of_the_server_is_in_the_page_about_running_it() {
    let helps = helps();
    let pages = pages();
    for name in ["docs/running.md", "docs/zh/running.md"] {
        let page = pages.iter().find(|page| page.name == name).unwrap();
        for flag in flags(&helps["serve"]) {
            let named = page.text.contains(&format!("`{flag}")) || flag == "--help";
            assert!(named, "{name} does not name {flag}");
        }
    }
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let pages = pages();
    let mut followed = 0;
    for page in &pages {
        for target in page.links().filter(|target| !target.contains("://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => PathBuf::from(&page.name),
                file => follow(&page.name, file),
            };
            assert!(root().join(&path).exists(), "{}: {target}", page.name);
            let linked = pages.iter().find(|page| Path::new(&page.name) == path);
            if let (false, Some(linked)) = (anchor.is_empty(), linked) {
                let anchors: Vec<_> = linked.headings().into_iter().map(slug).collect();
                let leads = anchors.iter().any(|known| known == anchor);
                assert!(leads, "{}: {target} is none of {anchors:?}", page.name);
            }
            followed += 1;
        }
    }
    assert!(followed > 200, "only {followed} links found");
}

/// A heading as forges turn it into an anchor.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}
