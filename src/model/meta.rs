//! What every object has: identity, labels, owner, age.

use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Key, Name, Text, Uid};

/// A point in time to the second, in four bytes (and as many as an option); from 1970 to 2106.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(NonZeroU32);

/// Labels of an object, sorted by key and shared by all objects that have the same ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Labels(Arc<[(Name, Name)]>);

/// The controller of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    /// `ReplicaSet`
    pub kind: Name,
    pub name: Name,
    pub uid: Uid,
}

/// What every object has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    pub key: Key,
    /// Empty for kinds without a namespace. With Docker the Compose project or Swarm stack, if there is one.
    pub namespace: Name,
    pub name: Text,
    pub created: Option<Moment>,
    /// Set while the object waits for its deletion to finish.
    pub deleting: Option<Moment>,
    /// The object's resourceVersion where it is a number, else 0.
    pub version: u64,
    pub labels: Labels,
    pub owner: Option<Arc<Owner>>,
}

impl Moment {
    /// Seconds since 1970; none for 0, negative or too late.
    pub fn from_second(second: i64) -> Option<Self> {
        u32::try_from(second)
            .ok()
            .and_then(NonZeroU32::new)
            .map(Self)
    }

    /// Reads an RFC 3339 time.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_second(text.parse::<Timestamp>().ok()?.as_second())
    }

    pub fn second(self) -> i64 {
        i64::from(self.0.get())
    }

    /// Whole seconds from this moment until `now`; 0 if it lies ahead.
    pub fn age(self, now: Self) -> u32 {
        now.0.get().saturating_sub(self.0.get())
    }

    /// So many seconds later, or earlier; stops at the ends.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        let second = self.second().saturating_add(seconds);
        Self::from_second(second.clamp(1, i64::from(u32::MAX))).unwrap_or(self)
    }

    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_second(self.second()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl From<Timestamp> for Moment {
    /// Times before 1970 become the first second after it.
    fn from(time: Timestamp) -> Self {
        Self::from_second(time.as_second()).unwrap_or(Self(NonZeroU32::MIN))
    }
}

impl Labels {
    /// Sorts by key; a key given twice keeps its last value.
    pub fn new(mut pairs: Vec<(Name, Name)>) -> Self {
        pairs.reverse();
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
        pairs.dedup_by(|later, earlier| later.0 == earlier.0);
        Self(pairs.into())
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        let at = self
            .0
            .binary_search_by(|(name, _)| name.as_str().cmp(key))
            .ok()?;
        self.0.get(at).map(|(_, value)| value.as_str())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object with these labels is chosen by a selector of exact values. An empty selector chooses nothing.
    pub fn chosen_by(&self, selector: &Self) -> bool {
        !selector.is_empty()
            && selector
                .iter()
                .all(|(key, value)| self.get(key) == Some(value))
    }

    /// How many holders share these labels.
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}
