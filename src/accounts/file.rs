//! The accounts file exactly as written: it may be nonsense. `compile` makes accounts of it.
//!
//! What `///` says of a type or a key is what editors show to the author of the file.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::accounts::schema;
use crate::rules::reading::{Ignored, Maybe, Pairs, Text, Texts, Tree, Written, reader};

/// The WeChat accounts for which one process answers. Secrets are never in this file, only their
/// names.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "an accounts file")]
#[schemars(title = "Accounts file of wxreply", extend("required" = ["accounts"]))]
pub(super) struct AccountsFile {
    /// The folder with one file for each secret, called like the secret; a path from this file's
    /// folder. Without it, the secret `books-token` is in the variable
    /// `WXREPLY_SECRET_BOOKS_TOKEN`.
    #[schemars(schema_with = "schema::path", extend("examples" = ["/run/secrets/wxreply"]))]
    pub secrets: Maybe<Text>,
    /// Internal addresses that services may call; all others within the house are refused.
    #[schemars(schema_with = "schema::addresses", extend("examples" = [["127.0.0.1:11434"]]))]
    pub allow: Maybe<Texts>,
    /// Where what rules store is kept: `sqlite:FILE`, `postgres://…` or `mysql://…` without a
    /// password, or the name of a secret that has the whole URL. Without it, `--database` says it.
    #[schemars(schema_with = "schema::word", extend("examples" = ["sqlite:wxreply.db", "database-url"]))]
    pub database: Maybe<Text>,
    /// The accounts, each under the name that logs, metrics and commands have for it.
    #[schemars(schema_with = "schema::accounts")]
    pub accounts: Maybe<AccountEntries>,
    /// A place for YAML anchors (`&name`), to be repeated elsewhere as `*name`; never looked at.
    #[serde(rename = "definitions")]
    pub _definitions: Ignored,
}

/// The accounts by their names, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct AccountEntries(pub Vec<(String, AccountEntry)>);

/// One account: where WeChat calls, what answers, and what both sides know.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "an account")]
#[schemars(
    extend("required" = ["path", "rules", "token"]),
    extend("examples" = [{ "path": "/wx/flowers", "rules": "flowers/rules.yaml", "token": "flowers-token" }])
)]
pub(super) struct AccountEntry {
    /// The account's 原始ID (gh_…). With it, a message that is meant for another account is
    /// refused, and `export` and `forget` know whose data is meant.
    #[schemars(schema_with = "schema::account_id", extend("examples" = ["gh_1a2b3c4d5e6f"]))]
    pub id: Maybe<Text>,
    /// The path of the URL that WeChat's console has for this account.
    #[schemars(schema_with = "schema::url_path", extend("examples" = ["/wx/books"]))]
    pub path: Maybe<Text>,
    /// The rule file that answers; a path from this file's folder.
    #[schemars(schema_with = "schema::path", extend("examples" = ["books/rules.yaml"]))]
    pub rules: Maybe<Text>,
    /// How WeChat was told to send. Without it, `secure` if there is an `aes_key`, else `plain`.
    #[schemars(schema_with = "schema::mode")]
    pub mode: Maybe<Text>,
    /// The AppID (wx…); needed in compat and secure mode.
    #[schemars(schema_with = "schema::app_id", extend("examples" = ["wx0123456789abcdef"]))]
    pub app_id: Maybe<Text>,
    /// The name of the secret that has the token of WeChat's console; a list while it changes:
    /// the new one, then the old one.
    #[schemars(schema_with = "schema::secret_names", extend("examples" = ["books-token", ["books-token", "books-token-old"]]))]
    pub token: Maybe<Texts>,
    /// The name of the secret that has the EncodingAESKey; a list while it changes: the new one,
    /// then the old one.
    #[schemars(schema_with = "schema::secret_names", extend("examples" = ["books-aes"]))]
    pub aes_key: Maybe<Texts>,
    /// The name of the secret that has the AppSecret, for what a passive answer cannot do.
    #[schemars(schema_with = "schema::secret_name", extend("examples" = ["books-app"]))]
    pub app_secret: Maybe<Text>,
    /// A database of its own, written like the one of the file.
    #[schemars(schema_with = "schema::word")]
    pub database: Maybe<Text>,
}

impl AccountEntry {
    /// What the database knows an account of this name by.
    pub(super) fn stored_under<'e>(&'e self, name: &'e str) -> &'e str {
        self.id.as_ref().map_or(name, |Text(id)| id)
    }
}

impl<'de> Deserialize<'de> for AccountEntries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AccountEntries, D::Error> {
        struct EntriesVisitor;
        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = AccountEntries;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("accounts by their names")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AccountEntries, A::Error> {
                let pairs = Pairs::deserialize(MapAccessDeserializer::new(map))?;
                Ok(AccountEntries(pairs.0))
            }
        }
        deserializer.deserialize_map(EntriesVisitor)
    }
}

impl Written for AccountsFile {
    const MAY_HAVE_SECRETS: bool = true;

    fn read_root(tree: &mut Tree, mistakes: &mut Vec<reader::Mistake>) -> (AccountsFile, usize) {
        let root = tree.root();
        let file = root.and_then(|root| reader::read(tree, root, mistakes));
        (file.unwrap_or_default(), 0)
    }
}
