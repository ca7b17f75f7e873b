//! A rule file exactly as written: it may be nonsense. `compile` makes a `RuleSet` of it.
//!
//! What `///` says of a type or a key is what editors show to the author of a rule file.

mod cases;
mod conditions;
mod dialogues;
pub(crate) mod expected;
mod expires;
pub(super) mod json;
mod media;
mod menu;
mod replies;
pub(super) mod schema;
mod services;
pub(super) mod text;

use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use crate::rules::file::cases::{
    CaseEntry, CaseExpectation, Sent, StoredValue, TurnEntry,
};
pub(super) use crate::rules::file::conditions::{Operators, ValueTest, When};
pub(super) use crate::rules::file::dialogues::{Accept, Choices, Dialogue, DialogueStep};
pub(super) use crate::rules::file::expires::Expires;
pub(super) use crate::rules::file::json::Json;
pub(super) use crate::rules::file::menu::{ButtonContent, ButtonEntry, ButtonParts};
pub(super) use crate::rules::file::replies::{AnswerParts, ReplyEntry};
pub(super) use crate::rules::file::services::{
    AskEntry, FailedEntry, LimitsEntry, MemoryEntry, ServiceEntry,
};
pub(super) use crate::rules::file::text::{
    Ignored, Maybe, Pairs, SPELLING_LOST, Switch, Text, Texts,
};

// What `expecting` names is in `file/expected.rs`, with an example.

/// What a WeChat Official Account answers. The first rule that matches answers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a rule file")]
#[schemars(title = "Rule file of wxreply")]
pub(super) struct RuleFile {
    /// What holds for all rules. Each is off unless it is written. Only in the main file, not in
    /// one that is included.
    #[serde(default)]
    #[schemars(with = "Option<Options>")]
    pub options: Options,
    /// What rules may ask outside, each under the name by which they ask it. Only in the main file,
    /// not in one that is included.
    #[serde(default)]
    #[schemars(schema_with = "schema::services")]
    pub services: Pairs<ServiceEntry>,
    /// The menu of the account: one to three buttons, perhaps with one to five below each.
    /// `wxreply menu apply` sets it. Only in the main file, not in one that is included.
    #[serde(default)]
    #[schemars(schema_with = "schema::menu")]
    pub menu: Maybe<Vec<ButtonEntry>>,
    /// The rules, asked from top to bottom; the first one that matches answers. Put what is
    /// special above what is general.
    #[serde(default)]
    #[schemars(with = "Option<Vec<Entry>>")]
    pub rules: Vec<Entry>,
    /// What must come of what a follower sends. `wxreply test` runs them.
    #[serde(default)]
    #[schemars(with = "Option<Vec<CaseEntry>>")]
    pub tests: Vec<CaseEntry>,
    /// A place for YAML anchors (`&name`), to be repeated elsewhere as `*name`; never looked at.
    #[serde(default, rename = "definitions")]
    pub _definitions: Ignored,
}

pub(super) const FILE_KEYS: &[&str] = &[
    "options",
    "services",
    "menu",
    "rules",
    "tests",
    "definitions",
];

/// What holds for all rules.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "options")]
pub(super) struct Options {
    /// White space around the text does not matter.
    pub trim: Maybe<Switch>,
    /// ABC and abc are one keyword.
    pub ignore_case: Maybe<Switch>,
    /// ＡＢＣ１２ and ABC12 are one keyword, and so are ！ and !.
    pub ignore_width: Maybe<Switch>,
    /// 帮助。 and 帮助 are one keyword: punctuation and symbols, emoji among them, do not count.
    pub ignore_punctuation: Maybe<Switch>,
    /// What local time is for `<time>`, `hours`, `days` and the `at` of tests. Without it, the
    /// time zone of the machine, which in containers is often UTC.
    #[schemars(extend("examples" = ["Asia/Shanghai"]))]
    pub timezone: Maybe<Text>,
    /// The answer when a rule matched and could not be carried out: a reply without placeholders.
    /// Without it, `success`.
    #[schemars(extend("examples" = ["系统繁忙，请稍后再试"]))]
    pub on_error: Maybe<ReplyEntry>,
    /// What the follower gets when a service has not answered after WeChat's three deliveries,
    /// about 14 seconds. `<fetch:TEXT>` is a link that fetches the answer.
    #[schemars(extend("examples" = ["正在思考，回复【1】或<fetch:点这里>查看答案"]))]
    pub slow: Maybe<Text>,
    /// Whether a late answer reaches the follower by itself, if the account may send messages:
    /// `auto`, or `never`. What does not is fetched.
    #[schemars(schema_with = "schema::push")]
    pub push: Maybe<Text>,
    /// What a follower writes to fetch an answer that was slow, or the next part of a long one.
    /// Only while one is waiting; otherwise it is a text like any other.
    #[schemars(schema_with = "schema::words", extend("examples" = [["1", "查看答案"]]))]
    pub fetch: Maybe<Texts>,
    /// What stands below a part of a long answer of which there is more: a fixed text, in which
    /// `<fetch:TEXT>` is a link that fetches the next part.
    #[schemars(extend("examples" = ["Reply 1 for more"]))]
    pub more: Maybe<Text>,
}

/// A rule, or in its place `include` with the rules of other files.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a rule")]
#[schemars(
    extend("if" = { "required": ["include"] }),
    extend("then" = { "maxProperties": 1 }),
    extend("else" = { "required": ["name"], "anyOf": [{ "required": ["reply"] }, { "required": ["ask"] }] }),
    extend("dependencies" = { "expires": { "anyOf": [{ "required": ["set"] }, { "required": ["increase"] }] } }),
    extend("examples" = [{ "name": "你好", "when": { "type": "text", "prefix": "你好" }, "reply": "您好！" }])
)]
pub(super) struct Entry {
    /// Unique in this file and all that it includes. Logs, metrics and tests call the rule by it.
    #[schemars(schema_with = "schema::rule_name")]
    pub name: Maybe<Text>,
    /// With `false`, the rule is checked and never answers; tests that expect it are skipped.
    pub enabled: Maybe<Switch>,
    /// When the rule answers: every key in here must hold, and a list under a key means any of.
    /// Without it the rule answers always.
    pub when: Maybe<When>,
    /// When the rule does not answer all the same. Takes the keys of `when`; all of them must
    /// hold.
    pub unless: Maybe<When>,
    /// What the follower gets: a text, one kind of reply such as `{ image: <media_id> }`, or
    /// `success` for nothing. Every text is a template.
    #[schemars(extend("examples" = ["您好！现在是 <time:%H:%M>", "success", "transfer_customer_service"]))]
    pub reply: Maybe<ReplyEntry>,
    /// Asks a service: its name, or a mapping of its name to the JSON that is sent, in which every
    /// text is a template. A language model is asked with a text. What it answers is `<answer>`, or
    /// `<answer.KEY>` of JSON.
    #[schemars(extend("examples" = ["小助手", { "快递": { "number": "<1>" } }]))]
    pub ask: Maybe<AskEntry>,
    /// What the follower gets when the service fails: a reply, or one for each kind of failure (a
    /// status, `timeout`, `refused`, `busy`, `too_large`, `not_json`, `empty` or `other`). Nothing
    /// is stored then.
    #[schemars(extend("examples" = ["暂时查不到，请稍后再试", { "404": "没有这个单号", "other": "暂时查不到" }]))]
    pub failed: Maybe<FailedEntry>,
    /// Questions to ask one after another; `reply`, `set` and the like follow when the last is
    /// answered.
    pub dialogue: Maybe<Dialogue>,
    /// Remembers one value of the follower under each key, instead of what was there. The values
    /// are templates.
    #[schemars(
        schema_with = "schema::stored_texts",
        extend("examples" = [{ "threshold": "<rest>" }])
    )]
    pub set: Maybe<Pairs<Text>>,
    /// Remembers one more item in the follower's list under each key, unless it is in it.
    #[schemars(schema_with = "schema::stored_texts", extend("examples" = [{ "stocks": "<rest>" }]))]
    pub add: Maybe<Pairs<Text>>,
    /// Takes one item out of the follower's list under each key.
    #[schemars(schema_with = "schema::stored_texts", extend("examples" = [{ "stocks": "<rest>" }]))]
    pub remove: Maybe<Pairs<Text>>,
    /// Adds to the number under each key; a negative one takes away. Nothing stored counts as 0.
    #[schemars(schema_with = "schema::stored_texts", extend("examples" = [{ "points": 5 }]))]
    pub increase: Maybe<Pairs<Text>>,
    /// Forgets what is stored under these keys, or with `all` everything.
    #[schemars(schema_with = "schema::stored_keys", extend("examples" = ["step", "all"]))]
    pub clear: Maybe<Texts>,
    /// The values beside it under `set` are forgotten after this time: a number and `s`, `m`, `h`
    /// or `d`; or with `day` at local midnight. A mapping says it for single keys, those of
    /// `increase` too.
    #[schemars(extend("examples" = ["10m", "2h", "7d", "day", { "draws": "day" }]))]
    pub expires: Maybe<Expires>,
    /// The rules of other files stand here: a path from this file's folder, whose last part may
    /// be a pattern. Nothing else stands beside it.
    #[schemars(extend("examples" = ["keywords/*.yaml"]))]
    pub include: Maybe<Texts>,
}
