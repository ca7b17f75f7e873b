//! Lists of rules by hash. Does not know what is hashed.

/// Lists of rules by hash: a table with open addressing, behind a small filter that rejects most
/// look-ups.
#[derive(Debug, Default)]
pub(super) struct Postings {
    filter: Vec<u64>,
    slots: Vec<Slot>,
    rules: Vec<u32>,
}

/// Contains the first rule of its list, which answers most messages; looking into the list would be
/// another cache miss.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    /// The range of its rules in `rules`; empty for an empty slot.
    start: u32,
    end: u32,
    first: u32,
}

/// The rules of a hash, lowest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PostingList {
    pub(super) first: u32,
    /// The position and the end of the list in `Postings::rules`.
    at: u32,
    end: u32,
}

/// Bits of the filter per entry: enough to reject fifteen of sixteen.
const FILTER_BITS: usize = 16;

impl Postings {
    pub(super) fn of(entries: impl Iterator<Item = (u64, u32)>) -> Postings {
        let mut entries: Vec<(u32, u32)> =
            entries.map(|(hash, rule)| (short(hash), rule)).collect();
        if entries.is_empty() {
            return Postings::default();
        }
        entries.sort_unstable();
        entries.dedup();
        let distinct = entries.chunk_by(|one, other| one.0 == other.0).count();
        let size = (distinct * 2).next_power_of_two();
        let bits = (distinct * FILTER_BITS).next_power_of_two().max(64);
        let mut postings = Postings {
            filter: vec![0; bits / 64],
            slots: vec![Slot::default(); size],
            rules: Vec::with_capacity(entries.len()),
        };
        for same in entries.chunk_by(|one, other| one.0 == other.0) {
            let Some((hash, first)) = same.first() else {
                continue;
            };
            let start = postings.rules.len();
            postings.rules.extend(same.iter().map(|(_, rule)| rule));
            let slot = Slot {
                hash: *hash,
                start: u32::try_from(start).unwrap_or(u32::MAX),
                end: u32::try_from(postings.rules.len()).unwrap_or(u32::MAX),
                first: *first,
            };
            let (word, bit) = postings.bit(*hash);
            if let Some(word) = postings.filter.get_mut(word) {
                *word |= bit;
            }
            let mut at = *hash as usize & (size - 1);
            while postings.slots.get(at).is_some_and(|slot| slot.end > 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(empty) = postings.slots.get_mut(at) {
                *empty = slot;
            }
        }
        postings
    }

    fn bit(&self, hash: u32) -> (usize, u64) {
        let bits = self.filter.len() * 64;
        // Uses other bits than those that choose the slot, which would add no information.
        let bit = (hash.rotate_right(11)) as usize & (bits - 1);
        (bit / 64, 1 << (bit % 64))
    }

    /// The list of a hash, if there is one.
    pub(super) fn find(&self, hash: u64) -> Option<PostingList> {
        if self.filter.is_empty() {
            return None;
        }
        let hash = short(hash);
        let (word, bit) = self.bit(hash);
        if self.filter.get(word)? & bit == 0 {
            return None;
        }
        let last = self.slots.len() - 1;
        let mut at = hash as usize & last;
        loop {
            let slot = self.slots.get(at)?;
            if slot.end == 0 {
                return None;
            }
            if slot.hash == hash {
                return Some(PostingList {
                    first: slot.first,
                    at: slot.start,
                    end: slot.end,
                });
            }
            at = (at + 1) & last;
        }
    }

    /// The same list without its first rule.
    pub(super) fn rest(&self, list: PostingList) -> Option<PostingList> {
        let at = list.at + 1;
        if at >= list.end {
            return None;
        }
        let first = *self.rules.get(at as usize)?;
        Some(PostingList { first, at, ..list })
    }

    /// The whole list of a hash.
    pub(super) fn get(&self, hash: u64) -> &[u32] {
        let list = self.find(hash);
        let rules = list.and_then(|list| self.rules.get(list.at as usize..list.end as usize));
        rules.unwrap_or_default()
    }
}

/// Half a hash is enough to identify a list: colliding lists become one.
fn short(hash: u64) -> u32 {
    (hash >> 32) as u32
}
