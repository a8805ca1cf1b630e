//! CPU, memory and traffic of running containers: one stream each, only while the container is wanted.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::stream::Objects;
use super::wire::Stats;
use crate::clients::docker::Reader;
use crate::clients::fault::Fault;
use crate::model::{Allotment, Key, Moment, Traffic, Usage};
use crate::sources::backoff::Backoff;

/// Most streams of one daemon.
pub(super) const STREAMS: usize = 200;
/// A stream that ended although the container runs is opened again after this, at most.
const AGAIN: Duration = Duration::from_secs(5);

/// What one message says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub usage: Usage,
    pub traffic: Traffic,
}

/// What of a message is compared with the next one.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    at: Timestamp,
    cpu: u64,
    system: u64,
    traffic: Traffic,
}

/// The streams that are open, by container.
#[derive(Default)]
pub(super) struct Streams {
    tasks: JoinSet<()>,
    open: BTreeMap<String, AbortHandle>,
}

impl Streams {
    /// Opens and closes streams until exactly these containers have one.
    pub(super) fn follow(
        &mut self,
        wanted: &BTreeMap<String, Key>,
        reader: &Reader,
        samples: &mpsc::Sender<(Key, Sample)>,
    ) {
        while self.tasks.try_join_next().is_some() {}
        self.open.retain(|id, task| {
            let keep = wanted.contains_key(id) && !task.is_finished();
            if !keep {
                task.abort();
            }
            keep
        });
        for (id, key) in wanted {
            if !self.open.contains_key(id) {
                let reading = read(reader.clone(), id.clone(), *key, samples.clone());
                self.open.insert(id.clone(), self.tasks.spawn(reading));
            }
        }
    }
}

/// Reads one container's stream until it is no more.
async fn read(reader: Reader, id: String, key: Key, samples: mpsc::Sender<(Key, Sample)>) {
    let mut backoff = Backoff::default();
    let path = format!("/containers/{id}/stats?stream=true");
    loop {
        match reader.stream(&path).await {
            Ok(answer) => {
                let mut objects = Objects::new(answer);
                let mut before = None;
                while let Ok(Some(object)) = objects.next().await {
                    let Ok(stats) = serde_json::from_slice::<Stats>(&object) else {
                        continue;
                    };
                    let Some((counters, sample)) = sample(&stats, before.as_ref()) else {
                        continue;
                    };
                    before = Some(counters);
                    let Some(sample) = sample else { continue };
                    backoff.reset();
                    if samples.send((key, sample)).await.is_err() {
                        return;
                    }
                }
            }
            Err(Fault::NotFound) => return,
            Err(_) => {}
        }
        tokio::time::sleep(backoff.up_to(AGAIN)).await;
    }
}

/// What a message says, by the docker command's own arithmetic. Nothing for one of a container that does not run, and no
/// sample for the first message, which has nothing to compare with.
pub fn sample(stats: &Stats, before: Option<&Counters>) -> Option<(Counters, Option<Sample>)> {
    let at: Timestamp = stats.read.parse().ok()?;
    if at.as_second() <= 0 {
        return None;
    }
    let mut traffic = Traffic::default();
    for interface in stats.networks.values() {
        traffic.received_bytes += interface.received;
        traffic.sent_bytes += interface.sent;
    }
    for disk in &stats.disks.bytes {
        match disk.action.as_bytes().first() {
            Some(b'r' | b'R') => traffic.read_bytes += disk.bytes,
            Some(b'w' | b'W') => traffic.written_bytes += disk.bytes,
            _ => {}
        }
    }
    let counters = Counters {
        at,
        cpu: stats.cpu.usage.total,
        system: stats.cpu.system,
        traffic,
    };
    let elapsed = before.map(|before| at.duration_since(before.at).as_secs_f64());
    if let (Some(before), Some(seconds)) = (before, elapsed.filter(|seconds| *seconds > 0.0)) {
        let rate = |now: u64, then: u64| (now.saturating_sub(then) as f64 / seconds) as u64;
        let then = before.traffic;
        traffic.received_per_second = rate(traffic.received_bytes, then.received_bytes);
        traffic.sent_per_second = rate(traffic.sent_bytes, then.sent_bytes);
        traffic.read_per_second = rate(traffic.read_bytes, then.read_bytes);
        traffic.written_per_second = rate(traffic.written_bytes, then.written_bytes);
    }
    let sample = cpu(stats, before, elapsed).map(|cpu_millicores| Sample {
        usage: Usage {
            used: Allotment {
                cpu_millicores,
                memory_bytes: memory(stats),
            },
            at: Moment::from(at),
        },
        traffic,
    });
    Some((counters, sample))
}

/// CPU in use: its share of the system's time since the message before, or of the clock's where the daemon does not
/// tell the system's.
fn cpu(stats: &Stats, before: Option<&Counters>, elapsed: Option<f64>) -> Option<u32> {
    let (total, system) = (stats.cpu.usage.total, stats.cpu.system);
    let (total_then, system_then) = if stats.before.system > 0 {
        (stats.before.usage.total, stats.before.system)
    } else {
        let before = before?;
        (before.cpu, before.system)
    };
    let used = total.saturating_sub(total_then) as f64;
    let share = if system > system_then && system_then > 0 {
        let cores = match (stats.cpu.cores, stats.cpu.usage.each.len()) {
            (0, 0) => 1.0,
            (0, each) => each as f64,
            (cores, _) => f64::from(cores),
        };
        used / (system - system_then) as f64 * cores
    } else {
        used / 1e9 / elapsed.filter(|seconds| *seconds > 0.0)?
    };
    Some((share * 1000.0).round().clamp(0.0, f64::from(u32::MAX)) as u32)
}

/// Memory in use without the page cache that can be given back: cgroup v1 and v2 name it differently.
fn memory(stats: &Stats) -> u64 {
    let memory = &stats.memory;
    let cache = memory
        .stats
        .total_inactive_file
        .or(memory.stats.inactive_file)
        .filter(|cache| *cache < memory.usage);
    memory.usage - cache.unwrap_or_default()
}
