//! Which requests are accepted and how they are answered.

mod wechatpy;

use std::time::Duration;

use super::*;
use crate::wechat::push::Push;

const TOKEN: &str = "AAAAA";
const APP_ID: &str = "wxba5fad812f8e6fb9";
const NOW: i64 = 1_714_112_445;
const TEXT: &str = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\
<FromUserName><![CDATA[o1]]></FromUserName><CreateTime>1714112445</CreateTime>\
<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content>\
<MsgId>24538396284514390</MsgId></xml>";

fn credentials(mode: Mode) -> Credentials {
    let key = AesKey::parse(&"A".repeat(43)).unwrap();
    with_secrets(mode, &[TOKEN], vec![key])
}

fn with_secrets(mode: Mode, tokens: &[&str], keys: Vec<AesKey>) -> Credentials {
    let tokens = tokens.iter().map(|token| Token::new((*token).to_owned()));
    let tokens = tokens.collect::<Result<_, _>>().unwrap();
    Credentials::new(mode, tokens, Some(APP_ID.to_owned()), keys).unwrap()
}

fn stamp() -> Stamp {
    Stamp {
        unix_seconds: NOW,
        random: *b"707722b803182950",
        nonce: 415_670_741,
    }
}

fn open<'c>(
    credentials: &'c Credentials,
    query: &str,
    body: &str,
) -> Result<Opened<'c>, RequestError> {
    let query = Query::parse(query)?;
    credentials.open(&query, body.as_bytes().to_vec(), NOW)
}

fn pushed(mode: Mode) -> Push {
    push::push(&credentials(mode), TEXT, &stamp())
}

/// The query with one parameter changed, left out (`None`) or put in.
fn with(query: &str, name: &str, value: Option<&str>) -> String {
    let others = query.split('&').filter(|parameter| {
        let parameter = parameter.split_once('=').map(|(name, _)| name);
        parameter != Some(name)
    });
    let others = others.map(str::to_owned);
    let changed = value.map(|value| format!("{name}={value}"));
    others.chain(changed).collect::<Vec<_>>().join("&")
}

#[test]
fn each_mode_accepts_its_own_shapes_of_request_and_no_other() {
    let plain = pushed(Mode::Plain).query;
    let sealed = pushed(Mode::Secure).query;
    let secure_body = pushed(Mode::Secure).body;
    let compat_body = pushed(Mode::Compat).body;
    let [clear, secure, both] = [TEXT, &secure_body, &compat_body];
    let wrong = "0".repeat(40);
    let wrong = Some(wrong.as_str());
    let repeated = |query: &str, name: &str| {
        let value = query
            .split('&')
            .find(|parameter| parameter.starts_with(&format!("{name}=")));
        format!("{query}&{}", value.unwrap())
    };

    // What each of plain, compat and secure does with a request.
    #[rustfmt::skip]
    let table: Vec<(&str, String, &str, [bool; 3])> = vec![
        ("no query", String::new(), clear, [false; 3]),
        ("no signature", with(&plain, "signature", None), clear, [false; 3]),
        ("wrong signature", with(&plain, "signature", wrong), clear, [false; 3]),
        ("empty signature", with(&plain, "signature", Some("")), clear, [false; 3]),
        ("repeated signature", repeated(&plain, "signature"), clear, [false; 3]),
        ("repeated nonce", repeated(&plain, "nonce"), clear, [false; 3]),
        ("empty nonce", with(&plain, "nonce", Some("")), clear, [false; 3]),
        ("no timestamp", with(&plain, "timestamp", None), clear, [false; 3]),
        ("right plain", plain.clone(), clear, [true, true, false]),
        ("right plain, raw", with(&plain, "encrypt_type", Some("raw")), clear, [true, true, false]),
        ("right plain, empty type", with(&plain, "encrypt_type", Some("")), clear, [true, true, false]),
        ("right plain, body of compat", plain.clone(), both, [true, true, false]),
        ("right plain, body of secure", plain.clone(), secure, [true, true, false]),
        ("right plain, type aes", with(&plain, "encrypt_type", Some("aes")), clear, [false; 3]),
        ("right plain, type AES", with(&plain, "encrypt_type", Some("AES")), clear, [false; 3]),
        ("right plain, other type", with(&plain, "encrypt_type", Some("des")), clear, [false; 3]),
        ("plain as msg_signature", with(&with(&plain, "msg_signature", Some(plain.get(10..50).unwrap())), "encrypt_type", Some("aes")), secure, [false; 3]),
        ("right sealed", sealed.clone(), secure, [false, true, true]),
        ("right sealed, body of compat", sealed.clone(), both, [false, true, true]),
        ("right sealed, no signature", with(&sealed, "signature", None), secure, [false, true, true]),
        ("right sealed, wrong signature", with(&sealed, "signature", wrong), secure, [false, true, true]),
        ("right sealed, body in the clear", sealed.clone(), clear, [false; 3]),
        ("right sealed, type raw", with(&sealed, "encrypt_type", Some("raw")), secure, [true, true, false]),
        ("right sealed, no type", with(&sealed, "encrypt_type", None), secure, [true, true, false]),
        ("right sealed, no type, no signature", with(&with(&sealed, "signature", None), "encrypt_type", None), secure, [false; 3]),
        ("right sealed, other type", with(&sealed, "encrypt_type", Some("des")), secure, [false; 3]),
        ("right sealed, repeated type", repeated(&sealed, "encrypt_type"), secure, [false; 3]),
        ("right sealed, both types", format!("{sealed}&encrypt_type=raw"), secure, [false; 3]),
        ("right sealed, repeated msg_signature", repeated(&sealed, "msg_signature"), secure, [false; 3]),
        ("no msg_signature", with(&sealed, "msg_signature", None), secure, [false; 3]),
        ("empty msg_signature", with(&sealed, "msg_signature", Some("")), secure, [false; 3]),
        ("wrong msg_signature", with(&sealed, "msg_signature", wrong), secure, [false; 3]),
        ("right sealed, empty body", sealed.clone(), "", [false; 3]),
        ("right sealed, empty Encrypt", sealed.clone(), "<xml><Encrypt></Encrypt></xml>", [false; 3]),
        ("right sealed, no XML", sealed.clone(), "{}", [false; 3]),
    ];
    for (shape, query, body, accepted) in table {
        for (mode, accepted) in Mode::ALL.into_iter().zip(accepted) {
            let credentials = credentials(mode);
            let result = open(&credentials, &query, body);
            assert_eq!(
                result.is_ok(),
                accepted,
                "{shape} in {mode} mode: {result:?}"
            );
            if let Err(rejected) = result {
                let forbidden = matches!(rejected, RequestError::Forbidden(_));
                assert!(forbidden, "{shape} in {mode} mode: {rejected}");
            }
        }
    }
}

#[test]
fn a_right_signature_over_an_empty_timestamp_or_nonce_is_none() {
    let plain = credentials(Mode::Plain);
    let token = Token::new(TOKEN.to_owned()).unwrap();
    for (timestamp, nonce, opens) in [("1", "2", true), ("", "2", false), ("1", "", false)] {
        let signature = signature::sign(&token, [timestamp, nonce]);
        let signature = signature::text(&signature);
        let query = format!("signature={signature}&timestamp={timestamp}&nonce={nonce}");
        assert_eq!(open(&plain, &query, TEXT).is_ok(), opens, "{query}");
    }
}

#[test]
fn a_handshake_gives_the_echostr_back_in_every_mode_if_signed() {
    let echo = |query: &str, mode| {
        let query = Query::parse(query)?;
        credentials(mode).handshake(&query, NOW).map(str::to_owned)
    };
    let documented = "signature=f464b24fc39322e44b38aa78f5edd27bd1441696\
                      &echostr=4375120948345356249&timestamp=1714036504&nonce=1514711492";
    for mode in Mode::ALL {
        assert_eq!(echo(documented, mode).unwrap(), "4375120948345356249");
        for odd in ["<b>你好</b>", " a+b%\n", "=&="] {
            let query = push::handshake(&credentials(mode), odd, &stamp());
            assert_eq!(echo(&query, mode).unwrap(), odd);
        }
        for wrong in [
            with(documented, "signature", None),
            with(documented, "signature", Some("")),
            with(documented, "nonce", Some("1514711493")),
            with(documented, "echostr", None),
            with(documented, "echostr", Some("")),
            with(
                &with(documented, "signature", None),
                "encrypt_type",
                Some("aes"),
            ),
            format!("{documented}&echostr=1"),
        ] {
            let result = echo(&wrong, mode);
            assert!(matches!(result, Err(RequestError::Forbidden(_))), "{wrong}");
        }
    }
}

#[test]
fn an_answer_is_as_secret_as_what_it_answers() {
    let reply = Reply::Text("good luck".to_owned());
    for mode in Mode::ALL {
        let credentials = credentials(mode);
        let Push { query, body } = pushed(mode);
        let opened = || open(&credentials, &query, &body).unwrap();
        assert_eq!(opened().message().content(), Some("hello"));

        let (_, response) = opened().into_response(&reply, &stamp());
        let answer = push::read_answer(&credentials, response.body.as_bytes()).unwrap();
        assert_eq!(answer.encrypted, mode != Mode::Plain);
        assert_eq!(answer.reply, reply);
        assert_eq!((answer.to.as_str(), answer.from.as_str()), ("o1", "gh_1"));
        assert_eq!(answer.unix_seconds, NOW);

        let (_, silence) = opened().into_response(&Reply::Silence, &stamp());
        assert_eq!(silence.body, Body::Success);
    }
    let Push { query, .. } = pushed(Mode::Plain);
    let credentials = credentials(Mode::Compat);
    let in_the_clear = open(&credentials, &query, TEXT).unwrap();
    let (_, response) = in_the_clear.into_response(&reply, &stamp());
    let answer = push::read_answer(&credentials, response.body.as_bytes()).unwrap();
    assert!(!answer.encrypted);
}

#[test]
fn during_a_change_over_old_and_new_secrets_open_and_the_answer_uses_the_same() {
    let key = |text: &str| AesKey::parse(&text.repeat(43)).unwrap();
    let both = with_secrets(Mode::Secure, &["new", "old"], vec![key("B"), key("A")]);
    for (token, letter) in [("new", "B"), ("old", "A"), ("new", "A"), ("old", "B")] {
        let sender = with_secrets(Mode::Secure, &[token], vec![key(letter)]);
        let Push { query, body } = push::push(&sender, TEXT, &stamp());
        let opened = open(&both, &query, &body).unwrap();
        let (_, response) = opened.into_response(&Reply::Text("x".to_owned()), &stamp());
        assert!(
            push::read_answer(&sender, response.body.as_bytes()).is_ok(),
            "{token} {letter}"
        );
    }
}

#[test]
fn a_stale_request_is_refused_only_when_asked_for() {
    let minute = Some(Duration::from_secs(60));
    for mode in Mode::ALL {
        let sent_at = |unix_seconds| {
            let stamp = Stamp {
                unix_seconds,
                ..stamp()
            };
            push::push(&credentials(mode), TEXT, &stamp)
        };
        for (seconds, fresh) in [
            (0, true),
            (-60, true),
            (60, true),
            (-61, false),
            (61, false),
            (i64::MAX - NOW, false),
        ] {
            let Push { query, body } = sent_at(NOW + seconds);
            let strict = credentials(mode).with_max_age(minute);
            assert_eq!(
                open(&strict, &query, &body).is_ok(),
                fresh,
                "{seconds} {mode}"
            );
            assert!(open(&credentials(mode), &query, &body).is_ok());
        }
    }
}

// /doc/offiaccount/Getting_Started/message-push.html
const DOCUMENTED_QUERY: &str = "signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d\
    &timestamp=1714112445&nonce=415670741&openid=o9AgO5Kd5ggOC-bXrbNODIiE3bGY\
    &encrypt_type=aes&msg_signature=046e02f8204d34f8ba5fa3b1db94908f3df2e9b3";
const DOCUMENTED_ENCRYPT: &str = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUO\
    b05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7Ggia\
    viNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwn\
    trA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";

fn documented_body(sealed: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\
         <Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    )
}

/// The documented push opens, and has JSON in it: official accounts get XML only.
#[test]
fn the_documented_push_opens_and_only_its_json_is_malformed() {
    let body = documented_body(DOCUMENTED_ENCRYPT);
    let json = RequestError::Malformed(Malformed::NotXml);
    for mode in [Mode::Compat, Mode::Secure] {
        let credentials = credentials(mode);
        let result = open(&credentials, DOCUMENTED_QUERY, &body);
        assert_eq!(result.unwrap_err(), json);
    }
    let credentials = credentials(Mode::Plain);
    let result = open(&credentials, DOCUMENTED_QUERY, &body);
    assert_eq!(
        result.unwrap_err(),
        RequestError::Forbidden(Forbidden::Mode)
    );
}

#[test]
fn an_answer_is_sealed_and_signed_as_documented() {
    let Push { query, body } = pushed(Mode::Secure);
    let credentials = credentials(Mode::Secure);
    let opened = open(&credentials, &query, &body).unwrap();
    let stamp = Stamp {
        unix_seconds: 1_713_424_427,
        ..stamp()
    };
    let answer = opened
        .seal
        .unwrap()
        .close(br#"{"demo_resp":"good luck"}"#, &stamp);
    assert_eq!(
        String::from_utf8(answer).unwrap(),
        "<xml><Encrypt><![CDATA[ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVH\
         m48Y4hyRbtzve1L32tmxSQ==]]></Encrypt>\
         <MsgSignature><![CDATA[1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1]]></MsgSignature>\
         <TimeStamp>1713424427</TimeStamp><Nonce><![CDATA[415670741]]></Nonce></xml>"
    );
}

#[test]
fn a_change_in_any_signed_byte_is_refused() {
    let secure = credentials(Mode::Secure);
    let refused = |query: &str, sealed: &str, what: &str| {
        let result = open(&secure, query, &documented_body(sealed));
        assert!(
            matches!(result, Err(RequestError::Forbidden(_))),
            "{what}: {result:?}"
        );
    };
    let sealed = DOCUMENTED_ENCRYPT;
    for position in 0..sealed.len() {
        for bit in 0..7 {
            let mut changed = sealed.as_bytes().to_vec();
            changed[position] ^= 1 << bit;
            let changed = String::from_utf8(changed).unwrap();
            refused(DOCUMENTED_QUERY, &changed, "a changed envelope");
        }
        let cut = sealed.get(..position).unwrap();
        refused(DOCUMENTED_QUERY, cut, "a cut envelope");
        let left_out = format!("{cut}{}", sealed.get(position + 1..).unwrap());
        refused(DOCUMENTED_QUERY, &left_out, "an envelope without a byte");
    }
    let (_, signature) = DOCUMENTED_QUERY.split_once("msg_signature=").unwrap();
    for position in 0..signature.len() {
        let mut changed = signature.to_owned();
        changed.replace_range(position..position + 1, "x");
        let query = with(DOCUMENTED_QUERY, "msg_signature", Some(&changed));
        refused(&query, sealed, "a changed signature");
        let cut = signature.get(..position);
        refused(
            &with(DOCUMENTED_QUERY, "msg_signature", cut),
            sealed,
            "a cut signature",
        );
    }
    for (name, value) in [("timestamp", "1714112446"), ("nonce", "415670742")] {
        refused(&with(DOCUMENTED_QUERY, name, Some(value)), sealed, name);
    }
}

/// A message signed by somebody who knows the token, but sealed for another account.
#[test]
fn a_wrong_key_and_a_wrong_app_id_cannot_be_told_apart() {
    let secure = credentials(Mode::Secure);
    let token = || vec![Token::new(TOKEN.to_owned()).unwrap()];
    let sender = |app_id: &str, key: &str| {
        let key = AesKey::parse(&key.repeat(43)).unwrap();
        Credentials::new(Mode::Secure, token(), Some(app_id.to_owned()), vec![key]).unwrap()
    };
    for sender in [sender(APP_ID, "B"), sender("wx1", "A"), sender("wx1", "B")] {
        let Push { query, body } = push::push(&sender, TEXT, &stamp());
        let rejected = open(&secure, &query, &body).unwrap_err();
        assert_eq!(rejected, RequestError::Forbidden(Forbidden::Envelope));
    }
    let Push { query, body } = push::push(&sender(APP_ID, "A"), TEXT, &stamp());
    assert!(open(&secure, &query, &body).is_ok());
}

#[test]
fn malformed_is_said_only_to_whoever_signed() {
    for mode in Mode::ALL {
        let credentials = credentials(mode);
        for (bad, reason) in [
            ("", Malformed::NotXml),
            ("<xml><A></xml>", Malformed::NotXml),
            (&"<xml>".repeat(20), Malformed::TooMuch),
        ] {
            let Push { query, mut body } = push::push(&credentials, bad, &stamp());
            if mode == Mode::Compat {
                // Plain elements next to the envelope would be read first.
                body = push::push(&self::credentials(Mode::Secure), bad, &stamp()).body;
            }
            let rejected = open(&credentials, &query, &body).unwrap_err();
            assert_eq!(
                rejected,
                RequestError::Malformed(reason),
                "{bad} in {mode} mode"
            );
            let unsigned = with(&query, "signature", None);
            let unsigned = with(&unsigned, "msg_signature", None);
            let rejected = open(&credentials, &unsigned, &body).unwrap_err();
            assert!(
                matches!(rejected, RequestError::Forbidden(_)),
                "{bad} in {mode} mode"
            );
        }
    }
}

#[test]
fn in_compatible_mode_only_the_encrypted_part_of_an_encrypted_push_counts() {
    let compat = credentials(Mode::Compat);
    let Push { query, body } = pushed(Mode::Compat);
    let forged = body.replacen("hello", "forged", 1);
    assert_ne!(forged, body);
    let opened = open(&compat, &query, &forged).unwrap();
    assert_eq!(opened.message().content(), Some("hello"));
}

#[test]
fn nothing_that_is_secret_shows_in_debug() {
    let Push { query, body } = pushed(Mode::Secure);
    let credentials = credentials(Mode::Secure);
    let opened = open(&credentials, &query, &body).unwrap();
    let debug = format!("{opened:?}");
    assert!(!debug.contains(TOKEN) && !debug.contains("hello") && !debug.contains("o1\""));
}
