//! A list that is asked for again and again, told as what changed since the last time: what stays the same wakes nobody.

use std::collections::HashMap;

use tokio::sync::mpsc;

use crate::model::{
    Batch, Change, EndpointId, Feed, Kind, Row, Scope, SourceStatus, Text, Topic, Uid,
};
use crate::sources::outlet::meta;

/// Changes in one batch.
const BATCH: usize = 512;

/// What was told of one feed.
pub struct Told {
    feed: Feed,
    batches: mpsc::Sender<Batch>,
    rows: HashMap<Uid, Row>,
    status: Option<SourceStatus>,
    limited: Option<Text>,
    listed: bool,
}

impl Told {
    pub fn new(endpoint: EndpointId, kind: Kind, batches: mpsc::Sender<Batch>) -> Self {
        Self {
            feed: Feed {
                endpoint,
                topic: Topic::Objects(kind, Scope::All),
            },
            batches,
            rows: HashMap::new(),
            status: None,
            limited: None,
            listed: false,
        }
    }

    /// Tells the whole list as it is now, and why it may be less than all.
    pub async fn list(&mut self, rows: Vec<Row>, limited: Option<Text>) {
        let mut changes = Vec::new();
        if !self.listed {
            changes.push(Change::Listing);
        }
        let mut before = std::mem::take(&mut self.rows);
        for row in rows {
            let uid = meta(&row).key.uid;
            if before.remove(&uid).as_ref() != Some(&row) {
                changes.push(Change::Row(row.clone()));
            }
            self.rows.insert(uid, row);
        }
        changes.extend(before.into_keys().map(Change::Gone));
        if !self.listed {
            self.listed = true;
            changes.push(Change::Listed);
        }
        if self.limited != limited {
            self.limited.clone_from(&limited);
            changes.push(Change::Limited(limited));
        }
        self.status_into(SourceStatus::Live, &mut changes);
        self.send(changes).await;
    }

    /// Tells how far the list can be trusted, if that is news.
    pub async fn say(&mut self, status: SourceStatus) {
        let mut changes = Vec::new();
        self.status_into(status, &mut changes);
        self.send(changes).await;
    }

    fn status_into(&mut self, status: SourceStatus, changes: &mut Vec<Change>) {
        if self.status.as_ref() != Some(&status) {
            self.status = Some(status.clone());
            changes.push(Change::Status(status));
        }
    }

    async fn send(&self, mut changes: Vec<Change>) {
        while !changes.is_empty() {
            let rest = changes.split_off(changes.len().min(BATCH));
            let feed = self.feed.clone();
            // Nobody listens only at the end of the run.
            let _ = self.batches.send(Batch { feed, changes }).await;
            changes = rest;
        }
    }
}
