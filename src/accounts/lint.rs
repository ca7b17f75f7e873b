//! What an accounts file may say and is still likely a mistake.

use std::collections::HashMap;
use std::hash::Hash;

use crate::accounts::{CheckedAccount, ParsedAccounts, UnlockedAccount};
use crate::i18n::{Phrase, phrase};
use crate::rules::diagnostic::Diagnostic;
use crate::wechat::Mode;

/// Every warning, in the order of the file.
pub(crate) fn warnings(file: &ParsedAccounts, accounts: &[UnlockedAccount]) -> Vec<Diagnostic> {
    let mut lint = Lint {
        file,
        found: Vec::new(),
    };
    lint.app_ids(accounts);
    lint.tokens(accounts);
    lint.databases(accounts);
    for UnlockedAccount { account, .. } in accounts {
        if account.mode == Mode::Plain && account.app_secret.is_some() {
            let message = phrase!(plain_mode_with_app_secret);
            let help = phrase!(help_plain_mode_with_app_secret);
            lint.warn(account, "app_secret", message, help);
        }
    }
    let mut found = lint.found;
    found.sort_by_key(|warning| (warning.place.line, warning.place.column));
    found
}

struct Lint<'f> {
    file: &'f ParsedAccounts,
    found: Vec<Diagnostic>,
}

impl Lint<'_> {
    fn app_ids(&mut self, accounts: &[UnlockedAccount]) {
        let ids = accounts.iter().map(|unlocked| &unlocked.account);
        let ids = ids.filter_map(|account| Some((account, account.app_id.as_ref()?)));
        for (account, first) in repeated(ids) {
            let message = phrase!(repeated_app_id, first = &*first.name);
            let help = phrase!(help_repeated_app_id);
            self.warn_of_two((account, first), "app_id", message, help);
        }
    }

    fn tokens(&mut self, accounts: &[UnlockedAccount]) {
        let tokens = accounts.iter().flat_map(|unlocked| {
            let tokens = unlocked.credentials.tokens().iter();
            tokens.map(|token| (&unlocked.account, token))
        });
        for (account, first) in repeated(tokens) {
            let message = phrase!(repeated_token, first = &*first.name);
            let help = phrase!(help_repeated_token);
            self.warn_of_two((account, first), "token", message, help);
        }
        for unlocked in accounts {
            let names = unlocked.account.tokens.iter();
            for (name, token) in names.zip(unlocked.credentials.tokens()) {
                if token.weakness().is_some() {
                    let message = phrase!(weak_token, name = name.as_str());
                    self.warn(&unlocked.account, "token", message, phrase!(help_token));
                }
            }
        }
    }

    /// What one rule file stores would be looked for in the wrong place.
    fn databases(&mut self, accounts: &[UnlockedAccount]) {
        let mut firsts: HashMap<_, &UnlockedAccount> = HashMap::new();
        for unlocked in accounts {
            let first = *firsts.entry(&unlocked.account.rules).or_insert(unlocked);
            if first.database != unlocked.database {
                let message = phrase!(rules_in_two_databases, first = &*first.account.name);
                let help = phrase!(help_rules_in_two_databases);
                self.warn(&unlocked.account, "database", message, help);
            }
        }
    }

    fn warn(&mut self, account: &CheckedAccount, key: &str, message: Phrase, help: Phrase) {
        let place = self.file.place(&account.name, key);
        let warning = Diagnostic::warning(place, message);
        self.found.push(warning.help(help));
    }

    /// Of an account that has the same as one before it.
    fn warn_of_two(
        &mut self,
        (account, first): (&CheckedAccount, &CheckedAccount),
        key: &str,
        message: Phrase,
        help: Phrase,
    ) {
        let place = self.file.place(&account.name, key);
        let first = self.file.place(&first.name, key);
        let warning = Diagnostic::warning(place, message).help(help);
        self.found.push(warning.other(first, phrase!(label_first)));
    }
}

/// Each account with a value that another has before it, and that one.
fn repeated<'a, T: Eq + Hash>(
    values: impl Iterator<Item = (&'a CheckedAccount, T)>,
) -> Vec<(&'a CheckedAccount, &'a CheckedAccount)> {
    let mut firsts: HashMap<T, &CheckedAccount> = HashMap::new();
    let pairs = values.filter_map(|(account, value)| {
        let first = *firsts.entry(value).or_insert(account);
        (first.name != account.name).then_some((account, first))
    });
    pairs.collect()
}
