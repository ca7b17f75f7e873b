//! Messages read, written and read again are the same. Knows no message; the property does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxreply::wechat::properties::xml_in;

fuzz_target!(|bytes: &[u8]| xml_in(bytes));
