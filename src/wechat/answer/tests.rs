//! The XML of every reply, and what WeChat would refuse.

use super::*;
use crate::reply::{Article, MediaSource, Music, Video};
use crate::wechat::as_delivered;

fn message(msg_type: &str) -> Message {
    Message::new(msg_type)
        .with("ToUserName", "gh_1")
        .with("FromUserName", "o-1_")
}

fn body(reply: &Reply, msg_type: &str) -> Option<String> {
    let message = message(msg_type);
    let answer = write(&as_delivered(reply, &message), &message, 1_714_112_445)?;
    Some(String::from_utf8(answer).unwrap())
}

#[track_caller]
fn check(reply: Reply, expected: &str) {
    let expected = format!(
        "<xml><ToUserName><![CDATA[o-1_]]></ToUserName>\
         <FromUserName><![CDATA[gh_1]]></FromUserName>\
         <CreateTime>1714112445</CreateTime>{expected}</xml>"
    );
    assert_eq!(body(&reply, "text"), Some(expected));
}

#[track_caller]
fn check_text(text: &str, expected: &str) {
    let expected =
        format!("<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{expected}]]></Content>");
    check(Reply::Text(text.to_owned()), &expected);
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn article(title: &str) -> Article {
    Article {
        title: title.to_owned(),
        ..Article::default()
    }
}

#[test]
fn each_kind_of_reply_is_written_as_documented() {
    check_text("你好 & <a href=\"x\">y</a>", "你好 & <a href=\"x\">y</a>");
    let media_id = || MediaSource::from("M1");
    check(
        Reply::Image {
            media_id: media_id(),
        },
        "<MsgType><![CDATA[image]]></MsgType>\
         <Image><MediaId><![CDATA[M1]]></MediaId></Image>",
    );
    check(
        Reply::Voice {
            media_id: media_id(),
        },
        "<MsgType><![CDATA[voice]]></MsgType>\
         <Voice><MediaId><![CDATA[M1]]></MediaId></Voice>",
    );
    check(
        Reply::Video(Box::new(Video {
            media_id: media_id(),
            title: some("T"),
            description: some("D"),
        })),
        "<MsgType><![CDATA[video]]></MsgType><Video><MediaId><![CDATA[M1]]></MediaId>\
         <Title><![CDATA[T]]></Title><Description><![CDATA[D]]></Description></Video>",
    );
    check(
        Reply::Video(Box::new(Video {
            media_id: media_id(),
            ..Video::default()
        })),
        "<MsgType><![CDATA[video]]></MsgType>\
         <Video><MediaId><![CDATA[M1]]></MediaId></Video>",
    );
    check(
        Reply::Music(Box::new(Music {
            title: some("T"),
            description: some("D"),
            music_url: some("http://m/1"),
            hq_music_url: some("http://m/2"),
            thumb_media_id: media_id(),
        })),
        "<MsgType><![CDATA[music]]></MsgType><Music><Title><![CDATA[T]]></Title>\
         <Description><![CDATA[D]]></Description><MusicUrl><![CDATA[http://m/1]]></MusicUrl>\
         <HQMusicUrl><![CDATA[http://m/2]]></HQMusicUrl>\
         <ThumbMediaId><![CDATA[M1]]></ThumbMediaId></Music>",
    );
    check(
        Reply::News(vec![Article {
            title: "T".to_owned(),
            description: some("D"),
            pic_url: some("http://p/1"),
            url: some("http://u/1?a=1&b=2"),
        }]),
        "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>\
         <Title><![CDATA[T]]></Title><Description><![CDATA[D]]></Description>\
         <PicUrl><![CDATA[http://p/1]]></PicUrl><Url><![CDATA[http://u/1?a=1&b=2]]></Url>\
         </item></Articles>",
    );
    check(
        Reply::CustomerService { account: None },
        "<MsgType><![CDATA[transfer_customer_service]]></MsgType>",
    );
    check(
        Reply::CustomerService {
            account: some("test1@test"),
        },
        "<MsgType><![CDATA[transfer_customer_service]]></MsgType>\
         <TransInfo><KfAccount><![CDATA[test1@test]]></KfAccount></TransInfo>",
    );
}

#[test]
fn what_xml_cannot_carry_is_stripped_before_cdata_is_split() {
    check_text("a]]>b", "a]]]]><![CDATA[>b");
    check_text("]]>]]>", "]]]]><![CDATA[>]]]]><![CDATA[>");
    check_text("]]\u{1}>", "]]]]><![CDATA[>");
    check_text("a\u{1d}b\u{0}c\u{FFFE}d\u{FFFF}e", "abcde");
    check_text("一\r\n二\r三\n四\t五", "一\n二\n三\n四\t五");
    check_text("￥！😀\u{7f}", "￥！😀\u{7f}");
}

#[test]
fn what_wechat_would_call_a_fault_is_silence() {
    let empty = String::new;
    for reply in [
        Reply::Silence,
        Reply::Text(empty()),
        Reply::Text(" \r\n\u{3000}".to_owned()),
        Reply::Text("\u{1d}\u{0}".to_owned()),
        Reply::Image {
            media_id: empty().into(),
        },
        Reply::Voice {
            media_id: "\u{1}".into(),
        },
        Reply::Video(Box::new(Video::default())),
        Reply::Music(Box::new(Music::default())),
        Reply::News(Vec::new()),
        Reply::CustomerService { account: some("") },
    ] {
        assert_eq!(body(&reply, "text"), None, "{reply:?}");
    }
    let to_a_person = Reply::CustomerService { account: None };
    assert!(body(&to_a_person, "voice").is_some());
    assert_eq!(body(&to_a_person, "event"), None);
}

#[test]
fn long_texts_and_surplus_articles_are_cut_and_it_is_said() {
    let cut = |reply: &Reply, msg_type: &str| {
        let message = message(msg_type);
        let delivered = as_delivered(reply, &message);
        let body = String::from_utf8(write(&delivered, &message, 0).unwrap()).unwrap();
        (
            delivered.degradation.is_some(),
            body.matches("<item>").count(),
            body.contains('…'),
        )
    };
    assert_eq!(cut(&Reply::Text("字".repeat(683)), "text"), (true, 0, true));
    assert_eq!(
        cut(&Reply::Text("字".repeat(682)), "text"),
        (false, 0, false)
    );
    // The limit holds for what is left after stripping.
    let stripped = format!("{}{}", "\u{1}".repeat(99), "字".repeat(682));
    assert_eq!(cut(&Reply::Text(stripped), "text"), (false, 0, false));

    let nine: Vec<Article> = ('1'..='9')
        .map(|title| article(&title.to_string()))
        .collect();
    for msg_type in [
        "text",
        "image",
        "voice",
        "video",
        "shortvideo",
        "link",
        "location",
    ] {
        assert_eq!(cut(&Reply::News(nine.clone()), msg_type), (true, 1, false));
    }
    assert_eq!(cut(&Reply::News(nine.clone()), "event"), (true, 8, false));
    let eight = nine.into_iter().take(8).collect();
    assert_eq!(cut(&Reply::News(eight), "event"), (false, 8, false));
    assert_eq!(
        cut(&Reply::News(vec![article("1")]), "text"),
        (false, 1, false)
    );
}

#[test]
fn names_from_a_push_come_back_harmless() {
    let message = Message::new("text").with("FromUserName", "o]]><x>\u{1}");
    let reply = Reply::Text("x".to_owned());
    let answer = write(&as_delivered(&reply, &message), &message, 0).unwrap();
    let body = String::from_utf8(answer).unwrap();
    assert!(body.starts_with("<xml><ToUserName><![CDATA[o]]]]><![CDATA[><x>]]></ToUserName>"));
}
