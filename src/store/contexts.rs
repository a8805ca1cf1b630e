//! Contexts of the kubeconfig as rows, so that they are filtered and sorted like everything else.

use super::{Table, Tabled};
use crate::model::{Context, EndpointId, Key, Meta, Text, Uid};

/// A context that could be opened. Its key stays the same whether it is open or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Openable {
    pub meta: Meta,
    pub context: Context,
}

impl Tabled for Openable {
    fn meta(&self) -> &Meta {
        &self.meta
    }
}

/// A table of contexts that is newer than the one with this revision.
pub(super) fn table(contexts: Vec<Context>, older: u64) -> Table<Openable> {
    let mut table = Table::newer_than(older);
    for context in contexts {
        let meta = Meta {
            key: Key {
                endpoint: EndpointId(u16::MAX),
                uid: Uid::hash(&format!("{}/{}", context.engine.name(), context.name)),
            },
            name: Text::new(&context.name),
            ..Meta::default()
        };
        table.put(Openable { meta, context }, 0);
    }
    table
}
