//! What goes wrong on request.

use std::collections::HashMap;
use std::time::Duration;

/// How a call fails. Where it says nothing else, the call is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An HTTP status, with a page.
    Status(u16),
    /// 200 with this `errcode` and `errmsg`.
    Errcode(i64, String),
    /// 200 with a page of HTML.
    Html,
    /// Carried out, and answered so much later.
    Slow(Duration),
    /// Receives all of the request and hangs up.
    HangUp,
    /// Carries the call out and hangs up.
    HangUpAfter,
    /// The account's tokens are ended before: 40001, once.
    EndToken,
}

#[derive(Default)]
pub(super) struct Faults {
    next: HashMap<String, Vec<(u32, Fault)>>,
    random: Option<Random>,
}

struct Random {
    state: u64,
    of_a_thousand: u64,
    among: Vec<Fault>,
}

impl Faults {
    pub fn add(&mut self, path: &str, times: u32, fault: Fault) {
        let queue = self.next.entry(path.to_owned()).or_default();
        queue.push((times, fault));
    }

    pub fn at_random(&mut self, seed: u64, of_a_thousand: u64, among: Vec<Fault>) {
        self.random = (!among.is_empty()).then_some(Random {
            state: seed,
            of_a_thousand,
            among,
        });
    }

    /// What this call meets.
    pub fn take(&mut self, path: &str) -> Option<Fault> {
        let queue = self.next.entry(path.to_owned()).or_default();
        queue.retain(|(times, _)| *times > 0);
        if let Some((times, fault)) = queue.first_mut() {
            *times -= 1;
            return Some(fault.clone());
        }
        let random = self.random.as_mut()?;
        if random.next() % 1000 >= random.of_a_thousand {
            return None;
        }
        let which = random.next() as usize % random.among.len();
        random.among.get(which).cloned()
    }
}

impl Random {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
