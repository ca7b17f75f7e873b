//! `wxreply menu`: the menu of the account, beside the one in the rule file.

mod lines;

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::api_account::{ApiAccountArguments, ApiConnection, confirmed};
use crate::cli::menu::lines::{changes, lines};
use crate::cli::serve::DEFAULT_RULES;
use crate::cli::{Exit, RulesFileError, fail, load, paint};
use crate::i18n::phrase;
use crate::import;
use crate::menu::Menu;
use crate::rules::diagnostic::Diagnostic;
use crate::wechat_api::PresentMenu;

/// Compare the account's menu with the one in the rule file, set it, or show it
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: MenuAction,
}

#[derive(Debug, clap::Subcommand)]
enum MenuAction {
    /// Show what `apply` would change; the exit code is 1 if that is anything
    Diff {
        #[command(flatten)]
        file: FileArgument,
        #[command(flatten)]
        account: ApiAccountArguments,
    },
    /// Set the menu of the rule file; shows the change and asks
    Apply {
        #[command(flatten)]
        file: FileArgument,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        account: ApiAccountArguments,
    },
    /// Show the menu that followers see
    Show {
        /// As it stands in a rule file; what the console's buttons send becomes rules
        #[arg(long)]
        as_rules: bool,
        #[command(flatten)]
        account: ApiAccountArguments,
    },
}

#[derive(Debug, clap::Args)]
struct FileArgument {
    /// The rule file; - for standard input [default: rules.yaml, or the account's]
    file: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    match &arguments.action {
        MenuAction::Diff { file, account } => compare(file, account, |_, _, present, wanted| {
            print!("{}", changes(present, wanted));
            Exit::RulesInvalid
        }),
        MenuAction::Apply { file, yes, account } => {
            let apply =
                |connection: &ApiConnection, path: &Path, present: &PresentMenu, wanted: &Menu| {
                    print!("{}", changes(present, wanted));
                    if !yes {
                        match confirmed(&phrase!(menu_ask)) {
                            Some(true) => {}
                            Some(false) => {
                                eprintln!("{}", phrase!(menu_not_set));
                                return Exit::RulesInvalid;
                            }
                            None => return fail(&phrase!(menu_needs_yes)),
                        }
                    }
                    match connection.wait(|api| async move { api.create_menu(wanted).await }) {
                        Ok(()) => {
                            println!("{}", phrase!(menu_set, path = path.display()));
                            Exit::Success
                        }
                        Err(error) => fail(&error),
                    }
                };
            compare(file, account, apply)
        }
        MenuAction::Show { as_rules, account } => show(account, *as_rules),
    }
}

/// Goes on where the menus differ; otherwise there is nothing to do.
fn compare(
    file: &FileArgument,
    account: &ApiAccountArguments,
    go_on: impl FnOnce(&ApiConnection, &Path, &PresentMenu, &Menu) -> Exit,
) -> Exit {
    let connection = match account.connect() {
        Ok(connection) => connection,
        Err(error) => return error.tell(),
    };
    let path = match (&file.file, &connection.rules) {
        (Some(path), _) | (None, Some(path)) => path.clone(),
        (None, None) => PathBuf::from(DEFAULT_RULES),
    };
    let wanted = match wanted(&path) {
        Ok(wanted) => wanted,
        Err(exit) => return exit,
    };
    let present = match connection.wait(|api| async move { api.current_menu().await }) {
        Ok(present) => present,
        Err(error) => return fail(&error),
    };
    if present.is_open && present.menu == wanted {
        return Exit::Success;
    }
    go_on(&connection, &path, &present, &wanted)
}

fn wanted(path: &Path) -> Result<Menu, Exit> {
    let (rules, _) = load(path).map_err(|error| match error {
        RulesFileError::Unreadable(error) => fail(&error),
        RulesFileError::Wrong(diagnostics) => {
            let count = Diagnostic::count(&diagnostics);
            let is_colored = paint::is_colored(&io::stderr());
            for diagnostic in diagnostics {
                eprintln!("{}\n", diagnostic.render(is_colored));
            }
            fail(&phrase!(menu_of_wrong_rules, path = path.display(), count))
        }
    })?;
    rules
        .menu
        .ok_or_else(|| fail(&phrase!(rules_without_menu, path = path.display())))
}

fn show(account: &ApiAccountArguments, as_rules: bool) -> Exit {
    let connection = match account.connect() {
        Ok(connection) => connection,
        Err(error) => return error.tell(),
    };
    let present = match connection.wait(|api| async move { api.current_menu().await }) {
        Ok(present) => present,
        Err(error) => return fail(&error),
    };
    if present.menu.buttons.is_empty() {
        eprintln!("{}", phrase!(menu_none));
        return Exit::Success;
    }
    if !present.is_open {
        eprintln!("{}: {}", phrase!(level_note), phrase!(menu_closed));
    }
    match as_rules {
        false => lines(&present.menu)
            .iter()
            .for_each(|line| println!("{line}")),
        true => {
            let imported = import::menu(&present.menu, &present.said);
            for note in &imported.notes {
                eprintln!("{}: {note}", phrase!(level_note));
            }
            print!("{}", imported.rules);
        }
    }
    Exit::Success
}
