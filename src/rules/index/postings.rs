//! Lists of rules by hash. Does not know what is hashed.

/// Lists of rules by hash: a table of open addresses, with a small filter before it that most
/// questions do not pass.
#[derive(Debug, Default)]
pub(super) struct Postings {
    filter: Vec<u64>,
    slots: Vec<Slot>,
    rules: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u64,
    /// Where its rules are in `rules`; an empty slot has none.
    start: u32,
    count: u32,
}

/// Bits of the filter for each entry: enough to turn away fifteen of sixteen.
const FILTER_BITS: usize = 16;

impl Postings {
    pub(super) fn of(mut entries: Vec<(u64, u32)>) -> Postings {
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
            let Some((hash, _)) = same.first() else {
                continue;
            };
            let slot = Slot {
                hash: *hash,
                start: u32::try_from(postings.rules.len()).unwrap_or(u32::MAX),
                count: u32::try_from(same.len()).unwrap_or(u32::MAX),
            };
            postings.rules.extend(same.iter().map(|(_, rule)| rule));
            let (word, bit) = postings.bit(*hash);
            if let Some(word) = postings.filter.get_mut(word) {
                *word |= bit;
            }
            let mut at = *hash as usize & (size - 1);
            while postings.slots.get(at).is_some_and(|slot| slot.count > 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(empty) = postings.slots.get_mut(at) {
                *empty = slot;
            }
        }
        postings
    }

    fn bit(&self, hash: u64) -> (usize, u64) {
        let bits = self.filter.len() * 64;
        let bit = (hash >> 24) as usize & (bits - 1);
        (bit / 64, 1 << (bit % 64))
    }

    /// The place of a hash, if anything is there.
    pub(super) fn find(&self, hash: u64) -> Option<u32> {
        if self.filter.is_empty() {
            return None;
        }
        let (word, bit) = self.bit(hash);
        if self.filter.get(word)? & bit == 0 {
            return None;
        }
        let last = self.slots.len() - 1;
        let mut at = hash as usize & last;
        loop {
            let slot = self.slots.get(at)?;
            if slot.count == 0 {
                return None;
            }
            if slot.hash == hash {
                return u32::try_from(at).ok();
            }
            at = (at + 1) & last;
        }
    }

    /// Where the list of a place begins and ends.
    pub(super) fn list(&self, place: u32) -> Option<(u32, u32)> {
        let slot = self.slots.get(place as usize)?;
        Some((slot.start, slot.start + slot.count))
    }

    /// What stands in the lists at this place.
    pub(super) fn rule(&self, at: u32) -> Option<u32> {
        self.rules.get(at as usize).copied()
    }

    /// The whole list of a hash.
    pub(super) fn get(&self, hash: u64) -> &[u32] {
        let list = self.find(hash).and_then(|place| self.list(place));
        let (start, end) = list.unwrap_or_default();
        self.rules
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }
}
