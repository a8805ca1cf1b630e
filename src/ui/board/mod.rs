//! Boards on screen: panels in a grid, one of them in focus, one alone when zoomed.
//!
//! [`Charts`] is what every chart of the program shares: range, pause, crosshair, variables and what is known of each
//! server. A [`Grid`] holds panels; the screen of boards, the detail of an object and that of an alert each have one.

mod draw;
mod forms;
mod keys;
mod marks;
mod probe;
pub(crate) mod screen;
mod shown;
mod timeframe;

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::config::{BoardSettings, Config, SloSettings};
use crate::model::{EndpointId, Engine, MetricQuery, Moment, Name, Target, Uid};
use crate::store::Store;
use crate::ui::boards::{Form, Panel, Variables};
use crate::ui::views::World;
use crate::ui::widgets::chart::{Chart, Legend, LegendColumn, Mark};

pub(crate) use draw::{Look, draw, say};
pub(crate) use marks::KINDS;
use marks::Whose;
use probe::Probe;
pub(crate) use probe::told;
use shown::Shown;
pub use shown::name as series_name;
pub(crate) use timeframe::TimeFrame;
pub use timeframe::{parse as parse_range, range_step};

/// From this width on two panels stand side by side, from the next three.
const TWO: u16 = 100;
const THREE: u16 = 165;
/// Rows that a panel needs, and wants at most.
const LEAST: u16 = 9;
const MOST: u16 = 24;

/// What all charts share.
pub(crate) struct Charts {
    pub(crate) frame: TimeFrame,
    pub(crate) variables: Variables,
    pub(crate) probe: Probe,
    pub(crate) own: Vec<BoardSettings>,
    pub(crate) slos: Vec<SloSettings>,
    /// The server whose boards are shown; none: the first.
    pub(crate) server: Option<EndpointId>,
}

/// Panels in a grid.
#[derive(Default)]
pub(crate) struct Grid {
    shown: Vec<Shown>,
    focus: usize,
    pub(crate) zoom: bool,
    /// The first row of panels on screen.
    top: usize,
    places: Vec<(usize, Rect)>,
    columns: usize,
    sort: LegendColumn,
    reversed: bool,
    /// The series under the cursor in the zoomed panel, by name.
    series: Option<String>,
    pub(crate) marks: Vec<Mark>,
    /// The alert that the panels are about.
    pub(crate) alert: Option<Uid>,
    /// What the curves were made from.
    revision: Option<u64>,
    endpoint: EndpointId,
}

impl Charts {
    pub(crate) fn new(config: &Config, zone: jiff::tz::TimeZone) -> Self {
        Self {
            frame: TimeFrame::new(zone),
            variables: Variables::default(),
            probe: Probe::default(),
            own: config.boards.clone(),
            slos: config.slos.clone(),
            server: None,
        }
    }

    /// The server that charts ask.
    pub(crate) fn server(&self, store: &Store) -> Option<EndpointId> {
        let mut servers = servers(store);
        let chosen = self.server;
        servers
            .clone()
            .find(|id| Some(*id) == chosen)
            .or_else(|| servers.next())
    }

    /// Shows the next server; none if there is only one.
    pub(crate) fn next_server(&mut self, store: &Store) -> Option<Name> {
        let all: Vec<EndpointId> = servers(store).collect();
        let now = self.server(store)?;
        let at = all.iter().position(|id| *id == now)?;
        let next = *all.get((at + 1) % all.len())?;
        self.server = Some(next);
        (next != now).then(|| store.endpoint(next).map(|endpoint| endpoint.name.clone()))?
    }
}

/// The metrics servers that are open.
pub(crate) fn servers(store: &Store) -> impl Iterator<Item = EndpointId> + Clone + '_ {
    let all = store.endpoints().iter();
    all.filter(|endpoint| endpoint.engine == Engine::Prometheus)
        .map(|endpoint| endpoint.id)
}

/// The cluster that bears the name of a metrics server, where one does.
fn cluster_of(store: &Store, server: EndpointId) -> Option<EndpointId> {
    let name = &store.endpoint(server)?.name;
    let mut places = store.places();
    places
        .find(|place| place.name == *name)
        .map(|place| place.id)
}

impl Grid {
    /// Shows these panels; those that were shown before keep what came for them.
    pub(crate) fn set(&mut self, panels: Vec<Panel>) {
        let mut before = std::mem::take(&mut self.shown);
        self.shown = panels
            .into_iter()
            .map(|panel| {
                let same = |shown: &Shown| {
                    shown.panel.title == panel.title && shown.panel.queries == panel.queries
                };
                match before.iter().position(same) {
                    Some(at) => {
                        let mut kept = before.swap_remove(at);
                        kept.panel = panel;
                        kept
                    }
                    None => Shown::new(panel),
                }
            })
            .collect();
        self.focus = self.focus.min(self.shown.len().saturating_sub(1));
        self.revision = None;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    pub(crate) fn focused(&self) -> Option<&Shown> {
        self.shown.get(self.focus)
    }

    /// Lays out and brings up to date.
    pub(crate) fn prepare(
        &mut self,
        world: World<'_>,
        charts: &Charts,
        endpoint: EndpointId,
        target: Option<&Target>,
        variables: &Variables,
        area: Rect,
    ) {
        self.arrange(area);
        let scrape = charts
            .probe
            .of(endpoint)
            .map_or(60, |found| found.known.scrape_seconds);
        let revision = world.store.metrics().revision();
        let mut stale = self.revision != Some(revision) || self.endpoint != endpoint;
        self.endpoint = endpoint;
        for (at, _) in &self.places {
            if let Some(shown) = self.shown.get_mut(*at) {
                stale |= shown.aim(endpoint, &charts.frame, scrape, variables);
            }
        }
        if stale {
            for (at, _) in &self.places {
                if let Some(shown) = self.shown.get_mut(*at) {
                    shown.take(world.store, &charts.frame);
                }
            }
            self.revision = Some(revision);
        }
        let whose = Whose {
            namespaces: &variables.namespace,
            target,
            endpoint: cluster_of(world.store, endpoint),
            alert: self.alert,
        };
        self.marks = marks::marks(world.store, &whose, charts.frame.span(world.now));
    }

    fn arrange(&mut self, area: Rect) {
        self.places.clear();
        let count = self.shown.len();
        if count == 0 || area.is_empty() {
            return;
        }
        let before = self.places.len();
        if self.zoom {
            self.columns = 1;
            self.places.push((self.focus, area));
            return;
        }
        let columns = match area.width {
            width if width >= THREE => 3,
            width if width >= TWO => 2,
            _ => 1,
        };
        let columns = usize::min(columns, count);
        let rows = count.div_ceil(columns);
        let fit = usize::from(area.height / LEAST).max(1);
        let visible = rows.min(fit);
        let height = (area.height / visible as u16).clamp(1, MOST.max(area.height / rows as u16));
        let row = self.focus / columns;
        self.top = self.top.min(row).max((row + 1).saturating_sub(visible));
        self.top = self.top.min(rows - visible);
        let gap = 1;
        let width = (area.width - gap * (columns as u16 - 1)) / columns as u16;
        for at in self.top * columns..((self.top + visible) * columns).min(count) {
            let (row, column) = ((at / columns - self.top) as u16, (at % columns) as u16);
            let last = column as usize + 1 == columns;
            let x = area.x + column * (width + gap);
            let y = area.y + row * height;
            // What is left over goes to the last ones.
            let bottom = if usize::from(row) + 1 == visible && height < MOST {
                area.bottom()
            } else {
                y + height
            };
            let place = Rect {
                x,
                y,
                width: if last { area.right() - x } else { width },
                height: bottom - y,
            };
            self.places.push((at, place));
        }
        self.columns = columns;
        debug_assert!(self.places.len() >= before);
    }

    /// What is asked for what is on screen.
    pub(crate) fn asks(&self) -> impl Iterator<Item = MetricQuery> + '_ {
        let shown = self.places.iter().filter_map(|(at, _)| self.shown.get(*at));
        shown.flat_map(|shown| shown.asks.iter().cloned())
    }

    /// Whether an age stands on screen.
    pub(crate) fn ages(&self) -> bool {
        let mut shown = self.places.iter().filter_map(|(at, _)| self.shown.get(*at));
        shown.any(|shown| matches!(shown.said, shown::Said::Failed { .. }))
    }

    /// Panels that are on screen and how many there are.
    pub(crate) fn count(&self) -> (usize, usize) {
        (self.places.len(), self.shown.len())
    }

    /// Moves the focus by panels, or by rows of them.
    pub(crate) fn move_focus(&mut self, by: isize, rows: bool) {
        if self.zoom {
            self.move_series(by);
            return;
        }
        let step = if rows {
            by * self.columns.max(1) as isize
        } else {
            by
        };
        let last = self.shown.len().saturating_sub(1);
        let next = self.focus.saturating_add_signed(step).min(last);
        // A row down from the last full row leads to the last panel, not nowhere.
        self.focus = next;
        self.series = None;
    }

    pub(crate) fn focus_end(&mut self, last: bool) {
        self.focus = if last {
            self.shown.len().saturating_sub(1)
        } else {
            0
        };
    }

    /// The next series of the zoomed panel, in the order of its legend.
    fn move_series(&mut self, by: isize) {
        let Some(shown) = self.shown.get(self.focus) else {
            return;
        };
        let names: Vec<String> = self
            .order(shown)
            .into_iter()
            .filter_map(|at| Some(shown.curves.get(at)?.name.clone()))
            .collect();
        let now = self
            .series
            .as_ref()
            .and_then(|name| names.iter().position(|known| known == name));
        let next = match now {
            None if by < 0 => names.len().checked_sub(1),
            None => Some(0),
            Some(at) => Some(
                at.saturating_add_signed(by)
                    .min(names.len().saturating_sub(1)),
            ),
        };
        self.series = next.and_then(|at| names.get(at)).cloned();
    }

    /// The curves of a panel in the order of its legend, without what only drawing knows.
    fn order(&self, shown: &Shown) -> Vec<usize> {
        let mut order: Vec<usize> = (0..shown.curves.len()).collect();
        let key = |at: &usize| {
            let curve = shown.curves.get(*at);
            curve.and_then(|curve| match self.sort {
                LegendColumn::Min => curve.min,
                LegendColumn::Max => curve.max,
                _ => curve.last,
            })
        };
        let name = |at: &usize| shown.curves.get(*at).map(|curve| curve.name.as_str());
        order.sort_by(|one, other| {
            let by_number = key(other)
                .unwrap_or(f64::NEG_INFINITY)
                .total_cmp(&key(one).unwrap_or(f64::NEG_INFINITY));
            let by_name = name(one).cmp(&name(other));
            let order = if self.sort == LegendColumn::Name {
                by_name
            } else {
                by_number.then(by_name)
            };
            if self.reversed {
                order.reverse()
            } else {
                order
            }
        });
        order
    }

    /// Turns to the next form of the focused panel and says which.
    pub(crate) fn next_form(&mut self) -> Option<Form> {
        let shown = self.shown.get_mut(self.focus)?;
        let at = Form::ALL.iter().position(|form| *form == shown.form)?;
        shown.form = *Form::ALL.get((at + 1) % Form::ALL.len())?;
        Some(shown.form)
    }

    /// Sorts legends by the next column, or by this one; the same again turns round.
    pub(crate) fn sort_by(&mut self, column: Option<LegendColumn>) -> LegendColumn {
        match column {
            Some(column) if column == self.sort => self.reversed = !self.reversed,
            Some(column) => (self.sort, self.reversed) = (column, false),
            None => {
                let at = LegendColumn::ALL
                    .iter()
                    .position(|known| *known == self.sort)
                    .unwrap_or(0);
                let next = (at + 1) % LegendColumn::ALL.len();
                self.sort = LegendColumn::ALL.get(next).copied().unwrap_or_default();
                self.reversed = false;
            }
        }
        self.sort
    }

    /// Takes a click: focuses the panel, and says which moment was meant.
    pub(crate) fn press(
        &mut self,
        charts: &Charts,
        look: Look<'_>,
        x: u16,
        y: u16,
        now: Moment,
    ) -> Option<i64> {
        let (at, place) = *self
            .places
            .iter()
            .find(|(_, place)| place.contains((x, y).into()))?;
        self.focus = at;
        let shown = self.shown.get(at)?;
        let parts = draw::parts(self, shown, place);
        if let Some(table) = parts.legend.filter(|_| parts.table) {
            let column = self.with_chart(charts, look, shown, now, |chart| {
                let legend = Legend {
                    chart,
                    sort: self.sort,
                    reversed: self.reversed,
                    top: 0,
                };
                legend.column_at(table, x, y)
            });
            if column.is_some() {
                self.sort_by(column);
                return None;
            }
        }
        if shown.form != Form::Lines || !parts.plot.contains((x, y).into()) {
            return None;
        }
        self.with_chart(charts, look, shown, now, |chart| {
            chart.moment_at(parts.plot, x)
        })
    }

    /// Hands a panel's chart to `show`.
    fn with_chart<T>(
        &self,
        charts: &Charts,
        look: Look<'_>,
        shown: &Shown,
        now: Moment,
        show: impl FnOnce(&Chart<'_>) -> T,
    ) -> T {
        let selected = self
            .series
            .as_ref()
            .filter(|_| self.zoom)
            .and_then(|name| shown.curves.iter().position(|curve| curve.name == *name));
        show(&Chart {
            curves: &shown.curves,
            selected,
            span: charts.frame.span(now),
            step_ms: shown.step_ms.max(1000),
            unit: shown.panel.unit,
            thresholds: &shown.panel.thresholds,
            marks: &self.marks,
            cursor_ms: charts.frame.cursor_ms,
            zone: &charts.frame.zone,
            theme: look.theme,
            ascii: look.ascii,
        })
    }

    /// The queries of the focused panel as they were asked.
    pub(crate) fn queries(&self) -> Vec<String> {
        let asks = self
            .focused()
            .map(|shown| shown.asks.as_slice())
            .unwrap_or_default();
        let texts: BTreeSet<String> = asks
            .iter()
            .filter_map(|ask| ask.ask.expr().map(str::to_owned))
            .collect();
        texts.into_iter().collect()
    }

    pub(crate) fn rest(&mut self) {
        self.places.clear();
        self.revision = None;
    }
}
