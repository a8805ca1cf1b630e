//! Container logs: JSON lines of a shop, made from the pod's identity and the second they fall in, so that the past can be
//! read again and the future follows it without a gap.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::Context;
use super::reply::{self, Failure, Reply};
use super::route::{Path, Query};
use super::tongues::{self, Tongue};
use crate::demo::random::{fraction, hash, mix};
use crate::demo::world::item::{Item, list, text};
use crate::demo::world::live::images::{Does, behaviour};
use crate::demo::world::live::life::Stage;
use crate::demo::world::resource;

/// How far back a log reaches at most, in seconds: what rotation left.
const KEPT_SECONDS: i64 = 3600;
/// How often a followed log is continued.
const FOLLOW: Duration = Duration::from_millis(250);

/// Whose log it is and what it says.
#[derive(Debug, Clone)]
struct Voice {
    pod: String,
    namespace: String,
    service: String,
    version: String,
    does: Does,
    says: String,
    tongue: Tongue,
    seed: u64,
    started: Timestamp,
    /// When the container ended, if it did.
    ended: Option<Timestamp>,
}

/// Answers a log request.
pub(crate) fn log(
    context: &Arc<Context>,
    path: &Path,
    name: &str,
    query: &Query,
) -> Result<Reply, Failure> {
    let namespace = path.namespace.clone().unwrap_or_default();
    let voice = voice(context, &namespace, name, query)?;
    let now = context.clock.now();
    let end = voice.ended.unwrap_or(now).min(now);
    let mut from = voice.started.max(ago(end, KEPT_SECONDS));
    if let Some(seconds) = query.number("sinceSeconds") {
        from = from.max(ago(now, seconds as i64));
    }
    if let Some(since) = query.get("sinceTime") {
        let since: Timestamp = since
            .parse()
            .map_err(|_| Failure::bad_request(format!("invalid sinceTime: {since}")))?;
        from = from.max(since);
    }
    let stamps = query.flag("timestamps");
    let mut lines = voice.lines(from, end, true);
    if let Some(tail) = query.number("tailLines") {
        lines.drain(..lines.len().saturating_sub(tail as usize));
    }
    let mut out = Vec::new();
    let limit = query.number("limitBytes").unwrap_or(u64::MAX) as usize;
    write(&lines, stamps, &mut out);
    out.truncate(limit);
    let (tx, body) = reply::stream();
    let follow = query.flag("follow") && voice.ended.is_none();
    let (context, namespace, name) = (Arc::clone(context), namespace, name.to_owned());
    tokio::spawn(async move {
        if tx.send(Ok(Bytes::from(out))).await.is_err() || !follow {
            return;
        }
        let mut at = end;
        loop {
            tokio::select! {
                () = tx.closed() => return,
                () = tokio::time::sleep(FOLLOW) => {}
            }
            let ended = ended_at(&context, &namespace, &name, voice.started);
            let now = context.clock.now();
            let upto = ended.unwrap_or(now).min(now);
            let mut out = Vec::new();
            write(&voice.lines(at, upto, ended.is_some()), stamps, &mut out);
            at = at.max(upto);
            if !out.is_empty() && tx.send(Ok(Bytes::from(out))).await.is_err() {
                return;
            }
            if ended.is_some() {
                return;
            }
        }
    });
    Ok(reply::typed("text/plain", body))
}

/// When the container that began then ended, or its pod went.
fn ended_at(
    context: &Context,
    namespace: &str,
    name: &str,
    started: Timestamp,
) -> Option<Timestamp> {
    let cluster = context.shared.lock();
    if cluster
        .fleet
        .find(&resource::PODS, namespace, name)
        .is_some()
    {
        return None;
    }
    let Some(life) = cluster
        .live
        .lives
        .get(&(namespace.to_owned(), name.to_owned()))
    else {
        return Some(cluster.now);
    };
    if life.started != Some(started) {
        return Some(life.end.as_ref().map_or(cluster.now, |e| e.finished));
    }
    (life.stage != Stage::Running).then(|| life.end.as_ref().map_or(cluster.now, |e| e.finished))
}

fn ago(at: Timestamp, seconds: i64) -> Timestamp {
    crate::demo::world::live::life::later(at, -seconds.min(1 << 32) * 1000)
}

fn voice(context: &Context, namespace: &str, name: &str, query: &Query) -> Result<Voice, Failure> {
    let cluster = context.shared.lock();
    let pod = cluster
        .find(&resource::PODS, namespace, name)
        .ok_or_else(|| Failure::not_found("pods", name))?;
    let value = pod.value();
    let specs = list(&value, "/spec/containers")
        .iter()
        .chain(list(&value, "/spec/initContainers"));
    let names: Vec<&str> = specs.clone().map(|s| text(s, "/name")).collect();
    let wanted = match query.get("container") {
        Some(wanted) => wanted,
        None if list(&value, "/spec/containers").len() == 1 => {
            names.first().copied().unwrap_or_default()
        }
        None => {
            let message = format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                names.join(" ")
            );
            return Err(Failure::bad_request(message));
        }
    };
    let Some(spec) = specs.into_iter().find(|s| text(s, "/name") == wanted) else {
        return Err(Failure::bad_request(format!(
            "container {wanted} is not valid for pod {name}"
        )));
    };
    let image = text(spec, "/image");
    let what = behaviour(&cluster.live.images, image);
    let previous = query.flag("previous");
    let (started, ended) = match (
        &pod,
        cluster
            .live
            .lives
            .get(&(namespace.to_owned(), name.to_owned())),
    ) {
        (Item::Whole(_), Some(life)) => {
            let waiting = || {
                Failure::bad_request(format!(
                    "container \"{wanted}\" in pod \"{name}\" is waiting to start: {}",
                    why(life.stage)
                ))
            };
            let none = || {
                Failure::bad_request(format!(
                    "previous terminated container \"{wanted}\" in pod \"{name}\" not found"
                ))
            };
            let last = life.end.as_ref().map(|e| (e.started, Some(e.finished)));
            match life.stage {
                _ if previous => last.filter(|_| life.restarts > 0).ok_or_else(none)?,
                Stage::Running => (life.started.ok_or_else(waiting)?, None),
                _ => last.ok_or_else(waiting)?,
            }
        }
        _ if previous => {
            return Err(Failure::bad_request(format!(
                "previous terminated container \"{wanted}\" in pod \"{name}\" not found"
            )));
        }
        _ => (
            text(&value, "/status/startTime")
                .parse()
                .unwrap_or(cluster.now),
            None,
        ),
    };
    let version = image
        .rsplit_once(':')
        .map_or("latest", |(_, tag)| tag)
        .to_owned();
    Ok(Voice {
        pod: name.to_owned(),
        namespace: namespace.to_owned(),
        service: wanted.to_owned(),
        version,
        does: what.does,
        says: what.says,
        tongue: tongues::tongue(image),
        seed: hash(&format!("{}{wanted}", text(&value, "/metadata/uid"))),
        started,
        ended,
    })
}

fn why(stage: Stage) -> &'static str {
    match stage {
        Stage::PullError => "image can't be pulled",
        Stage::PullBackOff => "trying and failing to pull image",
        Stage::Init | Stage::InitBackOff => "PodInitializing",
        _ => "ContainerCreating",
    }
}

fn write(lines: &[(Timestamp, String)], stamps: bool, out: &mut Vec<u8>) {
    for (at, line) in lines {
        if stamps {
            out.extend_from_slice(
                at.strftime("%Y-%m-%dT%H:%M:%S%.9fZ ")
                    .to_string()
                    .as_bytes(),
            );
        }
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
}

impl Voice {
    /// The lines that fall after `from`, up to and including `upto`; the last words only when the container has ended.
    fn lines(&self, from: Timestamp, upto: Timestamp, all: bool) -> Vec<(Timestamp, String)> {
        let mut lines = Vec::new();
        for second in from.as_second()..=upto.as_second() {
            for slot in 0..self.per_second(second) {
                let key = mix(self.seed ^ second as u64, slot);
                let nanos = ((slot as f64 + fraction(key, 1)) / self.per_second(second) as f64
                    * 1e9) as i32;
                let Ok(at) = Timestamp::new(second, nanos.clamp(0, 999_999_999)) else {
                    continue;
                };
                if at > from && at <= upto && at >= self.started {
                    self.say(at, key, &mut lines);
                }
            }
        }
        if let Some(ended) = self.ended.filter(|e| all && *e > from && *e <= upto) {
            self.last_words(ended, &mut lines);
        }
        lines
    }

    /// How many requests are answered in a second: a few, with bursts.
    fn per_second(&self, second: i64) -> u64 {
        match self.does {
            Does::Exit => 1,
            Does::Crash => u64::from(second == self.started.as_second() + 1),
            _ => 1 + mix(self.seed ^ (second as u64 / 7), 9) % 4,
        }
    }

    fn say(&self, at: Timestamp, key: u64, lines: &mut Vec<(Timestamp, String)>) {
        if let Some(line) = tongues::line(self.tongue, at, key).filter(|_| self.does != Does::Exit)
        {
            lines.push((at, line));
            return;
        }
        let stamp = at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ");
        let Self {
            service,
            namespace,
            pod,
            version,
            ..
        } = self;
        // A request passes through several services of the second that it falls in.
        let request = mix(hash(namespace) ^ at.as_second() as u64, key % 3);
        let trace = format!("{:016x}{:016x}", request, mix(request, 8));
        let head = |level: &str| {
            format!(
                r#"{{"timestamp":"{stamp}","level":"{level}","service":"{service}","version":"{version}","namespace":"{namespace}","pod":"{pod}""#
            )
        };
        let order = 100_000 + key % 800_000;
        if self.does == Does::Exit {
            lines.push((
                at,
                format!(
                    r#"{},"message":"dumping table","rows":{}}}"#,
                    head("info"),
                    key % 40_000
                ),
            ));
            return;
        }
        let slow = self.does == Does::Errors;
        let failed = fraction(key, 2) < if slow { 0.2 } else { 0.006 };
        let took =
            4 + key % 38 + if slow { 200 + key % 1400 } else { 0 } + if failed { 900 } else { 0 };
        let (method, path, message) = match key % 5 {
            0 => ("POST", "/order", "order placed"),
            1 => ("GET", "/products/42", "product shown"),
            2 => ("GET", "/cart", "cart shown"),
            3 => ("POST", "/cart", "item added"),
            _ => ("GET", "/search?q=mug", "search answered"),
        };
        let (level, status) = match (failed, key % 41) {
            (true, _) => ("error", 502),
            (false, 0) => ("warn", 429),
            _ => ("info", 200),
        };
        lines.push((at, format!(r#"{},"message":"{message}","method":"{method}","path":"{path}","status":{status},"duration_ms":{took},"order_id":{order},"request_id":"req-{:08x}","trace_id":"{trace}"}}"#, head(level), key as u32)));
        if failed {
            for line in [
                "Traceback (most recent call last):",
                "  File \"/app/orders.py\", line 88, in place",
                "    raise PaymentError(order)",
            ] {
                lines.push((at, line.to_owned()));
            }
            lines.push((
                at,
                format!("PaymentError: gateway answered 502 for order {order}"),
            ));
        }
    }

    fn last_words(&self, at: Timestamp, lines: &mut Vec<(Timestamp, String)>) {
        if !self.says.is_empty() {
            lines.extend(self.says.lines().map(|line| (at, line.to_owned())));
        } else if self.does == Does::Exit {
            lines.push((at, format!(r#"{{"level":"info","message":"backup complete","artifact":"/backups/{}.gz","bytes":{}}}"#, self.service, 200_000 + self.seed % 90_000)));
        }
    }
}
