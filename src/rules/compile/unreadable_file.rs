//! What is wrong with a file that cannot be read, as diagnostics.

use crate::i18n::phrase;
use crate::rules::compile::report::Report;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::document::Document;
use crate::rules::nearest::nearest;
use crate::rules::yaml::reader::{Mistake, MistakeKind};
use crate::rules::yaml::tree::NodeId;
use crate::rules::yaml::{SyntaxError, hints};

pub(crate) fn report(report: &mut Report) {
    for document in report.documents.clone() {
        let unread = &document.unread;
        if let Some(broken) = &unread.broken {
            let place = document.place(broken.range.clone());
            report.push(shown(document, not_yaml(place, broken)));
        }
        for mistake in &unread.mistakes {
            match report.is_full() {
                true => report.leave_out(1),
                false => report.push(shown(document, diagnostic(document, mistake))),
            }
        }
        report.leave_out(unread.mistakes_left_out);
    }
}

/// The arguments of messages that have in them what a file says.
const QUOTING: &[&str] = &["key", "quoted", "text"];

fn shown(document: &Document, diagnostic: Diagnostic) -> Diagnostic {
    if !document.may_have_secrets() {
        return diagnostic;
    }
    Diagnostic {
        message: diagnostic.message.hiding(QUOTING),
        help: diagnostic.help.map(|help| help.hiding(QUOTING)),
        ..diagnostic
    }
}

fn not_yaml(place: Place, broken: &SyntaxError) -> Diagnostic {
    let message = match broken.problem == phrase!(too_many_aliases) {
        true => phrase!(too_many_aliases),
        false => phrase!(invalid_yaml, problem = broken.problem.clone()),
    };
    Diagnostic::error(place, message).help(broken.help.clone())
}

/// What Chinese writers call the keys of a rule file or an accounts file.
const IN_CHINESE: &[(&str, &str)] = &[
    ("规则", "rules"),
    ("测试", "tests"),
    ("选项", "options"),
    ("名称", "name"),
    ("名字", "name"),
    ("规则名", "name"),
    ("当", "when"),
    ("条件", "when"),
    ("如果", "when"),
    ("除非", "unless"),
    ("除了", "unless"),
    ("回复", "reply"),
    ("答复", "reply"),
    ("回答", "reply"),
    ("包含", "contains"),
    ("等于", "equals"),
    ("完全匹配", "equals"),
    ("关键词", "contains"),
    ("开头", "prefix"),
    ("前缀", "prefix"),
    ("结尾", "suffix"),
    ("后缀", "suffix"),
    ("正则", "regex"),
    ("类型", "type"),
    ("事件", "event"),
    ("存储", "set"),
    ("清除", "clear"),
    ("发送", "send"),
    ("期望", "expect"),
    ("任一", "any"),
    ("任意", "any"),
    ("日期", "dates"),
    ("星期", "days"),
    ("启用", "enabled"),
    ("对话", "dialogue"),
    ("步骤", "steps"),
    ("取消", "cancel"),
    ("有效期", "expires"),
    ("放弃", "give_up"),
    ("提问", "ask"),
    ("问题", "ask"),
    ("保存", "store"),
    ("存储", "store"),
    ("接受", "accept"),
    ("选项", "choices"),
    ("否则", "otherwise"),
    ("次数", "tries"),
    ("值", "value"),
    ("菜单", "menu"),
    ("网址", "url"),
    ("时间", "hours"),
    ("账号", "accounts"),
    ("公众号", "accounts"),
    ("路径", "path"),
    ("模式", "mode"),
    ("令牌", "token"),
    ("密钥", "aes_key"),
    ("数据库", "database"),
    ("机密", "secrets"),
];

/// The key that is meant, of those that may stand here.
fn in_english(key: &str, known: &[&str]) -> Option<&'static str> {
    let mut keys = IN_CHINESE.iter();
    let found = keys.find(|(chinese, english)| *chinese == key && known.contains(english));
    found.map(|(_, english)| *english)
}

/// Whether a key without a value is what follows a comma in a text without quotes: `{ a: 好, 谢谢 }`.
fn is_cut_off(document: &Document, key: NodeId) -> bool {
    let cut_off = || {
        let tree = document.unread.tree.as_ref()?;
        let range = tree.node(key)?.range.clone();
        let text = &document.source.text;
        let behind = text.get(range.end..)?.trim_start();
        let before = text.get(..range.start)?.trim_end().strip_suffix(',')?;
        let is_text = !before.ends_with(['"', '\'', ']', '}']);
        Some(is_text && behind.starts_with([',', '}']))
    };
    cut_off().unwrap_or(false)
}

fn diagnostic(document: &Document, mistake: &Mistake) -> Diagnostic {
    let place = document.place_of(Some(mistake.node));
    match &mistake.kind {
        MistakeKind::UnknownKey { key, known } => {
            let nearest = || match nearest(key, known.iter().copied()) {
                Some(meant) => phrase!(help_did_you_mean, meant),
                None if is_cut_off(document, mistake.node) => phrase!(help_comma_in_braces),
                None if key == "<<" => phrase!(help_no_merge),
                None => phrase!(help_known_keys, keys = known.join(", ")),
            };
            let help = match in_english(key, known) {
                Some(meant) => phrase!(help_did_you_mean, meant),
                None => hints::key_help(key).unwrap_or_else(nearest),
            };
            Diagnostic::error(place, phrase!(unknown_key, key = hints::shown(key))).help(help)
        }
        MistakeKind::DuplicateKey { key, first } => {
            let help = match key.as_str() {
                "rules" | "tests" | "options" => phrase!(help_merge_into_first),
                "type" | "equals" | "prefix" | "suffix" | "contains" | "regex" | "event"
                | "key" | "scene" | "menu" | "hours" | "days" | "clear" | "include" => {
                    phrase!(help_several_values)
                }
                _ => phrase!(help_keep_one),
            };
            Diagnostic::error(place, phrase!(duplicate_key, key))
                .other(document.place_of(Some(*first)), phrase!(label_first))
                .help(help)
        }
        MistakeKind::WrongType { expected, found } => {
            let name = expected.name.clone();
            let message = phrase!(wrong_type, expected = name.clone(), found = found.clone());
            let tree = document.unread.tree.as_ref();
            let text = tree.and_then(|tree| tree.scalar(mistake.node));
            let help = text.and_then(hints::entry_help);
            let is_alternatives =
                name == phrase!(expected_conditions) && *found == phrase!(found_list);
            let example = match is_alternatives {
                true => Some("any: [{ equals: 订购 }, { event: CLICK, key: ORDER }]"),
                false => expected.example,
            };
            let help = help.unwrap_or_else(|| match example {
                Some(example) => phrase!(help_example, example),
                None if name == phrase!(expected_list) => phrase!(help_write_a_list),
                None => phrase!(help_write_expected, expected = name),
            });
            Diagnostic::error(place, message).help(help)
        }
        MistakeKind::KeyNotText => {
            Diagnostic::error(place, phrase!(key_not_text)).help(phrase!(help_quote_key))
        }
        MistakeKind::TooManyAliases => Diagnostic::error(place, phrase!(too_many_aliases))
            .help(phrase!(help_multiplied_aliases)),
        MistakeKind::TooMany => {
            Diagnostic::error(place, phrase!(too_many_errors)).help(phrase!(help_fix_those_first))
        }
        MistakeKind::Unreadable => {
            let message = phrase!(invalid_yaml, problem = phrase!(yaml_unreadable));
            Diagnostic::error(place, message).help(phrase!(help_unreadable))
        }
    }
}
