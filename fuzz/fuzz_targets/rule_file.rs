//! Any text is a rule file or is told why not. Knows only how a text and a rule file share
//! the bytes: the text that is sent, U+001F, and the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxreply::properties::any_text_is_a_rule_file_or_told_why_not;

fuzz_target!(|bytes: &[u8]| {
    // Bytes that are no text become U+FFFD, so that hardly any run is spent on nothing.
    let both = String::from_utf8_lossy(bytes);
    let (sent, file) = both.split_once('\u{1f}').unwrap_or(("你好", &both));
    let held = any_text_is_a_rule_file_or_told_why_not(file, sent);
    assert_eq!(held, Ok(()), "{file}");
});
