//! Text that looks like a common mistake but is correct YAML gets no hint.

use crate::rules::file::RuleFile;
use crate::rules::yaml::read;

#[track_caller]
fn is_not_called_a_slip(text: &str) {
    let broken = read::<RuleFile>(text).unread.broken;
    let broken = broken.unwrap_or_else(|| panic!("this is YAML: {text}"));
    let problem = broken.problem;
    assert!(problem.id().starts_with("yaml-"), "{problem}: {text}");
}

#[test]
fn a_text_that_goes_on_in_the_next_line_is_no_key_item_or_comment() {
    for line in [
        "营业时间：九点到六点",
        "http://example.com",
        "-- 小店",
        "—— 小店",
        "－营业",
        "1. 几点",
        "· 几点",
        "＃话题＃ 来啦",
    ] {
        is_not_called_a_slip(&format!(
            "rules:\n  - name: 一\n    reply: 您好\n    {line}\n    when: {{ type: text }}\n"
        ));
    }
}

#[test]
fn a_wide_colon_on_the_line_above_is_a_text_unless_a_key_stands_before_it() {
    for line in ["周一：九点到六点", "—— 客服"] {
        is_not_called_a_slip(&format!(
            "rules:\n  - name: 一\n    reply: 营业时间如下\n      {line}\n      电话: 123\n"
        ));
    }
}

#[test]
fn what_stands_in_brackets_may_as_well_lack_a_plain_comma_or_quotes() {
    for value in [
        "{ type: text contains: 几点 }",
        "{ contains: [几点] type: text }",
        "{ contains: 你好，在吗: 好 }",
        "[几点, 营业\n    reply: 好",
        "{ contains: [几点, 营业 }",
    ] {
        is_not_called_a_slip(&format!(
            "rules:\n  - name: 一\n    when: {value}\n    reply: 好\n"
        ));
    }
}

#[test]
fn wide_quotes_inside_plain_ones_close_nothing() {
    for value in ["\"他说“您好”", "\"您好”吗", "'it’s 您好", "\"您好"] {
        is_not_called_a_slip(&format!("rules:\n  - name: 一\n    reply: {value}\n"));
    }
}

#[test]
fn quotes_of_several_lines_are_told_where_they_opened() {
    for (value, told) in [
        ("\"一 \\\" 二\n      三\" 四", "only closed in line 4"),
        ("'一 '' 二\n      三' 四", "only closed in line 4"),
        ("'一\n\n      ''三' 四", "only closed in line 5"),
        ("\"一 \\\\\" 二", "after the closing quote"),
        ("'一''' 二", "after the closing quote"),
    ] {
        let text = format!("rules:\n  - name: 一\n    reply: {value}\n");
        let broken = read::<RuleFile>(&text).unread.broken.unwrap();
        let problem = broken.problem.to_string();
        assert!(problem.contains(told), "{problem}: {text}");
        let before = text.get(..broken.range.start).unwrap();
        let line = before.matches('\n').count();
        assert_eq!(line, 2, "{text}");
    }
}

#[test]
fn what_cannot_be_seen_in_a_text_breaks_nothing() {
    for line in [
        "\u{a0}营业: 九点",
        "您\u{200b}好: 九点",
        "a: \u{a0}b: c",
        "reply: 价格\u{a0}: 5",
    ] {
        is_not_called_a_slip(&format!(
            "rules:\n  - name: 一\n    when: {{ type: text }}\n    {line}\n    x: y: z\n"
        ));
    }
}
