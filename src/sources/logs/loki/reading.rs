//! One reading of a Loki server: its queries, range after range.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::page::Page;
use super::seen::Seen;
use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::clients::http::Reader;
use crate::model::{
    EndpointId, Key, Kind, LogChange, LogMarkKind, LogPast, LogSince, LogState, LogStream,
    LogTarget, LogWant, Name, SourceStatus, Target, Text, Uid,
};
use crate::sources::backoff::Backoff;
use crate::sources::logs::line::Line;
use crate::sources::logs::out::{Out, Outlet, now};

const RANGE: &str = "/loki/api/v1/query_range";
/// Lines of a page: servers give no more.
const PAGE: usize = 5000;
const SECOND: i64 = 1_000_000_000;
/// How far the tail of a query is looked for.
const LOOK_BACK: i64 = 24 * 3600 * SECOND;
/// Lines come to the server up to so late.
const LATE: i64 = 15 * SECOND;
/// How often a query that is followed is asked for.
const EVERY: Duration = Duration::from_secs(1);
/// Words of labels that name what writes, most telling first.
const NAMES: &[&str] = &[
    "pod",
    "container_name",
    "instance",
    "host",
    "service_name",
    "app",
    "job",
];

/// Serves one reading until it is dropped.
pub(super) async fn run(reader: Reader, outlet: Outlet, mut wants: watch::Receiver<LogWant>) {
    loop {
        let want = wants.borrow_and_update().clone();
        let mut queries = JoinSet::new();
        for target in &want.targets {
            if let LogTarget::Query { query, .. } = target {
                let asked = Asked {
                    reader: reader.clone(),
                    query: query.clone(),
                    outlet: outlet.clone(),
                    streams: BTreeMap::new(),
                    seen: Seen::default(),
                    newest: 0,
                };
                queries.spawn(asked.run(want.since, want.follow));
            }
        }
        if queries.is_empty() {
            let why = Text::new("Loki is asked in LogQL: {app=\"shop\"}");
            let off = LogChange::Finding(SourceStatus::Off { why });
            outlet.say(vec![off]).await;
        }
        // Other targets are other queries; more of the past is all that changes otherwise.
        loop {
            if wants.changed().await.is_err() {
                return;
            }
            if wants.borrow_and_update().targets != want.targets {
                break;
            }
        }
    }
}

/// A query being read.
struct Asked {
    reader: Reader,
    query: Text,
    outlet: Outlet,
    streams: BTreeMap<Key, Out>,
    seen: Seen,
    /// The time of the newest line told.
    newest: i64,
}

impl Asked {
    async fn run(mut self, since: LogSince, follow: bool) {
        let begun = now();
        let mut backoff = Backoff::default();
        let from = match since {
            LogSince::Moment(moment) => moment.second().saturating_mul(SECOND),
            LogSince::Start | LogSince::Tail(_) => begun - LOOK_BACK,
        };
        loop {
            let first = match since {
                LogSince::Tail(lines) => self.tail(from, begun, lines).await,
                LogSince::Moment(_) | LogSince::Start => self.range(from).await,
            };
            match first {
                Ok(()) => break,
                Err(fault) if self.failed(&fault, &mut backoff, follow).await => return,
                Err(_) => {}
            }
        }
        self.newest = self.newest.max(begun - LATE);
        self.found(SourceStatus::Live).await;
        if !follow {
            for out in self.streams.values_mut() {
                let why = Text::new("all read");
                out.state(LogState::Ended { why }).await;
            }
            return;
        }
        loop {
            sleep(EVERY).await;
            match self.range(self.newest - LATE).await {
                Ok(()) => {
                    if backoff.failures() > 0 {
                        backoff.reset();
                        self.found(SourceStatus::Live).await;
                        for out in self.streams.values_mut() {
                            out.state(LogState::Live).await;
                        }
                    }
                }
                Err(fault) => {
                    if self.failed(&fault, &mut backoff, true).await {
                        return;
                    }
                }
            }
        }
    }

    /// Tells the last so many lines between two times.
    async fn tail(&mut self, from: i64, to: i64, lines: u32) -> Result<(), Fault> {
        let count = (lines as usize).clamp(1, PAGE);
        let page = self.ask(from, Some(to), count, "backward").await?;
        self.seen.pass(from);
        self.tell(page).await;
        Ok(())
    }

    /// Tells what is new from a time until now.
    async fn range(&mut self, from: i64) -> Result<(), Fault> {
        self.seen.pass(from);
        let mut start = from;
        loop {
            let page = self.ask(start, None, PAGE, "forward").await?;
            let full = page.entries.len() >= PAGE;
            let last = page.entries.last().map(|entry| entry.time);
            self.tell(page).await;
            let Some(last) = last.filter(|_| full) else {
                return Ok(());
            };
            if last > start {
                start = last;
            } else {
                // More lines of one nanosecond than a page holds cannot be paged through.
                start = last + 1;
                if let Some(out) = self.streams.values_mut().next() {
                    let words = "lines may be missing: more of one instant than a page holds";
                    out.mark(last, LogMarkKind::Gap, words).await;
                }
            }
            self.seen.page(start);
        }
    }

    async fn ask(
        &self,
        from: i64,
        to: Option<i64>,
        limit: usize,
        direction: &str,
    ) -> Result<Page, Fault> {
        // The end is exclusive, and clocks differ.
        let to = to.unwrap_or_else(|| now() + 60 * SECOND);
        let (from, to, limit) = (from.to_string(), to.to_string(), limit.to_string());
        let parameters = [
            ("query", self.query.as_str()),
            ("start", &from),
            ("end", &to),
            ("limit", &limit),
            ("direction", direction),
        ];
        let answer = self.reader.get(RANGE, &parameters).await?;
        Page::read(&answer.body).map_err(Fault::Strange)
    }

    async fn tell(&mut self, page: Page) {
        let mut keys = Vec::new();
        for labels in &page.streams {
            keys.push(self.stream(labels).await);
        }
        let mut full = VecDeque::new();
        for entry in page.entries {
            let Some(key) = keys.get(entry.stream) else {
                continue;
            };
            let Some(out) = self.streams.get_mut(key) else {
                continue;
            };
            let mut hash = DefaultHasher::new();
            (key, &entry.line).hash(&mut hash);
            if !self.seen.is_new(entry.time, hash.finish()) {
                continue;
            }
            self.newest = self.newest.max(entry.time);
            out.line(&Line {
                time: Some(entry.time),
                text: entry.line.as_bytes(),
                cut: 0,
                stderr: false,
            });
            if out.is_full() {
                full.push_back(*key);
            }
            while let Some(out) = full.pop_front().and_then(|key| self.streams.get_mut(&key)) {
                out.flush().await;
            }
        }
        for out in self.streams.values_mut() {
            out.flush().await;
        }
    }

    /// The stream of these labels; a new one is told.
    async fn stream(&mut self, labels: &[(String, String)]) -> Key {
        let written: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        let written = format!("{{{}}}", written.join(", "));
        let key = key(self.outlet.endpoint, &written);
        if !self.streams.contains_key(&key) {
            let value = |name: &str| {
                let mut labels = labels.iter();
                labels
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.as_str())
            };
            let name = NAMES
                .iter()
                .find_map(|name| value(name))
                .unwrap_or(&written);
            let container = value("container").unwrap_or_default();
            let label = if container.is_empty() || container == name {
                name.to_owned()
            } else {
                format!("{name}/{container}")
            };
            let stream = LogStream {
                key,
                object: Target {
                    endpoint: self.outlet.endpoint,
                    kind: Kind::Pod,
                    namespace: Name::new(value("namespace").unwrap_or_default()),
                    name: Name::new(name),
                    uid: None,
                },
                container: Name::new(container),
                label: Text::from(label),
                command: Text::from(format!("logcli query '{written}'")),
            };
            self.outlet
                .say(vec![LogChange::Stream(Box::new(stream))])
                .await;
            let mut out = Out::new(self.outlet.clone(), key);
            out.state(LogState::Live).await;
            // What was asked for is all that is told; a longer range is another query.
            out.say(LogChange::Past(key, LogPast::All)).await;
            self.streams.insert(key, out);
        }
        key
    }

    /// Says what failed, and waits; whether trying again is of no use.
    async fn failed(&mut self, fault: &Fault, backoff: &mut Backoff, follow: bool) -> bool {
        let never = match fault {
            Fault::Refused { code, .. } => (400..500).contains(code),
            Fault::Strange(_) | Fault::Forbidden(_) | Fault::Misconfigured(_) => true,
            _ => false,
        };
        if never || (!follow && backoff.failures() >= 3) {
            let why = Text::from(fault.to_string());
            self.found(SourceStatus::Off { why }).await;
            return true;
        }
        let pause = backoff.after(fault);
        let retry_at = Some(clock::after(pause));
        let cause = Text::from(fault.to_string());
        let since = clock::now();
        for out in self.streams.values_mut() {
            let (cause, retry_at) = (cause.clone(), retry_at);
            out.state(LogState::Reconnecting {
                since,
                cause,
                retry_at,
            })
            .await;
        }
        self.found(SourceStatus::Stale {
            since,
            cause,
            retry_at,
        })
        .await;
        sleep(pause).await;
        false
    }

    async fn found(&self, status: SourceStatus) {
        self.outlet.say(vec![LogChange::Finding(status)]).await;
    }
}

fn key(endpoint: EndpointId, labels: &str) -> Key {
    Key {
        endpoint,
        uid: Uid::hash(labels),
    }
}
