//! `wxreply init`: a first rule file, from an example.

mod examples;

use std::fs;
use std::fs::OpenOptions;
use std::io;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use clap::builder::PossibleValuesParser;

use crate::cli::init::examples::{EXAMPLES, Example, ExampleFile, RULE_FILE};
use crate::cli::{Exit, fail, load};
use crate::i18n::{Phrase, phrase};
use crate::report;

/// Write a first rules.yaml with tests to this folder
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What to begin with; default: a choice on a terminal, else welcome
    #[arg(long, value_name = "NAME", value_parser = names())]
    example: Option<String>,
}

fn names() -> PossibleValuesParser {
    EXAMPLES.iter().map(|example| example.name).into()
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    // Before anybody has to choose.
    if let Err(why) = free(RULE_FILE) {
        return fail(&why);
    }
    let is_asked = io::stdin().is_terminal() && io::stderr().is_terminal();
    let example = match &arguments.example {
        Some(name) => Example::named(name),
        None if is_asked => choose(),
        None => EXAMPLES.first(),
    };
    let Some(example) = example else {
        return fail(&phrase!(init_no_choice));
    };
    let files = example.files();
    let written = files.iter().try_for_each(|file| free(file.path));
    if let Err(why) = written.and_then(|()| write_all(&files)) {
        return fail(&why);
    }
    for file in &files {
        println!("{}", phrase!(init_wrote, file = file.path));
    }
    print!("{}\n{}", phrase!(init_next), commands());
    Exit::Success
}

/// Whether nothing is at this place, which is never overwritten.
fn free(path: &str) -> Result<(), Phrase> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(phrase!(init_exists, file = path)),
        Err(_) => Ok(()),
    }
}

/// All of them or none: what is there would keep the next try from writing anything.
fn write_all(files: &[ExampleFile]) -> Result<(), Phrase> {
    let mut created = Vec::new();
    let written = files.iter().try_for_each(|file| write(file, &mut created));
    if written.is_err() {
        for path in created {
            let _ = fs::remove_file(path);
        }
    }
    written
}

fn write(file: &ExampleFile, created: &mut Vec<&'static Path>) -> Result<(), Phrase> {
    let path = Path::new(file.path);
    let mut written = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut new = OpenOptions::new().write(true).create_new(true).open(path)?;
        created.push(path);
        new.write_all(file.text.as_bytes())
    };
    written().map_err(|error: io::Error| {
        let problem = error.to_string();
        phrase!(init_unwritable, file = file.path, problem)
    })
}

/// Asks for a number or a name until there is one; none at the end of the input.
fn choose() -> Option<&'static Example> {
    let numbered = (1..).zip(EXAMPLES);
    let rows: Vec<(String, String)> = numbered
        .map(|(number, example)| {
            let name = format!("{number:2}  {}", example.name);
            (name, example.title().to_owned())
        })
        .collect();
    eprint!("{}", report::columns(&rows, 2, str::to_owned));
    for line in prompted_lines() {
        let line = line.trim();
        let numbered = line.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let chosen = match (line, numbered) {
            ("", _) => EXAMPLES.first(),
            (_, Some(index)) => EXAMPLES.get(index),
            (name, None) => Example::named(name),
        };
        if chosen.is_some() {
            return chosen;
        }
    }
    None
}

fn prompted_lines() -> impl Iterator<Item = String> {
    let mut lines = io::stdin().lock().lines();
    std::iter::from_fn(move || {
        eprint!("{} ", phrase!(init_choose));
        lines.next()?.ok()
    })
}

/// The next commands, each with what it does.
fn commands() -> String {
    let text = tested_text().unwrap_or_else(|| "你好".to_owned());
    let rows = [
        (format!("wxreply test {RULE_FILE}"), phrase!(init_test)),
        (
            format!("wxreply try {RULE_FILE} {text}"),
            phrase!(init_try, text),
        ),
        (
            "wxreply serve --token test".to_owned(),
            phrase!(init_serve, url = "http://127.0.0.1:8081/"),
        ),
    ];
    let rows = rows.map(|(command, does)| (command, does.to_string()));
    report::columns(&rows, 2, str::to_owned)
}

/// The first text in the tests that every shell takes for one word.
fn tested_text() -> Option<String> {
    let (rules, _) = load(Path::new(RULE_FILE)).ok()?;
    let mut turns = rules.cases.iter().flat_map(|case| &case.turns);
    turns.find_map(|turn| {
        let text = turn.message.content()?;
        let is_word = !text.is_empty() && text.chars().all(char::is_alphanumeric);
        is_word.then(|| text.to_owned())
    })
}
