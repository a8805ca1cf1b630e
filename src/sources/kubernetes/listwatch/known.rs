//! What the reflector must know of its objects to tell the truth about them: deletions, and what a list still owes. Pure.
//!
//! What must stay true: a deleted object does not come back by a late word, rows of the first page do not vanish
//! because the list behind it is a moment older, and a list is complete only when nothing can be missing from it.
//! Versions of rows are compared where the rows are, in the outlet and in the store; keeping them here too would cost
//! megabytes for large clusters.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::model::Uid;

/// How many deletions are remembered against late words.
const DELETIONS: usize = 512;

#[derive(Debug, Default)]
pub struct Known {
    /// Set from the begin of a list to its completion.
    listing: Option<Listing>,
    deleted: HashMap<Uid, u64>,
    deletions: VecDeque<Uid>,
}

#[derive(Debug, Default)]
struct Listing {
    /// Objects that are there, by half of their uid, which is enough to count them.
    told: HashSet<u64>,
    /// Objects of the first page that the list behind it has not told again.
    page: HashSet<Uid>,
    page_version: u64,
    total: Option<u64>,
    /// The version that must be reached before the list is complete.
    owed: Option<u64>,
}

impl Known {
    /// A list begins: the server's word is taken anew.
    pub fn begin(&mut self) {
        self.listing = Some(Listing::default());
    }

    /// Whether a list is under way.
    pub fn listing(&self) -> bool {
        self.listing.is_some()
    }

    /// How many objects the list that is under way has told.
    pub fn told(&self) -> u64 {
        let listing = self.listing.as_ref();
        listing.map_or(0, |listing| listing.told.len() as u64)
    }

    /// Whether a word about an object that is there should be told: not if it is older than its deletion.
    pub fn is(&mut self, uid: Uid, version: u64) -> bool {
        if let Some(gone) = self.deleted.get(&uid)
            && version <= *gone
        {
            return false;
        }
        if let Some(listing) = &mut self.listing {
            listing.told.insert(half(uid));
            listing.page.remove(&uid);
        }
        true
    }

    /// An object is deleted as of this version.
    pub fn gone(&mut self, uid: Uid, version: u64) {
        if self.deleted.insert(uid, version).is_none() {
            self.deletions.push_back(uid);
        }
        if self.deletions.len() > DELETIONS
            && let Some(oldest) = self.deletions.pop_front()
        {
            self.deleted.remove(&oldest);
        }
        if let Some(listing) = &mut self.listing {
            listing.told.remove(&half(uid));
            listing.page.remove(&uid);
        }
    }

    /// The first page is told as of `version`, and more is to come up to `total`.
    pub fn paged(&mut self, page: HashSet<Uid>, version: u64, total: Option<u64>) {
        if let Some(listing) = &mut self.listing {
            listing.page = page;
            listing.page_version = version;
            listing.total = total;
        }
    }

    /// The list behind the first page is told as of `version`. Returns objects of the page that are gone since.
    pub fn listed(&mut self, version: u64) -> Vec<Uid> {
        let Some(listing) = &mut self.listing else {
            return Vec::new();
        };
        let page = std::mem::take(&mut listing.page);
        if version < listing.page_version {
            // What only the page had came in between, and the watch will tell of it.
            listing.owed = Some(listing.page_version);
            return Vec::new();
        }
        for uid in &page {
            listing.told.remove(&half(*uid));
        }
        page.into_iter().collect()
    }

    /// Whether a list has become complete, now that the server's word has reached `version`.
    pub fn completed(&mut self, version: u64) -> bool {
        let complete = self.listing.as_ref().is_some_and(|listing| {
            let counted = listing.total == Some(listing.told.len() as u64);
            counted || listing.owed.is_none_or(|owed| version >= owed)
        });
        if complete {
            self.listing = None;
        }
        complete
    }
}

fn half(uid: Uid) -> u64 {
    let bytes = uid.bytes();
    let first = bytes.first_chunk().copied().unwrap_or_default();
    u64::from_ne_bytes(first)
}
