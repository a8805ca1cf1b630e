//! Autoscalers, and why they do not scale.

use std::borrow::Cow;

use super::columns::{ColumnOf, Columns, age, age_key, cluster, column, name, namespace, why};
use super::order::SortKey;
use super::table::{Shown, TableView};
use super::{Cell, Role, World};
use crate::model::{Health, Hpa, HpaMetric, Kind, Moment};
use crate::store::Store;
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::widgets::bar;

/// Cells of a metric's bar.
const BAR: u16 = 4;

const COLUMNS: &[ColumnOf<Hpa>] = &[
    cluster(),
    namespace(),
    name(),
    column(
        "REFERENCE",
        "reference",
        |hpa: &Hpa, _| Cell::plain(format!("{}/{}", hpa.target_kind, hpa.target_name)),
        |hpa: &Hpa, _| SortKey::text(&hpa.target_name),
    )
    .rank(5)
    .width(12, 36),
    column(
        "CPU",
        "cpu",
        |hpa: &Hpa, _| measured(named(hpa, "cpu")),
        |hpa: &Hpa, _| SortKey::share(named(hpa, "cpu").and_then(|metric| metric.share)),
    )
    .rank(1)
    .width(12, 16),
    column(
        "MEMORY",
        "memory",
        |hpa: &Hpa, _| measured(named(hpa, "memory")),
        |hpa: &Hpa, _| SortKey::share(named(hpa, "memory").and_then(|metric| metric.share)),
    )
    .rank(1)
    .width(12, 18),
    column("OTHERS", "others", others, |hpa: &Hpa, _| {
        let shares = rest(hpa).filter_map(|metric| metric.share);
        SortKey::share(shares.max_by(f64::total_cmp))
    })
    .rank(2)
    .width(6, 48),
    column("REPLICAS", "replicas", replicas, |hpa: &Hpa, _| {
        SortKey::number(hpa.current)
    })
    .right()
    .rank(1)
    .width(13, 16),
    column(
        "STATUS",
        "status",
        |hpa: &Hpa, _| Cell::health(hpa.status.as_str(), hpa.health),
        |hpa: &Hpa, _| SortKey::text(&hpa.status),
    )
    .rank(4)
    .width(6, 14),
    column(
        "LAST SCALE",
        "last_scale",
        |hpa: &Hpa, world| match hpa.last_scale {
            Some(last) => Cell::dim(format!("{} ago", format::age(last.age(world.now)))),
            None => Cell::none(),
        },
        |hpa: &Hpa, _| age_key(hpa.last_scale),
    )
    .right()
    .rank(3)
    .width(4, 11),
    age().rank(5),
    why(),
];

pub(super) fn hpa() -> TableView<Hpa> {
    TableView {
        name: "hpa".into(),
        aliases: [
            "hpas",
            "horizontalpodautoscaler",
            "horizontalpodautoscalers",
            "autoscaling",
        ]
        .map(Into::into)
        .to_vec(),
        title: "Autoscaling".into(),
        doc: "Autoscalers: metrics against their targets, limits, and why they do not scale".into(),
        kinds: vec![Kind::HorizontalPodAutoscaler],
        table: |store, _| Some(store.hpas()),
        includes: |_| true,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: |_| 0,
    }
}

/// The metric of a resource that nearly every autoscaler looks at, which has a column of its own.
fn named<'a>(hpa: &'a Hpa, name: &str) -> Option<&'a HpaMetric> {
    hpa.metrics
        .iter()
        .find(|metric| metric.name.as_str() == name)
}

/// The other metrics.
fn rest(hpa: &Hpa) -> impl Iterator<Item = &HpaMetric> {
    let own = |metric: &&HpaMetric| !["cpu", "memory"].contains(&metric.name.as_str());
    hpa.metrics.iter().filter(own)
}

/// `██▏  96/70%`: current against target.
fn measured(metric: Option<&HpaMetric>) -> Cell<'_> {
    let Some(metric) = metric else {
        return Cell::none();
    };
    Cell {
        bar: Some(metric.share.unwrap_or(0.0) as f32),
        ..Cell::of(amounts(metric), role(metric.share))
    }
}

fn amounts(metric: &HpaMetric) -> String {
    let current = if metric.current.is_empty() {
        "?"
    } else {
        metric.current.as_str()
    };
    // Two of these stand side by side where room is short.
    format!("{current}/{}", metric.target.replace(" %", "%"))
}

/// The controller lets a metric be a tenth off its target.
fn role(share: Option<f64>) -> Role {
    match share {
        Some(share) if share > 1.1 => Role::Health(Health::Warn),
        Some(_) => Role::Plain,
        None => Role::Dim,
    }
}

/// `queue ██▏    15/70  lag █▊    12/80`
fn others<'a>(hpa: &'a Hpa, _: World<'a>) -> Cell<'a> {
    let mut text = String::new();
    let mut hardest = None;
    for metric in rest(hpa) {
        if !text.is_empty() {
            text.push_str("  ");
        }
        text.push_str(&metric.name);
        text.push(' ');
        if let Some(share) = metric.share {
            text.push_str(&bar::text(share as f32, BAR));
            text.push(' ');
            hardest = Some(share.max(hardest.unwrap_or(share)));
        }
        text.push_str(&amounts(metric));
    }
    Cell::of(text, role(hardest))
}

/// `10 of 2–10`, `3 → 5 of 3–10`
fn replicas<'a>(hpa: &'a Hpa, _: World<'a>) -> Cell<'a> {
    let limits = format!("of {}–{}", hpa.min, hpa.max);
    if hpa.desired == hpa.current {
        Cell::plain(format!("{} {limits}", hpa.current))
    } else {
        let text = format!("{} → {} {limits}", hpa.current, hpa.desired);
        Cell::of(text, Role::Accent)
    }
}

impl Shown for Hpa {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        self.why.as_deref().map(Cow::Borrowed)
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.target_kind);
        search.field(&self.target_name);
        search.field(&self.status);
    }

    fn moments(&self) -> [Option<Moment>; 2] {
        [self.last_scale, None]
    }
}
