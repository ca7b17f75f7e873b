//! Texts from a service, made harmless for a follower: they are words and nothing else. Knows no
//! rules.

/// Without control characters and `weixin://` addresses, which could make the follower send or
/// open something; trimmed. What a language model says has its links as text.
pub(crate) fn text(text: &str, is_of_model: bool) -> String {
    let is_kept = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
    let mut text: String = text.chars().filter(is_kept).collect();
    // What is taken out of the middle of something may leave another of its kind.
    loop {
        let harmless = match is_of_model {
            true => without_addresses(&links_as_text(&text)),
            false => without_addresses(&text),
        };
        if harmless == text {
            return text.trim().to_owned();
        }
        text = harmless;
    }
}

const SCHEME: &str = "weixin:";

/// Takes out every `weixin:` address, and of a link to one all but its words.
fn without_addresses(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains(SCHEME) {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    let mut position = 0;
    let mut open_links = 0;
    while let Some(rest) = text.get(position..).filter(|rest| !rest.is_empty()) {
        let ahead = lower.get(position..).unwrap_or_default();
        if let Some(tag) = link_tag(ahead)
            && ahead.get(..tag).is_some_and(|tag| tag.contains(SCHEME))
        {
            open_links += 1;
            position += tag;
        } else if open_links > 0 && ahead.starts_with("</a>") {
            open_links -= 1;
            position += "</a>".len();
        } else if ahead.starts_with(SCHEME) {
            let ends = |letter: char| letter.is_whitespace() || "\"'<>，。）".contains(letter);
            position += rest.find(ends).unwrap_or(rest.len());
        } else {
            let letter = rest.chars().next().unwrap_or_default();
            kept.push(letter);
            position += letter.len_utf8();
        }
    }
    kept
}

/// `<a href="https://example.com/">Words</a>` as `Words https://example.com/`.
fn links_as_text(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut kept = String::with_capacity(text.len());
    let mut position = 0;
    let mut address: Option<String> = None;
    while let Some(rest) = text.get(position..).filter(|rest| !rest.is_empty()) {
        let ahead = lower.get(position..).unwrap_or_default();
        if let Some(length) = link_tag(ahead) {
            address = rest.get(..length).and_then(address_of);
            position += length;
        } else if ahead.starts_with("</a>") {
            if let Some(address) = address.take().filter(|address| !kept.ends_with(address)) {
                kept.push(' ');
                kept.push_str(&address);
            }
            position += "</a>".len();
        } else if is_link_start(ahead) {
            // One that is never closed.
            position += 1;
        } else {
            let letter = rest.chars().next().unwrap_or_default();
            kept.push(letter);
            position += letter.len_utf8();
        }
    }
    kept
}

fn is_link_start(lower: &str) -> bool {
    let behind = lower.strip_prefix("<a");
    behind.is_some_and(|behind| {
        behind.starts_with(|letter: char| letter.is_whitespace() || "/>".contains(letter))
    })
}

/// The length of a tag that opens a link, where one stands.
fn link_tag(lower: &str) -> Option<usize> {
    if !is_link_start(lower) {
        return None;
    }
    lower.find('>').map(|end| end + 1)
}

/// What stands under `href`, if a browser may open it.
fn address_of(tag: &str) -> Option<String> {
    let at = tag.to_ascii_lowercase().find("href")?;
    let behind = tag.get(at + "href".len()..)?.trim_start();
    let behind = behind.strip_prefix('=')?.trim_start();
    let quote = behind
        .chars()
        .next()
        .filter(|letter| "\"'".contains(*letter));
    let address = match quote {
        Some(quote) => behind.get(1..)?.split(quote).next()?,
        None => behind
            .split(|letter: char| letter.is_whitespace() || letter == '>')
            .next()?,
    };
    let lower = address.to_ascii_lowercase();
    let opens = ["https://", "http://"]
        .iter()
        .any(|scheme| lower.starts_with(scheme));
    opens.then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_outside_is_words_and_nothing_else() {
        for (said, shown) in [
            ("  派送中\r\n\n", "派送中"),
            ("a\u{0}b\u{8}c\u{1b}[31m", "abc[31m"),
            ("第一行\n\t第二行", "第一行\n\t第二行"),
            ("<xml><Content>]]></Content>", "<xml><Content>]]></Content>"),
            ("<openid> <answer>", "<openid> <answer>"),
            ("看 weixin://dl/business 这里", "看  这里"),
            ("WeiXin://dl/x", ""),
            ("wei\u{7}xin://dl/x。完", "。完"),
            (
                "<a href=\"weixin://bizmsgmenu?msgmenucontent=1&msgmenuid=2\">转账</a>给我",
                "转账给我",
            ),
            ("wei<a href='weixin://x'>xin://dl/x</a>", ""),
            (
                "<a href=\"https://example.com/\">官网</a>",
                "<a href=\"https://example.com/\">官网</a>",
            ),
        ] {
            assert_eq!(text(said, false), shown, "{said}");
        }
    }

    #[test]
    fn a_model_gives_no_links_but_as_text() {
        for (said, shown) in [
            (
                "见<a href=\"https://example.com/\">官网</a>。",
                "见官网 https://example.com/。",
            ),
            (
                "<A HREF='https://example.com/'>https://example.com/</A>",
                "https://example.com/",
            ),
            ("<a href=javascript:x()>点我</a>", "点我"),
            ("<a href=\"weixin://pay\">点我</a>", "点我"),
            ("<a class=x>点我</a>", "点我"),
            (
                "<a href=\"https://example.com/",
                "a href=\"https://example.com/",
            ),
            ("<abbr>WHO</abbr> 3 <a", "<abbr>WHO</abbr> 3 <a"),
            (
                "<<a>a href=\"https://example.com/\">点我<</a>/a>",
                "点我 https://example.com/",
            ),
            (
                "<a/href=\"https://example.com/\">点我</a>",
                "点我 https://example.com/",
            ),
        ] {
            assert_eq!(text(said, true), shown, "{said}");
        }
    }
}
