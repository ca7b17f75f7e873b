//! What a webhook gets, and how often.

use std::io::Write;

use serde_json::json;

use super::*;
use crate::http_client::endpoint::{Endpoint, http, ok};
use crate::http_client::system_resolver;
use crate::metrics::Metrics;
use crate::service::{HeaderPart, HeaderText};
use crate::services::signature;

#[test]
fn it_gets_json_and_gives_json() {
    let endpoint = Endpoint::saying(ok(r#"{"state": "派送中"}"#));
    let mut service = webhook();
    let bearer = HeaderText(vec![
        HeaderPart::Literal("Bearer ".to_owned()),
        HeaderPart::Secret("track".to_owned()),
    ]);
    service.kind = ServiceKind::Webhook(Webhook {
        headers: vec![("Authorization".to_owned(), bearer)],
        sign: Some("signing".to_owned()),
    });
    let url = endpoint.url() + "/track?lang=zh&q=%E5%BF%AB";
    let asked = ask(&question(service, &url, parcel()), endpoint.address);
    assert_eq!(asked.usage.tries, 1);
    assert_eq!(answer(asked), Ok(json!({ "state": "派送中" })));
    let [got] = &endpoint.received()[..] else {
        panic!("one request");
    };
    assert!(
        got.head
            .starts_with("POST /track?lang=zh&q=%E5%BF%AB HTTP/1.1\r\n")
    );
    assert_eq!(got.body, br#"{"number":"SF123"}"#);
    let seconds = got.header("webhook-timestamp").unwrap().parse().unwrap();
    let signature = signature::sign("SIGNING", "msg_1", seconds, &got.body).unwrap();
    for (name, value) in [
        ("content-type", "application/json"),
        ("host", &endpoint.address.to_string()),
        ("authorization", "Bearer TRACK"),
        ("webhook-id", "msg_1"),
        ("webhook-signature", &signature),
        ("wxreply-follower", "f0110e4"),
    ] {
        assert_eq!(got.header(name), Some(value), "{name}");
    }
}

#[test]
fn headers_of_a_rule_file_change_nothing_of_the_request_itself() {
    let endpoint = Endpoint::saying(ok("{}"));
    let mut service = webhook();
    let headers = [
        ("Host", "internal"),
        ("Content-Length", "2"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "Upgrade"),
        ("Content-Type", "text/html"),
        ("webhook-id", "forged"),
        ("wxreply-follower", "forged"),
        ("X-Shop", "书店"),
    ];
    let text = |text: &str| HeaderText(vec![HeaderPart::Literal(text.to_owned())]);
    service.kind = ServiceKind::Webhook(Webhook {
        headers: headers
            .map(|(name, value)| (name.to_owned(), text(value)))
            .to_vec(),
        sign: None,
    });
    let asked = ask(
        &question(service, &endpoint.url(), parcel()),
        endpoint.address,
    );
    assert_eq!(answer(asked), Ok(json!({})));
    let [got] = &endpoint.received()[..] else {
        panic!("one request");
    };
    assert_eq!(got.body, br#"{"number":"SF123"}"#);
    for (name, value) in [
        ("host", Some(endpoint.address.to_string().as_str())),
        ("content-type", Some("application/json")),
        ("transfer-encoding", None),
        ("connection", None),
        ("webhook-id", Some("msg_1")),
        ("wxreply-follower", Some("f0110e4")),
        ("x-shop", Some("书店")),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
}

#[test]
fn a_secret_that_cannot_be_sent_is_named_and_not_shown() {
    let service = |part: HeaderPart| {
        let mut service = webhook();
        service.kind = ServiceKind::Webhook(Webhook {
            headers: vec![("Authorization".to_owned(), HeaderText(vec![part]))],
            sign: None,
        });
        service
    };
    let endpoint = Endpoint::saying(ok("{}"));
    let secret = HeaderPart::Secret("two\nlines".to_owned());
    let asked = ask(
        &question(service(secret), &endpoint.url(), parcel()),
        endpoint.address,
    );
    let failure = asked.answer.unwrap_err();
    assert_eq!(failure.why.id(), "call-odd-secret");
    let shown = format!("{failure:?} {}", failure.why);
    assert!(!shown.contains("TWO"), "{shown}");
    assert!(endpoint.received().is_empty());
}

#[test]
fn without_its_secrets_it_is_not_asked() {
    let endpoint = Endpoint::saying(ok("{}"));
    let mut service = webhook();
    service.kind = ServiceKind::Webhook(Webhook {
        headers: Vec::new(),
        sign: Some("missing".to_owned()),
    });
    let asked = ask(
        &question(service, &endpoint.url(), parcel()),
        endpoint.address,
    );
    let failure = asked.answer.unwrap_err();
    assert_eq!(failure.error, ServiceError::Refused);
    assert_eq!(failure.why.id(), "call-no-secret");
    assert!(endpoint.received().is_empty());
}

#[test]
fn it_is_asked_again_only_where_that_can_help_and_do_no_harm() {
    for (status, headers, tries) in [
        ("429 Too Many Requests", "Retry-After: 0\r\n", 3),
        ("429 Too Many Requests", "Retry-After: 3600\r\n", 1),
        (
            "429 Too Many Requests",
            "Retry-After: 18446744073709551615\r\n",
            1,
        ),
        ("502 Bad Gateway", "", 3),
        (
            "503 Service Unavailable",
            "Retry-After: Sat, 01 Jan 2000 00:00:00 GMT\r\n",
            3,
        ),
        ("504 Gateway Timeout", "Retry-After: soon\r\n", 3),
        ("500 Internal Server Error", "", 1),
        ("404 Not Found", "", 1),
        ("302 Found", "Location: http://127.0.0.1:1/\r\n", 1),
    ] {
        let endpoint = Endpoint::saying(http(status, headers, "{}"));
        let mut service = webhook();
        service.retries = 2;
        let asked = ask(
            &question(service, &endpoint.url(), parcel()),
            endpoint.address,
        );
        assert_eq!(asked.usage.tries, tries, "{status} {headers}");
        assert_eq!(endpoint.received().len(), tries as usize, "{status}");
        let number = status.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(answer(asked), Err(ServiceError::Status(number)));
    }
    let endpoint = Endpoint::new(|before, stream| {
        let status = if before == 0 { "503 X" } else { "200 OK" };
        stream.write_all(&http(status, "", "[1]")).is_ok()
    });
    let mut service = webhook();
    service.retries = 1;
    let asked = ask(
        &question(service, &endpoint.url(), parcel()),
        endpoint.address,
    );
    assert_eq!(asked.usage.tries, 2);
    assert_eq!(answer(asked), Ok(json!([1])));
}

#[test]
fn the_next_question_takes_the_connection_of_the_last() {
    let endpoint = Endpoint::new(|before, stream| {
        let port = stream.peer_addr().unwrap().port();
        stream
            .write_all(&ok(json!([before, port]).to_string()))
            .is_ok()
    });
    let services = services(system_resolver(), &[endpoint.address]);
    let question = question(webhook(), &endpoint.url(), parcel());
    let (one, two) = block_on(async {
        let one = services.ask(&question, &asking()).await;
        (one, services.ask(&question, &asking()).await)
    });
    let (one, two) = (answer(one).unwrap(), answer(two).unwrap());
    assert_eq!((&one[0], &two[0]), (&json!(0), &json!(1)));
    assert_eq!(one[1], two[1]);
}

#[test]
fn a_secret_that_cannot_be_read_for_now_holds_up_nobody_else() {
    let endpoint = Endpoint::saying(ok("{}"));
    let mut needing = webhook();
    needing.timeout = IMPATIENT;
    needing.kind = ServiceKind::Webhook(Webhook {
        headers: Vec::new(),
        sign: Some("hangs".to_owned()),
    });
    let services = services(system_resolver(), &[endpoint.address]);
    let needing = question(needing, &endpoint.url(), parcel());
    let other = question(webhook(), &endpoint.url(), parcel());
    let errors = block_on(async {
        let asking = asking();
        let ask = |question| services.ask(question, &asking);
        let (needing, other) = tokio::join!(ask(&needing), ask(&other));
        [needing, other].map(|asked| asked.error())
    });
    assert_eq!(errors, [Some(ServiceError::Timeout), None]);
}

#[test]
fn more_questions_than_at_once_wait_and_then_it_is_busy() {
    let endpoint = Endpoint::new(|_, _| {
        std::thread::park();
        true
    });
    let mut service = webhook();
    (service.at_once, service.timeout) = (2, IMPATIENT);
    let services = services(system_resolver(), &[endpoint.address]);
    let mut hasty = service.clone();
    hasty.timeout = IMPATIENT / 2;
    let patient = question(service, &endpoint.url(), parcel());
    // Gives up before a call ends, which would let it in.
    let hasty = question(hasty, &endpoint.url(), parcel());
    let errors = block_on(async {
        let asking = asking();
        let ask = |question| services.ask(question, &asking);
        let (one, two, three) = tokio::join!(ask(&patient), ask(&patient), ask(&hasty));
        [one, two, three].map(|asked| asked.error())
    });
    let [timeout, busy] = [ServiceError::Timeout, ServiceError::Busy].map(Some);
    assert_eq!(errors, [timeout, timeout, busy]);
}

#[test]
fn five_failures_in_a_row_and_it_is_left_alone_by_this_account_only() {
    let endpoint = Endpoint::saying(http("500 X", "", ""));
    let services = services(system_resolver(), &[endpoint.address]);
    let question = question(webhook(), &endpoint.url(), parcel());
    let asked = |account| {
        let asking = Asking {
            account,
            ..asking()
        };
        block_on(services.ask(&question, &asking))
    };
    for _ in 0..5 {
        assert_eq!(asked("books").error(), Some(ServiceError::Status(500)));
    }
    let sixth = asked("books");
    assert_eq!(sixth.usage.tries, 0);
    assert_eq!(sixth.answer.unwrap_err().why.id(), "call-resting");
    assert_eq!(asked("flowers").error(), Some(ServiceError::Status(500)));
    assert_eq!(endpoint.received().len(), 6);
    // An account that comes later under this name is not the one that is gone.
    services.leave("books");
    assert_eq!(asked("books").error(), Some(ServiceError::Status(500)));
}

#[test]
fn calls_seconds_failures_and_tokens_are_counted_by_account_and_service() {
    let endpoint = Endpoint::saying(http("503 X", "", ""));
    let services = services(system_resolver(), &[endpoint.address]);
    let mut service = webhook();
    service.retries = 1;
    let question = question(service, &endpoint.url(), parcel());
    let metrics = Metrics::default();
    let of = |name: &str| metrics.account(Some(name.into()));
    let (books, flowers) = (of("books"), of("flowers"));
    for metrics in [&books, &books, &flowers] {
        let asking = Asking {
            metrics: Some(metrics),
            ..asking()
        };
        block_on(services.ask(&question, &asking));
    }
    let page = metrics.write(&Default::default()).unwrap();
    for line in [
        "wxreply_service_calls_total{account=\"books\",service=\"track\"} 4",
        "wxreply_service_seconds_count{account=\"books\",service=\"track\"} 2",
        "wxreply_service_failures_total{account=\"books\",service=\"track\",error=\"status\"} 2",
        "wxreply_service_calls_total{account=\"flowers\",service=\"track\"} 2",
        "wxreply_service_tokens_total{account=\"books\",service=\"track\"} 0",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}
