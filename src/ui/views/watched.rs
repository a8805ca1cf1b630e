//! What watches the watchers: rules and whether they work, targets and whether they answer, silences and when they end.

use std::borrow::Cow;

use super::columns::{ColumnOf, Columns, FREE, age_key, column, why};
use super::order::SortKey;
use super::table::{Shown, TableView};
use super::{Cell, Role, World};
use crate::model::{Health, Kind, Moment, Rule, ScrapeTarget, Silence, SilenceState};
use crate::store::Store;
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::value;

/// The server that a row is of.
const fn server<R: Shown>() -> ColumnOf<R> {
    column("SERVER", "server", server_cell::<R>, server_sort::<R>)
        .rank(4)
        .width(6, 24)
}

fn server_name<'a, R: Shown>(row: &R, world: World<'a>) -> &'a str {
    let endpoint = world.store.endpoint(row.meta().key.endpoint);
    endpoint.map_or("", |endpoint| endpoint.name.as_str())
}

fn server_cell<'a, R: Shown>(row: &'a R, world: World<'a>) -> Cell<'a> {
    Cell::dim(server_name(row, world))
}

fn server_sort<'a, R: Shown>(row: &'a R, world: World<'a>) -> SortKey<'a> {
    SortKey::text(server_name(row, world))
}

const RULES: &[ColumnOf<Rule>] = &[
    column(
        "RULE",
        "name",
        |rule: &Rule, _| Cell::of(rule.meta.name.as_str(), Role::Strong),
        |rule: &Rule, _| SortKey::text(&rule.meta.name),
    )
    .rank(0)
    .width(12, 36),
    column(
        "STATE",
        "state",
        |rule: &Rule, _| Cell::health(rule.state.as_str(), rule.health),
        |rule: &Rule, _| SortKey::number(rule.health as u8),
    )
    .rank(0)
    .width(6, 18),
    column(
        "ALERTS",
        "alerts",
        |rule: &Rule, _| Cell::number(rule.alerts),
        |rule: &Rule, _| SortKey::number(rule.alerts),
    )
    .right()
    .rank(1)
    .width(1, 6),
    column(
        "FOR",
        "for",
        |rule: &Rule, _| Cell::dim(format::age(rule.hold)),
        |rule: &Rule, _| SortKey::number(rule.hold),
    )
    .right()
    .rank(3)
    .width(2, 6),
    column(
        "EVALUATED",
        "evaluated",
        |rule: &Rule, world| Cell::age(rule.evaluated, world.now),
        |rule: &Rule, _| age_key(rule.evaluated),
    )
    .right()
    .rank(2)
    .width(4, 9),
    column(
        "TOOK",
        "took",
        |rule: &Rule, _| Cell::dim(format!("{} ms", rule.took_millis)),
        |rule: &Rule, _| SortKey::number(rule.took_millis),
    )
    .right()
    .wide(),
    column(
        "GROUP",
        "group",
        |rule: &Rule, _| Cell::dim(rule.group.as_str()),
        |rule: &Rule, _| SortKey::text(&rule.group),
    )
    .rank(3)
    .width(6, 24),
    server(),
    column(
        "EXPRESSION",
        "expression",
        |rule: &Rule, _| match (&rule.why, rule.health) {
            (Some(why), Health::Bad) => Cell::health(why.as_str(), Health::Bad),
            _ => Cell::dim(rule.expr.as_str()),
        },
        |rule: &Rule, _| SortKey::text(&rule.expr),
    )
    .rank(1)
    .width(20, FREE),
];

pub(super) fn rules() -> TableView<Rule> {
    TableView {
        name: "rules".into(),
        aliases: ["rule", "alertrules"].map(Into::into).to_vec(),
        title: "Rules".into(),
        doc: "Alerting rules, whether they work and when they were evaluated".into(),
        kinds: vec![Kind::AlertRule],
        table: |store, _| Some(store.alerts().rules()),
        includes: |_| true,
        columns: Columns::Fixed(RULES),
        order: None,
        besides: |_| 0,
    }
}

impl Shown for Rule {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        self.why.as_deref().map(Cow::Borrowed)
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.state);
        search.field(&self.group);
        search.field(&self.expr);
    }

    fn moments(&self) -> [Option<Moment>; 2] {
        [self.evaluated, None]
    }
}

const TARGETS: &[ColumnOf<ScrapeTarget>] = &[
    column(
        "INSTANCE",
        "name",
        |target: &ScrapeTarget, _| Cell::of(target.meta.name.as_str(), Role::Strong),
        |target: &ScrapeTarget, _| SortKey::text(&target.meta.name),
    )
    .rank(0)
    .width(14, 40),
    column(
        "STATE",
        "state",
        |target: &ScrapeTarget, _| Cell::health(target.state.as_str(), target.health),
        |target: &ScrapeTarget, _| SortKey::number(target.health as u8),
    )
    .rank(0)
    .width(4, 16),
    column(
        "JOB",
        "job",
        |target: &ScrapeTarget, _| Cell::plain(target.pool.as_str()),
        |target: &ScrapeTarget, _| SortKey::text(&target.pool),
    )
    .rank(1)
    .width(6, 28),
    column(
        "SCRAPED",
        "scraped",
        |target: &ScrapeTarget, world| Cell::age(target.scraped, world.now),
        |target: &ScrapeTarget, _| age_key(target.scraped),
    )
    .right()
    .rank(2)
    .width(4, 7),
    column(
        "TOOK",
        "took",
        |target: &ScrapeTarget, _| {
            if target.scraped.is_none() {
                return Cell::none();
            }
            Cell::dim(value::value(
                crate::model::Unit::Milliseconds,
                f64::from(target.took_millis),
            ))
        },
        |target: &ScrapeTarget, _| SortKey::number(target.took_millis),
    )
    .right()
    .rank(4)
    .width(4, 7),
    server(),
    column(
        "URL",
        "url",
        |target: &ScrapeTarget, _| Cell::dim(target.url.as_str()),
        |target: &ScrapeTarget, _| SortKey::text(&target.url),
    )
    .wide(),
    why(),
];

pub(super) fn targets() -> TableView<ScrapeTarget> {
    TableView {
        name: "targets".into(),
        aliases: ["target"].map(Into::into).to_vec(),
        title: "Targets".into(),
        doc: "What Prometheus scrapes and whether it answers, and how each Alertmanager itself is"
            .into(),
        kinds: vec![Kind::ScrapeTarget],
        table: |store, _| Some(store.alerts().targets()),
        includes: |_| true,
        columns: Columns::Fixed(TARGETS),
        order: None,
        besides: |_| 0,
    }
}

impl Shown for ScrapeTarget {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        self.why.as_deref().map(Cow::Borrowed)
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.pool);
        search.field(&self.state);
        search.field(&self.url);
    }

    fn moments(&self) -> [Option<Moment>; 2] {
        [self.scraped, None]
    }
}

const SILENCES: &[ColumnOf<Silence>] = &[
    column(
        "SILENCE",
        "name",
        |silence: &Silence, _| Cell::dim(silence.meta.name.as_str()),
        |silence: &Silence, _| SortKey::text(&silence.id),
    )
    .rank(3)
    .width(8, 8),
    column(
        "STATE",
        "state",
        |silence: &Silence, _| Cell::health(silence.state.word(), silence.state.health()),
        |silence: &Silence, _| SortKey::number(silence.state as u8),
    )
    .rank(0)
    .width(6, 8),
    column("ENDS", "ends", ends, |silence: &Silence, _| {
        silence
            .ends
            .map_or(SortKey::None, |ends| SortKey::number(ends.second()))
    })
    .rank(0)
    .width(6, 18),
    column("HITS", "hits", hits, |silence: &Silence, world| {
        SortKey::number(held(silence, world.store) as u32)
    })
    .right()
    .rank(1)
    .width(4, 7),
    column(
        "MATCHERS",
        "matchers",
        |silence: &Silence, _| Cell::of(silence.matchers.to_string(), Role::Strong),
        |silence: &Silence, _| SortKey::text(&silence.id),
    )
    .rank(0)
    .width(20, 70),
    column(
        "BY",
        "author",
        |silence: &Silence, _| Cell::plain(silence.author.as_str()),
        |silence: &Silence, _| SortKey::text(&silence.author),
    )
    .rank(3)
    .width(4, 20),
    server(),
    column(
        "COMMENT",
        "comment",
        |silence: &Silence, _| Cell::dim(silence.comment.as_str()),
        |silence: &Silence, _| SortKey::text(&silence.comment),
    )
    .rank(2)
    .width(10, FREE),
];

pub(super) fn silences() -> TableView<Silence> {
    TableView {
        name: "silences".into(),
        aliases: ["silence", "sil"].map(Into::into).to_vec(),
        title: "Silences".into(),
        doc: "Silences, when they end, and how many alerts each holds back now".into(),
        kinds: vec![Kind::Silence, Kind::Alert],
        table: |store, _| Some(store.alerts().silences()),
        includes: |_| true,
        columns: Columns::Fixed(SILENCES),
        order: Some(("state", false)),
        besides: |store| store.alerts().rows().revision(),
    }
}

/// Alerts that a silence fits.
fn held(silence: &Silence, store: &Store) -> usize {
    store
        .alerts()
        .hit(|labels| silence.matchers.fit(labels))
        .count()
}

fn hits<'a>(silence: &'a Silence, world: World<'a>) -> Cell<'a> {
    if silence.state == SilenceState::Expired {
        return Cell::none();
    }
    match held(silence, world.store) {
        0 => Cell::health("none", Health::Warn),
        count => Cell::plain(count.to_string()),
    }
}

fn ends<'a>(silence: &'a Silence, world: World<'a>) -> Cell<'a> {
    let Some(ends) = silence.ends else {
        return Cell::none();
    };
    match silence.state {
        SilenceState::Expired => Cell::dim(format!("{} ago", format::age(ends.age(world.now)))),
        SilenceState::Pending => match silence.starts {
            Some(starts) => {
                Cell::plain(format!("begins in {}", format::age(world.now.age(starts))))
            }
            None => Cell::none(),
        },
        SilenceState::Active => {
            let left = world.now.age(ends);
            let text = format!("in {}", format::age(left));
            if left < 600 {
                Cell::health(text, Health::Warn)
            } else {
                Cell::plain(text)
            }
        }
    }
}

impl Shown for Silence {
    fn health(&self, _: &Store) -> Health {
        self.state.health()
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(&self.comment))
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(self.state.word());
        search.field(&self.matchers.to_string());
        search.field(&self.author);
    }

    fn counts_down(&self) -> Option<Moment> {
        (self.state == SilenceState::Active)
            .then_some(self.ends)
            .flatten()
    }
}
