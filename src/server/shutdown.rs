//! The order of the end, once WeChat's requests are answered.

use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::task::JoinHandle;
use actix_web::rt::time::timeout;

use crate::log_limit;
use crate::server::ServerState;
use crate::server::databases::{KnownDatabases, for_each};
use crate::store::Store;

/// For answers that are on their way to followers when the server ends: what becomes of them is
/// known then.
const PUSHES_END_WITHIN: Duration = Duration::from_secs(5);

/// A database that does not answer keeps nobody from ending.
const DATABASES_CLOSE_WITHIN: Duration = Duration::from_secs(3);

/// What runs beside the listener for WeChat.
pub(super) struct Running {
    pub(super) admin: Option<ServerHandle>,
    pub(super) tasks: Vec<JoinHandle<()>>,
}

impl Running {
    pub(super) async fn end(self, state: &ServerState) {
        if let Some(admin) = self.admin {
            admin.stop(false).await;
        }
        self.tasks.iter().for_each(JoinHandle::abort);
        if let Some(file) = &state.accounts_file {
            file.stop();
        }
        // Before the databases are closed, which keep what became of them.
        state.questions.end(PUSHES_END_WITHIN).await;
        let closing = for_each(
            &state.directory,
            KnownDatabases::new(),
            |database, _: Option<()>| close(database.store),
        );
        let _ = timeout(DATABASES_CLOSE_WITHIN, closing).await;
        log_limit::tell_rest();
    }
}

async fn close(store: Store) {
    // What is still asked is free for other replicas, and for the next start, at once.
    if store.is_open() {
        let _ = store.release().await;
    }
    store.close().await;
}
