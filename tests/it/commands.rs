//! Exit codes and exact output of the commands that work offline.

use crate::support::{Folder, Outcome};

const GREETING: &str = "\
rules:
  - name: 你好
    when: { type: text, prefix: 你好 }
    reply: hello
tests:
  - name: greets
    send: 你好呀
    expect: { rule: 你好, reply: hello }
";

/// Rules of several kinds with tests of which three fail.
const FAILING: &str = "\
options: { timezone: Asia/Shanghai }
rules:
  - name: 你好
    when: { type: text, prefix: [你好, 您好] }
    unless: { contains: 再见 }
    reply: \"hello\\n<time>\"
  - name: 设置
    when: { prefix: 设置 }
    set: { threshold: <rest> }
    expires: 10m
    add: { log: <content> }
    reply: 设置成功
  - name: 按钮
    when: { event: CLICK, key: { prefix: buy_ } }
    clear: all
    reply: { image: M<rest> }
  - name: 夜里
    when: { hours: \"22:00-06:00\", days: [sat, sun], user: { threshold: [\"100\", \"200\"] } }
    reply: 睡了
tests:
  - name: greets
    send: 您好
    expect: { rule: 设置, reply: 再见 }
  - name: remembers
    talk:
      - { send: 设置100, expect: { rule: 设置 } }
      - { send: 设置200, expect: { user: { threshold: 100 } } }
  - name: nobody answers
    send: { event: CLICK, key: sell }
    expect: { rule: 按钮 }
  - name: fine
    send: 您好
    expect: { rule: 你好 }
";

const UNTESTED: &str = "\
rules:
  - { name: a, when: { prefix: a }, reply: x }
  - { name: b, when: { prefix: b }, reply: y }
tests:
  - { name: t, send: ab, expect: { rule: a } }
";

const WRONG: &str = "rules:\n  - { nme: a, reply: x }\n";

const WRONG_SAID: &str = "\
error[unknown-key]: unknown key `nme`
 --> wrong.yaml:2:7
  |
2 |   - { nme: a, reply: x }
  |       ^^^
  |
  = help: did you mean `name`?

";

fn folder() -> Folder {
    Folder::with(&[
        ("good.yaml", GREETING),
        ("failing.yaml", FAILING),
        ("untested.yaml", UNTESTED),
        ("wrong.yaml", WRONG),
        ("bare.yaml", "rules:\n  - { name: a, reply: x }\n"),
    ])
}

/// Runs a command line, words divided by spaces, and compares all that came of it.
#[track_caller]
fn check(line: &str, code: i32, stdout: &str, stderr: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    check_words(&words, code, stdout, stderr);
}

#[track_caller]
fn check_words(words: &[&str], code: i32, stdout: &str, stderr: &str) {
    let outcome = folder().run(words);
    assert_eq!(outcome.stdout, stdout, "{words:?}");
    assert_eq!(outcome.stderr, stderr, "{words:?}");
    assert_eq!(outcome.code, code, "{words:?}");
}

#[track_caller]
fn json(words: &[&str]) -> (i32, serde_json::Value) {
    let Outcome { code, stdout, .. } = folder().run(words);
    (code, serde_json::from_str(&stdout).unwrap())
}

#[test]
fn check_sums_up_each_file_and_fails_for_any() {
    check(
        "check good.yaml",
        0,
        "good.yaml: 1 rule, 1 test, no problems\n",
        "",
    );
    check(
        "check good.yaml wrong.yaml untested.yaml",
        1,
        &format!(
            "good.yaml: 1 rule, 1 test, no problems\n{WRONG_SAID}wrong.yaml: 1 error\n\
             untested.yaml: 2 rules, 1 test, no problems\n"
        ),
        "",
    );
}

#[test]
fn every_file_has_the_same_fields_for_programs_whatever_is_wrong_with_it() {
    for command in ["check", "test"] {
        let files = ["good.yaml", "wrong.yaml", "missing.yaml"];
        let (_, said) = json(&[&[command, "--format", "json"], &files[..]].concat());
        let fields = |file: usize| -> Vec<String> {
            let file = said["files"][file].as_object().unwrap();
            file.keys().cloned().collect()
        };
        assert!(fields(0).contains(&"diagnostics".to_owned()), "{said}");
        assert_eq!(fields(0), fields(1), "{command}");
        assert_eq!(fields(0), fields(2), "{command}");
    }
}

#[test]
fn check_tells_the_same_to_programs() {
    let (code, said) = json(&["check", "--format", "json", "wrong.yaml", "good.yaml"]);
    let wanted = serde_json::json!({
        "ok": false,
        "files": [
            {
                "file": "wrong.yaml",
                "accounts": [],
                "ok": false,
                "error": null,
                "rules": null,
                "tests": null,
                "diagnostics": [{
                    "file": "wrong.yaml",
                    "line": 2,
                    "column": 7,
                    "severity": "error",
                    "code": "unknown-key",
                    "message": "unknown key `nme`",
                    "notes": [],
                    "help": "did you mean `name`?",
                    "other": null,
                }],
            },
            {
                "file": "good.yaml",
                "accounts": [],
                "ok": true,
                "error": null,
                "rules": 1,
                "tests": 1,
                "diagnostics": [],
            },
        ],
    });
    assert_eq!((code, said), (1, wanted));
}

#[test]
fn a_file_that_cannot_be_read_is_another_failure_and_the_others_are_still_looked_at() {
    let missing = "error: cannot read missing.yaml: No such file or directory (os error 2)\n";
    check(
        "check missing.yaml wrong.yaml good.yaml",
        2,
        &format!("{WRONG_SAID}wrong.yaml: 1 error\ngood.yaml: 1 rule, 1 test, no problems\n"),
        missing,
    );
    check(
        "test missing.yaml bare.yaml good.yaml",
        2,
        "bare.yaml:2:5: warning: no test reaches the rule a\n\
         bare.yaml: there are no tests; write some under `tests:`\n\
         bare.yaml: 0 passed, 0 failed; 0 of 1 rule reached\n\
         good.yaml: 1 passed, 0 failed; 1 of 1 rule reached\n",
        missing,
    );
    check("try missing.yaml 你好", 2, "", missing);
    check(
        "try 在吗",
        2,
        "",
        "error: cannot read 在吗: No such file or directory (os error 2)\n\
         help: the rule file comes before the text: wxreply try rules.yaml 在吗\n",
    );
    let (code, said) = json(&["test", "--format", "json", "missing.yaml", "good.yaml"]);
    assert_eq!((code, &said["ok"]), (2, &false.into()));
    assert_eq!(said["files"][0]["file"], "missing.yaml");
    assert_eq!(said["files"][1]["ok"], true);

    let folder = folder();
    folder.write("gbk.yaml", b"rules:\n  - name: \xc4\xe3\n");
    let outcome = folder.run(&["check", "gbk.yaml"]);
    let gbk = "error: cannot read gbk.yaml: it is not UTF-8 (line 2); save it as UTF-8\n";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, gbk));
}

#[test]
fn a_failing_test_marks_the_difference_and_shows_the_nearest_rules_first() {
    let long = "一二三四五六七八九十".repeat(4);
    let rules = format!(
        "\
rules:
  - {{ name: 营业, when: {{ contains: 几点 }}, reply: 周一到周五，<time:%H:%M> }}
  - {{ name: 图, when: {{ type: image }}, reply: a }}
  - {{ name: 地址, when: {{ equals: 地址 }}, reply: a }}
  - {{ name: 电话, when: {{ equals: 电话号码 }}, reply: a }}
  - {{ name: 找人, when: {{ prefix: 找人 }}, reply: a }}
  - {{ name: 夜, when: {{ type: text, hours: \"00:00-01:00\" }}, reply: a }}
  - {{ name: 白, when: {{ prefix: 电 }}, unless: {{ suffix: 码数 }}, reply: a }}
  - {{ name: 长, when: {{ prefix: 长 }}, reply: {long}乙{long} }}
tests:
  - {{ name: marks, send: 几点, expect: {{ reply: 周一到周六，03:04 }} }}
  - {{ name: ranks, send: 电话号码数, expect: {{ rule: 地址 }} }}
  - {{ name: cuts, send: 长, expect: {{ reply: {long}甲{long} }} }}
"
    );
    let folder = Folder::with(&[("rules.yaml", &rules)]);
    let said = folder.run(&["test", "rules.yaml"]).stdout;
    let marked = "\
  wanted  \"周一到周六，03:04\"
  got     rule 营业, \"周一到周五，03:04\"
                              ^^
";
    assert!(said.contains(marked), "{said}");
    let ranked = "\
  passed over:
    地址  text \"电话号码数\" is not \"地址\"
    白    unless: text ends with \"码数\"
    夜    it is 03:04, not within 00:00-01:00
    电话  text \"电话号码数\" is not \"电话号码\"
    营业  text \"电话号码数\" does not contain \"几点\"
    and 3 more; `wxreply try` shows all
";
    assert!(said.contains(ranked), "{said}");
    let excerpt = "\
  wanted  …五六七八九十一二三四五六七八九十甲一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一…
  got     …五六七八九十一二三四五六七八九十乙一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一…
                                           ^^
";
    assert!(said.contains(excerpt), "{said}");
}

#[test]
fn a_failing_test_shows_what_was_sent_wanted_and_got_and_why_earlier_rules_passed() {
    check(
        "test failing.yaml",
        1,
        "\
failing.yaml:21:5: test failed: greets
  sent    text \"您好\"
  wanted  rule 设置, \"再见\"
  got     rule 你好, \"hello\\n2026-01-02 03:04:05\"
                      ^^^^^^^^^^^^^^^^^^^^^^^^^^

failing.yaml:24:5: test failed: remembers
  turn    2
  sent    text \"设置200\"
  wanted  any rule
  got     rule 设置, \"设置成功\"
  stored  threshold: wanted \"100\", got \"200\"
  passed over:
    你好  text \"设置200\" does not begin with \"你好\" or \"您好\"

failing.yaml:28:5: test failed: nobody answers
  sent    { event: CLICK, key: sell }
  wanted  rule 按钮
  got     no rule, success
  passed over:
    按钮  key \"sell\" does not begin with \"buy_\"
    夜里  it is Friday, not sat-sun
    你好  type is \"event\", not \"text\"
    设置  there is no text

failing.yaml:13:5: warning: no test reaches the rule 按钮
failing.yaml:17:5: warning: no test reaches the rule 夜里
failing.yaml: 1 passed, 3 failed; 2 of 4 rules reached
",
        "",
    );
}

#[test]
fn a_failing_test_shows_what_failed() {
    let rules = "\
services: { shop: { url: 'https://example.com/' } }
rules:
  - { name: shop, when: { prefix: s }, ask: shop, failed: busy }
  - { name: more, when: { equals: m }, increase: { n: 1 }, reply: '<user.n>' }
tests:
  - { name: a, send: s, answers: { shop: { reply: hi, increase: { n: 1 } } }, expect: { reply: hi } }
  - { name: b, send: s, answers: { shop: { fails: 404 } }, expect: { reply: hi } }
  - { name: c, send: m, user: { n: many }, expect: { reply: '1' } }
";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let said = folder.run(&["test", "rules.yaml"]).stdout;
    let failed: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("  failed "))
        .collect();
    let number = " what is stored under n is not a number";
    assert_eq!(failed, [" not_json", " 404", number], "{said}");
}

#[test]
fn a_failing_test_is_told_to_programs() {
    let (code, said) = json(&["test", "--format", "json", "failing.yaml", "wrong.yaml"]);
    assert_eq!((code, &said["ok"]), (1, &false.into()));
    let file = &said["files"][0];
    assert_eq!((&file["passed"], &file["failed"]), (&1.into(), &3.into()));
    assert_eq!(file["unreached"], serde_json::json!(["按钮", "夜里"]));
    let wanted = serde_json::json!({
        "file": "failing.yaml",
        "line": 24,
        "column": 5,
        "test": "remembers",
        "turn": 2,
        "sent": "text \"设置200\"",
        "wanted": { "rule": null, "reply": null },
        "got": { "rule": "设置", "reply": { "text": "设置成功" } },
        "stored": { "key": "threshold", "wanted": ["100"], "got": ["200"] },
        "passed_over": [
            { "rule": "你好", "why": "text \"设置200\" does not begin with \"你好\" or \"您好\"" },
        ],
    });
    assert_eq!(file["failures"][1], wanted);
    let wrong = &said["files"][1];
    assert_eq!(wrong["file"], "wrong.yaml");
    assert_eq!(wrong["diagnostics"][0]["message"], "unknown key `nme`");
}

#[test]
fn no_test_at_all_is_a_failure_and_so_is_a_file_with_a_mistake() {
    check(
        "test bare.yaml",
        1,
        "bare.yaml:2:5: warning: no test reaches the rule a\n\
         bare.yaml: there are no tests; write some under `tests:`\n\
         bare.yaml: 0 passed, 0 failed; 0 of 1 rule reached\n",
        "",
    );
    check(
        "test wrong.yaml",
        1,
        &format!("{WRONG_SAID}wrong.yaml: 1 error; no tests were run\n"),
        "",
    );
}

#[test]
fn a_rule_that_no_test_reaches_is_a_failure_only_where_warnings_are_denied() {
    let said = "untested.yaml:3:5: warning: no test reaches the rule b\n\
                untested.yaml: 1 passed, 0 failed; 1 of 2 rules reached\n";
    check("test untested.yaml", 0, said, "");
    check("test --deny-warnings untested.yaml", 1, said, "");
    check(
        "test --deny-warnings good.yaml",
        0,
        "good.yaml: 1 passed, 0 failed; 1 of 1 rule reached\n",
        "",
    );
}

#[test]
fn try_shows_the_rule_the_reply_what_is_stored_and_why_not_the_others() {
    check(
        "try failing.yaml 您好 --at 2026-05-06T07:08:09",
        0,
        "rule   你好 (failing.yaml:3:5)\nreply  \"hello\\n2026-05-06 07:08:09\"\n",
        "",
    );
    check(
        "try failing.yaml 设置5",
        0,
        "rule    设置 (failing.yaml:7:5)\n\
         reply   \"设置成功\"\n\
         stores  add \"设置5\" to log\n\
         stores  set threshold = \"5\", for 600 s\n\
         passed over:\n  \
           你好  text \"设置5\" does not begin with \"你好\" or \"您好\"\n",
        "",
    );
    check(
        "try failing.yaml --event click --key buy_1",
        0,
        "rule    按钮 (failing.yaml:13:5)\n\
         reply   {\"image\":\"M1\"}\n\
         stores  clear all\n\
         passed over:\n  \
           你好  type is \"event\", not \"text\"\n  \
           设置  there is no text\n",
        "",
    );
    check_words(
        &["try", "failing.yaml", "-再见", "--at", "2026-01-02 12:00"],
        0,
        "rule   none\n\
         reply  success\n\
         passed over:\n  \
           你好  text \"-再见\" does not begin with \"你好\" or \"您好\"\n  \
           设置  text \"-再见\" does not begin with \"设置\"\n  \
           按钮  not an event, so not \"CLICK\"\n  \
           夜里  it is 12:00, not within 22:00-06:00\n",
        "",
    );
}

#[test]
fn try_takes_stored_values_and_any_element() {
    let night = ["--at", "2026-01-03 23:00"];
    let words = ["try", "failing.yaml", "您好再见", "--user"];
    check_words(
        &[&words[..], &["threshold=100"], &night].concat(),
        0,
        "rule   夜里 (failing.yaml:17:5)\n\
         reply  \"睡了\"\n\
         passed over:\n  \
           你好  unless: text contains \"再见\"\n  \
           设置  text \"您好再见\" does not begin with \"设置\"\n  \
           按钮  not an event, so not \"CLICK\"\n",
        "",
    );
    let list = ["threshold=1", "--user", "threshold=200"];
    let outcome = folder().run(&[&words[..], &list, &night].concat());
    assert!(outcome.stdout.starts_with("rule   夜里"), "{outcome:?}");
    let outcome = folder().run(&[&words[..], &["threshold=20"], &night].concat());
    let why = "夜里  stored threshold \"20\" is not \"100\" or \"200\"\n";
    assert!(outcome.stdout.ends_with(why), "{outcome:?}");

    let folder = Folder::with(&[(
        "f.yaml",
        "rules:\n  - { name: a, when: { fields: { label: 北京 } }, reply: <location_x> }\n",
    )]);
    let words = ["try", "f.yaml", "--type", "location"];
    let fields = ["--field", "label=北京", "--field", "Location_X=1=2"];
    let outcome = folder.run(&[&words[..], &fields].concat());
    assert_eq!(outcome.stdout, "rule   a (f.yaml:2:5)\nreply  \"1=2\"\n");
}

#[test]
fn an_element_that_every_message_has_is_there_once() {
    let reply = "<openid> <from_user_name> <type> <create_time>";
    let rules = format!("rules:\n  - {{ name: a, reply: '{reply}' }}\n");
    let folder = Folder::with(&[("f.yaml", &rules)]);
    let check = |fields: &[&str], shown: &str| {
        let mut words = vec!["try", "f.yaml", "--at", "2026-01-02 03:04"];
        words.extend(fields.iter().flat_map(|field| ["--field", field]));
        let outcome = folder.run(&words);
        let shown = format!("rule   a (f.yaml:2:5)\nreply  \"{shown}\"\n");
        assert_eq!(outcome.stdout, shown, "{fields:?}: {}", outcome.stderr);
    };
    check(&["content=x"], "o_test o_test text 1767294240");
    check(
        &["msg_type=image", "from_user_name=oMe", "create_time=5"],
        "oMe oMe image 5",
    );
    check(
        &["content=x", "open_id=another"],
        "o_test o_test text 1767294240",
    );
}

#[test]
fn try_shows_what_wechat_would_get() {
    check_words(
        &[
            "try",
            "failing.yaml",
            "您好",
            "--xml",
            "--at",
            "2026-01-02 10:00",
        ],
        0,
        "<xml><ToUserName><![CDATA[o_test]]></ToUserName>\
         <FromUserName><![CDATA[gh_test]]></FromUserName>\
         <CreateTime>1767319200</CreateTime>\
         <MsgType><![CDATA[text]]></MsgType>\
         <Content><![CDATA[hello\n2026-01-02 10:00:00]]></Content></xml>\n",
        "",
    );
    check("try failing.yaml --type video --xml", 0, "success\n", "");
}

#[test]
fn try_says_where_wechat_gets_less_than_the_rule_replies() {
    let long = "长".repeat(700);
    let rules = format!(
        "rules:
  - {{ name: long, when: {{ equals: long }}, reply: {long} }}
  - {{ name: person, when: {{ type: [text, event] }}, reply: transfer_customer_service }}
  - name: news
    when: {{ type: image }}
    reply: {{ news: [{{ title: a }}, {{ title: b }}] }}
  - {{ name: blank, when: {{ type: voice }}, reply: '　<media_id|>' }}
"
    );
    let folder = Folder::with(&[("r.yaml", &rules)]);
    let check = |arguments: &[&str], shown: &str| {
        let outcome = folder.run(&[&["try", "r.yaml"], arguments].concat());
        assert!(outcome.stdout.contains(shown), "{arguments:?}: {outcome:?}");
    };
    let cut = "\nsent   the text has more than 2047 bytes; the end is cut off\n";
    check(&["long"], cut);
    let handed = "reply  transfer_customer_service\n\
                  sent   events cannot be transferred to customer service, so nothing is sent\n";
    check(&["--event", "subscribe"], handed);
    let news = "\nsent   only 1 article can be shown here\n";
    check(&["--type", "image"], news);
    let blank = "\nsent   the text is blank, so nothing is sent\n";
    check(&["--type", "voice"], blank);
    let outcome = folder.run(&["try", "r.yaml", "x"]);
    assert!(!outcome.stdout.contains("sent "), "{outcome:?}");
    let json = ["try", "r.yaml", "--event", "subscribe", "--format", "json"];
    let said: serde_json::Value = serde_json::from_str(&folder.run(&json).stdout).unwrap();
    let why = "events cannot be transferred to customer service, so nothing is sent";
    assert_eq!(said["shortfall"], why);
    assert_eq!(
        said["shortfall_zh"],
        "事件不能转给客服，因此不会发送任何内容"
    );
}

#[test]
fn try_tells_the_same_to_programs() {
    let mut words = vec!["try", "failing.yaml", "设置5", "--format", "json"];
    words.extend(["--at", "2026-01-02 03:04"]);
    let (code, said) = json(&words);
    let wanted = serde_json::json!({
        "rule": "设置",
        "part": null,
        "place": { "file": "failing.yaml", "line": 7, "column": 5 },
        "at": "2026-01-02 03:04:00",
        "captures": { "rest": "5" },
        "reply": { "text": "设置成功" },
        "sent": { "text": "设置成功" },
        "shortfall": null,
        "shortfall_zh": null,
        "question": null,
        "failure": null,
        "changes": ["add \"设置5\" to log", "set threshold = \"5\", for 600 s"],
        "changes_zh": ["在 log 里加入 \"设置5\"", "设置 threshold = \"5\"，保留 600 秒"],
        "user": { "before": {}, "after": { "log": ["设置5"], "threshold": "5" } },
        "passed_over": [{
            "rule": "你好",
            "why": "text \"设置5\" does not begin with \"你好\" or \"您好\"",
            "why_zh": "文本 \"设置5\" 不以 \"你好\" 或 \"您好\" 开头",
        }],
    });
    assert_eq!((code, said), (0, wanted));
    let (code, said) = json(&["try", "wrong.yaml", "x", "--format", "json"]);
    assert_eq!(code, 1);
    assert_eq!(said["diagnostics"][0]["line"], 2);
}

#[test]
fn try_refuses_what_is_no_message_no_time_or_no_rule_file() {
    check(
        "try good.yaml",
        2,
        "",
        "error: say what is sent: a text, --type or --event\n",
    );
    check(
        "try good.yaml x --at tomorrow",
        2,
        "",
        "error: --at is not a local time; write it like 2026-01-02 03:04:05 or 03:04\n",
    );
    check("try wrong.yaml x", 1, "", WRONG_SAID);
    check(
        "try good.yaml x --field label",
        2,
        "",
        "error: invalid value 'label' for '--field <NAME=VALUE>': write it as NAME=VALUE\n\n\
         For more information, try '--help'.\n",
    );
}
