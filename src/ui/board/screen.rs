//! The screen of boards: which boards there are as tabs, what they look at, and the grid of the one that is shown.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::draw::say;
use super::{Charts, Grid, draw, servers};
use crate::model::{EndpointId, Health, Name};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::boards::{Board, Ground, Variable, Variables, boards};
use crate::ui::layout::cut_rows;
use crate::ui::theme::Part;
use crate::ui::title::{self, Piece, Title};
use crate::ui::trust;
use crate::ui::views::{Role, World};
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::text_width;

/// The screen of boards.
#[derive(Default)]
pub(crate) struct Boards {
    /// The board that is shown; empty: the first one that has something.
    pub(crate) name: String,
    pub(crate) grid: Grid,
    all: Vec<Board>,
    basis: Option<Basis>,
    pub(crate) endpoint: Option<EndpointId>,
    title: Rect,
    tabs: Rect,
    body: Rect,
}

/// What the boards were made from.
#[derive(Clone, PartialEq)]
struct Basis {
    endpoint: EndpointId,
    revision: u64,
    variables: Variables,
    name: String,
}

impl Boards {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The board that is shown.
    pub(crate) fn board(&self) -> Option<&Board> {
        let named = self.all.iter().find(|board| board.name == self.name);
        named.or_else(|| self.all.first())
    }

    /// Names of the boards, those that have something first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|board| board.name.as_str())
    }

    /// Shows the board beside this one.
    pub(crate) fn step(&mut self, by: isize) {
        let at = self
            .board()
            .and_then(|shown| self.all.iter().position(|board| board.name == shown.name));
        let Some(at) = at else { return };
        let next = (at as isize + by).rem_euclid(self.all.len() as isize) as usize;
        if let Some(board) = self.all.get(next) {
            self.go(&board.name.clone());
        }
    }

    /// Shows a board.
    pub(crate) fn go(&mut self, name: &str) {
        if self.name != name {
            name.clone_into(&mut self.name);
            self.grid = Grid::default();
            self.basis = None;
        }
    }

    /// Brings everything up to date.
    pub(crate) fn prepare(
        &mut self,
        world: World<'_>,
        charts: &mut Charts,
        namespaces: &[Name],
        area: Rect,
    ) {
        let (title, rest) = cut_rows(area, 1);
        let (tabs, body) = cut_rows(rest, 1);
        (self.title, self.tabs, self.body) = (title, tabs, body);
        self.endpoint = charts.server(world.store);
        let Some(endpoint) = self.endpoint else {
            return;
        };
        charts.probe.take(endpoint, world.store, world.now);
        let variables = charts.variables.within(namespaces);
        let Some(found) = charts.probe.of(endpoint).filter(|found| found.told) else {
            return;
        };
        let basis = Basis {
            endpoint,
            revision: found.revision,
            variables: variables.clone(),
            name: self.name.clone(),
        };
        if self.basis.as_ref() != Some(&basis) {
            let ground = Ground {
                known: &found.known,
                variables: &variables,
            };
            self.all = boards(&charts.own, &charts.slos, &ground);
            if self.name.is_empty() {
                self.name = self
                    .all
                    .first()
                    .map(|board| board.name.clone())
                    .unwrap_or_default();
            }
            let panels = self
                .board()
                .map(|board| board.panels.clone())
                .unwrap_or_default();
            self.grid.set(panels);
            self.basis = Some(Basis {
                name: self.name.clone(),
                ..basis
            });
        }
        self.grid
            .prepare(world, charts, endpoint, None, &variables, body);
    }

    /// The board whose tab stands at a position.
    pub(crate) fn tab_at(&self, x: u16, y: u16) -> Option<String> {
        if y != self.tabs.y {
            return None;
        }
        let places = self.tab_places();
        let (at, _) = places
            .into_iter()
            .find(|(_, place)| place.contains((x, y).into()))?;
        self.all.get(at).map(|board| board.name.clone())
    }

    /// The tabs that fit, with their places; the shown one is among them.
    fn tab_places(&self) -> Vec<(usize, Rect)> {
        let shown = self
            .board()
            .and_then(|shown| self.all.iter().position(|board| board.name == shown.name));
        let wide = |board: &Board| text_width(&board.title) + 2;
        let mut first = 0;
        let fits = |first: usize| {
            let upto = self.all.get(first..=shown.unwrap_or(0)).unwrap_or_default();
            upto.iter().map(wide).sum::<u16>() < self.tabs.width
        };
        while !fits(first) && first < shown.unwrap_or(0) {
            first += 1;
        }
        let mut x = self.tabs.x + 1;
        let mut places = Vec::new();
        for (at, board) in self.all.iter().enumerate().skip(first) {
            let width = wide(board);
            if x + width > self.tabs.right() {
                break;
            }
            places.push((
                at,
                Rect {
                    x,
                    width,
                    height: 1,
                    ..self.tabs
                },
            ));
            x += width + 1;
        }
        places
    }

    pub(crate) fn draw(&self, ui: &Ui, world: World<'_>, buf: &mut Buffer) {
        self.draw_title(ui, world, buf);
        let Some(endpoint) = self.endpoint else {
            let words = [
                "No Prometheus is open.".to_owned(),
                "Name one with [[prometheus]] in the configuration or PROMETHEUS_URL; `qd doctor` says what was looked for."
                    .to_owned(),
            ];
            say(ui, Health::Idle, &words, self.body, buf);
            return;
        };
        for (at, place) in self.tab_places() {
            let Some(board) = self.all.get(at) else {
                continue;
            };
            let style = if self.board().is_some_and(|shown| shown.name == board.name) {
                ui.theme.part(Part::Cursor)
            } else if board.missing.is_some() {
                ui.theme.part(Part::Border)
            } else {
                ui.theme.role(Role::Dim)
            };
            buf.set_style(place.intersection(buf.area), style);
            Line::new(buf, place).skip(1).put(&board.title, style);
        }
        match self.board() {
            None => {
                let server = trust::of(endpoint, server_status(world.store, endpoint));
                let failed = ui
                    .charts
                    .probe
                    .of(endpoint)
                    .and_then(|found| found.failed.as_ref());
                let (health, words) = match failed {
                    Some(why) => (
                        Health::Bad,
                        format!("What Prometheus has cannot be read: {why}"),
                    ),
                    None if server.words(world.store, world.now).is_empty() => {
                        (Health::Busy, "Asking Prometheus what it has…".to_owned())
                    }
                    None => (
                        server.health(),
                        format!("Prometheus: {}", server.words(world.store, world.now)),
                    ),
                };
                say(ui, health, &[words], self.body, buf);
            }
            Some(board) if board.panels.is_empty() => {
                let why = board
                    .missing
                    .clone()
                    .unwrap_or_else(|| "This board has no panels.".to_owned());
                say(ui, Health::Idle, &[why], self.body, buf);
            }
            Some(_) => draw(ui, &self.grid, world.now, buf),
        }
    }

    fn draw_title(&self, ui: &Ui, world: World<'_>, buf: &mut Buffer) {
        let dim = ui.theme.role(Role::Dim);
        let plain = ui.theme.role(Role::Plain);
        let mut title = Title {
            names: vec![title::name_piece(ui, "Metrics", true)],
            ..Title::default()
        };
        let frame = &ui.charts.frame;
        let mut left = |text: String, style| title.left.push(Piece { text, style });
        left(frame.words(), plain);
        let pace = if frame.paused.is_some() {
            ui.theme.role(Role::Health(Health::Warn))
        } else {
            dim
        };
        left(frame.pace(), pace);
        let variables = ui.charts.variables.within(&ui.scope.namespaces);
        for variable in Variable::ALL {
            let values = variables.of(variable);
            if !values.is_empty() {
                let text = format!("{}={}", variable.name(), values.join(","));
                left(text, ui.theme.part(Part::Match));
            }
        }
        let (on_screen, all) = self.grid.count();
        if on_screen < all && !self.grid.zoom {
            left(format!("{on_screen} of {all} panels"), dim);
        }
        if let Some(count) = self
            .board()
            .map(|board| board.left_out.len())
            .filter(|count| *count > 0)
        {
            left(
                format!("{count} left out: i"),
                ui.theme.role(Role::Health(Health::Warn)),
            );
        }
        title.right = self.endpoint.and_then(|endpoint| {
            let server = trust::of(endpoint, server_status(world.store, endpoint));
            let words = server.words(world.store, world.now);
            if !words.is_empty() {
                return Some(Piece {
                    text: format!("{} {words}", server.health().glyph()),
                    style: ui.theme.role(Role::Health(server.health())),
                });
            }
            let several = servers(world.store).count() > 1;
            let name = world.store.endpoint(endpoint).filter(|_| several)?;
            Some(Piece {
                text: name.name.to_string(),
                style: dim,
            })
        });
        title::draw(ui, &title, true, self.title, buf);
    }
}

fn server_status(store: &Store, endpoint: EndpointId) -> Option<&crate::model::SourceStatus> {
    store.status(&crate::model::Feed {
        endpoint,
        topic: crate::model::Topic::Server,
    })
}
