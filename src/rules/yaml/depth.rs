//! Estimates the nesting of brackets from the characters alone.

use crate::rules::yaml::tree::MAX_DEPTH;

/// Whether brackets may be nested too deep to read. Also counts brackets in texts and comments.
pub(super) fn may_be_too_much(text: &str) -> bool {
    let mut open: usize = 0;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > MAX_DEPTH
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_brackets_that_stay_open_are_too_many() {
        let deep = |brackets: usize| "[ { ".repeat(brackets / 2) + "你好";
        assert!(!may_be_too_much(&deep(MAX_DEPTH)));
        assert!(may_be_too_much(&deep(MAX_DEPTH + 2)));
        assert!(!may_be_too_much(&"- { a: [b] }\n".repeat(1000)));
        assert!(!may_be_too_much(&"]".repeat(1000)));
    }
}
