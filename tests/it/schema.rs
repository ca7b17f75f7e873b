//! `wxreply schema`: an editor that follows it refuses nothing that the program takes, and most of
//! what it does not take.

use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::Value;

use crate::pages::{pages, root, shipped};
use crate::support::run_in;

/// Mistakes that no schema can see: why, and the files that have nothing but them.
const UNSEEN: &[(&str, &[&str])] = &[
    (
        "it depends on other files",
        &[
            "include_bad_pattern",
            "include_folder",
            "include_in_a_circle",
            "include_itself",
            "include_missing_file",
            "include_missing_folder",
            "include_no_file",
            "include_pattern_of_folders",
            "include_pattern_without_a_file",
            "include_with_services",
            "menu_in_tests",
            "no_rules",
            "rules_of_one_name_in_two_files",
        ],
    ),
    (
        "it depends on another place in the file",
        &[
            "any_nested_deeply",
            "condition_blank_under_trim",
            "condition_of_nothing_that_counts",
            "option_on_error_random",
            "rules_of_one_name",
            "dialogue_of_a_test",
            "test_of_a_rule_like_several",
            "test_of_a_rule_that_is_not",
        ],
    ),
    (
        "it is in a template",
        &[
            "option_more",
            "option_more_fixed",
            "option_more_too_long",
            "option_on_error",
            "option_on_error_wrong",
            "placeholder_default_without_end",
            "placeholder_far_from_any",
            "placeholder_format_of_another",
            "placeholder_group_too_high",
            "placeholder_group_too_high_of_two",
            "placeholder_group_without_a_regex",
            "placeholder_html",
            "placeholder_in_a_text_of_lines",
            "placeholder_in_an_escaped_text",
            "placeholder_in_every_part",
            "placeholder_near_a_capture",
            "placeholder_rest_without_a_prefix",
            "placeholder_time_format",
            "placeholder_to_encode",
            "placeholder_unknown",
            "placeholder_user_alone",
            "placeholders_of_an_input_method",
        ],
    ),
    (
        "it is in a regex",
        &[
            "regex_broken_and_used",
            "regex_does_not_compile",
            "regex_too_large",
            "regex_with_look_ahead",
        ],
    ),
    (
        "it is a time zone or a time that is not",
        &[
            "option_time_zone",
            "option_time_zone_near",
            "pictures",
            "test_at_no_time",
        ],
    ),
    (
        "it is nothing, as if the key had been left out",
        &["texts_that_are_comments"],
    ),
    (
        "it is in the bytes, which other readers of YAML take",
        &["include_not_utf8"],
    ),
];

const COMMITTED: &str = "docs/rules.schema.json";

fn schema() -> (String, Validator) {
    let said = run_in(root(), &["schema"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let parsed: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(jsonschema::draft7::meta::is_valid(&parsed));
    (said.stdout, jsonschema::validator_for(&parsed).unwrap())
}

/// A file as an editor sees it, or nothing where it is no YAML to begin with.
fn as_json(text: &str) -> Option<Value> {
    // Editors take so large a number as one, serde_yaml takes it as nothing.
    let text = text.replace("123456789012345678901234567890", "1e29");
    Some(json_of(serde_yaml::from_str(&text).ok()?))
}

fn json_of(yaml: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match yaml {
        Yaml::Sequence(items) => items.into_iter().map(json_of).collect(),
        Yaml::Mapping(entries) => {
            let text = |key: Yaml| match json_of(key) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let entries = entries.into_iter();
            Value::Object(
                entries
                    .map(|(key, value)| (text(key), json_of(value)))
                    .collect(),
            )
        }
        // JSON has no infinite number; editors pass it on as one all the same.
        Yaml::Number(number) if number.as_f64().is_some_and(|number| !number.is_finite()) => {
            Value::from(0)
        }
        other => serde_json::to_value(other).unwrap(),
    }
}

fn yaml_files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();
    files
}

fn complaints(validator: &Validator, json: &Value) -> Vec<String> {
    let errors = validator.iter_errors(json);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn the_committed_schema_is_the_one_that_the_program_prints() {
    let (printed, _) = schema();
    let path = root().join(COMMITTED);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &printed).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap_or_default() == printed,
        "{COMMITTED} is not what `wxreply schema` prints; UPDATE_EXPECTED=1 writes it"
    );
}

const COMMITTED_OF_ACCOUNTS: &str = "docs/accounts.schema.json";

#[test]
fn the_schema_of_accounts_takes_what_the_program_takes_and_sees_most_mistakes() {
    let said = run_in(root(), &["schema", "accounts"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let path = root().join(COMMITTED_OF_ACCOUNTS);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &said.stdout).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap_or_default() == said.stdout,
        "{COMMITTED_OF_ACCOUNTS} is not what `wxreply schema accounts` prints; UPDATE_EXPECTED=1 writes it"
    );
    let parsed: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(jsonschema::draft7::meta::is_valid(&parsed));
    let validator = jsonschema::validator_for(&parsed).unwrap();
    let mut unseen = Vec::new();
    for folder in ["valid", "warnings", "invalid"] {
        for path in yaml_files(&format!("tests/data/accounts/{folder}")) {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let Some(json) = as_json(&text).filter(|_| name != "rules_of_shop") else {
                continue;
            };
            let complaints = complaints(&validator, &json);
            match folder {
                "invalid" if complaints.is_empty() => unseen.push(name),
                "invalid" => {}
                _ => assert!(complaints.is_empty(), "{name}: {complaints:#?}"),
            }
        }
    }
    let other_files_and_places = [
        "app_secret_alone",
        "databases",
        "mode_without_what_it_needs",
        "path_inside_another",
        "paths_that_are_one",
        "pictures_without_app_secret",
        "secrets_missing_in_variables",
        "secrets_written_out",
    ];
    assert_eq!(unseen, other_files_and_places);
}

#[test]
fn the_shipped_rules_say_where_the_schema_is() {
    let rules = shipped();
    let line = format!("# yaml-language-server: $schema={COMMITTED}");
    assert_eq!(rules.lines().next(), Some(line.as_str()));
}

#[test]
fn what_the_program_takes_the_schema_takes() {
    let (_, validator) = schema();
    let mut seen = 0;
    let mut check = |at: &str, text: &str| {
        let json = as_json(text).unwrap_or_else(|| panic!("{at} is no YAML"));
        let complaints = complaints(&validator, &json);
        assert!(complaints.is_empty(), "{at}: {complaints:#?}");
        seen += 1;
    };
    let folders = [
        "tests/data/rules/valid",
        "tests/data/rules/valid/included",
        "tests/data/rules/warnings",
        "tests/data/import",
        ".",
    ];
    for path in folders.into_iter().flat_map(yaml_files) {
        check(
            &path.display().to_string(),
            &fs::read_to_string(&path).unwrap(),
        );
    }
    for page in pages() {
        for block in page.blocks() {
            let is_wrong = block.info.starts_with("yaml wrong");
            let is_wrong = is_wrong || block.info.ends_with("ignore-check");
            let is_of_accounts = block.info.ends_with("accounts.yaml");
            if block.info.starts_with("yaml") && !is_wrong && !is_of_accounts {
                check(&format!("{}:{}", page.name, block.line), &block.text);
            }
        }
    }
    assert!(seen > 90, "only {seen} files");
}

#[test]
fn what_the_program_refuses_the_schema_refuses_too_or_cannot_see() {
    let (_, validator) = schema();
    let mut unseen = Vec::new();
    let (mut refused, mut no_yaml) = (0, 0);
    for path in yaml_files("tests/data/rules/invalid") {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // What is no YAML, or not even a text, an editor sees without a schema.
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        match as_json(&text) {
            None => no_yaml += 1,
            Some(json) if validator.is_valid(&json) => unseen.push(name),
            Some(_) => refused += 1,
        }
    }
    let listed = UNSEEN.iter().flat_map(|(_, names)| names.iter());
    let mut listed: Vec<String> = listed.map(|name| (*name).to_owned()).collect();
    listed.sort();
    assert_eq!(unseen, listed);
    assert!(refused > 40, "only {refused} are refused");
    assert!(no_yaml > 15, "only {no_yaml} are no YAML");
}

/// What an editor underlines for whoever writes it.
#[test]
fn a_mistake_is_shown_at_its_place() {
    let (_, validator) = schema();
    for (text, at) in [
        ("rulez: []", ""),
        (
            "rules: [{ name: a, when: { prefx: a }, reply: b }]",
            "/rules/0/when",
        ),
        ("rules: [{ name: a, reply: { txt: b } }]", "/rules/0/reply"),
        ("rules: [{ name: a }]", "/rules/0"),
        ("rules: [{ name: none, reply: b }]", "/rules/0/name"),
        (
            "rules: [{ name: a, when: { hours: 9-18 }, reply: b }]",
            "/rules/0/when/hours",
        ),
        (
            "rules: [{ name: a, when: { days: 周一 }, reply: b }]",
            "/rules/0/when/days",
        ),
        (
            "rules: [{ name: a, set: { a b: 1 }, reply: b }]",
            "/rules/0/set",
        ),
        (
            "rules: [{ name: a, set: { a: 1 }, expires: 10, reply: b }]",
            "/rules/0/expires",
        ),
        ("options: { trim: 是 }", "/options"),
        ("tests: [{ name: a, send: b }]", "/tests/0"),
        (
            "tests: [{ name: a, send: b, expect: { rules: c } }]",
            "/tests/0/expect",
        ),
    ] {
        let complaints = complaints(&validator, &as_json(text).unwrap());
        let [complaint] = &complaints[..] else {
            panic!("{text}: {complaints:#?}");
        };
        assert!(
            complaint.starts_with(&format!("{at}: ")),
            "{text}: {complaint}"
        );
    }
}

/// Hovering over a key explains it.
#[test]
fn every_key_has_a_description() {
    let of = |file: &str| -> Value {
        let said = run_in(root(), &["schema", file]);
        serde_json::from_str(&said.stdout).unwrap()
    };
    let (rules, accounts) = (of("rules"), of("accounts"));
    let mut keys = 0;
    let mut waiting = vec![
        ("the file".to_owned(), &rules),
        ("the accounts file".to_owned(), &accounts),
    ];
    while let Some((at, value)) = waiting.pop() {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (key, property) in properties
                .iter()
                .filter(|(_, property)| property.is_object())
            {
                let described = property["description"]
                    .as_str()
                    .is_some_and(|text| text.len() > 5);
                assert!(described, "{at}: {key} has no description");
                keys += 1;
            }
        }
        match value {
            Value::Object(map) => {
                waiting.extend(map.iter().map(|(key, value)| (key.clone(), value)))
            }
            Value::Array(items) => waiting.extend(items.iter().map(|item| (at.clone(), item))),
            _ => {}
        }
    }
    assert!(keys > 60, "only {keys} keys");
}
