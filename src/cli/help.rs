//! What `--help` says in Chinese. In English it says what stands above each argument in the code.

use clap::{Arg, ArgAction, Command};

const CHINESE: &str = include_str!("help/zh.txt");

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}";

/// The whole grammar, with everything about it in Chinese.
pub(super) fn in_chinese(mut command: Command) -> Command {
    // From here on it has the help of its own, too, and knows the full names of commands.
    command.build();
    translated(command, "")
}

/// `parent` is the command that it belongs to, if that is not the program.
fn translated(command: Command, parent: &str) -> Command {
    let name = full_name(&command, parent);
    let below = match command.get_bin_name() {
        Some(bin_name) if bin_name.contains(' ') => name.clone(),
        _ => String::new(),
    };
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let usage = usage.replace("[OPTIONS]", "[选项]");
    let usage = usage.replace("<COMMAND>", "<命令>");
    let usage = usage.replace("[COMMAND]", "[命令]");
    // `menu help` is what `help` is.
    let about = text(&name, "").or_else(|| text(command.get_name(), ""));
    command
        .about(about.unwrap_or_default())
        .override_usage(usage)
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .mut_args(|argument| self::argument(&name, argument))
        .mut_subcommands(|command| translated(command, &below))
}

/// `menu diff`
fn full_name(command: &Command, parent: &str) -> String {
    match parent {
        "" => command.get_name().to_owned(),
        parent => format!("{parent} {}", command.get_name()),
    }
}

fn argument(command: &str, argument: Arg) -> Arg {
    let mut help = text(command, &key(&argument))
        .unwrap_or_default()
        .to_owned();
    let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let names = argument.get_possible_values();
    let defaults = match argument.is_hide_default_value_set() {
        true => &[],
        false => argument.get_default_values(),
    };
    let notes = [
        (
            "默认",
            defaults
                .iter()
                .map(|value| value.to_string_lossy().into_owned())
                .collect::<Vec<_>>(),
        ),
        (
            "环境变量",
            argument
                .get_env()
                .map(|name| name.to_string_lossy().into_owned())
                .into_iter()
                .collect(),
        ),
        (
            "可选",
            names
                .iter()
                .map(|value| value.get_name().to_owned())
                .collect(),
        ),
    ];
    for (note, values) in notes {
        if !values.is_empty() && (takes_value || note == "环境变量") {
            help.push_str(&format!(" [{note}：{}]", values.join("、")));
        }
    }
    let heading = match argument.is_positional() {
        true => "参数",
        false => "选项",
    };
    argument
        .help(help.trim_start().to_owned())
        .help_heading(heading)
        .hide_default_value(true)
        .hide_env(true)
        .hide_possible_values(true)
}

/// How an argument is called in the file: as it is typed, or by its id if it has no name.
fn key(argument: &Arg) -> String {
    match argument.get_long() {
        Some(long) => format!("--{long}"),
        None => argument.get_id().to_string(),
    }
}

/// What is said of a command, or of one of its arguments.
fn text(command: &str, argument: &str) -> Option<&'static str> {
    let of_command = format!("{command} {argument}");
    let lines = || CHINESE.lines().filter_map(|line| line.split_once(" = "));
    let find = |key: &str| lines().find(|(known, _)| *known == key);
    let found = match argument {
        "" => find(command),
        argument => find(&of_command).or_else(|| find(argument)),
    };
    found.map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::Arguments;

    fn keys(
        command: &Command,
        parent: &str,
        needed: &mut BTreeSet<String>,
        missing: &mut Vec<String>,
    ) {
        let name = &full_name(command, parent);
        let shown = command
            .get_arguments()
            .filter(|argument| !argument.is_hide_set());
        let arguments = shown.map(key);
        for argument in arguments.chain([String::new()]) {
            if text(name, &argument).is_none() {
                missing.push(format!("{name} {argument}"));
            }
            needed.extend([argument.clone(), format!("{name} {argument}")]);
        }
        needed.insert(name.to_owned());
        let below = if name == "wxreply" { "" } else { name };
        for command in command.get_subcommands() {
            // Its commands are those of the program once more.
            if command.get_name() != "help" {
                keys(command, below, needed, missing);
            }
        }
    }

    #[test]
    fn every_command_and_argument_has_chinese_help_and_nothing_else_has() {
        let mut command = Arguments::command();
        command.build();
        let (mut needed, mut missing) = (BTreeSet::new(), Vec::new());
        keys(&command, "", &mut needed, &mut missing);
        assert!(
            missing.is_empty(),
            "write to src/cli/help/zh.txt: {missing:?}"
        );
        let lines = CHINESE.lines().filter_map(|line| line.split_once(" = "));
        let known = ["help", "subcommand"];
        let unknown: Vec<_> = lines
            .map(|(key, _)| key)
            .filter(|key| !needed.contains(*key) && !known.contains(key))
            .collect();
        assert!(unknown.is_empty(), "of no command or argument: {unknown:?}");
    }

    #[test]
    fn no_line_of_the_chinese_help_is_without_text() {
        fn look(mut command: Command) {
            let shown = command.render_long_help().to_string();
            let empty = |line: &str| line.trim() == "help" || line.contains("默认：]");
            assert!(!shown.lines().any(empty), "{shown}");
            command.get_subcommands().cloned().for_each(look);
        }
        look(in_chinese(Arguments::command()));
    }
}
