//! What templates read, refuse and fill in.

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::any;
use proptest::{prop_assert_eq, proptest};

use crate::message::Message;
use crate::moment::Moment;
use crate::user::User;

use super::*;

/// A rule with a prefix and a regex of three groups, of which two are named.
fn offered() -> [String; 2] {
    ["城市".to_owned(), "event".to_owned()]
}

fn parse(text: &str) -> Result<Template, Vec<TemplateError>> {
    let names = &offered();
    let (groups, rest) = (Some(3), true);
    Template::parse(
        text,
        &Scope {
            groups,
            names,
            rest,
            ..Scope::default()
        },
    )
}

fn render(template: &Template, message: &Message) -> String {
    let mut user = User::default();
    user.set("threshold", "10");
    user.set("空", "");
    user.add("stocks", "600519");
    user.add("stocks", "000001");
    let noon = date(2026, 1, 2).at(3, 4, 5, 0);
    template.render(&Values {
        message,
        user: &user,
        changed: &User::default(),
        progress: None,
        moment: &Moment::local(noon, &TimeZone::UTC).unwrap(),
        rest: Some("茅台"),
        captures: &Captures {
            groups: vec![Some("北京天气"), Some("北京"), None, Some("")],
            named: vec![Some("北京"), Some("雨")],
        },
        answer: None,
        tidied: false,
    })
}

#[track_caller]
fn check(text: &str, rendered: &str) {
    let message = Message::new("text")
        .with("FromUserName", "o1")
        .with("ToUserName", "gh_1")
        .with("Content", "<time> & <content>")
        .with("ScanCodeInfo.ScanResult", "EAN_13,690")
        .with("ThumbMediaId", "T1")
        .with("ThumbMediaId", "T2");
    let template = parse(text).unwrap();
    assert_eq!(render(&template, &message), rendered, "{text}");
}

#[test]
fn placeholders_give_what_their_names_say() {
    check("hello!! \n <time>", "hello!! \n 2026-01-02 03:04:05");
    check("<time:%H:%M>点", "03:04点");
    check("[<rest>]<type>", "[茅台]text");
    check("<openid>@<account>", "o1@gh_1");
    check("<scan_code_info.scan_result>", "EAN_13,690");
    check("<thumb_media_id>", "T1");
    check("<user.threshold>、<user.stocks>", "10、600519、000001");
    check("<1>/<0>/<城市>", "北京/北京天气/北京");
    check("<date> <weekday>", "2026-01-02 星期五");
    check(
        "?q=<url:content>&c=<url:城市|x>",
        "?q=%3Ctime%3E%20%26%20%3Ccontent%3E&c=%E5%8C%97%E4%BA%AC",
    );
    check("<key><scene><menu><media_id>.", ".");
}

#[test]
fn what_a_follower_writes_is_never_read_as_a_placeholder() {
    check("复述：<content>", "复述：<time> & <content>");
}

#[test]
fn a_capture_wins_over_the_placeholder_of_its_name() {
    check("<event>", "雨");
}

#[test]
fn a_default_stands_in_for_what_is_missing_or_empty() {
    check("<user.threshold|未设置>", "10");
    check("<user.nothing|未设置>", "未设置");
    check("<user.空|未设置>", "未设置");
    check("<2|没有><3|空的>", "没有空的");
    check("<media_id|a: b|c\nd>", "a: b|c\nd");
    check("[<scene|>]", "[]");
}

#[test]
fn what_is_not_shaped_like_a_placeholder_is_text() {
    for text in [
        "",
        "<a href=\"https://example.com/?a=1|2\">链接</a>",
        "a < b, <> <b/> < time> </time>",
        "<content",
        "<重要通知>",
        "<省>",
        "<http://example.com>",
        "<bob@example.com>",
        "<|x>",
        "<.a> <a.> <a..b> <a-b>",
        "<b <",
        "<1a>",
    ] {
        assert_eq!(parse(text).unwrap().literal(), Some(text));
    }
}

#[test]
fn a_doubled_bracket_is_a_literal_one() {
    for (text, literal) in [
        ("<<content>", "<content>"),
        ("<<<<b>", "<<b>"),
        ("a <<", "a <"),
    ] {
        assert_eq!(parse(text).unwrap().literal(), Some(literal));
    }
    check("<<<type>>", "<text>");
}

#[test]
fn a_mistake_says_what_is_wrong_and_how_to_mend_it() {
    for (text, message, help) in [
        (
            "<conten>",
            "unknown placeholder <conten>",
            "did you mean <content>?",
        ),
        (
            "<Content>",
            "unknown placeholder <Content>",
            "did you mean <content>?",
        ),
        (
            "<MediaId>",
            "unknown placeholder <MediaId>",
            "did you mean <media_id>?",
        ),
        (
            "<EventKey>",
            "unknown placeholder <EventKey>",
            "did you mean <event_key>?",
        ),
        (
            "<scan_result|x>",
            "<scan_result>",
            "<scan_code_info.scan_result>?",
        ),
        (
            "<城镇>",
            "unknown placeholder <城镇>",
            "did you mean <城市>?",
        ),
        (
            "<城市 >",
            "unknown placeholder <城市 >",
            "did you mean <城市>?",
        ),
        (
            "<user>",
            "unknown placeholder <user>",
            "did you mean <user.KEY>?",
        ),
        ("<b>", "unknown placeholder <b>", "no HTML but links"),
        ("<c>", "unknown placeholder <c>", "write `<<c>`"),
        (
            "<qwerty.zz>",
            "<qwerty.zz>",
            "the placeholders are 城市, event, content, rest",
        ),
        (
            "<4>",
            "<4>: the regex of this rule has only 3 groups",
            "`<<4>`",
        ),
        (
            "<99999999999999999999>",
            "only 3 groups",
            "groups are the ( )",
        ),
        (
            "<user.a b>",
            "<user.a b> cannot be the name",
            "letters, digits, _ and -",
        ),
        (
            "<user.>",
            "<user.> cannot be the name",
            "letters, digits, _ and -",
        ),
        ("<time:>", "invalid time format <time:>", "<time:%H:%M>"),
        (
            "<time:%H:%>",
            "invalid time format <time:%H:%>",
            "<time:%Y-",
        ),
        ("<time:%é>", "invalid time format", "<time:%Y-"),
        (
            "<tiem:%H:%M>",
            "unknown placeholder <tiem:%H:%M>",
            "did you mean <time:%H:%M>?",
        ),
        (
            "<content:%H>",
            "<content> takes no format",
            "only <time:FORMAT>",
        ),
        (
            "<user.x|<content>",
            "the default value of <user.x> is not closed",
            "<user.x|text>",
        ),
        (
            "<content|",
            "the default value of <content> is not closed",
            "<content|text>",
        ),
    ] {
        let errors = parse(text).unwrap_err();
        let [error] = errors.as_slice() else {
            panic!("{text}: {errors:?}");
        };
        let (said, advised) = (error.message.to_string(), error.help.to_string());
        assert!(said.contains(message), "{text}: {said}");
        assert!(advised.contains(help), "{text}: {advised}");
        assert!(!said.contains('\n'), "{said}");
    }
}

#[test]
fn a_placeholder_that_the_rule_does_not_offer_is_a_mistake() {
    for (text, groups, message) in [
        ("<rest>", Some(1), "this rule has none"),
        ("<1>", None, "this rule has none"),
        ("<1>", Some(0), "the regex of this rule has no groups"),
        ("<2>", Some(1), "the regex of this rule has only 1 group"),
    ] {
        let scope = Scope {
            groups,
            ..Scope::default()
        };
        let errors = Template::parse(text, &scope).unwrap_err();
        assert_eq!(errors.len(), 1, "{text}");
        assert!(
            errors[0].message.to_string().ends_with(message),
            "{}",
            errors[0]
        );
    }
}

#[test]
fn all_mistakes_are_told_in_order_with_their_places() {
    let text = "您好 <conten>：<b|粗> <content> <<x> <time:%é>";
    let errors = parse(text).unwrap_err();
    let places: Vec<&str> = errors
        .iter()
        .filter_map(|error| text.get(error.range.clone()))
        .collect();
    assert_eq!(places, ["<conten>", "<b|粗>", "<time:%é>"]);
}

#[test]
fn every_built_in_placeholder_is_known() {
    for (name, _, built_in) in placeholder::BUILT_IN {
        let rest = true;
        let scope = Scope {
            rest,
            ..Scope::default()
        };
        let template = Template::parse(&format!("<{name}>"), &scope).unwrap();
        let value = Segment::Value(ValueSource::BuiltIn(built_in));
        assert_eq!(template.segments, [value]);
    }
}

#[test]
fn a_template_tells_its_least_length_and_what_it_reads_of_the_follower() {
    let template = parse("价格<user.价-格>，<user.b|c>").unwrap();
    assert_eq!(template.min_bytes(), "价格，".len());
    assert_eq!(template.user_keys().collect::<Vec<_>>(), ["价-格", "b"]);
    assert_eq!(template.literal(), None);
}

#[test]
fn captures_are_not_shown_in_logs() {
    let captures = Captures {
        groups: vec![Some("秘密")],
        named: vec![Some("秘密")],
    };
    assert!(!format!("{captures:?}").contains("秘密"));
}

proptest! {
    #[test]
    fn any_text_with_its_brackets_doubled_is_itself(text in any::<String>()) {
        let template = parse(&text.replace('<', "<<")).unwrap();
        prop_assert_eq!(template.literal(), Some(text.as_str()));
    }

    #[test]
    fn mistakes_stand_one_after_another_on_whole_characters(
        text in "([<>|:.%aé城]|<b>|<time:|<user\\.|<content){0,12}",
    ) {
        let mut end = 0;
        for error in parse(&text).err().unwrap_or_default() {
            prop_assert_eq!(error.range.start.max(end), error.range.start);
            let place = text.get(error.range.clone()).unwrap_or_default();
            prop_assert_eq!(place.get(..1), Some("<"));
            end = error.range.end;
        }
    }
}

#[test]
fn no_rule_file_has_one_message_fill_the_memory() {
    let message = Message::new("text").with("Content", &"字".repeat(20_000));
    for (text, end) in [
        ("字".repeat(1 << 20), "字"),
        ("<content>".repeat(100_000), "字"),
        ("a<content|b>".repeat(1000), "字"),
    ] {
        let rendered = render(&parse(&text).unwrap(), &message);
        let bytes = rendered.len();
        assert!(bytes >= MAX_RENDERED_BYTES - 3, "{bytes}");
        assert!(bytes <= MAX_RENDERED_BYTES + 60_000, "{bytes}");
        assert!(rendered.ends_with(end));
    }
}
