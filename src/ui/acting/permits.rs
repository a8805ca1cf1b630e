//! What the user may do, asked beforehand so that a denied action is grey and says which verb is missing.
//!
//! The server remains the authority: what could not be found out counts as permitted, and is refused there.

use std::collections::BTreeMap;

use crate::actions::{Action, Permission};
use crate::model::{EndpointId, Kind, Moment, Name};

/// Seconds for which an answer is believed.
const BELIEVED: u32 = 60;
/// Places that are remembered.
const MOST: usize = 256;

/// Objects of a kind, in a namespace of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub endpoint: EndpointId,
    pub namespace: Name,
    pub kind: Kind,
}

/// A permission and whether it is granted; none if that could not be found out.
pub type Permit = (Permission, Option<bool>);

/// What was found out.
#[derive(Default)]
pub(crate) struct Permits {
    known: BTreeMap<Place, (Moment, Option<Vec<Permit>>)>,
}

impl Permits {
    /// Whether a place has to be asked about; the question then counts as asked.
    pub(super) fn asks(&mut self, place: &Place, now: Moment) -> bool {
        let fresh = self
            .known
            .get(place)
            .is_some_and(|(at, _)| at.age(now) < BELIEVED);
        if fresh {
            return false;
        }
        if self.known.len() >= MOST {
            self.known.clear();
        }
        // What was known stays in sight until it is told anew.
        let known = self.known.get_mut(place);
        match known {
            Some((at, _)) => *at = now,
            None => {
                self.known.insert(place.clone(), (now, None));
            }
        }
        true
    }

    pub(super) fn told(&mut self, place: Place, permits: Vec<Permit>, now: Moment) {
        self.known.insert(place, (now, Some(permits)));
    }

    /// The first permission that an action needs and the user does not have: `needs patch deployments/scale in shop`.
    pub(crate) fn denied(&self, action: &dyn Action, place: &Place) -> Option<String> {
        let (_, known) = self.known.get(place)?;
        let known = known.as_ref()?;
        let needs = action.needs(&place.kind);
        let denied = |need: &&Permission| {
            known
                .iter()
                .any(|(permission, granted)| permission == *need && *granted == Some(false))
        };
        needs.iter().find(denied).map(|need| {
            let within = if place.namespace.is_empty() {
                String::new()
            } else {
                format!(" in {}", place.namespace)
            };
            format!("needs {} {}{within}", need.verb, need.resource())
        })
    }
}
