//! The files of `check` and `test`: rule files, and accounts files with those that they name.

use std::collections::HashMap;
use std::iter;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::accounts::{Accounts, CheckedAccount, ParsedAccounts, lint};
use crate::cli::{Exit, print_json, watching};
use crate::i18n::phrase;
use crate::live_rules::files;
use crate::live_rules::files::{FileError, FilesRead};
use crate::live_rules::watch::Inputs;
use crate::rules::diagnostic::{Diagnostic, Place, Severity};
use crate::rules::parsed::ParsedSources;
use crate::wechat::Mode;

#[derive(Debug, clap::Args)]
pub(super) struct CheckedFiles {
    /// Rule files, with what they include, or accounts files, with their rule files; - for
    /// standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Run again whenever one of the files is saved, until Ctrl-C
    #[arg(long)]
    pub(super) watch: bool,
}

/// A file to look over.
pub(super) enum CheckedItem {
    Rules(RulesItem),
    Accounts(AccountsItem),
}

pub(super) struct RulesItem {
    pub(super) path: PathBuf,
    /// Those of an accounts file that have these rules.
    pub(super) accounts: Vec<String>,
    /// The first of them that is in plain mode.
    pub(super) in_plain_mode: Option<String>,
    /// Where the first of them stands that has no app secret.
    pub(super) without_app_secret: Option<Place>,
    pub(super) sources: Result<ParsedSources, FileError>,
}

pub(super) struct AccountsItem {
    pub(super) path: PathBuf,
    /// How many accounts there are; none when the file is wrong.
    pub(super) count: Option<usize>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Whether secrets are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    WithSecrets,
    WithoutSecrets,
}

impl CheckedFiles {
    /// Runs a command on the files, once or whenever they change.
    pub(super) fn each_time(
        &self,
        depth: Depth,
        mut run: impl FnMut(&mut dyn Iterator<Item = CheckedItem>) -> Exit,
    ) -> Exit {
        if !self.watch {
            let pending = self.files.iter().flat_map(|path| {
                let reading = files::read_argument(path);
                pending(path, reading, depth, &mut Inputs::default())
            });
            return run(&mut pending.map(|pending| {
                let reading = pending.read(&mut Inputs::default());
                reading.parse()
            }));
        }
        let read = |inputs: &mut Inputs| {
            let mut all = Vec::new();
            for path in &self.files {
                let reading = files::read_noting(path, inputs);
                let pending = pending(path, reading, depth, inputs);
                all.extend(pending.into_iter().map(|pending| pending.read(inputs)));
            }
            all
        };
        watching::again_and_again(read, |all| {
            run(&mut all.into_iter().map(PendingFile::parse))
        })
    }

    /// The results of a run, each with all of the fields; one that does not apply to a file is as
    /// it is here. Whoever reads those of many runs wants each on a line of its own.
    pub(super) fn print_results(&self, exit: Exit, fields: &Value, results: Vec<Value>) {
        let files: Vec<Value> = results
            .into_iter()
            .map(|result| {
                let mut whole = fields.clone();
                for (field, value) in result.as_object().into_iter().flatten() {
                    whole[field] = value.clone();
                }
                whole
            })
            .collect();
        let value = json!({ "ok": exit == Exit::Success, "files": files });
        match self.watch {
            true => println!("{value}"),
            false => print_json(&value),
        }
    }
}

/// A file that is read and parsed when its turn comes: many at once would need much memory.
enum PendingFile {
    Rules {
        path: PathBuf,
        accounts: Vec<String>,
        in_plain_mode: Option<String>,
        without_app_secret: Option<Place>,
        reading: Option<Result<FilesRead, FileError>>,
    },
    Accounts(AccountsItem),
}

impl PendingFile {
    fn read(mut self, inputs: &mut Inputs) -> PendingFile {
        if let PendingFile::Rules { path, reading, .. } = &mut self {
            reading.get_or_insert_with(|| files::read_noting(path, inputs));
        }
        self
    }

    fn parse(self) -> CheckedItem {
        match self {
            PendingFile::Accounts(item) => CheckedItem::Accounts(item),
            PendingFile::Rules {
                path,
                accounts,
                in_plain_mode,
                without_app_secret,
                reading,
            } => CheckedItem::Rules(RulesItem {
                sources: match reading {
                    Some(reading) => reading.map(FilesRead::parse),
                    None => files::read_now(&path),
                },
                path,
                accounts,
                in_plain_mode,
                without_app_secret,
            }),
        }
    }
}

/// A rule file, or an accounts file with the rule files in it, each once.
fn pending(
    path: &Path,
    reading: Result<FilesRead, FileError>,
    depth: Depth,
    inputs: &mut Inputs,
) -> Vec<PendingFile> {
    let text = reading.as_ref().map(FilesRead::root_text);
    let text = text.ok().filter(|text| ParsedAccounts::is_meant_by(text));
    let Some(text) = text else {
        return vec![PendingFile::Rules {
            path: path.to_owned(),
            accounts: Vec::new(),
            in_plain_mode: None,
            without_app_secret: None,
            reading: Some(reading),
        }];
    };
    let file = ParsedAccounts::of(path, text);
    let (accounts, diagnostics) = looked_over(&file, depth, inputs);
    let is_wrong = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    let item = AccountsItem {
        path: path.to_owned(),
        count: accounts
            .as_ref()
            .filter(|_| !is_wrong)
            .map(|accounts| accounts.accounts.len()),
        diagnostics,
    };
    let rules = accounts
        .iter()
        .flat_map(|accounts| rule_files(&file, accounts));
    iter::once(PendingFile::Accounts(item))
        .chain(rules)
        .collect()
}

/// The accounts as far as they can be known, and everything that is said of them.
fn looked_over(
    file: &ParsedAccounts,
    depth: Depth,
    inputs: &mut Inputs,
) -> (Option<Accounts>, Vec<Diagnostic>) {
    match depth {
        Depth::WithSecrets => match file.unlock(inputs) {
            Ok((accounts, unlocked)) => (Some(accounts), lint::warnings(file, &unlocked)),
            // Where secrets are all that is missing, the rules can be looked at.
            Err(diagnostics) => (file.compile(inputs).ok(), diagnostics),
        },
        Depth::WithoutSecrets => match file.compile(inputs) {
            Ok(accounts) => (Some(accounts), Vec::new()),
            Err(diagnostics) => (None, diagnostics),
        },
    }
}

fn rule_files(file: &ParsedAccounts, accounts: &Accounts) -> Vec<PendingFile> {
    let mut files: Vec<(&Path, Vec<&CheckedAccount>)> = Vec::new();
    let mut places: HashMap<&Path, usize> = HashMap::new();
    for account in &accounts.accounts {
        let path = account.rules.as_path();
        match places.get(path) {
            Some(place) => files[*place].1.push(account),
            None => {
                places.insert(path, files.len());
                files.push((path, vec![account]));
            }
        }
    }
    let files = files.into_iter().map(|(path, accounts)| {
        let mut plain = accounts
            .iter()
            .filter(|account| account.mode == Mode::Plain);
        let mut without = accounts
            .iter()
            .filter(|account| account.app_secret.is_none());
        PendingFile::Rules {
            path: path.to_owned(),
            without_app_secret: without
                .next()
                .map(|account| file.place(&account.name, "app_secret")),
            in_plain_mode: plain.next().map(|account| account.name.to_string()),
            accounts: accounts
                .iter()
                .map(|account| account.name.to_string())
                .collect(),
            reading: None,
        }
    });
    files.collect()
}

impl RulesItem {
    /// The path, and for which accounts it is.
    pub(super) fn title(&self) -> String {
        let path = self.path.display();
        match self.accounts.as_slice() {
            [] => path.to_string(),
            names if names.len() <= MAX_SHOWN_NAMES => format!("{path} ({})", names.join(", ")),
            names => {
                let (shown, more) = names.split_at(MAX_SHOWN_NAMES);
                let more = phrase!(count_more, count = more.len());
                format!("{path} ({}, {more})", shown.join(", "))
            }
        }
    }
}

/// So many names of accounts are shown before a file that many have.
const MAX_SHOWN_NAMES: usize = 3;
