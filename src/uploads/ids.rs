//! What WeChat knows files by.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::media::{ContentHash, MediaKind};

/// The ids of the files that WeChat keeps for one account, by what they are kept as and by what is
/// in them. Only grows.
#[derive(Debug, Default)]
pub(crate) struct MediaIds(RwLock<HashMap<(MediaKind, ContentHash), Arc<str>>>);

impl MediaIds {
    pub(crate) fn get(&self, kind: MediaKind, hash: ContentHash) -> Option<Arc<str>> {
        let ids = self.0.read().unwrap_or_else(PoisonError::into_inner);
        ids.get(&(kind, hash)).cloned()
    }

    pub(super) fn insert(&self, kind: MediaKind, hash: ContentHash, id: &str) {
        let mut ids = self.0.write().unwrap_or_else(PoisonError::into_inner);
        ids.insert((kind, hash), id.into());
    }
}
