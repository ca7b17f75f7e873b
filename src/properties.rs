//! What must hold for any text as a rule file and any message; called by tests and by fuzzing.
//! Knows no file, no terminal and no database.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::i18n::Language;
use crate::message::Message;
use crate::moment::Moment;
use crate::rules::budget::DecisionBudget;
use crate::rules::condition::MatchContext;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::parsed::ParsedSources;
use crate::rules::{RuleSet, explain, lint};
use crate::user::User;
use crate::{case_runner, engine, rules};

/// Any text either compiles, or is told to be wrong at places that it has; what compiles can be
/// warned of, and answers any message; and doing it again comes out the same. The reason if not.
pub fn any_text_is_a_rule_file_or_told_why_not(text: &str, sent: &str) -> Result<(), String> {
    let sources = ParsedSources::of_text("rules.yaml", text);
    let again = ParsedSources::of_text("rules.yaml", text);
    let compiled = rules::compile(&sources, &TimeZone::UTC, None);
    let twice = rules::compile(&again, &TimeZone::UTC, None);
    must(shown(&compiled) == shown(&twice), "two readings differ")?;
    match compiled {
        Ok(rules) => {
            told(&lint::warnings(&rules, &sources), text)?;
            answers_anything(&rules, sent)
        }
        Err(diagnostics) => {
            must(!diagnostics.is_empty(), "refused without a word")?;
            told(&diagnostics, text)
        }
    }
}

/// What one reader of YAML takes or refuses, the other takes or refuses too. The difference if not.
pub fn yaml_is_judged_alike(text: &str) -> Result<(), String> {
    rules::both_readers_agree(text).map(|_| ())
}

/// All but the index, which may lie in any order and is held to its answers.
fn shown(compiled: &Result<RuleSet, Vec<Diagnostic>>) -> String {
    let shown = compiled
        .as_ref()
        .map(|rules| (&rules.rules, &rules.cases, &rules.settings));
    format!("{shown:?}")
}

fn told(diagnostics: &[Diagnostic], text: &str) -> Result<(), String> {
    let lines = text.split('\n').count();
    for diagnostic in diagnostics {
        let place = &diagnostic.place;
        must(place.line <= lines, "a place behind the end of the file")?;
        let message = diagnostic.message.to_string();
        must(!message.is_empty(), "no message")?;
        must(diagnostic.help.is_some(), &message)?;
        let shown = diagnostic.render(false);
        must(shown.contains("rules.yaml"), &shown)?;
    }
    Ok(())
}

fn answers_anything(rules: &RuleSet, sent: &str) -> Result<(), String> {
    case_runner::run(rules);
    let moment = Moment::new(Timestamp::UNIX_EPOCH, &rules.settings.zone);
    let nobody = User::default();
    let mut somebody = User::default();
    somebody.set("step", sent);
    somebody.add("stocks", sent);
    let messages = [
        Message::new("text").with("Content", sent),
        Message::new("event")
            .with("Event", sent)
            .with("EventKey", sent),
        Message::new(sent).with(sent, sent),
    ];
    for message in &messages {
        let early = engine::decide(
            rules,
            message,
            &moment,
            None,
            &mut last,
            &DecisionBudget::unlimited(),
        );
        for user in [&nobody, &somebody] {
            let decided = engine::decide(
                rules,
                message,
                &moment,
                Some(user),
                &mut last,
                &DecisionBudget::unlimited(),
            );
            let (explained, passed_over) =
                engine::explain(rules, message, &moment, user, &mut last);
            must(
                decided.as_ref() == Ok(&explained),
                "an explanation of another decision",
            )?;
            must(
                early.is_err() || early == decided,
                "a follower who did not matter mattered",
            )?;
            let asked = MatchContext::new(message, &moment, Some(user), rules.settings.folding);
            for passed in passed_over {
                let rule = rules.rule(passed.rule);
                let why = rule.and_then(|rule| explain::why_not(rule, passed.miss, &asked));
                let texts = why.map(|why| {
                    [Language::English, Language::Chinese]
                        .map(|language| why.phrase().text(language))
                });
                must(
                    texts.is_some_and(|texts| !texts.contains(&String::new())),
                    "passed over without a reason",
                )?;
            }
        }
    }
    Ok(())
}

fn last(sides: usize) -> usize {
    sides.saturating_sub(1)
}

fn must(holds: bool, otherwise: &str) -> Result<(), String> {
    match holds {
        true => Ok(()),
        false => Err(otherwise.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any};
    use proptest::sample::select;
    use proptest::{prop_assert_eq, prop_oneof, proptest};

    use super::*;

    /// Words of the rule language, values that fit somewhere, and what trips YAML readers up.
    const WORDS: &[&str] = &[
        "rules:",
        "tests:",
        "options:",
        "definitions:",
        "- ",
        "  ",
        "    ",
        "\n",
        "\n  - ",
        "\n    ",
        ": ",
        "name: a",
        "name: b",
        "when:",
        "unless:",
        "reply: x",
        "reply: <content>",
        "type: text",
        "prefix: 你",
        "equals: 110",
        "regex: '(.)'",
        "event: CLICK",
        "key: k",
        "fields: { label: x }",
        "user: { step: ~ }",
        "hours: 22:00-06:00",
        "days: mon-fri",
        "set: { step: <rest> }",
        "add: { stocks: <1> }",
        "clear: all",
        "expires: 10m",
        "include: x.yaml",
        "send: 你",
        "expect: { rule: a }",
        "talk:",
        "at: 03:04",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "\"",
        "'",
        "|",
        ">",
        "&a ",
        "*a",
        "!t ",
        "<<: ",
        "? ",
        "#",
        "---",
        "...",
        "\t",
        "\r\n",
        "\u{FEFF}",
        "\u{0}",
        "~",
        "null",
        "<",
        "<user.step|无>",
        "%",
        "@",
        "`",
        "random: [x, y]",
        "image: <media_id>",
        "news: [{ title: t }]",
        "👋🏽",
        "\u{3000}",
        "\\",
    ];

    fn soup() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            8 => select(WORDS).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(word, 0..40).prop_map(|words| words.concat())
    }

    /// A file that is right but for a stretch of it that is missing, doubled or something else.
    fn bruised() -> impl Strategy<Value = String> {
        let file = select(FILES).prop_map(str::to_owned);
        let wound = prop_oneof![select(WORDS).prop_map(str::to_owned), Just(String::new())];
        (file, any::<(u16, u8)>(), wound).prop_map(|(file, (at, length), wound)| {
            let letters: Vec<char> = file.chars().collect();
            let at = usize::from(at) % letters.len();
            let end = (at + usize::from(length) % 12).min(letters.len());
            let before: String = letters.iter().take(at).collect();
            let after: String = letters.iter().skip(end).collect();
            before + &wound + &after
        })
    }

    const FILES: &[&str] = &[
        include_str!("../rules.yaml"),
        include_str!("../tests/data/rules/valid/placeholders.yaml"),
        include_str!("../tests/data/rules/valid/remembering.yaml"),
        include_str!("../tests/data/rules/valid/replies.yaml"),
        include_str!("../tests/data/rules/valid/as_written.yaml"),
        include_str!("../tests/data/rules/valid/all_options.yaml"),
        include_str!("../tests/data/rules/valid/anchors.yaml"),
        include_str!("../tests/data/rules/valid/events.yaml"),
        include_str!("../tests/data/rules/valid/many.yaml"),
    ];

    #[test]
    fn sound_files_hold() {
        for file in FILES {
            assert_eq!(
                any_text_is_a_rule_file_or_told_why_not(file, "你好"),
                Ok(())
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_at_all_is_a_rule_file_or_told_why_not(text in ".{0,60}", sent in ".{0,10}") {
            let held = any_text_is_a_rule_file_or_told_why_not(&text, &sent);
            prop_assert_eq!(held, Ok(()));
        }

        #[test]
        fn words_in_any_order_are_a_rule_file_or_told_why_not(text in soup(), sent in ".{0,10}") {
            let held = any_text_is_a_rule_file_or_told_why_not(&text, &sent);
            prop_assert_eq!(held, Ok(()));
        }

        #[test]
        fn a_bruised_file_is_a_rule_file_or_told_why_not(text in bruised(), sent in ".{0,10}") {
            let held = any_text_is_a_rule_file_or_told_why_not(&text, &sent);
            prop_assert_eq!(held, Ok(()));
        }
    }
}
