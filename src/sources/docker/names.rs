//! Shares what many containers have in common: names, label sets, owners.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::model::{Labels, Name, Owner, Uid};

/// One for each daemon. It holds what it was asked for until [`Names::prune`].
#[derive(Default)]
pub(super) struct Names {
    known: HashSet<Name>,
    owners: BTreeMap<Uid, Arc<Owner>>,
}

impl Names {
    pub(super) fn name(&mut self, raw: &str) -> Name {
        if let Some(known) = self.known.get(raw) {
            return known.clone();
        }
        let name = Name::new(raw);
        if let Some(known) = self.known.get(name.as_str()) {
            return known.clone();
        }
        self.known.insert(name.clone());
        name
    }

    pub(super) fn labels(&mut self, pairs: &BTreeMap<String, String>) -> Labels {
        let named = pairs
            .iter()
            .map(|(key, value)| (self.name(key), self.name(value)));
        Labels::new(named.collect())
    }

    pub(super) fn owner(&mut self, kind: &str, name: &str, uid: Uid) -> Arc<Owner> {
        if let Some(known) = self.owners.get(&uid) {
            return Arc::clone(known);
        }
        let owner = Arc::new(Owner {
            kind: self.name(kind),
            name: self.name(name),
            uid,
        });
        self.owners.insert(uid, Arc::clone(&owner));
        owner
    }

    /// Forgets what no row holds any more.
    pub(super) fn prune(&mut self) {
        self.owners.retain(|_, owner| Arc::strong_count(owner) > 1);
        self.known.retain(|name| name.holders() > 1);
    }
}
