//! Random bytes for encrypted answers, fetched for many answers at once, as a system call per
//! answer shows up in the profile.

use std::cell::RefCell;

use crate::wechat::Stamp;

/// What one answer takes: sixteen bytes for its envelope and four for its nonce.
const EACH: usize = 20;
const ANSWERS: usize = 64;

struct Stock {
    bytes: [u8; EACH * ANSWERS],
    used: usize,
}

thread_local! {
    static STOCK: RefCell<Stock> = const {
        RefCell::new(Stock { bytes: [0; EACH * ANSWERS], used: ANSWERS })
    };
}

/// The time and the random choices for one answer.
pub(super) fn stamp(unix_seconds: i64) -> Stamp {
    let [random @ .., a, b, c, d] = STOCK.with_borrow_mut(Stock::take);
    Stamp {
        unix_seconds,
        random,
        nonce: u32::from_ne_bytes([a, b, c, d]),
    }
}

impl Stock {
    fn take(&mut self) -> [u8; EACH] {
        if self.used >= ANSWERS {
            // Without randomness from the system, WeChat still accepts the answer.
            let _ = getrandom::fill(&mut self.bytes);
            self.used = 0;
        }
        let (pieces, _) = self.bytes.as_chunks::<EACH>();
        let piece = pieces.get(self.used).copied().unwrap_or([0; EACH]);
        self.used += 1;
        piece
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_answers_share_their_dice() {
        let many = 3 * ANSWERS;
        let choose: HashSet<[u8; 16]> = (0..many).map(|_| stamp(0).random).collect();
        assert_eq!(choose.len(), many);
    }
}
