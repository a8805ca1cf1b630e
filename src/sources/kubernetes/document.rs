//! The opened object: read whole, then watched alone, so that what is on screen is what is there.
//!
//! The endpoint runs [`run`]. It follows `Demand.document` and `Demand.revealed`. A deleted object stays on screen and
//! says so; a broken watch leaves the last state with its age. Everything that becomes text is masked first.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::json::word;
use super::jsonwatch::{self, Event, Events};
use super::{containers, describe, mask, related, yaml};
use crate::clients::clock::now;
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{
    Change, CustomKind, Demand, Document, EndpointId, Kind, Moment, Related, Row, SourceStatus,
    Target, Text, Uid,
};
use crate::sources::backoff::Backoff;
use crate::sources::outlet::Outlet;

/// What it is related to is looked up again this long after a change, at the earliest.
const RELATED_EVERY: Duration = Duration::from_secs(10);

/// Follows the demand until dropped.
pub(super) async fn run(
    reader: Reader,
    endpoint: EndpointId,
    kinds: watch::Receiver<Arc<Vec<CustomKind>>>,
    mut demand: watch::Receiver<Demand>,
    mut outlet: Outlet,
) {
    loop {
        let target = demand.borrow_and_update().document.clone();
        let Some(target) = target.filter(|target| target.endpoint == endpoint) else {
            if demand.changed().await.is_err() {
                return;
            }
            continue;
        };
        let (related_tx, related_rx) = mpsc::channel(1);
        let mut open = Open {
            path: path(&target),
            target,
            reader: reader.clone(),
            kinds: kinds.clone(),
            object: None,
            version: String::new(),
            related: Vec::new(),
            related_tx,
            looking: None,
            looked: None,
            look_again: false,
            revealed: demand.borrow().revealed.clone(),
            heard: now(),
            deleted: false,
        };
        let ended = open.follow(&mut demand, related_rx, &mut outlet).await;
        outlet.push(Change::Dropped);
        outlet.flush().await;
        if ended.is_none() {
            return;
        }
    }
}

fn path(target: &Target) -> String {
    format!(
        "{}/{}",
        target.kind.path(target.namespace.as_str()),
        target.name
    )
}

/// The object that is open.
struct Open {
    path: String,
    target: Target,
    reader: Reader,
    kinds: watch::Receiver<Arc<Vec<CustomKind>>>,
    /// As the server told it last.
    object: Option<Value>,
    version: String,
    related: Vec<Related>,
    related_tx: mpsc::Sender<Vec<Related>>,
    /// The search for related objects that is under way.
    looking: Option<tokio::task::JoinHandle<()>>,
    looked: Option<Instant>,
    /// The object has changed since.
    look_again: bool,
    revealed: BTreeSet<String>,
    heard: Moment,
    deleted: bool,
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(looking) = &self.looking {
            looking.abort();
        }
    }
}

/// What happened to the open object.
enum Happened {
    Read(Result<Value, Fault>),
    Opened(Result<Events, Fault>),
    Event(Result<Option<Event<Value>>, Fault>),
    Related(Vec<Related>),
    Demand,
    Due,
    Gone,
}

/// Where the reading of the object stands.
enum Step {
    Read,
    Open,
    Watch(Box<Events>),
    Wait(Instant, bool),
    /// It is deleted: nothing more will come.
    Rest,
}

impl Open {
    /// Keeps the document true until another is demanded; none when nobody listens any more.
    async fn follow(
        &mut self,
        demand: &mut watch::Receiver<Demand>,
        mut related_rx: mpsc::Receiver<Vec<Related>>,
        outlet: &mut Outlet,
    ) -> Option<()> {
        outlet.push(Change::Status(SourceStatus::Connecting));
        let mut step = Step::Read;
        let mut backoff = Backoff::default();
        loop {
            outlet.flush().await;
            let again = self
                .looked
                .filter(|_| self.look_again)
                .map(|looked| looked + RELATED_EVERY);
            let happened = tokio::select! {
                happened = advance(&self.reader, &self.path, &self.target, &self.version, &mut backoff, &mut step) => happened,
                changed = demand.changed() => match changed {
                    Ok(()) => Happened::Demand,
                    Err(_) => Happened::Gone,
                },
                Some(related) = related_rx.recv() => Happened::Related(related),
                () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => Happened::Due,
            };
            match happened {
                Happened::Gone => return None,
                Happened::Demand => {
                    let demanded = demand.borrow_and_update();
                    if demanded.document.as_ref() != Some(&self.target) {
                        return Some(());
                    }
                    if demanded.revealed != self.revealed {
                        self.revealed.clone_from(&demanded.revealed);
                        drop(demanded);
                        self.tell(outlet);
                    }
                }
                Happened::Related(related) => {
                    self.related = related;
                    self.tell(outlet);
                }
                Happened::Due => self.look(),
                Happened::Read(Ok(object)) => {
                    backoff.reset();
                    if self.take(object, outlet) {
                        outlet.push(Change::Status(SourceStatus::Live));
                        step = Step::Open;
                    } else {
                        step = Step::Rest;
                    }
                }
                Happened::Opened(Ok(events)) => {
                    outlet.push(Change::Status(SourceStatus::Live));
                    step = Step::Watch(Box::new(events));
                }
                Happened::Event(Ok(Some(Event::Is(object)))) => {
                    if !self.take(object, outlet) {
                        step = Step::Rest;
                    }
                }
                Happened::Event(Ok(Some(Event::Deleted(object)))) => {
                    self.deleted = true;
                    self.take(object, outlet);
                    step = Step::Rest;
                }
                Happened::Event(Ok(Some(Event::Bookmark(version)))) => {
                    self.version = version;
                    self.heard = now();
                }
                Happened::Event(Ok(None)) => {
                    step = Step::Wait(Instant::now() + Duration::from_secs(1), false);
                }
                Happened::Event(Ok(Some(Event::Error { .. }))) => step = Step::Read,
                Happened::Read(Err(Fault::NotFound)) => {
                    if self.object.is_some() {
                        self.deleted = true;
                        self.tell(outlet);
                    } else {
                        let why = Text::from(format!("{} is not there any more", self.target.name));
                        outlet.push(Change::Status(SourceStatus::Off { why }));
                    }
                    step = Step::Rest;
                }
                Happened::Read(Err(fault))
                | Happened::Opened(Err(fault))
                | Happened::Event(Err(fault)) => {
                    let pause = backoff.after(&fault);
                    let read = self.object.is_some() && fault != Fault::Gone;
                    let mut status =
                        jsonwatch::status(&fault, &self.target.kind, self.heard, pause);
                    if let SourceStatus::Denied { verb, .. } = &mut status {
                        *verb = Text::new(if read { "watch" } else { "get" });
                    }
                    outlet.push(Change::Status(status));
                    step = Step::Wait(Instant::now() + pause, !read);
                }
            }
        }
    }

    /// Takes in a state of the object. False if it is another object of the same name: the one that was opened is
    /// gone, and what is on screen must not become its successor unnoticed.
    fn take(&mut self, object: Value, outlet: &mut Outlet) -> bool {
        self.heard = now();
        word(&object, "/metadata/resourceVersion").clone_into(&mut self.version);
        let uid = Uid::parse(word(&object, "/metadata/uid"));
        let wanted = self.target.uid.or_else(|| {
            let known = self.object.as_ref()?;
            Some(Uid::parse(word(known, "/metadata/uid")))
        });
        if wanted.is_some_and(|wanted| wanted != uid) {
            self.deleted = true;
            if self.object.is_some() {
                self.tell(outlet);
            } else {
                let why = format!(
                    "{} was replaced by another of the same name",
                    self.target.name
                );
                outlet.push(Change::Status(SourceStatus::Off {
                    why: Text::from(why),
                }));
            }
            return false;
        }
        self.object = Some(self.typed(object));
        self.tell(outlet);
        self.look();
        true
    }

    /// Items of watches and lists may come without their type.
    fn typed(&self, mut object: Value) -> Value {
        if let Some(map) = object.as_object_mut() {
            let kind = &self.target.kind;
            let version = match kind.group() {
                "" => kind.version().to_owned(),
                group => format!("{group}/{}", kind.version()),
            };
            map.entry("apiVersion").or_insert(Value::String(version));
            map.entry("kind")
                .or_insert_with(|| Value::String(kind.name().to_owned()));
        }
        object
    }

    /// Searches for related objects; a moment after the last search, if that was just now.
    fn look(&mut self) {
        let Some(object) = &self.object else { return };
        let soon = self
            .looked
            .is_some_and(|looked| looked.elapsed() < RELATED_EVERY);
        self.look_again = soon && !self.deleted;
        if soon || self.deleted {
            return;
        }
        self.looked = Some(Instant::now());
        if let Some(looking) = &self.looking {
            looking.abort();
        }
        let (reader, kinds, object) = (self.reader.clone(), self.kinds.clone(), object.clone());
        let (target, related_tx) = (self.target.clone(), self.related_tx.clone());
        self.looking = Some(tokio::spawn(async move {
            let related = Box::pin(related::find(&reader, kinds, &target, &object)).await;
            let _ = related_tx.send(related).await;
        }));
    }

    fn tell(&self, outlet: &mut Outlet) {
        let Some(object) = &self.object else { return };
        let target = Target {
            uid: Some(Uid::parse(word(object, "/metadata/uid"))),
            ..self.target.clone()
        };
        let document = document(target, object, &self.revealed, self.heard);
        outlet.push(Change::Document(Box::new(Document {
            related: self.related.clone(),
            deleted: self.deleted,
            ..document
        })));
        if self.target.kind == Kind::Pod {
            outlet.push(Change::Listing);
            for container in containers::rows(self.target.endpoint, object) {
                outlet.push(Change::Row(Row::Container(Box::new(container))));
            }
            outlet.push(Change::Listed);
        }
    }
}

/// Takes the next step towards the next state of the object. Cancel-safe: a request that is cut short is sent again.
async fn advance(
    reader: &Reader,
    path: &str,
    target: &Target,
    version: &str,
    backoff: &mut Backoff,
    step: &mut Step,
) -> Happened {
    match step {
        Step::Read => Happened::Read(reader.json(path, "application/json").await),
        Step::Open => {
            let collection = target.kind.path(target.namespace.as_str());
            let query = jsonwatch::query(version, backoff);
            let path = format!(
                "{collection}?{query}&fieldSelector=metadata.name%3D{}",
                target.name
            );
            let answer = reader.stream(&path, "application/json").await;
            Happened::Opened(answer.map(Events::new))
        }
        Step::Watch(events) => Happened::Event(events.next().await),
        Step::Wait(until, read) => {
            sleep_until(*until).await;
            let next = if *read { Step::Read } else { Step::Open };
            *step = next;
            Box::pin(advance(reader, path, target, version, backoff, step)).await
        }
        Step::Rest => std::future::pending().await,
    }
}

/// The document of an object, but for what it is related to. Pure.
pub fn document(
    target: Target,
    object: &Value,
    revealed: &BTreeSet<String>,
    read: Moment,
) -> Document {
    let mut object = object.clone();
    let masked = mask::mask(&mut object, revealed);
    let yaml_managed = yaml::lines(&object);
    let managed = object.get_mut("metadata").and_then(Value::as_object_mut);
    let managed = managed.and_then(|metadata| metadata.remove("managedFields"));
    let yaml = if managed.is_some() {
        yaml::lines(&object)
    } else {
        yaml_managed.clone()
    };
    let summary = describe::summary(&target.kind, &object, read);
    Document {
        target,
        summary,
        yaml,
        yaml_managed,
        related: Vec::new(),
        masked: masked.into_iter().map(Text::from).collect(),
        read,
        deleted: false,
    }
}
