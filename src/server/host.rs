//! Checks that a request is meant for the admin listener. Knows headers only as text.
//!
//! A web page can make a browser send requests to loopback, and by rebinding its name to 127.0.0.1
//! even read the responses. Then `Host` has that name, or `Origin` the page's address; a request by
//! address has neither. An image sends no `Origin`, but browsers report the other site in
//! `Sec-Fetch-Site`.

use std::net::IpAddr;

/// The headers that identify the sender of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sender<'r> {
    pub(super) host: Option<&'r str>,
    pub(super) origin: Option<&'r str>,
    pub(super) fetch_site: Option<&'r str>,
}

/// `name` is what the operator called the host of the listener.
pub(super) fn is_ours(sender: Sender<'_>, name: &str) -> bool {
    let Sender {
        host,
        origin,
        fetch_site,
    } = sender;
    if fetch_site.is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    // A health check of HTTP/1.0 has no Host; a browser always has one.
    let Some(host) = host else {
        return origin.is_none();
    };
    is_known(host, name) && origin.is_none_or(|origin| is_same(origin, host))
}

fn is_known(host: &str, name: &str) -> bool {
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || (!name.is_empty() && host.eq_ignore_ascii_case(name))
}

/// A proxy in front of the listener may add TLS; what answers at an address and a port speaks only
/// one of the two.
fn is_same(origin: &str, host: &str) -> bool {
    origin.split_once("://").is_some_and(|(scheme, authority)| {
        ["http", "https"].contains(&scheme) && authority.eq_ignore_ascii_case(host)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: Option<&str>, origin: Option<&str>, expected: bool) {
        let sender = Sender {
            host,
            origin,
            fetch_site: None,
        };
        assert_eq!(is_ours(sender, "wxreply"), expected);
    }

    #[test]
    fn addresses_localhost_and_the_own_name_are_ours() {
        check(Some("127.0.0.1:8081"), None, true);
        check(Some("10.1.2.3"), None, true);
        check(Some("[::1]:8081"), None, true);
        check(Some("[::1]"), None, true);
        check(Some("LocalHost:8081"), None, true);
        check(Some("wxreply:8081"), None, true);
        check(None, None, true);
    }

    #[test]
    fn names_of_others_are_not_ours_however_they_are_written() {
        check(Some("evil.example"), None, false);
        check(Some("evil.example:8081"), None, false);
        check(Some("127.0.0.1.evil.example:8081"), None, false);
        check(Some("localhost.evil.example"), None, false);
        check(Some("127.0.0.1@evil.example"), None, false);
        check(Some("evil.example:127.0.0.1"), None, false);
        check(Some("wxreply.evil.example"), None, false);
        check(Some(""), None, false);
        check(Some(":8081"), None, false);
    }

    #[test]
    fn only_pages_of_the_listener_itself_may_ask() {
        let host = Some("127.0.0.1:8081");
        check(host, Some("http://127.0.0.1:8081"), true);
        check(host, Some("https://127.0.0.1:8081"), true);
        check(host, Some("chrome-extension://127.0.0.1:8081"), false);
        check(host, Some("http://127.0.0.1:9000"), false);
        check(host, Some("http://evil.example"), false);
        check(host, Some("http://evil.example://127.0.0.1:8081"), false);
        check(host, Some("null"), false);
        check(host, Some(""), false);
        check(None, Some("http://evil.example"), false);
    }

    #[test]
    fn pages_of_other_sites_may_not_even_show_it_as_a_picture() {
        for (site, expected) in [
            ("none", true),
            ("same-origin", true),
            ("same-site", false),
            ("cross-site", false),
        ] {
            let sender = Sender {
                host: Some("127.0.0.1:8081"),
                origin: None,
                fetch_site: Some(site),
            };
            assert_eq!(is_ours(sender, "wxreply"), expected, "{site}");
        }
    }
}
