//! `wxreply media delete`: at WeChat and in the database, which would go on showing it.

use crate::cli::api_account::{ApiConnection, confirmed};
use crate::cli::database::{DatabaseArgumentError, DatabaseArguments};
use crate::cli::{Exit, fail};
use crate::i18n::phrase;
use crate::store::Access;
use crate::wechat_api::KnownCode;

pub(super) struct Delete<'a> {
    pub(super) connection: &'a ApiConnection,
    /// Where the accounts file names none.
    pub(super) database: &'a DatabaseArguments,
}

impl Delete<'_> {
    pub(super) fn run(&self, ids: &[String], yes: bool) -> Exit {
        if !yes {
            match confirmed(&phrase!(media_ask, count = ids.len())) {
                Some(true) => {}
                Some(false) => {
                    eprintln!("{}", phrase!(media_not_deleted));
                    return Exit::RulesInvalid;
                }
                None => return fail(&phrase!(media_needs_yes)),
            }
        }
        for id in ids {
            if let Err(exit) = self.delete(id) {
                return exit;
            }
        }
        Exit::Success
    }

    fn delete(&self, id: &str) -> Result<(), Exit> {
        let deleted = self
            .connection
            .wait(|api| async move { api.delete_material(id).await });
        match &deleted {
            Ok(()) => println!("{}", phrase!(media_deleted, id)),
            // Deleted in the console, as a rule; the database still has it.
            Err(error) if error.refusal() == Some(KnownCode::NoMaterial) => {}
            Err(error) => return Err(fail(&format_args!("{id}: {error}"))),
        }
        let is_forgotten = self.forget(id).map_err(|error| error.tell())?;
        if is_forgotten {
            println!("{}", phrase!(media_forgotten, id));
        }
        match deleted {
            Err(error) if !is_forgotten => Err(fail(&format_args!("{id}: {error}"))),
            _ => Ok(()),
        }
    }

    /// Says whether a rule showed it.
    fn forget(&self, id: &str) -> Result<bool, DatabaseArgumentError> {
        let app_id = self.connection.app_id();
        let url = self.connection.database.clone();
        let is_named = url.is_some() || !self.database.is_default();
        let forgotten = self
            .database
            .with_store_at(url, Access::Change, async |store| {
                store.forget_media(app_id, id).await
            });
        match forgotten {
            Ok(count) => Ok(count > 0),
            Err(error @ DatabaseArgumentError::Missing(_)) if is_named => Err(error),
            Err(error) if error.is_empty() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
