//! The columns that views of workloads choose from, and what a workload is to a table.

use std::borrow::Cow;

use super::columns::{ColumnOf, age_key, column, cores, used};
use super::order::SortKey;
use super::table::{Shown, owned};
use super::{Cell, Drill, Role, World};
use crate::model::{Allotment, Health, Kind, Moment, Target, Workload, WorkloadKind};
use crate::store::{Store, why_workload};
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::query::Within;

pub(super) type WorkloadColumn = ColumnOf<Workload>;

pub(super) const KIND: WorkloadColumn = column(
    "KIND",
    "kind",
    |workload: &Workload, _| Cell::plain(workload.kind.name()),
    |workload: &Workload, _| SortKey::text(workload.kind.name()),
)
.rank(2)
.width(11, 11);

pub(super) const READY: WorkloadColumn =
    column("READY", "ready", ready, |workload: &Workload, _| {
        let wanted = workload.desired.filter(|wanted| *wanted > 0);
        SortKey::share(wanted.map(|wanted| f64::from(workload.ready) / f64::from(wanted)))
    })
    .right()
    .rank(1)
    .width(3, 9);

pub(super) const STATUS: WorkloadColumn = column(
    "STATUS",
    "status",
    |workload: &Workload, _| Cell::health(workload.status.as_str(), workload.health),
    |workload: &Workload, _| SortKey::text(&workload.status),
)
.rank(4)
.width(6, 20);

pub(super) const CURRENT: WorkloadColumn = column(
    "CURRENT",
    "current",
    |workload: &Workload, _| Cell::number(workload.current),
    |workload: &Workload, _| SortKey::number(workload.current),
)
.right()
.rank(3);

pub(super) const UP_TO_DATE: WorkloadColumn = column(
    "UP-TO-DATE",
    "up_to_date",
    |workload: &Workload, _| counted(workload, workload.updated),
    |workload: &Workload, _| SortKey::number(workload.updated),
)
.right()
.rank(4);

pub(super) const AVAILABLE: WorkloadColumn = column(
    "AVAILABLE",
    "available",
    |workload: &Workload, _| counted(workload, workload.available),
    |workload: &Workload, _| SortKey::number(workload.available),
)
.right()
.rank(4);

pub(super) const REVISION: WorkloadColumn = column(
    "REVISION",
    "revision",
    revision,
    |workload: &Workload, _| {
        let rollout = workload.rollout.as_ref();
        rollout.map_or(SortKey::None, |rollout| SortKey::text(&rollout.revision))
    },
)
.rank(3)
.width(4, 20);

/// Where an update stands, of a service that has no revisions.
pub(super) const UPDATE: WorkloadColumn = column(
    "UPDATE",
    "update",
    |workload: &Workload, world| match workload.kind {
        WorkloadKind::Swarm => revision(workload, world),
        _ => Cell::none(),
    },
    |workload: &Workload, _| SortKey::number(u8::from(workload.rollout.is_none())),
)
.rank(4)
.width(6, 12);

pub(super) const ACTIVE: WorkloadColumn = column(
    "ACTIVE",
    "active",
    |workload: &Workload, _| Cell::number(workload.current),
    |workload: &Workload, _| SortKey::number(workload.current),
)
.right()
.rank(2);

pub(super) const FAILED: WorkloadColumn = column(
    "FAILED",
    "failed",
    |workload: &Workload, _| match workload.failed {
        0 => Cell::number(0_u32),
        failed => Cell::health(failed.to_string(), workload.health.min(Health::Warn)),
    },
    |workload: &Workload, _| SortKey::number(workload.failed),
)
.right()
.rank(3);

pub(super) const DURATION: WorkloadColumn = column(
    "DURATION",
    "duration",
    |workload: &Workload, world| {
        duration(workload, world)
            .map_or_else(Cell::none, |seconds| Cell::plain(format::age(seconds)))
    },
    |workload: &Workload, world| duration(workload, world).map_or(SortKey::None, SortKey::number),
)
.right()
.rank(3);

pub(super) const SCHEDULE: WorkloadColumn = column(
    "SCHEDULE",
    "schedule",
    |workload: &Workload, _| {
        Cell::plain(
            workload
                .schedule
                .as_ref()
                .map_or("", |schedule| schedule.cron.as_str()),
        )
    },
    |workload: &Workload, _| {
        workload
            .schedule
            .as_ref()
            .map_or(SortKey::None, |schedule| SortKey::text(&schedule.cron))
    },
)
.rank(1)
.width(9, 24);

pub(super) const ZONE: WorkloadColumn = column(
    "TIME ZONE",
    "time_zone",
    |workload: &Workload, _| {
        Cell::plain(
            workload
                .schedule
                .as_ref()
                .map_or("", |schedule| schedule.zone.as_str()),
        )
    },
    |workload: &Workload, _| {
        workload
            .schedule
            .as_ref()
            .map_or(SortKey::None, |schedule| SortKey::text(&schedule.zone))
    },
)
.wide();

pub(super) const SUSPENDED: WorkloadColumn = column(
    "SUSPENDED",
    "suspended",
    |workload: &Workload, _| {
        if suspended(workload) {
            Cell::plain("yes")
        } else {
            Cell::dim("no")
        }
    },
    |workload: &Workload, _| SortKey::number(u8::from(suspended(workload))),
)
.rank(3)
.width(3, 9);

pub(super) const LAST_RUN: WorkloadColumn = column(
    "LAST RUN",
    "last_run",
    |workload: &Workload, world| moment(last_run(workload), world),
    |workload: &Workload, _| age_key(last_run(workload)),
)
.right()
.rank(2)
.width(4, 8);

pub(super) const LAST_SUCCESS: WorkloadColumn = column(
    "LAST SUCCESS",
    "last_success",
    |workload: &Workload, world| moment(last_success(workload), world),
    |workload: &Workload, _| age_key(last_success(workload)),
)
.right()
.rank(4)
.width(4, 12);

pub(super) const CPU: WorkloadColumn = column(
    "CPU",
    "cpu",
    |workload: &Workload, world| {
        sum(
            workload,
            world,
            |amount| u64::from(amount.cpu_millicores),
            cores,
        )
    },
    |workload: &Workload, world| {
        let used = world.store.consumption(workload);
        used.map_or(SortKey::None, |sum| {
            SortKey::number(sum.used.cpu_millicores)
        })
    },
)
.right()
.rank(4)
.width(9, 12);

pub(super) const MEMORY: WorkloadColumn = column(
    "MEMORY",
    "memory",
    |workload: &Workload, world| sum(workload, world, |amount| amount.memory_bytes, format::bytes),
    |workload: &Workload, world| {
        let used = world.store.consumption(workload);
        used.map_or(SortKey::None, |sum| SortKey::number(sum.used.memory_bytes))
    },
)
.right()
.rank(4)
.width(9, 12);

pub(super) const OWNER: WorkloadColumn = column(
    "OWNER",
    "owner",
    |workload: &Workload, _| Cell::plain(owner(workload)),
    |workload: &Workload, _| SortKey::text(owner(workload)),
)
.rank(4)
.width(8, 32);

pub(super) const IMAGE: WorkloadColumn = column(
    "IMAGE",
    "image",
    |workload: &Workload, _| Cell::plain(format::images(&workload.images)),
    |workload: &Workload, _| SortKey::text(&workload.images),
)
.rank(4)
.width(10, 32);

pub(super) const CONTAINERS: WorkloadColumn = column(
    "CONTAINERS",
    "containers",
    |workload: &Workload, _| Cell::dim(workload.containers.as_str()),
    |workload: &Workload, _| SortKey::text(&workload.containers),
)
.wide();

pub(super) const SELECTOR: WorkloadColumn = column(
    "SELECTOR",
    "selector",
    |workload: &Workload, _| {
        let pairs: Vec<String> = workload
            .selector
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        Cell::dim(pairs.join(","))
    },
    |_: &Workload, _| SortKey::None,
)
.wide()
.width(10, 48);

fn ready<'a>(workload: &'a Workload, _: World<'a>) -> Cell<'a> {
    let Some(wanted) = workload.desired else {
        return Cell::none();
    };
    let text = format!("{}/{wanted}", workload.ready);
    match workload.health {
        Health::Idle => Cell::dim(text),
        health if workload.ready < wanted => Cell::health(text, health),
        _ => Cell::plain(text),
    }
}

/// What the pods use together; `~12m` while that of some is not known yet.
fn sum<'a>(
    workload: &'a Workload,
    world: World<'a>,
    amount: fn(Allotment) -> u64,
    text: fn(u64) -> String,
) -> Cell<'a> {
    let Some(sum) = world.store.consumption(workload) else {
        return Cell::none();
    };
    let mut cell = used(
        Some(amount(sum.used)),
        amount(sum.limits),
        amount(sum.requests),
        text,
    );
    if sum.unknown > 0 {
        cell.text.to_mut().insert(0, '~');
    }
    cell
}

/// Jobs have no such numbers.
fn counted<'a>(workload: &Workload, number: u32) -> Cell<'a> {
    match workload.kind {
        WorkloadKind::Job | WorkloadKind::CronJob => Cell::none(),
        _ => Cell::number(number),
    }
}

/// `44`, `44 ▸ 42s` while it rolls out, `44 paused`, `44 stuck`.
fn revision<'a>(workload: &'a Workload, world: World<'a>) -> Cell<'a> {
    let Some(rollout) = &workload.rollout else {
        return Cell::none();
    };
    // A StatefulSet's revision is its name and a hash, and the name stands beside it already.
    let full = rollout.revision.as_str();
    let own = full.strip_prefix(workload.meta.name.as_str());
    let number = own.and_then(|rest| rest.strip_prefix('-')).unwrap_or(full);
    let text = |state: &str| format!("{number} {state}").trim_start().to_owned();
    if rollout.paused {
        Cell::health(text("paused"), Health::Warn)
    } else if rollout.stuck.is_some() {
        Cell::health(text("stuck"), workload.health.min(Health::Warn))
    } else if rollout.rolling {
        let since = format::since(rollout.since, world.now);
        Cell::of(text(&format!("▸ {since}")), Role::Accent)
    } else if number.is_empty() {
        Cell::none()
    } else {
        Cell::plain(number)
    }
}

fn moment(moment: Option<Moment>, world: World<'_>) -> Cell<'_> {
    if moment.is_some() {
        Cell::age(moment, world.now)
    } else {
        Cell::none()
    }
}

fn duration(workload: &Workload, world: World<'_>) -> Option<u32> {
    let started = workload.started?;
    Some(started.age(workload.finished.unwrap_or(world.now)))
}

fn suspended(workload: &Workload) -> bool {
    workload
        .schedule
        .as_ref()
        .is_some_and(|schedule| schedule.suspended)
}

fn last_run(workload: &Workload) -> Option<Moment> {
    workload.schedule.as_ref()?.last
}

fn last_success(workload: &Workload) -> Option<Moment> {
    workload.schedule.as_ref()?.last_success
}

fn owner(workload: &Workload) -> &str {
    workload
        .meta
        .owner
        .as_ref()
        .map_or("", |owner| owner.name.as_str())
}

impl Shown for Workload {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, world: World<'a>) -> Option<Cow<'a, str>> {
        why_workload(world.store, self)
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(self.kind.name());
        search.field(&self.status);
        search.field(&self.images);
    }

    fn moments(&self) -> [Option<Moment>; 2] {
        let rolling = self.rollout.as_ref().filter(|rollout| rollout.rolling);
        let running = self.started.filter(|_| self.finished.is_none());
        [
            rolling.and_then(|rollout| rollout.since).or(running),
            last_run(self),
        ]
    }

    fn target(&self, _: &Kind) -> Option<Target> {
        Some(super::table::target(&self.meta, self.kind.kind()))
    }

    fn drill(&self, _: &Kind) -> Drill {
        let view = match self.kind {
            WorkloadKind::CronJob => "jobs",
            WorkloadKind::Compose => "containers",
            WorkloadKind::Swarm => "tasks",
            _ => "pods",
        };
        Drill::Into {
            view,
            within: Within::Owner {
                endpoint: self.meta.key.endpoint,
                uid: self.meta.key.uid,
                namespace: self.meta.namespace.clone(),
                selector: self.selector.clone(),
            },
        }
    }

    fn belongs(&self, within: &Within, _: &Store) -> bool {
        owned(&self.meta, within)
    }
}
