//! Secrets are read on a thread of their own: a drive that does not answer holds up those who need a
//! secret, and nobody else.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use tokio::sync::oneshot;

use crate::i18n::phrase;
use crate::services::Secrets;

pub(super) struct SecretReader {
    wanted: Sender<Wanted>,
}

struct Wanted {
    account: String,
    name: String,
    answer: oneshot::Sender<Option<String>>,
}

impl SecretReader {
    /// Without a thread there is no secret.
    pub(super) fn start(secrets: Secrets) -> SecretReader {
        let (wanted, all_wanted) = channel();
        let thread = thread::Builder::new().name("secrets".to_owned());
        if let Err(reason) = thread.spawn(move || read_all(&all_wanted, &secrets)) {
            log::error!("{}", phrase!(log_no_secrets, reason = &reason));
        }
        SecretReader { wanted }
    }

    pub(super) async fn read(&self, account: &str, name: &str) -> Option<String> {
        let (answer, secret) = oneshot::channel();
        let wanted = Wanted {
            account: account.to_owned(),
            name: name.to_owned(),
            answer,
        };
        self.wanted.send(wanted).ok()?;
        secret.await.ok()?
    }
}

fn read_all(all_wanted: &Receiver<Wanted>, secrets: &Secrets) {
    for wanted in all_wanted {
        // Whoever asked may have waited long enough.
        if !wanted.answer.is_closed() {
            let secret = secrets(&wanted.account, &wanted.name);
            let _ = wanted.answer.send(secret);
        }
    }
}
