//! What two accounts of a file must not have in common: a path, or an id.

use std::collections::HashMap;

use crate::accounts::compile::AccountsCompiler;
use crate::accounts::file::AccountEntry;
use crate::i18n::{Phrase, phrase};
use crate::rules::reading::{At, EntryPart, Text};

impl AccountsCompiler<'_, '_> {
    pub(super) fn between_accounts(&mut self, written: &[(String, AccountEntry)], at: &At) {
        let mut ids: HashMap<&str, &str> = HashMap::new();
        let mut paths: HashMap<&str, &str> = HashMap::new();
        for (name, entry) in written {
            let id = entry.stored_under(name);
            match ids.get(id) {
                Some(first) => {
                    let message = phrase!(duplicate_account_id, first = *first);
                    let beside = (phrase!(label_first), phrase!(help_duplicate_account_id));
                    self.shared(at, "id", (name, first), message, beside);
                }
                None => {
                    ids.insert(id, name);
                }
            }
            if let Some(path) = path_of(entry) {
                match paths.get(path) {
                    Some(first) => {
                        let message = phrase!(duplicate_path, first = *first);
                        let beside = (phrase!(label_first), phrase!(help_duplicate_path));
                        self.shared(at, "path", (name, first), message, beside);
                    }
                    None => {
                        paths.insert(path, name);
                    }
                }
            }
        }
        for (name, entry) in written {
            let above = path_of(entry).into_iter().flat_map(ancestors);
            if let Some(outer) = above.filter_map(|path| paths.get(path)).next() {
                let message = phrase!(nested_path, outer = *outer);
                let beside = (phrase!(label_outer_path), phrase!(help_nested_path));
                self.shared(at, "path", (name, outer), message, beside);
            }
        }
    }

    /// One account has what another has before it.
    fn shared(
        &mut self,
        at: &At,
        key: &'static str,
        (name, first): (&str, &str),
        message: Phrase,
        (label, help): (Phrase, Phrase),
    ) {
        let other = self.report.place(&at.key(first).key(key), EntryPart::Value);
        self.report
            .error(&at.key(name).key(key), EntryPart::Value, message)
            .other(other, label)
            .help(help);
    }
}

/// `/wx` and `/wx/` are one.
fn path_of(entry: &AccountEntry) -> Option<&str> {
    let Text(path) = entry.path.as_ref()?;
    Some(path.trim_end_matches('/'))
}

/// Of `/a/b/c`: `/a/b`, `/a` and the root, which is nothing.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let slashes = path.rmatch_indices('/');
    slashes.filter_map(move |(at, _)| path.get(..at))
}
