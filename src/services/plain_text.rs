//! What a model writes as a text that can do no harm: no links of WeChat's own, no tags that look
//! like one thing and do another, no control characters.

/// Links that act inside WeChat.
const SCHEME: &str = "weixin://";

pub(super) fn plain_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    // Where a tag may have begun. What is taken out may join what stood around it, so both are
    // looked for in what is written, not in what is read.
    let mut starts: Vec<usize> = Vec::new();
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\r' => plain.push('\n'),
            '\t' => plain.push(' '),
            '\n' => plain.push('\n'),
            letter if letter.is_control() => continue,
            letter => plain.push(letter),
        }
        match letter {
            '<' => starts.push(plain.len() - 1),
            '>' => {
                let start = starts.last().copied();
                if let Some(start) = start.filter(|&start| is_link(plain.get(start..))) {
                    plain.truncate(start);
                    starts.pop();
                }
            }
            '/' => {
                let start = plain.len().saturating_sub(SCHEME.len());
                let is_scheme = |tail: &str| tail.eq_ignore_ascii_case(SCHEME);
                if plain.get(start..).is_some_and(is_scheme) {
                    plain.truncate(start);
                }
            }
            _ => {}
        }
    }
    plain.trim().to_owned()
}

/// Whether this is `<a …>` or `</a>`.
fn is_link(tag: Option<&str>) -> bool {
    let Some(name) = tag.and_then(|tag| tag.strip_prefix('<')) else {
        return false;
    };
    let name = name.strip_prefix('/').unwrap_or(name);
    let after = name.strip_prefix(['a', 'A']);
    after.is_some_and(|after| after.starts_with(|letter: char| !letter.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_their_text_and_nothing_of_wechat_acts() {
        for (text, plain) in [
            ("  你好\r\n再见\r！\n", "你好\n再见\n！"),
            ("a\tb\u{0}\u{1b}[31mc\u{7f}\u{85}", "a b[31mc"),
            ("看<a href=\"https://example.com\">这里</a>。", "看这里。"),
            (
                "<A HREF='weixin://bizmsgmenu?msgmenucontent=1'>点</A>",
                "点",
            ),
            ("<a href=x>1</a><a href=y>2</a>", "12"),
            ("<<a>a href=x>1<</a>/a>", "1"),
            (
                "打开 weixin://dl/business 或 WeiXin://x",
                "打开 dl/business 或 x",
            ),
            ("weiweixin://xin://x", "x"),
            ("<weixin://a href=x>点", "点"),
            ("1 < 2, 3 > 2, <b>粗</b>", "1 < 2, 3 > 2, <b>粗</b>"),
            ("https://example.com/a", "https://example.com/a"),
            ("<a href=没有完", "<a href=没有完"),
        ] {
            assert_eq!(plain_text(text), plain, "{text}");
        }
    }
}
