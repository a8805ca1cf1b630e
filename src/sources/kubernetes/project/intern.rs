//! Shares what many rows of a feed have in common: names, label sets, owners.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::model::{Labels, Name, Owner, Uid};
use crate::sources::kubernetes::wire::message::meta::{OwnerReference, Pair};

/// One for each feed. It holds what it was asked for until [`Interner::prune`].
#[derive(Debug, Default)]
pub struct Interner {
    empty: Name,
    no_labels: Labels,
    names: HashSet<Name>,
    /// By the hash of the pairs as they came; the label set is compared before it is used.
    labels: HashMap<u64, Labels>,
    owners: HashMap<Uid, Arc<Owner>>,
    hasher: RandomState,
}

impl Interner {
    pub fn name(&mut self, raw: &str) -> Name {
        if raw.is_empty() {
            return self.empty.clone();
        }
        if let Some(name) = self.names.get(raw) {
            return name.clone();
        }
        let name = Name::new(raw);
        if let Some(known) = self.names.get(name.as_str()) {
            return known.clone();
        }
        self.names.insert(name.clone());
        name
    }

    pub fn labels(&mut self, pairs: &[Pair]) -> Labels {
        if pairs.is_empty() {
            return self.no_labels.clone();
        }
        let hash = self.hasher.hash_one(Raw(pairs));
        if let Some(known) = self.labels.get(&hash) {
            let raw = pairs.iter().map(|pair| (&*pair.key, &*pair.value));
            if known.iter().eq(raw) {
                return known.clone();
            }
        }
        let named = pairs
            .iter()
            .map(|pair| (self.name(&pair.key), self.name(&pair.value)));
        let labels = Labels::new(named.collect());
        self.labels.insert(hash, labels.clone());
        labels
    }

    /// The controller among the owners, else the first of them.
    pub fn owner(&mut self, references: &[OwnerReference]) -> Option<Arc<Owner>> {
        let reference = references
            .iter()
            .find(|reference| reference.controller)
            .or_else(|| references.first())?;
        let uid = Uid::parse(&reference.uid);
        if let Some(known) = self.owners.get(&uid)
            && known.name.as_str() == reference.name
            && known.kind.as_str() == reference.kind
        {
            return Some(known.clone());
        }
        let owner = Arc::new(Owner {
            kind: self.name(&reference.kind),
            name: self.name(&reference.name),
            uid,
        });
        self.owners.insert(uid, owner.clone());
        Some(owner)
    }

    /// Forgets what no row holds any more.
    pub fn prune(&mut self) {
        self.labels.retain(|_, labels| labels.holders() > 1);
        self.owners.retain(|_, owner| Arc::strong_count(owner) > 1);
        self.names.retain(|name| name.holders() > 1);
    }
}

struct Raw<'a>(&'a [Pair]);

impl std::hash::Hash for Raw<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        for pair in self.0 {
            pair.key.hash(state);
            pair.value.hash(state);
        }
    }
}
