//! `import`: what answered an account answers on, and what cannot is said.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use proptest::{prop_assert, prop_assert_eq, prop_oneof};
use serde_json::json;
use wxreply::reply::Reply;
use wxreply::rules::answer::Answer;
use wxreply::rules::condition::{Condition, Shape, Test};
use wxreply::rules::parsed::ParsedSources;
use wxreply::rules::{Rule, RuleSet, lint};
use wxreply::{case_runner, import, rules};

use crate::pages::pages;
use crate::support::{Folder, program, run_in};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import")
}

/// `UPDATE_EXPECTED=1 cargo test` writes down what is made now; a change of it is read like code.
#[test]
fn every_import_makes_exactly_this_rule_file_and_it_passes_its_own_tests() {
    let folder = data();
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json") || name.ends_with(".csv"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 7, "{names:?}");
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let languages = names.iter().flat_map(|name| [(name, "en"), (name, "zh")]);
    for (name, language) in languages {
        let mut arguments = vec!["--lang", language, "import", name];
        arguments.extend(name.ends_with(".csv").then_some("--csv"));
        let imported = run_in(&folder, &arguments);
        assert_eq!(imported.code, 0, "{name}: {}", imported.stderr);
        for (extension, made) in [("yaml", &imported.stdout), ("txt", &imported.stderr)] {
            let extension = match language {
                "en" => extension.to_owned(),
                language => format!("{language}.{extension}"),
            };
            let expected = folder.join(name).with_extension(extension);
            if update {
                std::fs::write(&expected, made).unwrap();
            }
            let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
            assert_eq!(*made, wanted, "{}", expected.display());
        }
        let made = Folder::with(&[("rules.yaml", &imported.stdout)]);
        for command in ["check", "test"] {
            let outcome = made.run(&[command, "--deny-warnings", "rules.yaml"]);
            assert_eq!(outcome.code, 0, "{name}: {}", outcome.stdout);
        }
        let tidy = made.run(&["fmt", "--check", "rules.yaml"]);
        assert_eq!((tidy.code, tidy.stderr.as_str()), (0, ""), "{name}");
    }
}

#[test]
fn the_sample_answers_as_the_account_did() {
    let imported = run_in(&data(), &["import", "sample.json"]);
    let tests = r##"
  - name: a new follower
    send: { event: subscribe }
    expect: { reply: "欢迎关注！\n回复【帮助】看菜单 <a href=\"https://example.com/\">官网</a>" }
  - { name: equal, send: 帮助, expect: { reply: 1 查询 2 人工 } }
  - { name: more than equal, send: 帮助我, expect: { reply: 已收到，稍后回复您 } }
  - { name: contain, send: 这个怎么用呢, expect: { reply: 1 查询 2 人工 } }
  - name: an article
    send: 看news测试
    expect:
      reply:
        news:
          - title: 第一篇
            description: 摘要
            pic_url: http://mmbiz.qpic.cn/mmbiz/x/0
            url: "http://mp.weixin.qq.com/s?__biz=MjM5&mid=203929886&idx=1&sn=62#rd"
  - name: an image
    send: 图
    expect: { reply: { image: NESsxgHEvAcg3egJTtYj4uG1PTL6iPhratdWKDLAXYE } }
  - name: a voice
    send: voice测试
    expect: { reply: { voice: NESsxgHEvAcg3egJTtYj4uG1PTL6iPhratdWKDLAXYErhN6oEEfMdVyblWtBY5vp } }
  - name: a video, by its address
    send: video测试
    expect: { reply: "http://vweixinp.tc.qq.com/1007_114b.f10.mp4?vkey=7183&sha=0&save=1" }
  - { name: anything else, send: 图片, expect: { reply: 已收到，稍后回复您 } }
  - name: a voice message
    send: { type: voice, media_id: V1 }
    expect: { reply: 已收到，稍后回复您 }
  - { name: a menu click, send: { event: CLICK, key: a }, expect: { rule: none } }
"##;
    let folder = Folder::with(&[("rules.yaml", &(imported.stdout + tests))]);
    let outcome = folder.run(&["test", "rules.yaml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
}

#[test]
fn the_default_reply_can_be_had_once_an_hour_by_taking_the_mark_of_the_comment_away() {
    let mut rules = run_in(&data(), &["import", "sample.json"]).stdout;
    for line in ["unless:", "set:", "expires:"] {
        rules = rules.replace(&format!("    # {line}"), &format!("    {line}"));
    }
    rules.push_str(
        "  - { name: at once, send: 嗯, expect: { rule: 收到消息回复, user: { answered: \"yes\" } } }
  - { name: again, user: { answered: \"yes\" }, send: 嗯, expect: { rule: none } }
",
    );
    let folder = Folder::with(&[("rules.yaml", &rules)]);
    let outcome = folder.run(&["test", "rules.yaml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
}

#[test]
fn a_dash_is_standard_input() {
    let mut command = program(&["import", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let sample = std::fs::read(data().join("sample.json")).unwrap();
    child.stdin.take().unwrap().write_all(&sample).unwrap();
    let output = child.wait_with_output().unwrap();
    let expected = std::fs::read_to_string(data().join("sample.yaml")).unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn what_cannot_be_imported_is_refused_with_what_to_do() {
    let (json, csv) = (&["in"][..], &["in", "--csv"][..]);
    let cases: [(&[&str], &[u8], &str); 22] = [
        (
            json,
            b"",
            "this is not what get_current_autoreply_info answers: EOF",
        ),
        (
            json,
            "{\"a\": 1 // 注释\n}".as_bytes(),
            "it has // comments",
        ),
        (
            json,
            b"{\"rule_name\": \"a\nb\"}",
            "line 1 column 16; save WeChat's answer exactly",
        ),
        (
            json,
            b"{\"keyword_autoreply_info\": {\"list\": 5}}",
            "invalid type: integer `5`",
        ),
        (json, b"{}", "this JSON has no auto-replies in it"),
        (json, b"[1]", "expected an object of auto-replies"),
        (json, b"\xb0\xef\xd6\xfa", "save it as UTF-8"),
        (
            json,
            br#"{"errcode":40013,"errmsg":"invalid appid"}"#,
            "WeChat refused with errcode 40013 invalid appid: there is no account with this app id",
        ),
        (
            json,
            br#"{"errcode":42001,"errmsg":"access_token expired\u001b[2J"}"#,
            "expired [2J: the access token is missing, wrong or older than two hours",
        ),
        (
            json,
            br#"{"errcode":40164,"errmsg":"invalid ip 1.2.3.4, not in whitelist"}"#,
            "put that on the list of addresses",
        ),
        (json, br#"{"errcode":99999}"#, "look the number up"),
        (
            csv,
            "关键词;回复\n1;2\n".as_bytes(),
            "it has \"关键词;回复\"; columns are separated by commas",
        ),
        (
            csv,
            b"keyword,answer,match\na,b,\nc,d,often\n",
            "row 3 says often under match",
        ),
        (
            csv,
            "关键词,回复\n营业时间,周一到周五,9点到18点\n地址,青石路1号\n".as_bytes(),
            "row 2: more cells than the 2 columns that the first row names",
        ),
        (
            csv,
            b"keyword,answer,,\na,b,,\n\nc,d,e\nf,g,,h\n",
            "rows 4 and 5: more cells",
        ),
        (
            csv,
            "关键词,回复\n地址,\"青石路1号\n工资,不公开\n电话,10086\n".as_bytes(),
            "row 2: the quote that opens column 2 is never closed",
        ),
        (
            csv,
            "关键词,回复\n\n地址,\"青石路1号\n工资,不公开\n电话,\"10086\"\n".as_bytes(),
            "row 3: text follows the closing quote in column 2",
        ),
        (
            csv,
            b"keyword,answer,answer,keyword\na,b,c,d\n",
            "the first row names the column keyword after another",
        ),
        (
            csv,
            "keyword,关键词,answer\na,b,c\n".as_bytes(),
            "the first row names the column 关键词 after another",
        ),
        (
            csv,
            "关键词,回复,match,匹配\na,b,,\n".as_bytes(),
            "the first row names the column 匹配 after another",
        ),
        (csv, b"", "the first row is empty"),
        (
            csv,
            b"\xb9\xd8\xbc\xfc\xb4\xca,\xbb\xd8\xb8\xb4\n",
            "CSV UTF-8",
        ),
    ];
    for (arguments, content, said) in cases {
        let folder = Folder::with(&[]);
        folder.write("in", content);
        let outcome = folder.run(&[&["import"], arguments].concat());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{said}");
        let begins = outcome.stderr.starts_with("error: in: ");
        assert!(
            begins && outcome.stderr.contains(said),
            "{said}: {}",
            outcome.stderr
        );
        assert!(!outcome.stderr.contains('\u{1b}'), "{said}");
    }
    for (name, arguments, said) in [
        ("faq.csv", &[][..], "help: add --csv for"),
        (
            "faq.XLSX",
            &[][..],
            "help: save it as CSV UTF-8 in the spreadsheet program",
        ),
        ("faq.xlsx", &["--csv"][..], "and import that with --csv"),
    ] {
        let folder = Folder::with(&[]);
        folder.write(name, b"PK\x03\x04\xff");
        let outcome = folder.run(&[&["import", name], arguments].concat());
        assert_eq!(outcome.code, 2);
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    }
    let outcome = Folder::with(&[]).run(&["import", "nowhere.json"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("cannot read nowhere.json"));
}

#[test]
fn the_sheet_in_the_documents_becomes_the_rule_file_below_it() {
    for (name, language) in [("docs/importing.md", "en"), ("docs/zh/importing.md", "zh")] {
        let page = pages().into_iter().find(|page| page.name == name).unwrap();
        let block = |info: &str| {
            let mut blocks = page.blocks().into_iter().filter(|block| block.info == info);
            blocks.next().unwrap().text
        };
        let folder = Folder::with(&[("faq.csv", &block("csv"))]);
        let outcome = folder.run(&["--lang", language, "import", "--csv", "faq.csv"]);
        assert_eq!(
            (outcome.stdout, outcome.stderr),
            (block("yaml"), String::new())
        );
    }
}

#[derive(Clone, Debug)]
struct Written {
    name: String,
    keyword: String,
    contain: bool,
    text: String,
}

/// Texts with much of what means something to YAML, to templates or to a terminal.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(vec![
            "<", "<<", ">", "<time>", "<a href=\"x\">", "</a>", "<user.name|", "<1>", "|", "\n",
            "\r\n", "\t", " ", "  ", "#", " #", ": ", "- ", "'", "\"", "\\", "{", "}", "[", "]",
            ",", "&", "*", "!", "%", "@", "`", "---", "...", "~", "null", "no", "1", "0x1", "1.0",
            "2026-01-02", "=", "<<:", "你好", "【1】", "success", "sucess", "\u{0}", "\u{7}", "\u{7f}",
            "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{fffe}", "😀", "\u{10ffff}",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

/// Without what no comparison sees.
fn visible(text: &str) -> String {
    let invisible = regex::Regex::new(r"[[\p{Cc}--\s]\p{Default_Ignorable_Code_Point}]").unwrap();
    invisible.replace_all(text, "").into_owned()
}

fn rule_of<'r>(rules: &'r RuleSet, keyword: &str, contain: bool) -> Option<&'r Rule> {
    rules.rules.iter().find(|rule| {
        rule.when.iter().any(|condition| match condition {
            Condition::Text(_, Test::Literal(Shape::Equals, texts)) => {
                !contain && **texts == [keyword.into()]
            }
            Condition::Text(_, Test::Literal(Shape::Contains, texts)) => {
                contain && **texts == [keyword.into()]
            }
            _ => false,
        })
    })
}

#[test]
fn whatever_the_texts_the_rules_say_exactly_them() {
    let written = (text(), text(), any::<bool>(), text());
    let written = written.prop_map(|(name, keyword, contain, text)| Written {
        name,
        keyword: visible(&keyword),
        contain,
        text,
    });
    let config = Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&(vec(written, 0..5), text()), |(entries, greeting)| {
            let list = entries.iter().map(|entry| {
                let mode = if entry.contain { "contain" } else { "equal" };
                json!({
                    "rule_name": entry.name,
                    "keyword_list_info":
                        [{ "type": "text", "match_mode": mode, "content": entry.keyword }],
                    "reply_mode": "reply_all",
                    "reply_list_info": [
                        { "type": "text", "content": entry.text },
                        // What is lost must not come out of its comment.
                        { "type": "text", "content": greeting },
                        { "type": entry.name, "content": entry.keyword },
                    ],
                })
            });
            let answer = json!({
                "add_friend_autoreply_info": {
                    "type": "news",
                    "news_info": { "list": [{ "title": greeting, "digest": greeting }] },
                },
                "keyword_autoreply_info": { "list": list.collect::<Vec<_>>() },
            });
            let imported = import::console(answer.to_string().as_bytes()).unwrap();
            let sources = ParsedSources::of_text("rules.yaml", &imported.rules);
            let rules = match rules::compile(&sources, &TimeZone::UTC, None) {
                Ok(rules) => rules,
                Err(mistakes) => {
                    let shown: Vec<_> = mistakes.iter().map(|one| one.render(false)).collect();
                    panic!("{}\n{}", shown.join("\n"), imported.rules);
                }
            };
            let says = |rule: &Rule| match &rule.answer {
                Answer::One(Reply::Text(template)) => template.literal().map(str::to_owned),
                Answer::One(Reply::News(articles)) => {
                    let description = articles[0].description.as_ref()?.literal();
                    let title = articles[0].title.literal();
                    title.filter(|_| title == description).map(str::to_owned)
                }
                _ => None,
            };
            prop_assert_eq!(says(&rules.rules[0]), Some(greeting.clone()));
            let mut seen = BTreeSet::new();
            for entry in &entries {
                // A keyword that stood before answers with the text that stood before.
                let earlier =
                    seen.iter()
                        .any(|(keyword, contain): &(&String, bool)| match contain {
                            true => entry.keyword.contains(*keyword),
                            false => !entry.contain && **keyword == entry.keyword,
                        });
                let is_blank = entry.keyword.trim().is_empty();
                if is_blank {
                    continue;
                }
                seen.insert((&entry.keyword, entry.contain));
                if earlier {
                    continue;
                }
                let rule = rule_of(&rules, &entry.keyword, entry.contain);
                prop_assert_eq!(rule.and_then(says), Some(entry.text.clone()));
            }
            // What is odd about the texts was so in the console.
            let of_texts = [
                "odd-space",
                "star-in-keyword",
                "html-in-text",
                "link-without-end",
            ];
            let mut warnings = lint::warnings(&rules, &sources);
            warnings.retain(|warning| !of_texts.contains(&warning.message.id()));
            prop_assert!(warnings.is_empty(), "{:?}\n{}", warnings, imported.rules);
            let outcome = case_runner::run(&rules);
            prop_assert!(outcome.failures.is_empty(), "{}", imported.rules);
            prop_assert_eq!(outcome.reached.len(), rules.rules.len());
            Ok(())
        })
        .unwrap();
}
