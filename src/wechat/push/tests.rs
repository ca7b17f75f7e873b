//! What the WeChat side writes, and which answers it refuses.

use super::*;
use crate::wechat::{AesKey, Token};

fn credentials(mode: Mode, token: &str, app_id: &str) -> Credentials {
    let token = Token::new(token.to_owned()).unwrap();
    let key = AesKey::parse(&"A".repeat(43)).unwrap();
    Credentials::new(mode, vec![token], Some(app_id.to_owned()), vec![key]).unwrap()
}

fn stamp() -> Stamp {
    Stamp {
        unix_seconds: 1_714_112_445,
        random: [b'r'; 16],
        nonce: 415_670_741,
    }
}

#[track_caller]
fn check_xml(elements: &[(&str, &str)], expected: &str) {
    let message = elements
        .iter()
        .fold(Message::default(), |message, (name, value)| {
            message.with(name, value)
        });
    let written = message_xml(&message);
    assert_eq!(written, format!("<xml>{expected}</xml>"));
    assert_eq!(read_message(written.into_bytes()), Ok(message));
}

#[test]
fn a_message_is_written_as_wechat_writes() {
    check_xml(&[], "");
    check_xml(
        &[
            ("CreateTime", "1714112445"),
            ("MsgType", "text"),
            ("MsgId", "24538396284514390"),
        ],
        "<CreateTime>1714112445</CreateTime><MsgType><![CDATA[text]]></MsgType>\
         <MsgId>24538396284514390</MsgId>",
    );
    check_xml(
        &[("CreateTime", "<b>"), ("Content", "123"), ("EventKey", "")],
        "<CreateTime><![CDATA[<b>]]></CreateTime><Content><![CDATA[123]]></Content>\
         <EventKey><![CDATA[]]></EventKey>",
    );
    check_xml(
        &[("Content", "a]]>b\rc\u{1d}\n ")],
        "<Content><![CDATA[a]]]]><![CDATA[>b]]>&#13;<![CDATA[c\u{1d}\n ]]></Content>",
    );
    check_xml(
        &[
            ("S.ScanType", "qrcode"),
            ("S.ScanResult", "1"),
            ("EventKey", "k"),
        ],
        "<S><ScanType><![CDATA[qrcode]]></ScanType><ScanResult><![CDATA[1]]></ScanResult></S>\
         <EventKey><![CDATA[k]]></EventKey>",
    );
    check_xml(
        &[
            ("P.Count", "2"),
            ("P.L.item.M", "a"),
            ("P.L.item.M", "b"),
            ("P.Z", "z"),
        ],
        "<P><Count>2</Count><L><item><M><![CDATA[a]]></M></item>\
         <item><M><![CDATA[b]]></M></item></L><Z><![CDATA[z]]></Z></P>",
    );
    check_xml(
        &[("P.fail_idx", "1"), ("P.fail_idx", "2"), ("Q.P.x", "3")],
        "<P><fail_idx><![CDATA[1]]></fail_idx><fail_idx><![CDATA[2]]></fail_idx></P>\
         <Q><P><x><![CDATA[3]]></x></P></Q>",
    );
}

#[test]
fn rule_names_become_wechat_names() {
    for (rule, wire) in [
        ("media_id", "MediaId"),
        ("MediaId", "MediaId"),
        ("location_x", "Location_X"),
        ("media_id16k", "MediaId16K"),
        ("bizmsgmenuid", "bizmsgmenuid"),
        ("scan_code_info.scan_result", "ScanCodeInfo.ScanResult"),
        (
            "send_pics_info.pic_list.item.pic_md5_sum",
            "SendPicsInfo.PicList.item.PicMd5Sum",
        ),
    ] {
        let message = in_wire_names(&Message::default().with(rule, "1"));
        assert_eq!(message.elements().collect::<Vec<_>>(), [(wire, "1")]);
    }
}

#[test]
fn a_push_looks_like_wechat_s_in_every_mode() {
    let xml = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o/1</FromUserName></xml>";
    let push = |mode| push(&credentials(mode, "AAAAA", "wx1"), xml, &stamp());
    let plain = "signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d&timestamp=1714112445\
                 &nonce=415670741&openid=o%2F1";
    assert_eq!(push(Mode::Plain).query, plain);
    assert_eq!(push(Mode::Plain).body, xml);

    let secure = push(Mode::Secure);
    let sealed = secure.query.strip_prefix(plain).unwrap();
    assert!(sealed.starts_with("&encrypt_type=aes&msg_signature="));
    let (_, sealed) = secure.body.split_once("<Encrypt>").unwrap();
    assert_eq!(
        secure.body,
        format!("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt>{sealed}")
    );
    assert!(!secure.body.contains("o/1"));

    let compat = push(Mode::Compat);
    assert_eq!(compat.query, secure.query);
    let in_the_clear = xml.strip_suffix("</xml>").unwrap();
    assert_eq!(compat.body, format!("{in_the_clear}<Encrypt>{sealed}"));
}

#[track_caller]
fn check_answer(mode: Mode, body: &str, expected: Result<Reply, AnswerError>) {
    let answer = read_answer(&credentials(mode, "AAAAA", "wx1"), body.as_bytes());
    assert_eq!(answer.map(|answer| answer.reply), expected, "{body}");
}

fn answer(inside: &str) -> String {
    format!(
        "<xml><ToUserName>o1</ToUserName><FromUserName>gh_1</FromUserName>\
         <CreateTime>1714112445</CreateTime>{inside}</xml>"
    )
}

#[test]
fn answers_that_wechat_would_call_a_fault_are_refused() {
    let plain = |inside: &str, expected| check_answer(Mode::Plain, &answer(inside), expected);
    let element = |name: &'static str| Err(AnswerError::Element(name.into()));
    check_answer(Mode::Plain, "success", Ok(Reply::Silence));
    check_answer(Mode::Secure, "", Ok(Reply::Silence));
    let not_xml = Err(AnswerError::Malformed(Malformed::NotXml));
    check_answer(Mode::Plain, "\"success\"", not_xml.clone());
    check_answer(Mode::Plain, "{}", not_xml);
    let missing = "<xml><MsgType>text</MsgType></xml>";
    check_answer(Mode::Plain, missing, element("CreateTime"));
    let late = answer("").replace("1714112445", "now");
    check_answer(Mode::Plain, &late, element("CreateTime"));

    plain(
        "<MsgType>text</MsgType><Content>x</Content>",
        Ok(Reply::Text("x".to_owned())),
    );
    plain(
        "<MsgType>text</MsgType><Content></Content>",
        element("Content"),
    );
    plain(
        "<MsgType>Text</MsgType><Content>x</Content>",
        Err(AnswerError::Type),
    );
    plain(
        "<MsgType>image</MsgType><MediaId>x</MediaId>",
        element("Image.MediaId"),
    );
    plain("<MsgType>voice</MsgType>", element("Voice.MediaId"));
    plain("<MsgType>video</MsgType>", element("Video.MediaId"));
    plain("<MsgType>music</MsgType>", element("Music.ThumbMediaId"));
    let item = "<Articles><item><Title>x</Title></item></Articles>";
    let news = |count: &str| format!("<MsgType>news</MsgType>{count}{item}");
    plain(&news(""), element("ArticleCount"));
    plain(
        &news("<ArticleCount>2</ArticleCount>"),
        element("ArticleCount"),
    );
    let article = Article {
        title: "x".to_owned(),
        ..Article::default()
    };
    let right = Ok(Reply::News(vec![article]));
    plain(&news("<ArticleCount>1</ArticleCount>"), right);
    let none = "<MsgType>news</MsgType><ArticleCount>0</ArticleCount><Articles></Articles>";
    plain(none, element("ArticleCount"));
}

#[test]
fn answers_are_verified_before_they_are_believed() {
    let text = answer("<MsgType>text</MsgType><Content>x</Content>");
    check_answer(Mode::Secure, &text, Err(AnswerError::InTheClear));
    let sealed = |token: &str, app_id: &str| {
        let sender = credentials(Mode::Secure, token, app_id);
        let key = sender.aes_keys.first().unwrap();
        let sealed = envelope::seal(key, app_id, [0; 16], text.as_bytes());
        let signature = signature(&sender, ["1", "2", &sealed]);
        format!(
            "<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{signature}</MsgSignature>\
             <TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
        )
    };
    let right = sealed("AAAAA", "wx1");
    check_answer(Mode::Secure, &right, Ok(Reply::Text("x".to_owned())));
    check_answer(Mode::Compat, &right, Ok(Reply::Text("x".to_owned())));
    check_answer(Mode::Plain, &right, Err(AnswerError::Encrypted));
    let later = right.replace("<TimeStamp>1", "<TimeStamp>3");
    check_answer(Mode::Secure, &later, Err(AnswerError::Signature));
    let unsigned = right.replace("MsgSignature", "Other");
    check_answer(
        Mode::Secure,
        &unsigned,
        Err(AnswerError::Element("MsgSignature".into())),
    );
    check_answer(
        Mode::Secure,
        &sealed("other", "wx1"),
        Err(AnswerError::Signature),
    );
    check_answer(
        Mode::Secure,
        &sealed("AAAAA", "wx2"),
        Err(AnswerError::Envelope),
    );
}
