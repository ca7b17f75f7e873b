//! The databases of all accounts, each once, and their periodic tasks.

use tokio::task::JoinSet;

use crate::server::directory::Directory;
use crate::store::{DatabaseIdentity, Store};

/// A database, and whether what the rules of its accounts do needs it.
pub(super) struct UsedDatabase {
    pub(super) store: Store,
    pub(super) is_needed: bool,
}

/// What is known of a database from the time before.
pub(super) type KnownDatabases<K> = Vec<(DatabaseIdentity, K)>;

pub(super) fn databases(directory: &Directory) -> Vec<UsedDatabase> {
    let mut databases: Vec<UsedDatabase> = Vec::new();
    for account in directory.all() {
        let is_needed = account.live.current().rules.remembers();
        let mut known = databases.iter_mut();
        match known.find(|known| known.store.identity() == account.store.identity()) {
            Some(known) => known.is_needed |= is_needed,
            None => databases.push(UsedDatabase {
                store: account.store.clone(),
                is_needed,
            }),
        }
    }
    databases
}

/// Works for all at once: one that does not answer keeps no other waiting. Ends with what is
/// known of each then.
pub(super) async fn for_each<K, W>(
    directory: &Directory,
    mut before: KnownDatabases<K>,
    work: impl Fn(UsedDatabase, Option<K>) -> W,
) -> KnownDatabases<K>
where
    K: 'static,
    W: Future<Output = K> + 'static,
{
    let mut working = JoinSet::new();
    for database in databases(directory) {
        let identity = database.store.identity();
        let known = before.iter().position(|(known, _)| *known == identity);
        let known = known.map(|place| before.swap_remove(place).1);
        let working_on_it = work(database, known);
        working.spawn_local(async move { (identity, working_on_it.await) });
    }
    let mut after = Vec::new();
    while let Some(done) = working.join_next().await {
        after.extend(done);
    }
    after
}
