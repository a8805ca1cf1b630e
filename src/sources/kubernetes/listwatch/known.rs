//! What the reflector knows of its objects: versions, deletions, and what a list still owes. Pure.
//!
//! It decides which words of the server become changes. What must stay true: a row never goes back to an older version
//! of the same object, a deleted object does not come back by a late word, and a list is complete only when nothing
//! that the first page showed can be missing from it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use crate::model::Uid;

/// How many deletions are remembered against late words.
const DELETIONS: usize = 512;

/// Versions by uid, whose bytes are evenly spread already.
type Versions = HashMap<Uid, u64, BuildHasherDefault<Spread>>;

#[derive(Debug, Default)]
pub struct Known {
    versions: Versions,
    deleted: HashMap<Uid, u64>,
    deletions: VecDeque<Uid>,
    /// Objects of the first page that the list behind it has not told again.
    page: HashSet<Uid>,
    page_version: u64,
    total: Option<u64>,
    /// The version that must be reached before the list counts as complete.
    owed: Option<u64>,
}

impl Known {
    /// A list begins: the server's word is taken anew, whatever was known.
    pub fn begin(&mut self) {
        self.versions.clear();
        self.page.clear();
        self.total = None;
        self.owed = None;
    }

    /// Whether a word about an object that is there should be told.
    pub fn is(&mut self, uid: Uid, version: u64) -> bool {
        self.page.remove(&uid);
        if version > 0 && self.deleted.get(&uid).is_some_and(|gone| version <= *gone) {
            return false;
        }
        let known = self.versions.entry(uid).or_insert(version);
        if version > 0 && version < *known {
            return false;
        }
        *known = version;
        true
    }

    /// Whether a word about a deleted object should be told: whether it was there at all.
    pub fn gone(&mut self, uid: Uid, version: u64) -> bool {
        self.page.remove(&uid);
        if self.deleted.insert(uid, version).is_none() {
            self.deletions.push_back(uid);
        }
        if self.deletions.len() > DELETIONS
            && let Some(oldest) = self.deletions.pop_front()
        {
            self.deleted.remove(&oldest);
        }
        self.versions.remove(&uid).is_some()
    }

    /// The first page is told, and more is to come: remembers what it showed.
    pub fn paged(&mut self, version: u64, total: Option<u64>) {
        self.page = self.versions.keys().copied().collect();
        self.page_version = version;
        self.total = total;
    }

    /// The list behind the first page is told, as of `version`. Returns objects of the page that are gone since.
    pub fn listed(&mut self, version: u64) -> Vec<Uid> {
        let page = std::mem::take(&mut self.page);
        if version >= self.page_version {
            for uid in &page {
                self.versions.remove(uid);
            }
            return page.into_iter().collect();
        }
        // The list is older than the page: what only the page had came in between, and the watch will tell of it.
        self.owed = Some(self.page_version);
        Vec::new()
    }

    /// Whether nothing of the list is missing, now that the server's word has reached `version`.
    pub fn complete(&mut self, version: u64) -> bool {
        if let Some(owed) = self.owed
            && (version >= owed || self.total == Some(self.versions.len() as u64))
        {
            self.owed = None;
        }
        self.owed.is_none()
    }

    pub fn len(&self) -> usize {
        self.versions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }
}

/// Takes eight of the evenly spread bytes as the hash.
#[derive(Debug, Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (slot, byte) in word.iter_mut().zip(chunk) {
                *slot = *byte;
            }
            self.0 = self.0.rotate_left(5) ^ u64::from_ne_bytes(word);
        }
    }

    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
