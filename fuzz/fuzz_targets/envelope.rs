//! What is sealed opens, and nothing altered does. Knows no cipher; the property does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxreply::wechat::properties::sealed;

fuzz_target!(|bytes: &[u8]| sealed(bytes));
