//! Pseudonyms of followers: stable while the process runs, and not traceable to the openid.

use sha1::{Digest, Sha1};

use crate::i18n::phrase;

pub(crate) struct Pseudonyms {
    key: [u8; 16],
}

impl Pseudonyms {
    pub(crate) fn new() -> Pseudonyms {
        let mut key = [0; 16];
        if getrandom::fill(&mut key).is_err() {
            log::warn!("{}", phrase!(log_no_randomness));
        }
        Pseudonyms { key }
    }

    /// For a log, where few of all followers stand beside each other.
    pub(super) fn of(&self, openid: &str) -> String {
        hex::encode(self.hash(openid).first_chunk::<4>().unwrap_or(&[0; 4]))
    }

    /// So that no two of millions have the same.
    pub(crate) fn long(&self, openid: &str) -> String {
        hex::encode(self.hash(openid).first_chunk::<8>().unwrap_or(&[0; 8]))
    }

    fn hash(&self, openid: &str) -> [u8; 20] {
        let mut hash = Sha1::new();
        hash.update(self.key);
        hash.update(openid);
        hash.finalize().into()
    }
}
