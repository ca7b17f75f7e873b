//! What people bring along from other bots and from web pages, and what WeChat or this program
//! reads in another way: wildcards, slashes around a regex, HTML, `{1}`.

use regex_syntax::hir::{Hir, HirKind, Look};

use crate::i18n::{Phrase, phrase};
use crate::rules::condition::{Condition, Shape, Subject, Test};
use crate::rules::placeholder::HTML_TAGS;
use crate::rules::template::Template;

/// A text of a condition: the place in the list, what is wrong and what to write instead.
pub(super) fn in_condition(condition: &Condition) -> Vec<(Option<usize>, Phrase, Phrase)> {
    let Condition::Text(subject, test) = condition else {
        return Vec::new();
    };
    let (texts, patterns) = test.texts();
    let regexes = patterns.iter().enumerate().filter_map(|(item, pattern)| {
        let (message, help) = in_regex(pattern.regex.as_str())?;
        Some((Some(item), message, help))
    });
    let all: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let literals = texts.iter().enumerate().filter_map(|(item, text)| {
        let (message, help) = match subject {
            Subject::Content => wildcard(text, test.operator())
                .or_else(|| odd_space(text))
                .or_else(|| emoticon(text, &all)),
            Subject::Scene => scene(text),
            _ => odd_space(text),
        }?;
        Some((Some(item), message, help))
    });
    literals.chain(regexes).collect()
}

/// An event by which somebody follows, with a key that it never has.
pub(super) fn key_of_subscribe(conditions: &[Condition]) -> Vec<(usize, usize, String)> {
    let subscribes = conditions.iter().any(|condition| match condition {
        Condition::Event(names) => {
            let mut names = names.iter();
            names.all(|name| name.eq_ignore_ascii_case("subscribe"))
        }
        _ => false,
    });
    if !subscribes {
        return Vec::new();
    }
    let conditions = conditions.iter().enumerate();
    let keys = conditions.filter_map(|(index, condition)| match condition {
        Condition::Text(Subject::Key, Test::Literal(Shape::Equals, keys)) => Some((index, keys)),
        _ => None,
    });
    keys.flat_map(|(index, keys)| {
        let keys = keys.iter().enumerate();
        let bare =
            keys.filter(|(_, key)| !key.starts_with("qrscene_") && !key.contains("trade_no"));
        bare.map(move |(item, key)| (index, item, key.to_string()))
    })
    .collect()
}

fn wildcard(text: &str, operator: &str) -> Option<(Phrase, Phrase)> {
    let is_star = |letter: char| letter == '*' || letter == '＊';
    let inside = text.trim_matches(is_star);
    if inside.len() == text.len() || inside.contains(is_star) || operator != "equals" {
        return None;
    }
    let (first, last) = (text.starts_with(is_star), text.ends_with(is_star));
    let help = match (inside.trim().is_empty(), first, last) {
        (true, ..) => phrase!(help_any_text),
        (_, true, true) => phrase!(help_other_key, key = "contains", name = inside),
        (_, true, false) => phrase!(help_other_key, key = "suffix", name = inside),
        _ => phrase!(help_other_key, key = "prefix", name = inside),
    };
    Some((phrase!(star_in_keyword), help))
}

/// A space that looks like another and that no keyboard types.
fn odd_space(text: &str) -> Option<(Phrase, Phrase)> {
    let is_odd = |letter: &char| {
        letter.is_whitespace() && !letter.is_control() && !matches!(letter, ' ' | '\u{3000}')
    };
    let odd = text.chars().find(is_odd)?;
    let code = format!("{:04X}", u32::from(odd));
    Some((phrase!(odd_space, code), phrase!(help_odd_space)))
}

fn scene(text: &str) -> Option<(Phrase, Phrase)> {
    let scene = text.strip_prefix("qrscene_")?;
    Some((phrase!(scene_with_prefix), phrase!(help_write_scene, scene)))
}

/// Emoticons of WeChat's own keyboard that arrive as a code.
const EMOTICONS: [(&str, &str); 14] = [
    ("微笑", "/::)"),
    ("流泪", "/::<"),
    ("大哭", "/::'("),
    ("呲牙", "/::D"),
    ("再见", "/:bye"),
    ("鼓掌", "/:handclap"),
    ("玫瑰", "/:rose"),
    ("爱心", "/:heart"),
    ("拥抱", "/:hug"),
    ("强", "/:strong"),
    ("弱", "/:weak"),
    ("握手", "/:share"),
    ("胜利", "/:v"),
    ("OK", "/:ok"),
];

fn emoticon(text: &str, listed: &[&str]) -> Option<(Phrase, Phrase)> {
    let name = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut emoticons = EMOTICONS.iter();
    let (_, code) = emoticons.find(|(known, _)| *known == name)?;
    (!listed.contains(code)).then(|| {
        (
            phrase!(emoticon_as_text, name = text, code = *code),
            phrase!(help_list_both, name = text, code = *code),
        )
    })
}

fn in_regex(pattern: &str) -> Option<(Phrase, Phrase)> {
    if let Some((inside, flags)) = between_slashes(pattern) {
        let flags = match flags {
            "" => String::new(),
            flags => format!("(?{flags})"),
        };
        let regex = format!("{flags}{inside}");
        return Some((phrase!(slashes_in_regex), phrase!(help_no_slashes, regex)));
    }
    let hir = regex_syntax::parse(pattern).ok()?;
    never_matches(&hir).then(|| (phrase!(regex_never_matches), phrase!(help_anchor_inside)))
}

/// `/…/i`, as other languages write a regex.
fn between_slashes(pattern: &str) -> Option<(&str, &str)> {
    let (inside, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    let is_flag = |letter: char| "imsx".contains(letter);
    let anchored = inside.starts_with('^') || inside.ends_with('$');
    let plain = !inside.is_empty() && flags.chars().all(is_flag);
    (plain && (anchored || !flags.is_empty())).then_some((inside, flags))
}

fn never_matches(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => never_matches(&capture.sub),
        HirKind::Alternation(parts) => parts.iter().all(never_matches),
        HirKind::Concat(parts) => {
            let asks = |parts: &[Hir]| {
                let mut parts = parts.iter();
                parts.any(|part| {
                    part.properties()
                        .minimum_len()
                        .is_some_and(|least| least > 0)
                })
            };
            let is =
                |part: &Hir, look| matches!(part.kind(), HirKind::Look(found) if *found == look);
            parts.iter().any(never_matches)
                || parts.iter().enumerate().any(|(place, part)| {
                    let (before, after) = parts.split_at(place);
                    (is(part, Look::Start) && asks(before)) || (is(part, Look::End) && asks(after))
                })
        }
        _ => false,
    }
}

const ENTITIES: [(&str, &str); 6] = [
    ("&nbsp;", "U+0020"),
    ("&amp;", "&"),
    ("&lt;", "<<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
];

/// HTML in a text that followers see.
pub(super) fn html(template: &Template) -> Option<(Phrase, Phrase)> {
    template.literals().find_map(|literal| {
        let tag = literal.match_indices('<').find_map(|(at, _)| {
            let tag = literal.get(at..)?;
            let tag = tag.get(..=tag.find('>')?)?;
            let name = tag.trim_matches(|letter: char| "</> ".contains(letter));
            let name = name.split(' ').next()?.to_ascii_lowercase();
            HTML_TAGS.contains(&name.as_str()).then_some(tag)
        });
        if let Some(tag) = tag {
            return Some((phrase!(html_in_text, written = tag), phrase!(help_new_line)));
        }
        let (entity, meant) = ENTITIES.iter().find(|(entity, _)| {
            let outside = literal.split("<a ").enumerate();
            let mut outside = outside.map(|(part, text)| match part {
                0 => text,
                _ => text.split_once('>').map_or("", |(_, behind)| behind),
            });
            outside.any(|text| text.contains(entity))
        })?;
        Some((
            phrase!(html_in_text, written = *entity),
            phrase!(help_character_itself, meant = *meant),
        ))
    })
}

/// Names that other bots have for what the message is about, and ours.
const NAMES: [(&str, &str); 12] = [
    ("content", "<content>"),
    ("text", "<content>"),
    ("msg", "<content>"),
    ("message", "<content>"),
    ("openid", "<openid>"),
    ("time", "<time>"),
    ("date", "<date>"),
    ("nickname", ""),
    ("username", ""),
    ("user", ""),
    ("name", ""),
    ("昵称", ""),
];

/// A placeholder of another bot: `{1}`, `$1`, `{nickname}`, `%content%`. Digits are groups only in
/// a rule with a regex.
pub(super) fn foreign_placeholder(
    template: &Template,
    has_regex: bool,
) -> Option<(Phrase, Phrase)> {
    template.literals().find_map(|literal| {
        for (open, close) in [("${", "}"), ("{{", "}}"), ("{", "}"), ("%", "%")] {
            for (at, _) in literal.match_indices(open) {
                let inside = literal.get(at + open.len()..).unwrap_or_default();
                let Some((inside, _)) = inside.split_once(close) else {
                    continue;
                };
                let written = format!("{open}{inside}{close}");
                let name = inside.trim();
                let is_group = has_regex
                    && open != "%"
                    && (1..=2).contains(&name.len())
                    && name.bytes().all(|byte| byte.is_ascii_digit());
                let known = NAMES.iter().find(|(known, _)| *known == name);
                let meant = match (is_group, known) {
                    (true, _) => format!("<{name}>"),
                    (false, Some((_, meant))) => (*meant).to_owned(),
                    (false, None) => continue,
                };
                return Some(foreign(&written, &meant));
            }
        }
        literal.match_indices('$').find_map(|(at, _)| {
            let mut behind = literal.get(at + 1..)?.chars();
            let digit = behind
                .next()
                .filter(|letter| ('1'..='9').contains(letter))?;
            let ends = !behind
                .next()
                .is_some_and(|next| next.is_ascii_digit() || next == '.');
            (has_regex && ends).then(|| foreign(&format!("${digit}"), &format!("<{digit}>")))
        })
    })
}

fn foreign(written: &str, meant: &str) -> (Phrase, Phrase) {
    let help = match meant {
        "" => phrase!(help_no_names),
        meant => phrase!(help_plain_placeholder, meant),
    };
    (phrase!(not_a_placeholder, written), help)
}

/// A link that does not work.
pub(super) fn broken_link(template: &Template) -> Option<(Phrase, Phrase)> {
    let text: Vec<&str> = template.literals().collect();
    let text = text.join("x");
    let (_, link) = text.split_once("<a ").or_else(|| text.split_once("<a>"))?;
    let tag = link.split('>').next().unwrap_or_default();
    let right = phrase!(help_write_link);
    if !tag.contains("href") {
        return Some((phrase!(link_without_address), right));
    }
    if tag.contains(['“', '”', '＂', '‘', '’']) {
        return Some((phrase!(link_in_curly_quotes), right));
    }
    if !link.contains("</a>") {
        return Some((phrase!(link_without_end), right));
    }
    let address = tag.split(['"', '\'']).nth(1).unwrap_or_default();
    let known = [
        "http://",
        "https://",
        "weixin://",
        "tel:",
        "mailto:",
        "sms:",
        "x",
    ];
    let has_scheme = known.iter().any(|scheme| address.starts_with(scheme));
    if !address.is_empty() && address.contains('.') && !has_scheme && address != "#" {
        return Some((
            phrase!(link_without_scheme),
            phrase!(help_whole_address, address),
        ));
    }
    None
}
