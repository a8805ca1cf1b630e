//! Autoscalers, and why they do not scale.

use std::borrow::Cow;
use std::fmt::Write;

use super::columns::{ColumnOf, Columns, age, age_key, cluster, column, name, namespace, why};
use super::order::SortKey;
use super::table::{Shown, TableView};
use super::{Cell, Role, World};
use crate::model::{Health, Hpa, Kind, Moment};
use crate::store::Store;
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::widgets::bar;

/// Cells of a metric's bar.
const BAR: u16 = 6;

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
    column("METRICS", "metrics", metrics, |hpa: &Hpa, _| {
        SortKey::share(hardest(hpa))
    })
    .rank(1)
    .width(18, 60),
    column(
        "MIN–MAX",
        "limits",
        |hpa: &Hpa, _| Cell::plain(format!("{}–{}", hpa.min, hpa.max)),
        |hpa: &Hpa, _| SortKey::number(hpa.max),
    )
    .right()
    .rank(2)
    .width(3, 9),
    column("REPLICAS", "replicas", replicas, |hpa: &Hpa, _| {
        SortKey::number(hpa.current)
    })
    .right()
    .rank(1)
    .width(1, 9),
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

/// `cpu ██▏    15/70 %  memory █▊    12/80 %`
fn metrics<'a>(hpa: &'a Hpa, _: World<'a>) -> Cell<'a> {
    let mut text = String::new();
    for metric in &hpa.metrics {
        if !text.is_empty() {
            text.push_str("  ");
        }
        let current = if metric.current.is_empty() {
            "?"
        } else {
            metric.current.as_str()
        };
        let name = match metric.name.as_str() {
            "memory" => "mem",
            name => name,
        };
        // Writing to a string cannot fail.
        let _ = match metric.share {
            Some(share) => write!(
                text,
                "{} {} {current}/{}",
                name,
                bar::text(share as f32, BAR),
                metric.target
            ),
            None => write!(text, "{} {current}/{}", name, metric.target),
        };
    }
    match hardest(hpa) {
        Some(share) if share > 1.1 => Cell::health(text, Health::Warn),
        Some(_) => Cell::plain(text),
        None => Cell::dim(text),
    }
}

/// The metric that asks for most decides.
fn hardest(hpa: &Hpa) -> Option<f64> {
    hpa.metrics
        .iter()
        .filter_map(|metric| metric.share)
        .max_by(f64::total_cmp)
}

fn replicas<'a>(hpa: &'a Hpa, _: World<'a>) -> Cell<'a> {
    if hpa.desired == hpa.current {
        Cell::plain(hpa.current.to_string())
    } else {
        Cell::of(format!("{} → {}", hpa.current, hpa.desired), Role::Accent)
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
