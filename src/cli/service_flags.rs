//! The flags that say what services may be told, and where they may be.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, io};

use crate::accounts::secret::{Environment, SecretName, SecretSource};
use crate::http_client::{AllowList, AllowedAddress, Reach};
use crate::live_rules::bytes;
use crate::services::Outside;

/// What rules may use outside of this program.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct OutsideArguments {
    /// A folder with a file for each secret of services [default: variables WXREPLY_SECRET_<NAME>]
    #[arg(long = "secrets", env = "WXREPLY_SECRETS", value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// An internal address that services may reach, such as 127.0.0.1:11434; may be repeated
    #[arg(
        long,
        env = "WXREPLY_ALLOW",
        value_delimiter = ',',
        value_name = "HOST:PORT"
    )]
    allow: Vec<AllowedAddress>,
}

impl OutsideArguments {
    /// Secrets are read whenever they are needed, so that a new one counts at once.
    pub(super) fn outside(&self) -> Outside {
        let secrets = match &self.folder {
            Some(folder) => SecretSource::Folder(folder.clone()),
            None => SecretSource::Variables,
        };
        Outside {
            reach: Reach::public(AllowList(self.allow.clone())),
            secrets: Arc::new(move |_, name| {
                let secret = secrets.get(&SecretName::new(name)?, &mut Now).ok()?;
                Some(secret.expose().to_owned())
            }),
        }
    }
}

/// A secret as it is now.
struct Now;

impl Environment for Now {
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        bytes::of_file(path)
    }

    fn look_for_rules(&mut self, _: &str, path: &Path) -> io::Result<()> {
        bytes::look_for(path)
    }

    fn variable(&self, name: &str) -> Option<OsString> {
        env::var_os(name)
    }
}
