//! What the rules of a file's accounts may use outside of the program: the secrets of services,
//! and internal addresses.

use std::collections::HashSet;
use std::path::{Component, Path};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::accounts::secret::{SecretName, SecretSource};
use crate::accounts::{Accounts, WrittenDatabase};
use crate::http_client::Reach;
use crate::live_rules::watch::Inputs;
use crate::services::Outside;

/// As the file says it now.
#[derive(Clone)]
pub(in crate::server) struct RuleSecrets(Arc<ArcSwap<CurrentSecrets>>);

struct CurrentSecrets {
    secrets: SecretSource,
    /// What the file needs itself is for no rule. By their variables, as several names may mean
    /// one variable.
    reserved: HashSet<String>,
}

impl RuleSecrets {
    pub(super) fn of(file: &Accounts) -> RuleSecrets {
        RuleSecrets(Arc::new(ArcSwap::from_pointee(CurrentSecrets::of(file))))
    }

    pub(super) fn replace(&self, file: &Accounts) {
        self.0.store(Arc::new(CurrentSecrets::of(file)));
    }

    pub(super) fn outside(&self, file: &Accounts) -> Outside {
        let shared = Arc::clone(&self.0);
        Outside {
            reach: Reach::public(file.allow.clone()),
            secrets: Arc::new(move |account, name| shared.load().get(account, name)),
        }
    }
}

impl CurrentSecrets {
    fn of(file: &Accounts) -> CurrentSecrets {
        let reserved = file.accounts.iter().flat_map(|account| {
            let database = match &account.database {
                Some(WrittenDatabase::Secret(name)) => Some(name),
                _ => None,
            };
            let several = account.tokens.iter().chain(&account.aes_keys);
            several.chain(&account.app_secret).chain(database)
        });
        CurrentSecrets {
            reserved: reserved.map(SecretName::variable).collect(),
            secrets: file.secrets.clone(),
        }
    }

    /// An account that has a folder of its own among the secrets has those in it and no others.
    fn get(&self, account: &str, name: &str) -> Option<String> {
        let name =
            SecretName::new(name).filter(|name| !self.reserved.contains(&name.variable()))?;
        let own = match &self.secrets {
            SecretSource::Folder(folder) if is_one_part(account) => Some(folder.join(account)),
            _ => None,
        };
        let secrets = match own.filter(|own| may_be_folder(own)) {
            Some(own) => SecretSource::Folder(own),
            None => self.secrets.clone(),
        };
        let secret = secrets.get(&name, &mut Inputs::default()).ok()?;
        Some(secret.expose().to_owned())
    }
}

/// Nobody can tell what is behind a link that leads nowhere for now, such as to a drive that is away.
fn may_be_folder(path: &Path) -> bool {
    match path.metadata() {
        Ok(there) => there.is_dir(),
        Err(_) => path.is_symlink(),
    }
}

fn is_one_part(account: &str) -> bool {
    let mut parts = Path::new(account).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == account)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn an_account_has_its_own_secrets_or_the_common_ones_and_never_those_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("track", "common");
        for name in ["books-token", "books_token", "Books-Token"] {
            write(name, "token");
        }
        write("书店/track", "of the bookshop");
        symlink("away", folder.path().join("茶馆")).unwrap();
        symlink("track", folder.path().join("面馆")).unwrap();
        let shared = CurrentSecrets {
            secrets: SecretSource::Folder(folder.path().to_owned()),
            reserved: HashSet::from([SecretName::new("books-token").unwrap().variable()]),
        };
        for (account, name, secret) in [
            ("花店", "track", Some("common")),
            ("书店", "track", Some("of the bookshop")),
            ("书店", "books-token", None),
            ("花店", "books-token", None),
            ("花店", "books_token", None),
            ("花店", "Books-Token", None),
            ("书店", "other", None),
            ("茶馆", "track", None),
            ("面馆", "track", Some("common")),
            ("花店", "书店/track", None),
            ("../x", "track", Some("common")),
            (".", "track", Some("common")),
        ] {
            let found = shared.get(account, name);
            assert_eq!(found.as_deref(), secret, "{account}: {name}");
        }
    }
}
