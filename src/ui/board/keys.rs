//! What commands do where charts are: on the screen of boards and on the metrics of an object.

use std::collections::BTreeSet;

use super::{Grid, timeframe};
use crate::model::{MetricQuery, Moment, Name};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::boards::Variable;
use crate::ui::commands::Command;
use crate::ui::input::Effect;
use crate::ui::screen::Screen;

/// Steps of the crosshair for half a page.
const LEAP: i64 = 10;

impl Ui {
    /// Carries out a command on what charts are on screen; none if it is not meant for them.
    pub(in crate::ui) fn chart_command(
        &mut self,
        store: &Store,
        command: Command,
        now: Moment,
    ) -> Option<Vec<Effect>> {
        use Command as C;
        self.screens.current().grid()?;
        match command {
            C::Left | C::CrosshairLeft => self.charts.frame.move_cursor(-1, now),
            C::Right | C::CrosshairRight => self.charts.frame.move_cursor(1, now),
            C::CrosshairLeap => self.charts.frame.move_cursor(LEAP, now),
            C::CrosshairLeapBack => self.charts.frame.move_cursor(-LEAP, now),
            C::RangeShorter | C::RangeLonger => {
                if !self.charts.frame.step_range(command == C::RangeLonger) {
                    self.say(
                        "This is the last range of the keys; :range takes any from 1m to 366d.",
                        false,
                        now,
                    );
                }
            }
            C::Range => self.open_palette_with(store, "range "),
            C::Variables => self.open_palette_with(store, "var "),
            C::Pause => {
                let frame = &mut self.charts.frame;
                frame.paused = if frame.paused.is_some() {
                    None
                } else {
                    Some(now)
                };
            }
            C::Pace => {
                self.charts.frame.step_refresh();
                let pace = self.charts.frame.pace();
                self.say(format!("Charts ask {pace}."), false, now);
            }
            C::NextServer => {
                let said = match self.charts.next_server(store) {
                    Some(name) => format!("Charts ask {name}."),
                    None => "There is no other Prometheus.".to_owned(),
                };
                self.say(said, false, now);
            }
            C::LeftOut => self.say_left_out(now),
            C::CopyQuery => return Some(self.copy_query(now)),
            C::NextPane | C::PreviousPane => {
                let Screen::Boards(boards) = self.screens.current_mut() else {
                    return None;
                };
                boards.step(if command == C::NextPane { 1 } else { -1 });
            }
            _ => return self.grid_command(command, now).then(Vec::new),
        }
        Some(Vec::new())
    }

    /// Commands that only move within the grid; whether it was one.
    fn grid_command(&mut self, command: Command, now: Moment) -> bool {
        use Command as C;
        let Some(grid) = self.screens.current_mut().grid_mut() else {
            return false;
        };
        match command {
            C::Down => grid.move_focus(1, true),
            C::Up => grid.move_focus(-1, true),
            C::NextPanel => grid.move_focus(1, false),
            C::PreviousPanel => grid.move_focus(-1, false),
            C::HalfDown | C::PageDown => grid.move_focus(2, true),
            C::HalfUp | C::PageUp => grid.move_focus(-2, true),
            C::Top => grid.focus_end(false),
            C::Bottom => grid.focus_end(true),
            C::Open | C::Zoom => grid.zoom = !grid.zoom,
            C::Form => {
                if let Some(form) = grid.next_form() {
                    self.say(format!("Shown as {}.", form.word()), false, now);
                }
            }
            C::LegendSort => {
                let column = grid.sort_by(None).title().to_lowercase();
                self.say(format!("Series by {column}."), false, now);
            }
            C::Back => {
                if self.charts.frame.cursor_ms.take().is_some() {
                    return true;
                }
                return std::mem::take(&mut grid.zoom);
            }
            _ => return false,
        }
        true
    }

    /// Obeys `range 6h`.
    pub(in crate::ui) fn use_range(&mut self, text: &str, now: Moment) {
        match timeframe::parse(text) {
            Ok(seconds) => {
                self.charts.frame.set_range(seconds);
                let words = self.charts.frame.words();
                self.say(format!("Charts show the {words}."), false, now);
            }
            Err(problem) => self.say(problem, true, now),
        }
    }

    /// Obeys `var service=shop pod=all`.
    pub(in crate::ui) fn use_variables(&mut self, text: &str, now: Moment) {
        for word in text.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let Some(variable) = Variable::ALL.into_iter().find(|known| known.name() == name)
            else {
                let names: Vec<&str> = Variable::ALL.into_iter().map(Variable::name).collect();
                self.say(
                    format!(
                        "No variable is called \"{name}\"; there are {}",
                        names.join(", ")
                    ),
                    true,
                    now,
                );
                return;
            };
            let value = (!matches!(value, "" | "all" | "*")).then(|| value.to_owned());
            // Namespaces are those that every pane looks into.
            if variable == Variable::Namespace {
                self.charts.variables.set(variable, None);
                let names = value.into_iter().map(|name| Name::new(&name)).collect();
                self.use_namespaces(crate::ui::scope::Scoped { namespaces: names }, now);
            } else {
                self.charts.variables.set(variable, value);
            }
        }
    }

    /// What may follow `var `: each variable with its values.
    pub(in crate::ui) fn variable_choices(&self, store: &Store) -> Vec<String> {
        let mut choices = Vec::new();
        let Some(endpoint) = self.charts.server(store) else {
            return choices;
        };
        let chosen = self.charts.variables.within(&self.scope.namespaces);
        for variable in Variable::ALL {
            let name = variable.name();
            let asked = self.charts.probe.choices(endpoint, variable, &chosen);
            let Some(values) = asked.and_then(|query| super::told(store, &query)) else {
                continue;
            };
            choices.push(format!("{name}=all"));
            choices.extend(values.iter().map(|value| format!("{name}={value}")));
        }
        choices
    }

    /// Boards by name: those on screen, or those that need no configuration.
    pub(in crate::ui) fn board_names(&self) -> Vec<String> {
        if let Screen::Boards(boards) = self.screens.current() {
            return boards.names().map(str::to_owned).collect();
        }
        let own = self.charts.own.iter().map(|board| board.name.as_str());
        let found = crate::ui::boards::ALL.iter().map(|board| board.name);
        own.chain(found).map(str::to_owned).collect()
    }

    /// Ranges as they are typed.
    pub(in crate::ui) fn range_choices() -> Vec<String> {
        timeframe::RANGES
            .iter()
            .map(|range| {
                timeframe::length(*range)
                    .replace("min", "m")
                    .replace(' ', "")
            })
            .collect()
    }

    /// What charts on screen ask.
    pub(in crate::ui) fn chart_asks(&self, store: &Store) -> BTreeSet<MetricQuery> {
        let mut asks = BTreeSet::new();
        let Some(grid) = self.screens.current().grid() else {
            return asks;
        };
        let Some(endpoint) = self.charts.server(store) else {
            return asks;
        };
        asks.extend(self.charts.probe.asks(endpoint));
        asks.extend(grid.asks());
        let chosen = self.charts.variables.within(&self.scope.namespaces);
        let choices = Variable::ALL.into_iter();
        asks.extend(
            choices.filter_map(|variable| self.charts.probe.choices(endpoint, variable, &chosen)),
        );
        asks
    }

    /// When a chart on screen changes by itself: the age of what is stale.
    pub(in crate::ui) fn chart_tick(&self, now: Moment) -> Option<Moment> {
        let grid = self.screens.current().grid()?;
        grid.ages()
            .then(|| Moment::from_second(now.second() + 1))
            .flatten()
    }

    fn say_left_out(&mut self, now: Moment) {
        let left_out = match self.screens.current() {
            Screen::Boards(boards) => boards
                .board()
                .map(|board| board.left_out.clone())
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        let said = match left_out.as_slice() {
            [] => "Nothing was left out of this board.".to_owned(),
            lines => format!("Left out: {}.", lines.join("; ")),
        };
        self.say(said, false, now);
    }

    fn copy_query(&mut self, now: Moment) -> Vec<Effect> {
        let queries = self
            .screens
            .current()
            .grid()
            .map(Grid::queries)
            .unwrap_or_default();
        if queries.is_empty() {
            self.say("This panel asks nothing.", false, now);
            return Vec::new();
        }
        self.say("Copied the query.", false, now);
        vec![Effect::Copy(queries.join("\n"))]
    }

    /// Goes to a board; empty for the one shown last or the first.
    pub(in crate::ui) fn go_to_board(&mut self, name: &str) {
        if let Screen::Boards(boards) = self.screens.current_mut() {
            if !name.is_empty() {
                boards.go(name);
            }
            return;
        }
        let boards = super::screen::Boards::new(name);
        self.screens.push(Screen::Boards(Box::new(boards)));
    }
}
