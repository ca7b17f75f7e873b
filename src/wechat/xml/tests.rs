//! What the reader accepts and refuses, with one file per documented push.

use std::fs;
use std::path::Path;

use super::*;

fn elements(xml: &str) -> Result<Vec<(String, String)>, Malformed> {
    let message = read(xml.as_bytes().to_vec(), Strictness::Strict);
    assert_eq!(
        message,
        read_any(xml.to_owned(), Strictness::Strict),
        "{xml}"
    );
    if let Ok(strict) = &message {
        let lenient = read(xml.as_bytes().to_vec(), Strictness::Lenient);
        assert_eq!(lenient.as_ref(), Ok(strict), "{xml}");
    }
    Ok(pairs(&message?))
}

fn pairs(message: &Message) -> Vec<(String, String)> {
    let elements = message.elements();
    elements
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[track_caller]
fn check(xml: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(elements(xml), Ok(expected), "{xml}");
}

#[track_caller]
fn check_value(inside: &str, expected: &str) {
    check(&format!("<xml><A>{inside}</A></xml>"), &[("A", expected)]);
    check(
        &format!("<xml><O><A>{inside}</A><B/></O><C>z</C></xml>"),
        &[("O.A", expected), ("O.B", ""), ("C", "z")],
    );
}

#[track_caller]
fn refuse(xml: &str, expected: Malformed) {
    assert_eq!(elements(xml), Err(expected), "{xml}");
}

#[test]
fn values_are_read_in_every_way_they_can_be_written() {
    check_value("<![CDATA[你好]]>", "你好");
    check_value("你好", "你好");
    check_value("", "");
    check_value("<![CDATA[]]>", "");
    check_value(" \n\t", "");
    check_value("\n <![CDATA[ 你好\n ]]> \t", " 你好\n ");
    check_value("\n 你 好 \n", "你 好");
    check_value("\u{3000}你好\u{3000}", "\u{3000}你好\u{3000}");
    check_value("<![CDATA[x]]><![CDATA[y]]>", "xy");
    check_value("<![CDATA[x]]> \n <![CDATA[y]]>", "xy");
    check_value("<![CDATA[]]]]><![CDATA[>]]>", "]]>");
    check_value(" x <![CDATA[ y ]]> z ", "x y z");
    check_value("<![CDATA[x]]><!-- c --><![CDATA[y]]>", "xy");
    check_value("a<!-- c -->b<?p?>c", "abc");
    check_value("<![CDATA[&lt;]]>", "&lt;");
    check_value("&lt; &gt;&amp;&apos;&quot;", "< >&'\"");
    check_value(" a &lt; b ", "a < b");
    check_value("&#x4f60;&#22909; &#128512;", "你好 😀");
    check_value(
        " &amp; <![CDATA[ x ]]> y &lt; <![CDATA[z]]>&gt;",
        "& x y <z>",
    );
    check_value("<![CDATA[a\r\nb\rc]]>\r\n", "a\nb\nc");
    check_value("a\r\nb", "a\nb");
    check_value("&#13;", "\r");
    check_value("<![CDATA[a\u{1d}b\u{0}]]>&#8;", "a\u{1d}b\u{0}\u{8}");
    check_value("<![CDATA[<b>x</b>]]>", "<b>x</b>");
}

#[test]
fn documents_are_read_in_every_way_they_can_be_framed() {
    let one = [("A", "1")];
    check("<xml><A>1</A></xml>", &one);
    check("\u{feff}<xml><A>1</A></xml>", &one);
    check(
        "<?xml version=\"1.0\" encoding=\"GBK\"?>\n<xml><A>1</A></xml>\n",
        &one,
    );
    check(
        " \r\n<!-- c --><xml\n>\n  <A >1</A >\n</xml >\n<!-- c --><?p?>\n",
        &one,
    );
    check("<xml a='1' a='2' b><A c=\"d\">1</A></xml>", &one);
    check("<xml/>", &[]);
    check("<xml></xml>", &[]);
    check("<xml>\n</xml>", &[]);
}

#[test]
fn nested_elements_get_dotted_names_and_never_pass_for_those_above() {
    check(
        "<xml><I><Content>evil</Content><MsgId/></I><Content>good</Content></xml>",
        &[("I.Content", "evil"), ("I.MsgId", ""), ("Content", "good")],
    );
    check(
        "<xml><P><Count>2</Count><L><item><M>a</M></item><item><M>b</M></item></L></P></xml>",
        &[("P.Count", "2"), ("P.L.item.M", "a"), ("P.L.item.M", "b")],
    );
    check(
        "<xml><P><L/></P><Q><L> </L></Q></xml>",
        &[("P.L", ""), ("Q.L", "")],
    );
    check("<xml><xml><A>1</A></xml></xml>", &[("xml.A", "1")]);
}

#[test]
fn a_value_in_one_piece_is_not_copied() {
    let xml = "<xml><A><![CDATA[你好]]></A><B> 1 </B></xml>";
    let document = XmlDocument::read(xml, Strictness::Strict).unwrap();
    assert!(document.tail.is_empty());
    assert_eq!(document.elements.len(), 2);
}

#[test]
fn what_is_no_wechat_message_is_refused() {
    use Malformed::*;
    for (xml, expected) in [
        ("", NotXml),
        ("   ", NotXml),
        ("success", NotXml),
        ("{\"ToUserName\":\"gh_1\"}", NotXml),
        ("<xml>", NotXml),
        ("<xml", NotXml),
        ("<xml><A>1</A>", NotXml),
        ("<xml><A>1</xml>", NotXml),
        ("<xml><A>1</B></xml>", NotXml),
        ("<xml></A></xml>", NotXml),
        ("</xml>", NotXml),
        ("<xml></xml></xml>", NotXml),
        ("<XML><A>1</A></XML>", NotXml),
        ("<html><A>1</A></html>", NotXml),
        ("<xml/><xml/>", NotXml),
        ("<xml></xml><xml></xml>", NotXml),
        ("<xml></xml><a/>", NotXml),
        ("<xml></xml>x", NotXml),
        ("x<xml></xml>", NotXml),
        ("&lt;<xml></xml>", NotXml),
        ("<xml></xml>&lt;", NotXml),
        ("<![CDATA[x]]><xml></xml>", NotXml),
        ("\u{feff}\u{feff}<xml></xml>", NotXml),
        ("<xml></xml>\u{0}", NotXml),
        ("<xml></xml><?xml version=\"1.0\"?>", NotXml),
        ("<xml><?xml version=\"1.0\"?></xml>", NotXml),
        ("<xml><A><![CDATA[x]]</A></xml>", NotXml),
        ("<xml><A><![CDATA[x</A></xml>", NotXml),
        ("<xml><A><![cdata[x]]></A></xml>", NotXml),
        ("<xml><A>a & b</A></xml>", NotXml),
        ("<xml><A>a &</A></xml>", NotXml),
        ("<xml><A>&#0;</A></xml>", NotXml),
        ("<xml><A>&#xD800;</A></xml>", NotXml),
        ("<xml><A>&#x110000;</A></xml>", NotXml),
        ("<xml><A>&#;</A></xml>", NotXml),
        ("<xml><!-- c </xml>", NotXml),
        ("<xml><>1</></xml>", NotXml),
        ("<xml>< A>1</A></xml>", NotXml),
        ("<xml><1>1</1></xml>", NotXml),
        ("<xml><a.b>1</a.b></xml>", NotXml),
        ("<xml><a\"b>1</a\"b></xml>", NotXml),
        ("<xml><a=b>1</a=b></xml>", NotXml),
        ("<!DOCTYPE xml><xml></xml>", Entity),
        ("<!doctype xml><xml></xml>", Entity),
        ("<xml><!DOCTYPE xml></xml>", Entity),
        (
            "<!DOCTYPE x [<!ENTITY a \"b\">]><xml><A>&a;</A></xml>",
            Entity,
        ),
        (
            "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><xml>&a;</xml>",
            Entity,
        ),
        ("<xml><A>&a;</A></xml>", Entity),
        ("<xml><A>&nbsp;</A></xml>", Entity),
        ("<xml><A>&LT;</A></xml>", Entity),
        ("<xml>text</xml>", Mixed),
        ("<xml><A/>&lt;</xml>", Mixed),
        ("<xml><![CDATA[x]]></xml>", Mixed),
        ("<xml><A>x<B/></A></xml>", Mixed),
        ("<xml><A><B/>x</A></xml>", Mixed),
        ("<xml><A><B/><![CDATA[]]></A></xml>", Mixed),
    ] {
        refuse(xml, expected);
    }
    for name in ONCE {
        refuse(
            &format!("<xml><{name}>1</{name}><{name}>1</{name}></xml>"),
            Duplicate,
        );
        refuse(
            &format!("<xml><{name}/><{name}><a/></{name}></xml>"),
            Duplicate,
        );
    }
    for bytes in [
        &b"<xml><A>\xff</A></xml>"[..],
        b"\xff\xfe<\0x\0m\0l\0/\0>\0",
        b"<xml><A>\xe4\xbd</A></xml>",
        b"<xml><A>\xc4\xe3</A></xml>",
    ] {
        assert_eq!(read(bytes.to_vec(), Strictness::Strict), Err(NotUtf8));
    }
}

#[test]
fn what_is_not_quite_xml_is_read_as_far_as_its_meaning_is_plain() {
    for (xml, expected) in [
        (&b"<xml><A>\xff1</A></xml>"[..], &[("A", "\u{FFFD}1")][..]),
        (
            b"<xml><A><![CDATA[1\xe4\xbd]]></A></xml>",
            &[("A", "1\u{FFFD}")],
        ),
        (b"<xml><A>&#xD83D;&#xDE00;</A></xml>", &[("A", "\u{1F600}")]),
        (
            b"<xml><A> a&#55357;&#56832;b&#xD83D;&#xDE00; </A></xml>",
            &[("A", "a\u{1F600}b\u{1F600}")],
        ),
        (
            b"<xml><A>&#xDE00;&#xD83D;x&#xDE00;</A></xml>",
            &[("A", "\u{FFFD}\u{FFFD}x\u{FFFD}")],
        ),
        (
            b"<xml><A>&#xD83D;<![CDATA[]]>&#xDE00;</A></xml>",
            &[("A", "\u{FFFD}\u{FFFD}")],
        ),
        (
            b"<xml><A>&#x110000;&#0;&#;</A></xml>",
            &[("A", "\u{FFFD}\u{FFFD}&#;")],
        ),
        (b"<xml><A>a & b && c &</A></xml>", &[("A", "a & b && c &")]),
        (
            b"<xml><A>/?a=1&b=2;&c=3&amp;d</A></xml>",
            &[("A", "/?a=1&b=2;&c=3&d")],
        ),
        (b"<xml><A>&nbsp;&LT;</A></xml>", &[("A", "&nbsp;&LT;")]),
        (
            b"<xml><Content>1</Content><Content>2</Content></xml>",
            &[("Content", "1"), ("Content", "2")],
        ),
        (
            b"<!DOCTYPE x [<!ENTITY a \"b\">]><xml><A>&a;</A></xml>",
            &[("A", "&a;")],
        ),
        (
            b"x<xml>y<A>1</A>&lt;<![CDATA[z]]></xml>junk</a>",
            &[("A", "1")],
        ),
        (b"<xml><A>x<B>1</B>y</A></xml>", &[("A.B", "1")]),
        (b"\xef\xbb\xbf\xef\xbb\xbf<xml/>", &[]),
    ] {
        let shown = String::from_utf8_lossy(xml);
        let message = read(xml.to_vec(), Strictness::Lenient);
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(
            message.map(|message| pairs(&message)),
            Ok(expected),
            "{shown}"
        );
    }
    let twice = "<xml><Content>1</Content><Content>2</Content></xml>";
    let message = read(twice.as_bytes().to_vec(), Strictness::Lenient).unwrap();
    assert_eq!(
        message.content().or(message.fields("Content").next()),
        Some("1")
    );
    for xml in ["", "{}", "<xml>", "<xml><A>1</xml>", "<html/>"] {
        let message = read(xml.as_bytes().to_vec(), Strictness::Lenient);
        assert_eq!(message, Err(Malformed::NotXml), "{xml}");
    }
}

#[test]
fn bombs_are_refused_at_their_limits() {
    let deep = |depth: usize| {
        format!(
            "<xml>{}{}</xml>",
            "<a>".repeat(depth - 1),
            "</a>".repeat(depth - 1)
        )
    };
    assert!(elements(&deep(16)).is_ok());
    refuse(&deep(17), Malformed::TooMuch);
    refuse(&"<xml>".repeat(20_000), Malformed::TooMuch);

    let wide = |count: usize| format!("<xml>{}</xml>", "<a/>".repeat(count));
    assert_eq!(elements(&wide(1024)).unwrap().len(), 1024);
    refuse(&wide(1025), Malformed::TooMuch);

    let named = |length: usize| format!("<xml><{}/></xml>", "a".repeat(length));
    assert!(elements(&named(64)).is_ok());
    refuse(&named(65), Malformed::TooMuch);

    // Every truncated document is invalid.
    let whole = "<xml><A><![CDATA[你好]]></A><B><C>&lt;1</C></B></xml>";
    assert!(elements(whole).is_ok());
    for cut in 0..whole.len() {
        let cut = whole.as_bytes().iter().take(cut).copied().collect();
        assert!(read(cut, Strictness::Strict).is_err());
    }
}

#[test]
fn a_body_full_of_pieces_stays_small() {
    for (piece, value) in [
        (" &lt; <![CDATA[x]]> ", "<x"),
        ("&lt;", "<"),
        ("a&lt; ", "a< "),
    ] {
        let xml = format!("<xml><A>{}</A></xml>", piece.repeat(3000));
        let document = XmlDocument::read(&xml, Strictness::Strict).unwrap();
        let read = document.text(&document.elements[0].1);
        assert_eq!(read, value.repeat(3000).trim_end());
        assert!(document.tail.len() < 2 * xml.len());
    }
}

#[test]
fn every_push_of_wechat_reads_as_its_fields_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/wire");
    let mut found = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            check_file(&path);
            found += 1;
        }
    }
    assert!(found >= 120, "only {found} files in {}", folder.display());
}

/// The lines of a `.fields` file are the elements in order, and after an `@` what rules call them.
#[track_caller]
fn check_file(path: &Path) {
    let name = path.display();
    let message = read(fs::read(path).unwrap(), Strictness::Strict)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let expected = fs::read_to_string(path.with_extension("fields")).unwrap();
    let lines = expected.lines().map(|line| {
        let (field, value) = line.split_once('=').unwrap();
        (field, unescape(value))
    });
    let (facts, fields): (Vec<_>, Vec<_>) = lines.partition(|(field, _)| field.starts_with('@'));

    let read: Vec<_> = message.elements().collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(field, value)| (*field, value.as_str()))
        .collect();
    assert_eq!(read, fields, "{name}");

    let fact = |name: &str| {
        let fact = facts
            .iter()
            .find(|(field, _)| field.strip_prefix('@') == Some(name));
        fact.map(|(_, value)| value.as_str())
    };
    assert_eq!(Some(message.msg_type()), fact("type"), "{name}");
    assert_eq!(message.event(), fact("event"), "{name}");
    assert_eq!(message.content(), fact("content"), "{name}");
    assert_eq!(message.scene(), fact("scene"), "{name}");
    assert_eq!(message.menu(), fact("menu"), "{name}");
    if let Some(key) = fact("key") {
        assert_eq!(message.key(), Some(key), "{name}");
    }
}

fn unescape(value: &str) -> String {
    let lines = value.replace("\\n", "\n").replace("\\u{1d}", "\u{1d}");
    lines.replace("\\\\", "\\")
}
