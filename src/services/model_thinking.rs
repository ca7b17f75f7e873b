//! What a model says to itself before it answers, which is for nobody.

const START: &str = "<think>";
const END: &str = "</think>";

/// A text without its `<think>…</think>`. One that is not closed goes on to the end, as when an
/// answer was cut; one that is only closed began with the text, as some models do it.
pub(super) fn without_thinking(text: &str) -> String {
    let mut spoken = String::new();
    let (mut depth, mut is_first) = (0_usize, true);
    let mut rest = text;
    loop {
        let tags = [(START, rest.find(START)), (END, rest.find(END))];
        let next = tags
            .into_iter()
            .filter_map(|(tag, at)| Some((at?, tag)))
            .min();
        let until = next.map_or(rest.len(), |(at, _)| at);
        let (before, after) = rest.split_at(until);
        if depth == 0 {
            spoken.push_str(before);
        }
        let Some((_, tag)) = next else { return spoken };
        match (tag == END, depth) {
            (false, _) => depth += 1,
            (true, 0) if is_first => spoken.clear(),
            // It only mentions the tag.
            (true, 0) => spoken.push_str(END),
            (true, _) => depth -= 1,
        }
        is_first = false;
        rest = after.strip_prefix(tag).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_aloud_stays() {
        for (text, spoken) in [
            ("你好", "你好"),
            ("<think>他想要什么？</think>\n\n你好", "\n\n你好"),
            ("先<think>想</think>后<think>再想</think>！", "先后！"),
            ("<think>没有想完", ""),
            ("说了一半<think>又想", "说了一半"),
            ("想好了</think>你好", "你好"),
            (
                "<think>x</think>写完用 </think> 结束",
                "写完用 </think> 结束",
            ),
            ("想好了</think>写完用 </think> 结束", "写完用 </think> 结束"),
            ("<think>a<think>b</think>c</think>d", "d"),
            ("1 < 2, <thinking>", "1 < 2, <thinking>"),
            ("", ""),
        ] {
            assert_eq!(without_thinking(text), spoken, "{text}");
        }
    }
}
