//! The pods of one choice, listed and watched: which there are, what their containers do, which are gone.
//!
//! JSON, since the statuses of all containers are wanted and the rows of the store do not carry them. A broken watch goes
//! on where it was; what changed meanwhile is told as if it had been seen.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::choice::Choice;
use super::pod::{Pod, Raw};
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{Kind, Uid};
use crate::sources::backoff::Backoff;
use crate::sources::kubernetes::jsonwatch::{Event, Events, query};

/// Pods in one page of a list.
const PAGE: usize = 500;

/// What happened to the pods of a choice.
#[derive(Debug)]
pub(super) enum Told {
    Is(Box<Pod>),
    Gone(Uid),
    /// All that there are were told.
    Listed,
    /// Nothing can be heard at the moment, and when it is tried again.
    Fault(Fault, Duration),
}

#[derive(Deserialize)]
struct List {
    metadata: ListMeta,
    #[serde(default)]
    items: Vec<Raw>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ListMeta {
    resource_version: String,
    #[serde(rename = "continue")]
    next: String,
}

/// Tells of the pods of a choice until dropped; `which` names it.
pub(super) async fn run(
    reader: Reader,
    choice: Choice,
    which: usize,
    told: mpsc::Sender<(usize, Told)>,
) {
    let path = Kind::Pod.path(&choice.namespace);
    let mut backoff = Backoff::default();
    let mut known = BTreeSet::new();
    let mut version = String::new();
    loop {
        let fault = if version.is_empty() {
            match list(&reader, &path, &choice, which, &mut known, &told).await {
                Ok(listed) => {
                    version = listed;
                    backoff.reset();
                    continue;
                }
                Err(fault) => fault,
            }
        } else {
            let watch = Watch {
                choice: &choice,
                which,
                told: &told,
            };
            match watch
                .run(&reader, &path, &mut version, &mut known, &mut backoff)
                .await
            {
                Ok(()) => continue,
                Err(Fault::Gone) => {
                    version.clear();
                    continue;
                }
                Err(fault) => fault,
            }
        };
        let pause = backoff.after(&fault);
        if told.send((which, Told::Fault(fault, pause))).await.is_err() {
            return;
        }
        sleep(pause).await;
    }
}

/// Lists all pods and returns the version from which to watch.
async fn list(
    reader: &Reader,
    path: &str,
    choice: &Choice,
    which: usize,
    known: &mut BTreeSet<Uid>,
    told: &mpsc::Sender<(usize, Told)>,
) -> Result<String, Fault> {
    let mut now = BTreeSet::new();
    let mut next = String::new();
    let version = loop {
        let more = if next.is_empty() {
            String::new()
        } else {
            let next = crate::sources::kubernetes::related::encode(&next);
            format!("&continue={next}")
        };
        let page = format!("{path}?limit={PAGE}{}{more}", choice.query);
        let page = reader.json(&page, "application/json").await?;
        let page: List = serde_json::from_value(page)
            .map_err(|_| Fault::Foreign("something else than a list of pods".to_owned()))?;
        for pod in page.items.into_iter().map(Pod::from) {
            if choice.keeps(&pod) {
                now.insert(pod.uid);
                let _ = told.send((which, Told::Is(Box::new(pod)))).await;
            }
        }
        if page.metadata.next.is_empty() {
            break page.metadata.resource_version;
        }
        next = page.metadata.next;
    };
    for gone in known.difference(&now) {
        let _ = told.send((which, Told::Gone(*gone))).await;
    }
    *known = now;
    let _ = told.send((which, Told::Listed)).await;
    Ok(version)
}

struct Watch<'a> {
    choice: &'a Choice,
    which: usize,
    told: &'a mpsc::Sender<(usize, Told)>,
}

impl Watch<'_> {
    /// Watches until the server ends it.
    async fn run(
        &self,
        reader: &Reader,
        path: &str,
        version: &mut String,
        known: &mut BTreeSet<Uid>,
        backoff: &mut Backoff,
    ) -> Result<(), Fault> {
        let path = format!("{path}?{}{}", query(version, backoff), self.choice.query);
        let mut events = Events::new(reader.stream(&path, "application/json").await?);
        backoff.reset();
        while let Some(event) = events.next::<Raw>().await? {
            let told = match event {
                Event::Bookmark(mark) => {
                    *version = mark;
                    continue;
                }
                Event::Error { code: 410, .. } => return Err(Fault::Gone),
                Event::Error { code, message } => return Err(Fault::Refused { code, message }),
                Event::Is(raw) => {
                    let pod = Pod::from(raw);
                    *version = pod.version.to_string();
                    if self.choice.keeps(&pod) {
                        known.insert(pod.uid);
                        Told::Is(Box::new(pod))
                    } else if known.remove(&pod.uid) {
                        Told::Gone(pod.uid)
                    } else {
                        continue;
                    }
                }
                Event::Deleted(raw) => {
                    let pod = Pod::from(raw);
                    *version = pod.version.to_string();
                    if !known.remove(&pod.uid) {
                        continue;
                    }
                    // Its last state says how its containers ended.
                    let uid = pod.uid;
                    let _ = self.told.send((self.which, Told::Is(Box::new(pod)))).await;
                    Told::Gone(uid)
                }
            };
            let _ = self.told.send((self.which, told)).await;
        }
        Ok(())
    }
}
