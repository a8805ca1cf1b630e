//! Answers the questions in the demand and keeps the answers fresh while they are asked.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::decode;
use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::model::{Ask, Change, Demand, EndpointId, MetricAnswer, MetricQuery, Text};
use crate::sources::backoff::Backoff;
use crate::sources::outlet::Outlet;
use crate::sources::watcher::Line;

/// Questions that are under way at once: a board must not starve the rules that the server evaluates.
const AT_ONCE: usize = 4;
/// Servers answer no more points of one series than this.
const POINTS_AT_MOST: u32 = 11_000;

/// When a question is asked next.
#[derive(Default)]
struct Turn {
    /// None: never again.
    due: Option<Instant>,
    under_way: bool,
    backoff: Backoff,
}

/// Runs until dropped.
pub(super) async fn run(
    line: Line,
    id: EndpointId,
    mut demand: watch::Receiver<Demand>,
    mut outlet: Outlet,
) {
    let mut turns: BTreeMap<MetricQuery, Turn> = BTreeMap::new();
    let mut asked: JoinSet<(MetricQuery, Asked)> = JoinSet::new();
    demand.mark_changed();
    loop {
        start(&line, &mut turns, &mut asked);
        let next = turns
            .values()
            .filter(|turn| !turn.under_way)
            .filter_map(|turn| turn.due)
            .min()
            .filter(|_| asked.len() < AT_ONCE);
        tokio::select! {
            changed = demand.changed() => {
                if changed.is_err() {
                    return;
                }
                follow(&demand.borrow_and_update(), id, &mut turns, &mut outlet);
            }
            Some(done) = asked.join_next(), if !asked.is_empty() => {
                if let Ok((query, reply)) = done {
                    answered(query, reply, &mut turns, &mut outlet);
                }
            }
            () = outlet.due() => {}
            () = until(next), if next.is_some() => {}
        }
    }
}

async fn until(next: Option<Instant>) {
    if let Some(next) = next {
        sleep_until(next).await;
    }
}

/// Takes in what is asked now and forgets what no longer is.
fn follow(
    demand: &Demand,
    id: EndpointId,
    turns: &mut BTreeMap<MetricQuery, Turn>,
    outlet: &mut Outlet,
) {
    turns.retain(|query, _| {
        let asked = demand.metrics.contains(query);
        if !asked {
            outlet.push(Change::Unasked(query.clone()));
        }
        asked
    });
    for query in demand.metrics.iter().filter(|query| query.endpoint == id) {
        turns.entry(query.clone()).or_insert_with(|| Turn {
            due: Some(Instant::now()),
            ..Turn::default()
        });
    }
}

/// Asks what is due.
fn start(
    line: &Line,
    turns: &mut BTreeMap<MetricQuery, Turn>,
    asked: &mut JoinSet<(MetricQuery, Asked)>,
) {
    let now = Instant::now();
    let due = turns
        .iter_mut()
        .filter(|(_, turn)| !turn.under_way && turn.due.is_some_and(|due| due <= now));
    for (query, turn) in due {
        if asked.len() >= AT_ONCE {
            return;
        }
        turn.under_way = true;
        let (line, query) = (line.clone(), query.clone());
        asked.spawn(async move {
            let reply = ask(&line, &query.ask).await;
            (query, reply)
        });
    }
}

fn answered(
    query: MetricQuery,
    reply: Asked,
    turns: &mut BTreeMap<MetricQuery, Turn>,
    outlet: &mut Outlet,
) {
    // Nobody may want it any more.
    let Some(turn) = turns.get_mut(&query) else {
        return;
    };
    turn.under_way = false;
    let every = Duration::from_secs(u64::from(query.every));
    turn.due = match &reply {
        Ok(_) => {
            turn.backoff.reset();
            (query.every > 0).then(|| Instant::now() + every)
        }
        // What the server finds wrong with a question does not mend itself.
        Err(Fault::Refused {
            code: 400 | 422, ..
        }) => (query.every > 0).then(|| Instant::now() + every.max(Duration::from_mins(1))),
        Err(fault) => Some(Instant::now() + turn.backoff.after(fault)),
    };
    let (reply, warnings) = match reply {
        Ok(answer) => (Ok(answer.reply), answer.warnings),
        Err(fault) => (Err(Text::from(fault.to_string())), Vec::new()),
    };
    outlet.push(Change::Answer(Box::new(MetricAnswer {
        query,
        at: clock::now(),
        reply,
        warnings,
    })));
    outlet.urge();
}

type Asked = Result<decode::Decoded, Fault>;

/// Asks once.
pub(super) async fn ask(line: &Line, ask: &Ask) -> Asked {
    // The server's own time: its samples carry it.
    let now = Timestamp::now().as_second() + line.ahead();
    let answer = match ask {
        Ask::Now { expr } => {
            let time = now.to_string();
            let form = [("query", &**expr), ("time", &time)];
            line.reader.query("/api/v1/query", &form).await?
        }
        Ask::Last {
            expr,
            seconds,
            step,
        } => {
            let step = i64::from((*step).max(1));
            let end = now.div_euclid(step) * step;
            let start = (end - i64::from(*seconds)).div_euclid(step) * step;
            range(line, expr, start, end, step).await?
        }
        Ask::Between {
            expr,
            from,
            to,
            step,
        } => {
            let step = i64::from((*step).max(1));
            let start = (from.second() + line.ahead()).div_euclid(step) * step;
            let end = to.second() + line.ahead();
            range(line, expr, start, end, step).await?
        }
        Ask::Values { label, selector } => {
            let path = format!("/api/v1/label/{label}/values");
            line.reader.get(&path, &matching(selector)).await?
        }
        Ask::Labels { selector } => {
            let form = matching(selector);
            line.reader.query("/api/v1/labels", &form).await?
        }
    };
    line.note(&answer);
    decode::decode(&answer.body, line.ahead() * 1000)
}

fn matching(selector: &str) -> Vec<(&str, &str)> {
    if selector.is_empty() {
        Vec::new()
    } else {
        vec![("match[]", selector)]
    }
}

async fn range(
    line: &Line,
    expr: &str,
    start: i64,
    end: i64,
    step: i64,
) -> Result<crate::clients::http::Answer, Fault> {
    if (end - start) / step >= i64::from(POINTS_AT_MOST) {
        return Err(Fault::Refused {
            code: 400,
            message: format!(
                "more than {POINTS_AT_MOST} points for each series: a longer step or a shorter range is needed"
            ),
        });
    }
    let [start, end, step] = [start, end, step].map(|number| number.to_string());
    let form = [
        ("query", expr),
        ("start", &start),
        ("end", &end),
        ("step", &step),
    ];
    line.reader.query("/api/v1/query_range", &form).await
}
