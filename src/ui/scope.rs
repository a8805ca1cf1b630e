//! Where the operator is looking: the namespaces that all panes share.

use crate::model::Name;

/// The namespaces in view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scoped {
    /// Empty: all of them.
    pub(crate) namespaces: Vec<Name>,
}

impl Scoped {
    /// Reads names with commas between them; `all`, `*` and nothing mean all namespaces.
    pub(crate) fn parse(text: &str) -> Self {
        let mut namespaces: Vec<Name> = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(Name::new)
            .collect();
        if namespaces
            .iter()
            .any(|name| matches!(name.as_str(), "all" | "*" | "-"))
        {
            namespaces.clear();
        }
        namespaces.sort();
        namespaces.dedup();
        Self { namespaces }
    }

    /// `all namespaces`, or their names.
    pub(crate) fn words(&self) -> String {
        if self.namespaces.is_empty() {
            return "all namespaces".to_owned();
        }
        self.namespaces
            .iter()
            .map(Name::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
