//! Faults on order: what a server, a proxy or a network does on bad days, per path prefix, for tests and rehearsal.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Answers with a status code, a `Retry-After` and a body (a `Status` object when it is empty).
    Status {
        code: u16,
        retry_after: Option<String>,
        body: String,
    },
    /// Waits before it answers as usual.
    Delay(Duration),
    /// Breaks the connection off after so many bytes of the body.
    Cut(usize),
    /// Answers 200 with a login page.
    Html,
    /// Takes the request and never answers.
    Hang,
}

/// What happens to watches that are open now.
#[derive(Debug, Clone, PartialEq)]
pub enum Poke {
    /// They end, as at their timeout.
    Close,
    /// Their connection breaks.
    Break,
    /// They are told 410 and end.
    Gone,
    /// They are sent a bookmark.
    Bookmark,
    /// They are sent these bytes as they are.
    Raw(Vec<u8>),
}

#[derive(Debug)]
struct Ordered {
    prefix: String,
    fault: Fault,
    /// How many requests it still hits.
    times: u32,
}

/// The faults on order.
#[derive(Debug)]
pub(crate) struct Faults {
    ordered: Mutex<Vec<Ordered>>,
    pokes: broadcast::Sender<(String, Poke)>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            ordered: Mutex::default(),
            pokes: broadcast::Sender::new(64),
        }
    }
}

impl Faults {
    pub(crate) fn order(&self, prefix: &str, fault: Fault, times: u32) {
        self.ordered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Ordered {
                prefix: prefix.to_owned(),
                fault,
                times,
            });
    }

    pub(crate) fn clear(&self) {
        self.ordered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The fault that the request of this path and query meets, which is used up by it.
    pub(crate) fn meet(&self, uri: &str) -> Option<Fault> {
        let mut ordered = self.ordered.lock().unwrap_or_else(PoisonError::into_inner);
        let at = ordered
            .iter()
            .position(|o| o.times > 0 && uri.starts_with(&o.prefix))?;
        let met = ordered.get_mut(at)?;
        met.times -= 1;
        let fault = met.fault.clone();
        ordered.retain(|o| o.times > 0);
        Some(fault)
    }

    pub(crate) fn poke(&self, prefix: &str, poke: Poke) {
        // nobody may be watching
        let _watchers = self.pokes.send((prefix.to_owned(), poke));
    }

    pub(crate) fn pokes(&self) -> broadcast::Receiver<(String, Poke)> {
        self.pokes.subscribe()
    }
}
