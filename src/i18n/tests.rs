//! Checks that both languages have the same messages with the same arguments, and that none is left over.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::i18n::Language;
use crate::i18n::catalogue;
use crate::i18n::messages::FILES;
use crate::i18n::source::messages;

#[test]
fn every_message_has_its_twin_with_the_same_arguments() {
    for file in FILES {
        let english = messages(file.english).unwrap();
        let chinese =
            messages(file.chinese).unwrap_or_else(|error| panic!("{}: {error}", file.name));
        assert_eq!(english, chinese, "{}", file.name);
    }
}

#[test]
fn every_chinese_message_is_chinese() {
    let none = fluent_bundle::FluentArgs::new();
    for id in FILES.iter().flat_map(|file| file.ids) {
        let chinese = catalogue::text(Language::Chinese, id, &none);
        // What stands in braces is an argument.
        let outside: String = chinese
            .split('{')
            .map(|part| part.rsplit('}').next().unwrap())
            .collect();
        let is_chinese = outside.chars().any(|letter| letter > '\u{2e7f}');
        let has_words = outside.contains(char::is_alphabetic);
        // WeChat's own word is the same in both languages.
        assert!(
            is_chinese || !has_words || chinese == "AppID",
            "{id}: {chinese}"
        );
    }
}

#[test]
fn every_message_is_said_somewhere() {
    let mut code = String::new();
    read_all(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut code,
    );
    let said: BTreeSet<&str> = code
        .split("phrase!(")
        .map(|call| {
            let call = call.trim_start();
            let is_outside = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
            call.split(is_outside).next().unwrap_or_default()
        })
        .collect();
    for id in FILES.iter().flat_map(|file| file.ids) {
        assert!(said.contains(id.replace('-', "_").as_str()), "{id}");
    }
}

fn read_all(folder: &Path, code: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => read_all(&path, code),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                code.push_str(&fs::read_to_string(&path).unwrap());
            }
            false => {}
        }
    }
}
