//! One panel on screen: what it asks, what came, and what is to be thought of it.

use std::borrow::Cow;

use crate::model::{EndpointId, Health, MetricQuery, Moment, Replied, Series, Text};
use crate::store::{Kept, Store};
use crate::ui::boards::{Form, Panel, Variables, Window, fill};
use crate::ui::widgets::chart::{Curve, curves};

use super::timeframe::TimeFrame;

/// Series that a panel keeps; those beyond are counted.
const SERIES: usize = 500;
/// Seconds after which a series that ended is old: as long as Prometheus itself looks back.
const OLD: i64 = 300;

/// Where a panel stands. None but `Good` looks as if all were well.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Said {
    /// No answer yet.
    #[default]
    Waiting,
    Good,
    /// The server answered, and there is nothing.
    Nothing,
    /// There is something, but none of it is a number.
    NoNumbers,
    /// The server understood and refused; with the place in the query, in characters from 1.
    Refused {
        words: Text,
        at: Option<(u32, u32)>,
    },
    /// No answer came; what is shown is from before.
    Failed {
        since: Option<Moment>,
        words: Text,
    },
    /// A metric is missing.
    Lacking(String),
}

/// A panel with what is known of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) panel: Panel,
    pub(crate) form: Form,
    pub(crate) asks: Vec<MetricQuery>,
    pub(crate) curves: Vec<Curve>,
    pub(crate) said: Said,
    /// What the server says of its own answer.
    pub(crate) warnings: Vec<Text>,
    /// What it remarks on the query, without the answer being the worse for it.
    pub(crate) infos: Vec<Text>,
    /// Series that were not kept.
    pub(crate) beyond: usize,
    /// When the newest value was.
    pub(crate) newest_ms: Option<i64>,
    /// Seconds between the samples of the answer that is shown.
    pub(crate) step_ms: i64,
}

impl Shown {
    pub(crate) fn new(panel: Panel) -> Self {
        Self {
            form: panel.form,
            said: match &panel.missing {
                Some(why) => Said::Lacking(why.clone()),
                None => Said::Waiting,
            },
            panel,
            ..Self::default()
        }
    }

    /// Works out what to ask. What was shown stays until the new answers are there.
    pub(crate) fn aim(
        &mut self,
        endpoint: EndpointId,
        frame: &TimeFrame,
        scrape: u32,
        variables: &Variables,
    ) -> bool {
        let window = Window {
            range: frame.range(),
            step: frame.step(),
            scrape,
        };
        let asks = self.panel.queries.iter().map(|query| {
            let (ask, every) = frame.ask(&fill(&query.promql, window, variables));
            MetricQuery {
                endpoint,
                ask,
                every,
            }
        });
        let asks: Vec<MetricQuery> = if self.panel.missing.is_some() {
            Vec::new()
        } else {
            asks.collect()
        };
        let changed = asks != self.asks;
        self.asks = asks;
        changed
    }

    /// Takes in what is known of its questions.
    pub(crate) fn take(&mut self, store: &Store, frame: &TimeFrame) {
        if let Some(why) = &self.panel.missing {
            self.said = Said::Lacking(why.clone());
            return;
        }
        let kept: Vec<Option<&Kept>> = self
            .asks
            .iter()
            .map(|ask| store.metrics().get(ask))
            .collect();
        let refused = kept.iter().flatten().find_map(|kept| {
            let (_, words) = kept.refused.as_ref()?;
            Some((words, kept.good.as_ref().map(|(at, ..)| *at)))
        });
        let waiting = kept
            .iter()
            .any(|kept| kept.is_none_or(|kept| kept.good.is_none()));
        if let Some((words, since)) = refused {
            let at = position(words);
            self.said = if at.is_some() || is_refusal(words) {
                Said::Refused {
                    words: words.clone(),
                    at,
                }
            } else {
                Said::Failed {
                    since,
                    words: words.clone(),
                }
            };
            if since.is_none() {
                if at.is_some() {
                    self.curves.clear();
                }
                return;
            }
        } else if waiting {
            self.said = Said::Waiting;
            return;
        }
        self.warnings.clear();
        self.infos.clear();
        self.beyond = 0;
        let mut series: Vec<(String, Series)> = Vec::new();
        for (kept, query) in kept.iter().zip(&self.panel.queries) {
            let Some((_, reply, warnings)) = kept.and_then(|kept| kept.good.as_ref()) else {
                continue;
            };
            let (infos, warnings): (Vec<_>, Vec<_>) = warnings.iter().partition(|it| is_info(it));
            self.infos.extend(infos.into_iter().cloned());
            self.warnings.extend(warnings.into_iter().cloned());
            let Replied::Series(answer) = reply else {
                continue;
            };
            let room = SERIES.saturating_sub(series.len());
            self.beyond += answer.len().saturating_sub(room);
            let named = answer.iter().take(room);
            series.extend(
                named.map(|one| (name(one, &query.legend, &self.panel.title), one.clone())),
            );
        }
        self.curves = curves(series);
        self.step_ms = i64::from(frame.step()) * 1000;
        let newest = |curve: &Curve| curve.points.last().map(|point| point.millis);
        self.newest_ms = self.curves.iter().filter_map(newest).max();
        if refused.is_none() {
            self.said = if self.curves.is_empty() {
                Said::Nothing
            } else if self.curves.iter().all(|curve| curve.last.is_none()) {
                Said::NoNumbers
            } else {
                Said::Good
            };
        }
    }

    /// For how many seconds there have been no new values; none while there are.
    pub(crate) fn old(&self, frame: &TimeFrame, now: Moment) -> Option<u32> {
        let end = frame.span(now).1 / 1000;
        let age = end - self.newest_ms? / 1000;
        (age > OLD.max(2 * self.step_ms / 1000)).then_some(age as u32)
    }

    /// Values that are no numbers and were left out.
    pub(crate) fn not_finite(&self) -> u32 {
        self.curves.iter().map(|curve| curve.not_finite).sum()
    }

    /// What to think of it as a whole.
    pub(crate) fn health(&self) -> Health {
        match &self.said {
            Said::Waiting => Health::Busy,
            Said::Good if self.warnings.is_empty() => Health::Good,
            Said::Good | Said::NoNumbers => Health::Warn,
            Said::Nothing | Said::Lacking(_) => Health::Idle,
            Said::Refused { .. } | Said::Failed { .. } => Health::Bad,
        }
    }
}

/// The name of a series: by its legend, else by its labels, else the panel's title.
pub fn name(series: &Series, legend: &str, title: &str) -> String {
    if !legend.is_empty() {
        let name = legend_of(series, legend);
        if !name.trim().is_empty() {
            return name.into_owned();
        }
        // What a series should be named by is what it lacks.
        if let Some((label, _)) = legend.trim_start_matches("{{").split_once("}}") {
            return format!("no {}", label.trim());
        }
    }
    let labels: Vec<String> = series
        .labels
        .iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}={value}"))
        .collect();
    match (labels.is_empty(), series.labels.get("__name__")) {
        (false, _) => labels.join(" "),
        (true, Some(metric)) => metric.to_owned(),
        (true, None) => title.to_owned(),
    }
}

/// Fills `{{label}}` in.
fn legend_of<'l>(series: &Series, legend: &'l str) -> Cow<'l, str> {
    if !legend.contains("{{") {
        return Cow::Borrowed(legend);
    }
    let mut out = String::new();
    let mut rest = legend;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((label, after)) = behind.split_once("}}") else {
            break;
        };
        out.push_str(before);
        out.push_str(series.labels.get(label.trim()).unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether a server only remarks something.
fn is_info(words: &str) -> bool {
    words.starts_with("PromQL info")
}

/// Whether words are a server's refusal of a query, and not a failure to reach it.
fn is_refusal(words: &str) -> bool {
    ["answered 400", "answered 422"]
        .iter()
        .any(|sign| words.starts_with(sign))
}

/// The place that a parse error names: `1:5: parse error: …`.
pub(crate) fn position(words: &str) -> Option<(u32, u32)> {
    let (before, _) = words.split_once(": parse error")?;
    let place = before.rsplit(' ').next()?;
    let (line, column) = place.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}
