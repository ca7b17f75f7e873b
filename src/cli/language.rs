//! In which language the program speaks: `--lang`, then `WXREPLY_LANG`, then the locale.

use std::env;

use crate::i18n::Language;

/// What an argument of clap may be.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Lang {
    En,
    Zh,
}

/// Known before the arguments are: help and what is wrong with them is said in it, too.
pub(super) fn of_process() -> Language {
    let arguments = env::args_os().skip(1);
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    chosen(arguments, |name| env::var(name).ok())
}

fn chosen(
    arguments: impl Iterator<Item = String>,
    variable: impl Fn(&str) -> Option<String>,
) -> Language {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let set = flag(arguments).or_else(|| variable("WXREPLY_LANG"));
    // What POSIX says of messages.
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let value = set.or_else(|| locale.into_iter().find_map(variable));
    value.map_or(Language::English, |value| Language::of_tag(&value))
}

fn flag(mut arguments: impl Iterator<Item = String>) -> Option<String> {
    let mut found = None;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--" => break,
            "--lang" => found = arguments.next(),
            other => found = other.strip_prefix("--lang=").map(str::to_owned).or(found),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_comes_before_the_variable_and_the_variable_before_the_locale() {
        use Language::{Chinese, English};
        for (line, variables, language) in [
            ("check a.yaml", &[][..], English),
            ("--lang zh check a.yaml", &[], Chinese),
            ("check a.yaml --lang=zh", &[], Chinese),
            ("check -- --lang=zh", &[], English),
            ("check --lang en", &[("WXREPLY_LANG", "zh")], English),
            ("check", &[("WXREPLY_LANG", "zh"), ("LC_ALL", "C")], Chinese),
            ("check", &[("WXREPLY_LANG", ""), ("LANG", "zh_TW")], Chinese),
            ("check", &[("LANG", "zh_CN.UTF-8")], Chinese),
            (
                "check",
                &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")],
                English,
            ),
            ("check", &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")], Chinese),
            (
                "check",
                &[("LANG", "en_US"), ("LC_MESSAGES", "zh_CN")],
                Chinese,
            ),
            ("check", &[("LC_CTYPE", "zh_CN.UTF-8")], English),
        ] {
            let variable = |name: &str| {
                let mut pairs = variables.iter();
                let found = pairs.find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let words = line.split(' ').map(str::to_owned);
            assert_eq!(chosen(words, variable), language, "{line} {variables:?}");
        }
    }
}
