//! What a metrics server has, found by asking: names of metrics, labels of the families that boards divide by, how
//! often it scrapes and how far back it knows. Asked every few minutes while boards are on screen; kept for the run.

use std::collections::BTreeMap;

use crate::model::{Ask, EndpointId, MetricQuery, Moment, Replied, Text};
use crate::store::Store;
use crate::ui::boards::{self, Known, Variable, Variables};

/// Seconds until names are asked for again.
const EVERY: u32 = 300;
/// Names that are kept.
const NAMES: usize = 20_000;
/// Values of a variable that are offered.
const VALUES: usize = 2_000;
/// Seconds between scrapes where the server does not say: Prometheus' own default.
const SCRAPE: u32 = 60;
/// The samples of most targets within ten minutes tell how often they are scraped.
const PACE: &str = "quantile(0.5, count_over_time(up[10m]))";
const OLDEST: &str = "min(prometheus_tsdb_lowest_timestamp_seconds)";

/// What is known of each server.
#[derive(Default)]
pub(crate) struct Probe {
    known: BTreeMap<EndpointId, Found>,
    revision: u64,
}

/// What is known of one server.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) known: Known,
    /// Grows when `known` changes.
    pub(crate) revision: u64,
    /// Whether the names were told at all.
    pub(crate) told: bool,
    /// Why they were not told lately.
    pub(crate) failed: Option<Text>,
}

impl Probe {
    pub(crate) fn of(&self, endpoint: EndpointId) -> Option<&Found> {
        self.known.get(&endpoint)
    }

    /// What must be asked to know a server.
    pub(crate) fn asks(&self, endpoint: EndpointId) -> Vec<MetricQuery> {
        let query = |ask| MetricQuery {
            endpoint,
            ask,
            every: EVERY,
        };
        let mut asks = vec![
            query(names()),
            query(Ask::Now { expr: PACE.into() }),
            query(Ask::Now {
                expr: OLDEST.into(),
            }),
        ];
        if let Some(found) = self.known.get(&endpoint) {
            let families = boards::families().filter(|family| found.known.has(family));
            asks.extend(families.map(|family| query(labels(family))));
        }
        asks
    }

    /// Takes in what was told; whether anything is new.
    pub(crate) fn take(&mut self, endpoint: EndpointId, store: &Store, now: Moment) {
        let kept = |ask| {
            store.metrics().get(&MetricQuery {
                endpoint,
                ask,
                every: EVERY,
            })
        };
        let words = |ask| match kept(ask)?.good.as_ref()? {
            (_, Replied::Words(words), _) => Some(words),
            _ => None,
        };
        let number = |promql: &str| match kept(Ask::Now {
            expr: promql.into(),
        })?
        .good
        .as_ref()?
        {
            (_, Replied::Series(series), _) => {
                series.first()?.points.last().map(|point| point.value)
            }
            _ => None,
        };
        let found = self.known.entry(endpoint).or_default();
        let mut known = found.known.clone();
        if let Some(names) = words(names()) {
            found.told = true;
            known.names = names.iter().take(NAMES).map(ToString::to_string).collect();
            known.names.sort();
        }
        let families: Vec<&str> = boards::families()
            .filter(|family| known.has(family))
            .collect();
        for family in families {
            let Some(told) = words(labels(family)) else {
                continue;
            };
            let told: Vec<String> = told.iter().map(ToString::to_string).collect();
            match known.labels.iter_mut().find(|(name, _)| name == family) {
                Some((_, labels)) => *labels = told,
                None => known.labels.push((family.to_owned(), told)),
            }
        }
        known.scrape_seconds = number(PACE)
            .filter(|count| *count >= 1.0)
            .map_or(known.scrape_seconds.max(1), |count| {
                (600.0 / count).round().clamp(1.0, 600.0) as u32
            });
        if known.scrape_seconds <= 1 && number(PACE).is_none() {
            known.scrape_seconds = SCRAPE;
        }
        if let Some(oldest) = number(OLDEST) {
            let age = now.second() - oldest as i64;
            // To the hour: it grows by the second, and boards shall not be made anew for that.
            known.kept_seconds = u64::try_from(age).ok().map(|age| age / 3600 * 3600);
        }
        found.failed = kept(names())
            .and_then(|kept| kept.refused.as_ref())
            .map(|(_, why)| why.clone());
        if known != found.known {
            found.known = known;
            found.revision += 1;
            self.revision += 1;
        }
    }

    /// The question for the values that a variable may take, narrowed by those before it.
    pub(crate) fn choices(
        &self,
        endpoint: EndpointId,
        variable: Variable,
        chosen: &Variables,
    ) -> Option<MetricQuery> {
        let known = &self.known.get(&endpoint)?.known;
        let (label, selector) = boards::choices(known, variable, chosen)?;
        let ask = Ask::Values {
            label: label.into(),
            selector: selector.into(),
        };
        Some(MetricQuery {
            endpoint,
            ask,
            every: EVERY,
        })
    }
}

/// The values told for a variable.
pub(crate) fn told(store: &Store, query: &MetricQuery) -> Option<Vec<String>> {
    match store.metrics().get(query)?.good.as_ref()? {
        (_, Replied::Words(words), _) => {
            Some(words.iter().take(VALUES).map(ToString::to_string).collect())
        }
        _ => None,
    }
}

fn names() -> Ask {
    Ask::Values {
        label: "__name__".into(),
        selector: "".into(),
    }
}

fn labels(family: &str) -> Ask {
    Ask::Labels {
        selector: family.into(),
    }
}
