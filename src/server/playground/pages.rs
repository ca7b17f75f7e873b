//! The files of the page, compiled in. The page may load nothing else.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const ICON: &str = "image/svg+xml";

const PARTS: [(&str, &str, &str); 16] = [
    ("page.css", CSS, include_str!("page.css")),
    ("icon.svg", ICON, include_str!("icon.svg")),
    ("accounts.js", SCRIPT, include_str!("accounts.js")),
    ("api.js", SCRIPT, include_str!("api.js")),
    ("bubbles.js", SCRIPT, include_str!("bubbles.js")),
    ("case.js", SCRIPT, include_str!("case.js")),
    ("clock.js", SCRIPT, include_str!("clock.js")),
    ("composer.js", SCRIPT, include_str!("composer.js")),
    ("dom.js", SCRIPT, include_str!("dom.js")),
    ("follower.js", SCRIPT, include_str!("follower.js")),
    ("kinds.js", SCRIPT, include_str!("kinds.js")),
    ("live.js", SCRIPT, include_str!("live.js")),
    ("main.js", SCRIPT, include_str!("main.js")),
    ("marked.js", SCRIPT, include_str!("marked.js")),
    ("why.js", SCRIPT, include_str!("why.js")),
    ("words.js", SCRIPT, include_str!("words.js")),
];

/// With this policy, a browser runs no script from rules or followers, shows the page in no frame,
/// and sends no referrer.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

pub(super) async fn front() -> HttpResponse {
    page(HTML, include_str!("page.html"))
}

pub(super) async fn part(name: web::Path<String>) -> HttpResponse {
    match PARTS.iter().find(|(known, ..)| *known == *name) {
        Some((_, kind, text)) => page(kind, text),
        None => HttpResponse::NotFound().finish(),
    }
}

fn page(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a browser that opens the page for the first time is sent.
    #[test]
    fn the_page_is_small() {
        let parts: usize = PARTS.iter().map(|(.., text)| text.len()).sum();
        let bytes = parts + include_str!("page.html").len();
        assert!(bytes < 64 * 1024, "{bytes} bytes");
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let text = include_str!("words.js");
        let (english, chinese) = text.split_once("\n  zh: {").unwrap();
        let keys = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.starts_with("    "));
            let keys = lines.filter_map(|line| line.trim().split_once(": "));
            keys.map(|(key, _)| key.to_owned()).collect()
        };
        assert!(keys(english).len() > 40, "{:?}", keys(english));
        let chinese = chinese.split("\n  },").next().unwrap();
        assert_eq!(
            keys(english.split_once("\n  en: {").unwrap().1),
            keys(chinese)
        );
    }

    #[test]
    fn nothing_is_written_into_the_page_as_markup() {
        for (name, kind, text) in PARTS.iter().filter(|(_, kind, _)| *kind == SCRIPT) {
            for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval("] {
                assert!(!text.contains(forbidden), "{name} ({kind}): {forbidden}");
            }
        }
    }
}
