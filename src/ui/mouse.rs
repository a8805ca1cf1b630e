//! What the mouse means: found from the places that `prepare` worked out, so what is clicked is what was drawn.

use super::board::Look;
use super::commands::Command;
use super::input::{Effect, Gesture, Mouse};
use super::layout::Divider;
use super::rows::Hit;
use super::screen::Screen;
use super::{Ui, overlays};
use crate::model::Moment;
use crate::store::Store;

/// Rows that a turn of the wheel scrolls.
const WHEEL: isize = 3;

/// What the mouse is in the middle of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MouseState {
    drag: Option<Divider>,
    /// Where and when the button went down last.
    click: Option<(u16, u16, Moment)>,
}

impl Ui {
    pub(super) fn mouse(&mut self, store: &Store, mouse: Mouse, now: Moment) -> Vec<Effect> {
        let (x, y) = (mouse.column, mouse.row);
        if self.overlay.is_some() {
            return overlays::mouse(self, store, mouse, now);
        }
        match mouse.gesture {
            Gesture::Press => return self.press(store, x, y, now),
            Gesture::Drag => self.drag(x, y),
            Gesture::Release => self.mouse.drag = None,
            Gesture::ScrollUp => self.wheel(store, x, y, -WHEEL),
            Gesture::ScrollDown => self.wheel(store, x, y, WHEEL),
            Gesture::ScrollLeft => return self.command(store, Command::Left, now),
            Gesture::ScrollRight => return self.command(store, Command::Right, now),
        }
        Vec::new()
    }

    fn drag(&mut self, x: u16, y: u16) {
        let (Some(divider), Some(areas)) = (self.mouse.drag, self.areas) else {
            return;
        };
        if let Screen::Overview(overview) = self.screens.current_mut() {
            overview.shares.drag(divider, areas.body, x, y);
        }
    }

    fn press(&mut self, store: &Store, x: u16, y: u16, now: Moment) -> Vec<Effect> {
        let again = self.mouse.click.take().is_some_and(|(was_x, was_y, at)| {
            was_y == y && was_x.abs_diff(x) < 2 && at.age(now) <= 1
        });
        if !again {
            self.mouse.click = Some((x, y, now));
        }
        match self.screens.current_mut() {
            Screen::Overview(overview) => {
                self.mouse.drag = overview.layout.divider(x, y);
                let place = overview.layout.placed.iter().find(|placed| {
                    placed.title.contains((x, y).into()) || placed.body.contains((x, y).into())
                });
                if let Some(placed) = place.cloned() {
                    let title = placed.title.contains((x, y).into());
                    if title && placed.tabs.len() > 1 && placed.pane == overview.focus {
                        // A click on the title of the shown pane turns to the one that shares its place.
                        let at = placed.tabs.iter().position(|tab| *tab == placed.pane);
                        let next = at.map_or(0, |at| (at + 1) % placed.tabs.len());
                        if let Some(tab) = placed.tabs.get(next) {
                            overview.focus(*tab);
                        }
                    } else {
                        overview.focus(placed.pane);
                    }
                }
            }
            Screen::Detail(detail) => {
                if let Some(tab) = detail.tab_at(x, y) {
                    detail.go(tab);
                    return Vec::new();
                }
                if let Some(reader) = detail.reader_mut()
                    && let Some(line) = reader.line_at(y)
                {
                    reader.cursor = line;
                    if again {
                        return self.command(store, Command::Open, now);
                    }
                }
            }
            Screen::Table(_) => {}
            Screen::Boards(boards) => {
                if let Some(board) = boards.tab_at(x, y) {
                    boards.go(&board);
                    return Vec::new();
                }
            }
        }
        if self.press_chart(x, y, again, now) {
            return Vec::new();
        }
        self.press_table(store, x, y, again, now)
    }

    /// Takes a click on charts: it focuses a panel and moves the crosshair; a second one zooms. Whether it was one.
    fn press_chart(&mut self, x: u16, y: u16, again: bool, now: Moment) -> bool {
        let look = Look {
            theme: &self.theme,
            ascii: self.ascii,
        };
        let Some(grid) = self.screens.current_mut().grid_mut() else {
            return false;
        };
        if again {
            grid.zoom = !grid.zoom;
        } else if let Some(at) = grid.press(&self.charts, look, x, y, now) {
            self.charts.frame.cursor_ms = Some(at);
        }
        true
    }

    fn press_table(
        &mut self,
        store: &Store,
        x: u16,
        y: u16,
        again: bool,
        now: Moment,
    ) -> Vec<Effect> {
        let Some(pane) = self.screens.current_mut().pane_mut() else {
            return Vec::new();
        };
        match pane.table.hit(pane.area, x, y) {
            Some(Hit::Header(column)) => {
                let key = pane
                    .table
                    .columns()
                    .get(column)
                    .map(|it| it.key.to_string());
                if let Some(key) = key {
                    pane.sort(&key);
                }
            }
            Some(Hit::Row(row)) => {
                pane.table.select_index(pane.view.as_ref(), store, row);
                if again {
                    return self.command(store, Command::Open, now);
                }
            }
            None => {}
        }
        Vec::new()
    }

    fn wheel(&mut self, store: &Store, x: u16, y: u16, by: isize) {
        let screen = self.screens.current_mut();
        if let Screen::Overview(overview) = screen {
            let under = overview
                .layout
                .placed
                .iter()
                .find(|placed| placed.body.contains((x, y).into()))
                .map(|placed| placed.pane);
            if let Some(pane) = under.and_then(|pane| overview.pane_mut(pane)) {
                pane.table.scroll_by(pane.view.as_ref(), store, by);
            }
            return;
        }
        if let Some(grid) = screen.grid_mut() {
            grid.move_focus(by.signum(), true);
            return;
        }
        if let Screen::Detail(detail) = screen
            && let Some(reader) = detail.reader_mut()
        {
            reader.scroll(by);
            return;
        }
        if let Some(pane) = screen.pane_mut() {
            pane.table.scroll_by(pane.view.as_ref(), store, by);
        }
    }
}
