//! Checks that both languages have the same messages with the same arguments.

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
        assert!(is_chinese || !has_words, "{id}: {chinese}");
    }
}
