//! Why something is not done. Nothing was written when one of these is said.

use crate::model::Text;

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("read only: this run cannot write")]
    ReadOnly,
    #[error("{0} is not there")]
    NotFound(Text),
    /// A verb and a resource in the server's own words.
    #[error("needs {verb} {resource}{}", within(.namespace))]
    Denied {
        verb: Text,
        resource: Text,
        /// Empty: on the whole cluster.
        namespace: Text,
    },
    /// The object is no longer what was seen.
    #[error("{0}")]
    Changed(Text),
    /// What it was told is wrong.
    #[error("{0}")]
    Argument(Text),
    /// It makes no sense as things stand: nothing to roll back to, already so, paused.
    #[error("{0}")]
    NotPossible(Text),
    /// The server would not take it.
    #[error("the server refuses it: {0}")]
    Rejected(Text),
    /// The server did not answer, so nothing could be looked at.
    #[error("{0}")]
    Unreachable(Text),
    /// The audit cannot be kept, so nothing is written.
    #[error("nothing is written without an audit: {0}")]
    Unaudited(Text),
}

impl Refusal {
    /// One word for records.
    pub fn word(&self) -> &'static str {
        match self {
            Self::ReadOnly => "read only",
            Self::NotFound(_) => "not found",
            Self::Denied { .. } => "denied",
            Self::Changed(_) => "changed",
            Self::Argument(_) => "argument",
            Self::NotPossible(_) => "not possible",
            Self::Rejected(_) => "rejected",
            Self::Unreachable(_) => "unreachable",
            Self::Unaudited(_) => "unaudited",
        }
    }
}

fn within(namespace: &Text) -> String {
    if namespace.is_empty() {
        String::new()
    } else {
        format!(" in {namespace}")
    }
}
