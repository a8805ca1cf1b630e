//! The samples of one simulated Prometheus: every series on one grid of scrapes, a few hours of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Seconds between scrapes.
pub(crate) const SCRAPE: i64 = 10;
/// Scrapes that are kept: four hours.
const KEPT: usize = 1440;
/// Scrapes that are told of the time before the first look: an hour and a half.
const BEFORE: i64 = 540;
/// Seconds for which a value stands when no newer one came.
const LOOKBACK: i64 = 300;
/// What stands where a scrape did not find the series.
const MISSING: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Labels, sorted by name.
pub(crate) type Labels = Arc<[(Arc<str>, Arc<str>)]>;

/// One series.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) labels: Labels,
    /// The scrape of the first value.
    first: i64,
    values: VecDeque<f64>,
}

/// All series by the name of their metric.
#[derive(Debug, Default)]
pub(crate) struct Tsdb {
    metrics: BTreeMap<String, BTreeMap<Labels, Line>>,
    /// Totals of counters that go on, by metric and labels.
    totals: BTreeMap<(String, Labels), f64>,
    /// The newest scrape, in units of [`SCRAPE`] since 1970.
    last: Option<i64>,
}

/// Whether a value stands for none.
pub(crate) fn missing(value: f64) -> bool {
    value.to_bits() == MISSING.to_bits()
}

/// What stands for no value.
pub(crate) fn none() -> f64 {
    MISSING
}

/// Labels from pairs in any order; empty values are no labels.
pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    let mut pairs: Vec<(Arc<str>, Arc<str>)> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    pairs.sort();
    pairs.into()
}

impl Tsdb {
    /// Whether anything was scraped yet.
    pub(crate) fn begun(&self) -> bool {
        self.last.is_some()
    }

    /// The scrapes that are due up to a second.
    pub(crate) fn due(&self, now: i64) -> std::ops::RangeInclusive<i64> {
        let upto = now / SCRAPE;
        let from = self.last.map_or(upto + 1 - BEFORE, |last| last + 1);
        from.max(upto + 1 - KEPT as i64)..=upto
    }

    /// Takes in a gauge's value at a scrape.
    pub(crate) fn gauge(&mut self, name: &str, labels: Labels, at: i64, value: f64) {
        let lines = match self.metrics.get_mut(name) {
            Some(lines) => lines,
            None => self.metrics.entry(name.to_owned()).or_default(),
        };
        let line = lines.entry(Arc::clone(&labels)).or_insert_with(|| Line {
            labels,
            first: at,
            values: VecDeque::new(),
        });
        line.put(at, value);
    }

    /// Lets a counter grow.
    pub(crate) fn counter(&mut self, name: &str, labels: Labels, at: i64, by: f64) {
        let total = self
            .totals
            .entry((name.to_owned(), Arc::clone(&labels)))
            .or_default();
        *total += by.max(0.0);
        let total = *total;
        self.gauge(name, labels, at, total);
    }

    /// Ends a scrape: what it did not find has no value any more, and what is too old goes.
    pub(crate) fn scraped(&mut self, at: i64) {
        self.last = Some(at);
        let oldest = at - KEPT as i64;
        for lines in self.metrics.values_mut() {
            lines.retain(|_, line| line.age(oldest, at));
        }
        self.metrics.retain(|_, lines| !lines.is_empty());
        let metrics = &self.metrics;
        self.totals.retain(|(name, labels), _| {
            metrics
                .get(name)
                .is_some_and(|lines| lines.contains_key(labels))
        });
    }

    /// Names of all metrics.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// The series of all metrics whose names fit.
    pub(crate) fn lines<'a>(
        &'a self,
        fits: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a str, &'a Line)> {
        let metrics = self.metrics.iter().filter(move |(name, _)| fits(name));
        metrics.flat_map(|(name, lines)| lines.values().map(move |line| (name.as_str(), line)))
    }
}

impl Line {
    fn put(&mut self, at: i64, value: f64) {
        let next = self.first + self.values.len() as i64;
        for _ in next..at {
            self.values.push_back(MISSING);
        }
        if at >= next {
            self.values.push_back(value);
        }
    }

    /// Forgets what is older than a scrape; false when nothing is left.
    fn age(&mut self, oldest: i64, now: i64) -> bool {
        if self.first + (self.values.len() as i64) <= now {
            self.put(now, MISSING);
        }
        while self.first < oldest && self.values.pop_front().is_some() {
            self.first += 1;
        }
        self.values.iter().any(|value| !missing(*value))
    }

    fn scrape(&self, at: i64) -> Option<f64> {
        let place = usize::try_from(at - self.first).ok()?;
        self.values.get(place).copied()
    }

    /// The value at a second, as an instant selector sees it.
    pub(crate) fn at(&self, second: i64) -> f64 {
        let end = self.first + self.values.len() as i64 - 1;
        let place = (second.div_euclid(SCRAPE)).min(end);
        if place < self.first || second - place * SCRAPE > LOOKBACK {
            return MISSING;
        }
        self.scrape(place).unwrap_or(MISSING)
    }

    /// The samples within a range, oldest first: seconds and values.
    pub(crate) fn within(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, f64)> + '_ {
        let first = (from.div_euclid(SCRAPE) + 1).max(self.first);
        let last = to
            .div_euclid(SCRAPE)
            .min(self.first + self.values.len() as i64 - 1);
        let samples = (first..=last).filter_map(|at| Some((at * SCRAPE, self.scrape(at)?)));
        samples.filter(|(_, value)| !missing(*value))
    }

    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        let pair = self.labels.iter().find(|(label, _)| &**label == name)?;
        Some(&pair.1)
    }
}
