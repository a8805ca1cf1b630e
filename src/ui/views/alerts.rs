//! Alerts of all servers: how bad, what about, how far over its limit, for how long.

use std::borrow::Cow;

use super::columns::{ColumnOf, Columns, FREE, age, column};
use super::order::SortKey;
use super::table::{Shown, TableView, owned};
use super::{Cell, Drill, Role, World};
use crate::model::{AlertState, Health, Kind, Limit, Moment, Name, Target};
use crate::store::{Alert, Confidence, Store};
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::query::Within;
use crate::ui::value;

/// Annotations that say what an alert is about, best first.
const SUMMARIES: [&str; 4] = ["summary", "message", "description", "title"];

const COLUMNS: &[ColumnOf<Alert>] = &[
    column("ALERT", "name", name, |alert: &Alert, _| {
        SortKey::text(&alert.meta.name)
    })
    .rank(0)
    .width(10, 34),
    column(
        "SEVERITY",
        "severity",
        |alert: &Alert, _| Cell::health(severity(alert), alert.severity.health()),
        |alert: &Alert, _| SortKey::number(alert.severity as u8),
    )
    .rank(4)
    .width(4, 8),
    column("WORKLOAD", "workload", workload, |alert: &Alert, _| {
        alert
            .target()
            .map_or(SortKey::None, |target| SortKey::text(&target.name))
    })
    .rank(1)
    .width(12, 40),
    column("STATE", "state", state, |alert: &Alert, _| {
        SortKey::number(alert.urgency())
    })
    .rank(0)
    .width(8, 26),
    column("VALUE", "value", measured, |alert: &Alert, _| {
        SortKey::share(alert.value)
    })
    .rank(1)
    .width(4, 22),
    age().rank(2),
    column(
        "FIRED",
        "fired",
        |alert: &Alert, _| Cell::number(alert.fired),
        |alert: &Alert, _| SortKey::number(alert.fired),
    )
    .right()
    .wide(),
    column(
        "RECEIVERS",
        "receivers",
        |alert: &Alert, _| {
            let names: Vec<&str> = alert.receivers.iter().map(Name::as_str).collect();
            Cell::dim(names.join(", "))
        },
        |alert: &Alert, _| {
            alert
                .receivers
                .first()
                .map_or(SortKey::None, |name| SortKey::text(name))
        },
    )
    .rank(5)
    .width(6, 24),
    column("SERVER", "server", server, |alert: &Alert, _| {
        SortKey::number(alert.reporters.len() as u32)
    })
    .wide(),
    column(
        "SUMMARY",
        "summary",
        |alert: &Alert, _| Cell::dim(summary(alert)),
        |alert: &Alert, _| SortKey::text(summary(alert)),
    )
    .rank(4)
    .width(16, FREE),
];

pub(super) fn alerts() -> TableView<Alert> {
    TableView {
        name: "alerts".into(),
        aliases: ["al", "alert"].map(Into::into).to_vec(),
        title: "Alerts".into(),
        doc: "Alerts of every Prometheus and Alertmanager, and which workload each is about".into(),
        kinds: vec![Kind::Alert],
        table: |store, _| Some(store.alerts().rows()),
        includes: |_| true,
        columns: Columns::Fixed(COLUMNS),
        order: Some(("state", false)),
        besides: |_| 0,
    }
}

/// What an alert's annotations say that it is about.
pub(crate) fn summary(alert: &Alert) -> &str {
    let mut texts = SUMMARIES
        .iter()
        .filter_map(|name| alert.annotations.get(name));
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}

fn severity(alert: &Alert) -> &str {
    alert.meta.labels.get("severity").unwrap_or("–")
}

fn name<'a>(alert: &'a Alert, _: World<'a>) -> Cell<'a> {
    let name = alert.meta.name.as_str();
    if alert.folds > 0 {
        Cell::of(format!("{name} ×{}", alert.folds + 1), Role::Strong)
    } else {
        Cell::of(name, Role::Strong)
    }
}

fn workload<'a>(alert: &'a Alert, _: World<'a>) -> Cell<'a> {
    if alert.folds > 0 {
        return Cell::dim(format!("{} alike", alert.folds + 1));
    }
    Cell {
        role: if alert.target().is_some() {
            Role::Plain
        } else {
            Role::Dim
        },
        ..Cell::plain(about(alert))
    }
}

/// What an alert is about: `ecommerce-prod/shop`, `one of 3`, `no workload`.
pub(crate) fn about(alert: &Alert) -> Cow<'_, str> {
    let Some(link) = &alert.link else {
        return Cow::Borrowed("no workload");
    };
    match (link.confidence, link.targets.first()) {
        (Confidence::Several, _) => Cow::Owned(format!("one of {}", link.targets.len())),
        (_, Some(target)) => Cow::Owned(crate::ui::detail::place(target)),
        (_, None) => Cow::Borrowed("no workload"),
    }
}

fn state<'a>(alert: &'a Alert, world: World<'a>) -> Cell<'a> {
    let health = health(alert);
    let text = words(alert, world.now);
    match alert.state {
        AlertState::Firing | AlertState::Pending => Cell::health(text, health),
        _ => Cell::dim(text),
    }
}

/// Where an alert stands: `firing`, `fires in 40s`, `silenced`, `inhibited by RedisDown`, `resolved 2m5s ago`.
pub(crate) fn words(alert: &Alert, now: Moment) -> Cow<'static, str> {
    match alert.state {
        AlertState::Firing => Cow::Borrowed("firing"),
        AlertState::Pending => match alert.fires {
            Some(at) if at > now => Cow::Owned(format!("fires in {}", format::age(now.age(at)))),
            Some(_) => Cow::Borrowed("fires now"),
            None => Cow::Borrowed("pending"),
        },
        AlertState::Silenced => Cow::Borrowed("silenced"),
        AlertState::Inhibited => match alert.inhibited_by.first() {
            Some(name) => Cow::Owned(format!("inhibited by {name}")),
            None => Cow::Borrowed("inhibited"),
        },
        AlertState::Resolved => match alert.ended {
            Some(ended) => Cow::Owned(format!("resolved {} ago", format::age(ended.age(now)))),
            None => Cow::Borrowed("resolved"),
        },
    }
}

fn measured<'a>(alert: &'a Alert, _: World<'a>) -> Cell<'a> {
    if alert.folds > 0 {
        return Cell::none();
    }
    match (alert.value, &alert.limit) {
        (Some(value), Some(limit)) => Cell::plain(against(value, limit)),
        (Some(value), None) => Cell::plain(value::digits(value)),
        (None, _) => Cell::none(),
    }
}

/// A value against its limit: `20.7 % > 5 %`, `down`.
pub(crate) fn against(value: f64, limit: &Limit) -> String {
    if limit.up && value == 0.0 {
        return "down".to_owned();
    }
    let own = value::value(limit.unit, value);
    match limit.bound {
        Some(bound) => format!(
            "{own} {} {}",
            limit.operator,
            value::value(limit.unit, bound)
        ),
        None => format!("{own} {} its limit", limit.operator),
    }
}

fn server<'a>(alert: &'a Alert, world: World<'a>) -> Cell<'a> {
    let names = alert
        .reporters
        .iter()
        .filter_map(|id| world.store.endpoint(*id));
    let names: Vec<&str> = names.map(|endpoint| endpoint.name.as_str()).collect();
    Cell::dim(names.join(", "))
}

fn health(alert: &Alert) -> Health {
    match alert.state {
        AlertState::Firing => alert.severity.health(),
        AlertState::Pending => Health::Busy,
        _ => Health::Idle,
    }
}

impl Shown for Alert {
    fn health(&self, _: &Store) -> Health {
        health(self)
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(summary(self))).filter(|text| !text.is_empty())
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(severity(self));
        search.field(self.state.word());
        search.field(&about(self));
        for (name, value) in self.meta.labels.iter() {
            search.field(&format!("{name}={value}"));
        }
    }

    fn moments(&self) -> [Option<Moment>; 2] {
        [self.ended, None]
    }

    fn counts_down(&self) -> Option<Moment> {
        self.fires
    }

    fn folded(&self) -> bool {
        self.folded
    }

    fn target(&self, _: &Kind) -> Option<Target> {
        Some(super::table::target(&self.meta, Kind::Alert))
    }

    fn drill(&self, _: &Kind) -> Drill {
        if self.folds == 0 {
            return Drill::Detail;
        }
        Drill::Into {
            view: "alerts",
            within: Within::Alerts {
                name: self.meta.name.as_str().into(),
            },
        }
    }

    fn belongs(&self, within: &Within, _: &Store) -> bool {
        match within {
            Within::Alerts { name } => self.meta.name.as_str() == name.as_str(),
            other => owned(&self.meta, other),
        }
    }
}
