//! The JSON Schema of the rule file, for editors. The types that are derived describe themselves;
//! here stands what is read by hand. It may accept what `check` refuses, never the other way round.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::menu::EventKind;
use crate::rules::file::{
    AnswerParts, AskEntry, ButtonParts, Expires, FailedEntry, Ignored, Json, Maybe, Operators,
    Pairs, ReplyEntry, RuleFile, Sent, ServiceEntry, StoredValue, Switch, Text, Texts, ValueTest,
};

pub fn json_schema() -> Value {
    json_schema_of::<RuleFile>()
}

/// In the draft that all editors understand.
pub(crate) fn json_schema_of<F: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(describe));
    let generator = settings.into_generator();
    generator.into_root_schema_for::<F>().into()
}

/// Editors show each line of a description as a paragraph, and backticks only in Markdown.
fn describe(schema: &mut Schema) {
    let described = schema.get("description").and_then(Value::as_str);
    if let Some(text) = described.map(|text| text.replace('\n', " ")) {
        schema.insert("description".to_owned(), json!(text));
        schema.insert("markdownDescription".to_owned(), json!(text));
    }
}

/// A number, a yes/no or a `~` is the text that one sees.
const SCALAR: [&str; 4] = ["string", "number", "boolean", "null"];

const LENGTH_OF_TIME: &str = r"\s*\+?[0-9]+\s*[smhd]\s*";

/// Like `is_user_key`, but for letters of all scripts, which editors do not agree on.
const USER_KEY: &str = r"^(?!all$)[^\s!-,./:-@\[-\^`{-~]{1,64}$";

/// A text that is not empty.
pub(crate) fn word(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": SCALAR, "minLength": 1 })
}

pub(crate) fn name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": SCALAR, "pattern": r"\S" })
}

pub(crate) fn rule_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": SCALAR,
        "pattern": r"^(?!none$)[\s\S]*\S",
        "patternErrorMessage": "a name is not empty, and not `none`",
        "maxLength": 64,
    })
}

/// Texts of which none is empty.
pub(crate) fn words(_: &mut SchemaGenerator) -> Schema {
    one_or_many(json!({ "type": SCALAR, "minLength": 1 }))
}

pub(crate) fn hours(_: &mut SchemaGenerator) -> Schema {
    let time = "[0-9]{1,2}:[0-9]{2}";
    one_or_many(json!({
        "type": "string",
        "pattern": format!(r"^\s*{time}\s*-\s*{time}\s*$"),
        "patternErrorMessage": "from and until on the clock of 24 hours, such as \"09:00-18:00\"",
    }))
}

pub(crate) fn days(_: &mut SchemaGenerator) -> Schema {
    let day = "([Mm][Oo][Nn]|[Tt][Uu][Ee]([Ss])?|[Ww][Ee][Dd]([Nn][Ee][Ss])?|\
               [Tt][Hh][Uu]([Rr][Ss])?|[Ff][Rr][Ii]|[Ss][Aa][Tt]([Uu][Rr])?|[Ss][Uu][Nn])\
               ([Dd][Aa][Yy])?";
    one_or_many(json!({
        "type": "string",
        "pattern": format!(r"^\s*{day}\s*(-\s*{day}\s*)?$"),
        "patternErrorMessage": "mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri",
    }))
}

pub(crate) fn dates(_: &mut SchemaGenerator) -> Schema {
    let day = "([0-9]{4}-)?[0-9]{1,2}-[0-9]{1,2}";
    one_or_many(json!({
        "type": "string",
        "pattern": format!(r"^\s*({day}(\s*\.\.(\s*{day})?)?|\.\.\s*{day})\s*$"),
        "patternErrorMessage": "a day such as 2027-10-01 or 12-25, or a range such as 2027-02-15..2027-02-23",
    }))
}

pub(crate) fn length_of_time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": format!("^{LENGTH_OF_TIME}$"),
        "patternErrorMessage": "a number and s, m, h or d, such as 30s, 10m, 2h or 7d",
    })
}

/// A small number of times.
pub(crate) fn count(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["integer", "string"], "minimum": 1, "maximum": 20, "pattern": "^[0-9]{1,2}$" })
}

pub(crate) fn whole_number(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["integer", "string"], "minimum": 0, "pattern": r"^\s*[0-9]+\s*$" })
}

pub(crate) fn rate(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": r"^\s*[0-9]+\s*/\s*[smhd]\s*$",
        "patternErrorMessage": "a number for each m, h or d, such as 20/h",
    })
}

pub(crate) fn openid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["plain", "hash"] })
}

pub(crate) fn push(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["auto", "never"] })
}

pub(crate) fn services(generator: &mut SchemaGenerator) -> Schema {
    let schema = Pairs::<ServiceEntry>::json_schema(generator);
    with_user_keys(schema)
}

/// One entry for each button; one of the menu itself may have buttons below.
pub(crate) fn menu(generator: &mut SchemaGenerator) -> Schema {
    let parts = generator.subschema_for::<ButtonParts>();
    let buttons = |most: u64, content: Value| {
        json!({
            "type": "array",
            "minItems": 1,
            "maxItems": most,
            "items": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": content,
            },
        })
    };
    let below = buttons(5, json!(parts));
    let top = json!({ "anyOf": [parts, below] });
    Schema::try_from(buttons(3, top)).unwrap_or_default()
}

pub(crate) fn button_type(_: &mut SchemaGenerator) -> Schema {
    let kinds = EventKind::names().chain([
        "view",
        "miniprogram",
        "media_id",
        "article_id",
        "article_view_limited",
    ]);
    json_schema!({ "enum": kinds.collect::<Vec<_>>() })
}

pub(crate) fn canned(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Pairs::<Json>::json_schema(generator);
    schema.insert("minProperties".to_owned(), json!(1));
    schema
}

pub(crate) fn number(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["number", "string"], "pattern": r"^\s*[+-]?[0-9]{1,15}(\.[0-9]{1,6})?\s*$" })
}

pub(crate) fn stored_texts(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Pairs::<Text>::json_schema(generator);
    schema.insert("minProperties".to_owned(), json!(1));
    with_user_keys(schema)
}

pub(crate) fn stored_tests(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Pairs::<Option<ValueTest>>::json_schema(generator);
    schema.insert("minProperties".to_owned(), json!(1));
    with_user_keys(schema)
}

pub(crate) fn stored_keys(_: &mut SchemaGenerator) -> Schema {
    one_or_many(json!({
        "type": SCALAR,
        "anyOf": [{ "const": "all" }, { "pattern": USER_KEY }],
    }))
}

fn with_user_keys(mut schema: Schema) -> Schema {
    let names = json!({
        "pattern": USER_KEY,
        "patternErrorMessage": "letters, digits, _ and -, at most 64, and not the word all",
    });
    schema.insert("propertyNames".to_owned(), names);
    schema
}

fn one_or_many(item: Value) -> Schema {
    json_schema!({ "anyOf": [item, { "type": "array", "items": item, "minItems": 1 }] })
}

/// One schema or another, under the description of the key that it stands at.
macro_rules! described {
    ($type:ty, $name:literal, $generator:ident => $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
    ($type:ty, $generator:ident => $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

described!(Text, _generator => json_schema!({ "type": SCALAR }));
described!(Texts, _generator => one_or_many(json!({ "type": SCALAR })));
described!(Switch, _generator => json_schema!({ "type": "boolean" }));
described!(Expires, _generator => {
    let length = json!({
        "type": "string",
        "pattern": format!(r"^({LENGTH_OF_TIME}|\s*day\s*)$"),
        "patternErrorMessage": "a number and s, m, h or d, such as 30s, 10m, 2h or 7d, or day",
    });
    json_schema!({ "anyOf": [
        length,
        { "type": "object", "minProperties": 1, "additionalProperties": length },
    ] })
});
described!(Ignored, _generator => json_schema!(true));
described!(ValueTest, "ValueTest", generator => {
    let operators = generator.subschema_for::<Operators>();
    json_schema!({ "anyOf": [words(generator), operators] })
});
described!(ReplyEntry, "Answer", generator => {
    let parts = generator.subschema_for::<AnswerParts>();
    json_schema!({ "anyOf": [word(generator), parts] })
});
described!(Json, _generator => json_schema!(true));
described!(AskEntry, "Ask", generator => {
    let word = word(generator);
    json_schema!({ "anyOf": [
        word,
        { "type": "object", "minProperties": 1, "maxProperties": 1 },
    ] })
});
described!(FailedEntry, "Failed", generator => {
    let answer = generator.subschema_for::<ReplyEntry>();
    json_schema!({ "anyOf": [
        answer,
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {
                "pattern": "^([1-5][0-9][0-9]|timeout|refused|busy|too_large|not_json|empty|other)$",
                "patternErrorMessage": "a status, timeout, refused, busy, too_large, not_json, empty or other",
            },
            "additionalProperties": answer,
        },
    ] })
});
described!(StoredValue, _generator => {
    json_schema!({ "anyOf": [
        { "type": SCALAR },
        { "type": "array", "items": { "type": SCALAR } },
    ] })
});
described!(Sent, "Sent", _generator => {
    let element = |description: &str| json!({ "type": SCALAR, "description": description });
    json_schema!({ "anyOf": [
        { "type": SCALAR },
        {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "type": element("text, image, voice, video, location, link, event, …"),
                "content": element("The text."),
                "event": element("subscribe, CLICK, SCAN, …; then the type is event."),
                "key": element("The key of an event: of a menu button, for instance."),
                "scene": element("The scene of a QR code."),
                "menu": element("The id of a tapped menu link."),
                "tap": element("The name of a button of `menu`; nothing else beside it."),
                "openid": element("The follower; o_test if it is not written."),
                "account": element("The account; gh_test if it is not written."),
            },
            "additionalProperties": { "type": SCALAR },
        },
    ] })
});

impl<T: JsonSchema> JsonSchema for Maybe<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

impl<T: JsonSchema> JsonSchema for Pairs<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Pairs_of_{}", T::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }
}
