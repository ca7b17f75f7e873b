//! Every part of a reply arrives. Knows no kind of reply; the property does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxreply::wechat::properties::reply_out;

fuzz_target!(|bytes: &[u8]| reply_out(bytes));
