//! Works out which lines are on screen and makes them into rows; nothing else of the logs is read for a frame.

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use super::compose::{self, Shape};
use super::{LogPane, Panel, Places};
use crate::logs::{LineId, Logbook};
use crate::model::Moment;
use crate::store::Store;
use crate::ui::theme::Theme;
use crate::ui::widgets::line::wrap_ranges;
use crate::ui::widgets::table::text_width;

/// From this height on there is room for the strip of rates.
const STRIP_FROM: u16 = 14;

impl LogPane {
    /// Lays the pane out and reads what is on screen.
    pub(crate) fn prepare(
        &mut self,
        store: &Store,
        area: Rect,
        theme: &Theme,
        now: Moment,
        zone: &TimeZone,
    ) {
        self.places = self.lay_out(area);
        self.rows.clear();
        self.panel_rows.clear();
        let Some(book) = store.logbook(self.reading) else {
            return;
        };
        self.shorten(book);
        let height = usize::from(self.places.lines.height);
        let ids = self.window(book, height);
        let zone = if self.local {
            zone.clone()
        } else {
            TimeZone::UTC
        };
        self.compose(book, &ids, theme, now, zone.clone());
        self.fit(height);
        let first = self.rows.first().map(|row| row.time);
        self.around = first.filter(|_| !self.follow);
        if self.places.strip.height > 0 {
            self.strip
                .prepare(book, self.places.strip.width, self.walk.all);
        }
        self.prepare_panel(book, theme, &zone);
    }

    fn lay_out(&self, area: Rect) -> Places {
        let mut rest = area;
        let mut strip = Rect { height: 0, ..area };
        if self.strip_on && area.height >= STRIP_FROM {
            strip.height = 2;
            rest.y += 2;
            rest.height -= 2;
        }
        let high = match self.panel {
            Some(Panel::Detail) => rest.height * 2 / 5,
            Some(_) => rest.height / 2,
            None => 0,
        };
        let lines = Rect {
            height: rest.height - high,
            ..rest
        };
        let panel = Rect {
            y: lines.bottom(),
            height: high,
            ..rest
        };
        Places {
            strip,
            lines,
            panel,
        }
    }

    /// Finds what all labels begin with, up to a dash or slash, whenever streams were added.
    fn shorten(&mut self, book: &Logbook) {
        let streams = book.streams();
        if self.prefix.1 == streams.len() {
            return;
        }
        let mut labels = streams.iter().map(|stream| stream.about.label.as_str());
        let first = labels.next().unwrap_or_default();
        let mut common = first.len();
        for label in labels {
            let same = first.bytes().zip(label.bytes());
            common = common.min(same.take_while(|(one, other)| one == other).count());
        }
        let shared = first.get(..common).unwrap_or_default();
        let cut = shared.rfind(['-', '/', '_']).map_or(0, |at| at + 1);
        self.prefix = (if streams.len() > 1 { cut } else { 0 }, streams.len());
    }

    /// The lines on screen, top down.
    fn window(&mut self, book: &Logbook, height: usize) -> Vec<LineId> {
        let near = |id: Option<LineId>| id.and_then(|id| book.near(id, &self.walk));
        let first = || book.after(None, true, 1, &self.walk).first().copied();
        if self.follow {
            let mut ids = book.before(None, height, &self.walk);
            ids.reverse();
            self.cursor = ids.last().copied();
            self.top = ids.first().copied();
            return ids;
        }
        self.cursor = near(self.cursor).or_else(first);
        self.top = near(self.top).or_else(first);
        let Some(cursor) = self.cursor else {
            return Vec::new();
        };
        let ids = book.after(self.top, true, height, &self.walk);
        if ids.contains(&cursor) {
            // At the end the pane is kept full.
            if ids.len() < height {
                let more = book.before(self.top, height - ids.len(), &self.walk);
                let ids: Vec<LineId> = more.into_iter().rev().chain(ids).collect();
                self.top = ids.first().copied();
                return ids;
            }
            return ids;
        }
        let above = book.after(Some(cursor), true, height, &self.walk);
        let step_up = self.top.is_some_and(|top| above.contains(&top));
        let below = book.before(Some(cursor), height, &self.walk);
        let step_down = ids.last().is_some_and(|last| below.contains(last));
        let before = match (step_up, step_down) {
            (true, _) => 0,
            (_, true) => height.saturating_sub(1),
            // A jump puts the line in the middle.
            _ => height / 2,
        };
        let mut ids = book.before(Some(cursor), before, &self.walk);
        ids.reverse();
        ids.extend(book.after(
            Some(cursor),
            true,
            height - ids.len().min(height),
            &self.walk,
        ));
        self.top = ids.first().copied();
        ids
    }

    fn compose(
        &mut self,
        book: &Logbook,
        ids: &[LineId],
        theme: &Theme,
        now: Moment,
        zone: TimeZone,
    ) {
        let streams = book.streams();
        let label = if streams.len() > 1 {
            let longest = streams.iter().take(200).map(|stream| {
                let wide = text_width(&stream.about.label);
                let prefix = self.prefix.0 as u16;
                if prefix > 3 {
                    wide.saturating_sub(prefix) + 1
                } else {
                    wide
                }
            });
            longest
                .max()
                .unwrap_or(0)
                .min((self.places.lines.width / 6).max(10))
        } else {
            0
        };
        let shape = Shape {
            theme,
            zone,
            now,
            stamps: self.stamps,
            label,
            prefix: self.prefix.0,
            columns: &self.columns,
            raw: self.raw,
            folded: self.walk.fold,
            open: &self.walk.open,
            bookmarks: &self.bookmarks,
            filter: &self.filter,
            search: &self.search,
            context: self.walk.all,
        };
        self.rows = book
            .read(ids)
            .iter()
            .map(|line| {
                let stream = line.stream.and_then(|number| book.stream(number));
                compose::row(line, stream, &shape)
            })
            .collect();
    }

    /// Where lines are wrapped, rows above the cursor make room for what it needs.
    fn fit(&mut self, height: usize) {
        if !self.wrap {
            return;
        }
        let width = self.places.lines.width;
        let high = |row: &compose::Row| {
            if row.mark {
                1
            } else {
                wrap_ranges(&row.plain, width, row.indent).len()
            }
        };
        let at = self.rows.iter().position(|row| Some(row.id) == self.cursor);
        let at = at.unwrap_or_else(|| self.rows.len().saturating_sub(1));
        let heights: Vec<usize> = self.rows.iter().take(at + 1).map(high).collect();
        let mut needed: usize = heights.iter().sum();
        let mut gone = 0;
        while needed > height && gone < at {
            needed -= heights.get(gone).copied().unwrap_or(0);
            gone += 1;
        }
        self.rows.drain(..gone);
        self.top = self.rows.first().map(|row| row.id);
    }
}
