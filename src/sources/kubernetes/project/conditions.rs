//! Conditions, whatever kind they are of.

use crate::sources::kubernetes::wire::message::meta::{
    Condition, DeploymentCondition, ScaleCondition,
};

/// What all conditions have.
pub(super) trait State {
    fn kind(&self) -> &str;
    fn status(&self) -> &str;
    fn reason(&self) -> &str;
    fn message(&self) -> &str;
}

macro_rules! state {
    ($($condition:ty),*) => {$(
        impl State for $condition {
            fn kind(&self) -> &str {
                &self.kind
            }
            fn status(&self) -> &str {
                &self.status
            }
            fn reason(&self) -> &str {
                &self.reason
            }
            fn message(&self) -> &str {
                &self.message
            }
        }
    )*};
}

state!(Condition, DeploymentCondition, ScaleCondition);

/// The condition of a type.
pub(super) fn find<'a, C: State>(conditions: &'a [C], kind: &str) -> Option<&'a C> {
    conditions.iter().find(|condition| condition.kind() == kind)
}

/// The condition of a type, if it has this status.
pub(super) fn having<'a, C: State>(conditions: &'a [C], kind: &str, status: &str) -> Option<&'a C> {
    find(conditions, kind).filter(|condition| condition.status() == status)
}

/// `reason: message`, or the one that there is.
pub(super) fn words<C: State>(condition: &C) -> String {
    match (condition.reason(), condition.message()) {
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}
