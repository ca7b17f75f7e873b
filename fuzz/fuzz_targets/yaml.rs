//! Both readers of YAML take and refuse the same. Knows no rule.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxreply::properties::yaml_is_judged_alike;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(yaml_is_judged_alike(&text), Ok(()), "{text}");
});
