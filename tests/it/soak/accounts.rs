//! The accounts of a soak: a single one by flags, or many in a file, which changes as their rules
//! and secrets do.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;
use wxreply::message::Message;
use wxreply::wechat::push::{self, Push};
use wxreply::wechat::{Credentials, Mode};

use crate::soak::troubles::{Rules, Weather};
use crate::support::Folder;
use crate::wechat_api::{APP_ID, APP_SECRET};
use crate::{admin, among, wechat};

const FILE: &str = "accounts.yaml";

/// Comes and goes.
const GUEST: &str = "guest";

pub struct Account {
    pub path: String,
    pub rules: Rules,
    /// What WeChat signs with, and which of the two secrets that is.
    signs: Mutex<(usize, Credentials)>,
}

pub struct Accounts {
    pub all: Vec<Account>,
    allow: SocketAddr,
    saves: AtomicU64,
}

impl Account {
    pub fn push(&self, message: &Message) -> Push {
        wechat::sealed(&self.signs().1, &push::message_xml(message))
    }

    fn signs(&self) -> MutexGuard<'_, (usize, Credentials)> {
        self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    /// So many, whose rules ask an endpoint. The first one is at the usual path, and the only one
    /// that may use WeChat's API.
    pub fn asking(endpoint: SocketAddr, count: usize) -> Accounts {
        // Of a few accounts some get broken rules right away.
        let account = |(number, first_save): (usize, u64)| {
            let (folder, target) = match count {
                1 => (String::new(), among::target("/reload")),
                _ => (format!("a{number}/"), format!("/reload?account=a{number}")),
            };
            Account {
                path: match number {
                    0 => "/wx_flask".to_owned(),
                    _ => format!("/wx/{number}"),
                },
                rules: Rules::asking(endpoint, folder, target, number == 0, first_save),
                signs: Mutex::new((0, plain(wechat::TOKEN))),
            }
        };
        Accounts {
            all: (0..count).zip(0..).map(account).collect(),
            allow: endpoint,
            saves: AtomicU64::new(0),
        }
    }

    /// Writes every file; the flags that name them.
    pub fn write(&self, folder: &Folder) -> Vec<String> {
        for (number, account) in self.all.iter().enumerate() {
            account.rules.write_first(folder);
            if self.all.len() > 1 {
                for slot in 0..2 {
                    folder.write(&secret(number, slot), wechat::TOKEN);
                }
            }
        }
        let allow = self.allow.to_string();
        let flags: &[&str] = match self.all.len() {
            1 => &[
                "--token",
                wechat::TOKEN,
                "--allow",
                &allow,
                "--app-id",
                APP_ID,
                "--app-secret",
                APP_SECRET,
            ],
            _ => {
                folder.write("secrets/app", APP_SECRET);
                folder.write(
                    &format!("{GUEST}/rules.yaml"),
                    "rules: [{ name: 客, reply: 客 }]",
                );
                folder.write(FILE, self.text(false));
                &["--accounts", FILE]
            }
        };
        flags.iter().map(|&flag| flag.to_owned()).collect()
    }

    fn text(&self, has_guest: bool) -> String {
        let mut text = format!("secrets: secrets\nallow: ['{}']\naccounts:\n", self.allow);
        for (number, account) in self.all.iter().enumerate() {
            let path = &account.path;
            let api = match number {
                0 => format!(", app_id: {APP_ID}, app_secret: app"),
                _ => String::new(),
            };
            text += &format!(
                "  a{number}: {{ path: {path}, rules: a{number}/rules.yaml, \
                 token: [a{number}-0, a{number}-1]{api} }}\n"
            );
        }
        if has_guest {
            text += &format!(
                "  {GUEST}: {{ path: /{GUEST}, rules: {GUEST}/rules.yaml, token: a1-0 }}\n"
            );
        }
        text
    }

    /// Saves other rules for some of the accounts, and of many accounts sometimes another file of
    /// them and another token. Counts what was taken and what was refused.
    pub fn replace(
        &self,
        folder: &Folder,
        operators: SocketAddr,
        weather: &Weather,
    ) -> Result<(u64, u64), String> {
        let round = self.saves.fetch_add(1, Ordering::Relaxed);
        let count = self.all.len();
        let (mut taken, mut refused) = (0, 0);
        let at_once = 1 + count / 20;
        let first = usize::try_from(round).unwrap_or(0) * at_once;
        let some = self.all.iter().cycle().skip(first % count);
        for account in some.take(at_once) {
            match account.rules.replace(folder, operators, weather)? {
                true => taken += 1,
                false => refused += 1,
            }
        }
        if count > 1 && round.is_multiple_of(3) {
            match self.replace_file(folder, operators, round / 3)? {
                true => taken += 1,
                false => refused += 1,
            }
        }
        Ok((taken, refused))
    }

    /// A guest comes or goes and a token changes, or the file is broken and nothing does.
    fn replace_file(
        &self,
        folder: &Folder,
        operators: SocketAddr,
        save: u64,
    ) -> Result<bool, String> {
        let (is_good, has_guest) = (save % 4 != 3, save.is_multiple_of(2));
        let number = usize::try_from(save * 7).unwrap_or(0) % self.all.len();
        let Some(account) = self.all.get(number).filter(|_| number > 0) else {
            return Ok(true);
        };
        let token = format!("tokenOfTheSoak{save}");
        // Deliveries on their way are signed with the other one.
        let other = 1 - account.signs().0;
        match is_good {
            true => folder.write(&secret(number, other), &token),
            false => folder.write(&secret(number, other), "no token"),
        }
        folder.write(FILE, self.text(has_guest));
        let began = Instant::now();
        let said = admin::try_post(operators, "/reload");
        // What became of the rule files is another matter.
        let refused = said.as_ref().map(|said| admin::json(said)["error"].clone());
        match (is_good, refused) {
            (true, Ok(Value::Null)) => *account.signs() = (other, plain(&token)),
            (false, Ok(Value::String(_))) => folder.write(&secret(number, other), wechat::TOKEN),
            (_, refused) => {
                let took = began.elapsed();
                return Err(format!(
                    "accounts {save}, good {is_good}, {took:?}: {refused:?}"
                ));
            }
        }
        Ok(is_good)
    }
}

fn secret(number: usize, slot: usize) -> String {
    format!("secrets/a{number}-{slot}")
}

fn plain(token: &str) -> Credentials {
    wechat::credentials_with(Mode::Plain, token, wechat::AES_KEY)
}
