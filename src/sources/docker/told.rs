//! What the store was told of a kind, so that only what differs is told again.

use std::collections::BTreeMap;

use crate::model::{Change, Feed, Meta, Row, SourceStatus, Uid};
use crate::sources::outlet::meta;

/// The rows of one feed.
pub(super) struct Told {
    pub(super) feed: Feed,
    rows: BTreeMap<Uid, Row>,
    status: Option<SourceStatus>,
}

impl Told {
    pub(super) fn new(feed: Feed) -> Self {
        Self {
            feed,
            rows: BTreeMap::new(),
            status: None,
        }
    }

    /// The changes that make the store's rows these, all there are. Before `settled` they may still change their looks.
    pub(super) fn update(&mut self, rows: Vec<Row>, settled: bool) -> Vec<Change> {
        let first = self.status.is_none();
        let mut changes = Vec::new();
        if first {
            changes.push(Change::Listing);
        }
        let mut before = std::mem::take(&mut self.rows);
        for row in rows {
            let Meta { key, .. } = meta(&row);
            let uid = key.uid;
            if before.remove(&uid).as_ref() != Some(&row) {
                changes.push(Change::Row(row.clone()));
            }
            self.rows.insert(uid, row);
        }
        changes.extend(before.into_keys().map(Change::Gone));
        if first {
            changes.push(Change::Listed);
        }
        changes.extend(self.status(if settled {
            SourceStatus::Live
        } else {
            SourceStatus::Listing { total: None }
        }));
        changes
    }

    /// The state of the feed, if that is news.
    pub(super) fn status(&mut self, status: SourceStatus) -> Option<Change> {
        if self.status.as_ref() == Some(&status) {
            return None;
        }
        self.status = Some(status.clone());
        Some(Change::Status(status))
    }
}
