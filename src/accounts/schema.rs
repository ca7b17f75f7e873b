//! The JSON Schema of the accounts file, for editors. It may accept what `check` refuses, never the
//! other way round.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::accounts::file::{AccountEntry, AccountsFile};
use crate::rules::reading;

pub(crate) use crate::rules::reading::word;

pub(crate) fn json_schema() -> Value {
    reading::json_schema_of::<AccountsFile>()
}

const SECRET_NAME: &str = r"^[^\s!-,./:-@\[-\^`{-~]{1,64}$";

fn secret_name_value() -> Value {
    json!({
        "type": ["string", "number", "boolean", "null"],
        "pattern": SECRET_NAME,
        "patternErrorMessage": "the name of a secret: letters, digits, _ and -, at most 64",
    })
}

fn one_or_many(item: Value) -> Schema {
    json_schema!({ "anyOf": [item, { "type": "array", "items": item, "minItems": 1 }] })
}

pub(super) fn secret_name(_: &mut SchemaGenerator) -> Schema {
    let Value::Object(schema) = secret_name_value() else {
        return Schema::default();
    };
    schema.into()
}

pub(super) fn secret_names(_: &mut SchemaGenerator) -> Schema {
    one_or_many(secret_name_value())
}

pub(super) fn path(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "number", "boolean"], "minLength": 1 })
}

pub(super) fn addresses(_: &mut SchemaGenerator) -> Schema {
    one_or_many(json!({
        "type": "string",
        "pattern": r"^(\[[0-9A-Fa-f:.]+\]|[^\s/\[\]:@]+):[0-9]{1,5}$",
        "patternErrorMessage": "a host and a port, such as 127.0.0.1:11434",
    }))
}

pub(super) fn account_id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^gh_[0-9A-Za-z]+$",
        "patternErrorMessage": "the 原始ID of the account, which begins with gh_",
    })
}

pub(super) fn url_path(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^/",
        "patternErrorMessage": "a path begins with /",
    })
}

pub(super) fn mode(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["plain", "compat", "secure"] })
}

pub(super) fn app_id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^wx[0-9A-Fa-f]{16}$",
        "patternErrorMessage": "the AppID of WeChat's page: wx and 16 digits",
    })
}

pub(super) fn accounts(generator: &mut SchemaGenerator) -> Schema {
    let account = generator.subschema_for::<AccountEntry>();
    json_schema!({
        "type": "object",
        "minProperties": 1,
        "additionalProperties": account,
        "propertyNames": { "pattern": r"\S", "maxLength": 64 },
    })
}
