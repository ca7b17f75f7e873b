//! The person whom `export` and `forget` are about, and where what is stored of them is.

use crate::cli::database::{DatabaseArgumentError, DatabaseArguments};
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct FollowerArguments {
    /// Who: an openid, as it stands in the database
    pub openid: String,
    #[command(flatten)]
    database: DatabaseArguments,
}

impl FollowerArguments {
    /// Does something with the follower in a database that is there.
    pub(super) fn with_store<T>(
        &self,
        work: impl AsyncFnOnce(&Store, &str) -> Result<T, StoreError>,
    ) -> Result<T, DatabaseArgumentError> {
        let work = async |store: &Store| work(store, &self.openid).await;
        self.database.with_store(work)
    }
}
