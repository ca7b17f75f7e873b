//! Names for followers in logs: the same for one follower while the process lives, and nothing
//! from which anyone could find the openid.

use sha1::{Digest, Sha1};

pub(super) struct Pseudonyms {
    key: [u8; 16],
}

impl Pseudonyms {
    pub(super) fn new() -> Pseudonyms {
        let mut key = [0; 16];
        if getrandom::fill(&mut key).is_err() {
            log::warn!("no randomness from the system: names of followers in logs can be guessed");
        }
        Pseudonyms { key }
    }

    pub(super) fn of(&self, openid: &str) -> String {
        let mut hash = Sha1::new();
        hash.update(self.key);
        hash.update(openid);
        let hash: [u8; 20] = hash.finalize().into();
        hex::encode(hash.first_chunk::<4>().unwrap_or(&[0; 4]))
    }
}
