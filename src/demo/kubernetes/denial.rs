//! Permissions taken away by a test or a rehearsal: what is denied, and where.

use std::sync::{Mutex, PoisonError};

/// One permission taken away; a star stands for all.
#[derive(Debug)]
struct Denial {
    verb: String,
    resource: String,
    /// Only here; everywhere when empty, cluster-wide requests included.
    namespace: String,
}

/// The permissions taken away from the demo's user.
#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<Vec<Denial>>);

impl Denials {
    pub(crate) fn add(&self, verb: &str, resource: &str, namespace: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Denial {
                verb: verb.to_owned(),
                resource: resource.to_owned(),
                namespace: namespace.to_owned(),
            });
    }

    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Whether the request is denied; `-` as a denial's namespace means cluster-wide requests only.
    pub(crate) fn denies(&self, verb: &str, resource: &str, namespace: &str) -> bool {
        let is = |pattern: &str, text: &str| pattern == "*" || pattern == text;
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .any(|d| {
                let here = match d.namespace.as_str() {
                    "" => true,
                    "-" => namespace.is_empty(),
                    only => only == namespace,
                };
                is(&d.verb, verb) && is(&d.resource, resource) && here
            })
    }
}
