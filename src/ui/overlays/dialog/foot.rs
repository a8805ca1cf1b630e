//! The lower end of a dialog: what changed meanwhile, the answer that is asked for, what was said, and the way out.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Dialog, Focus, State};
use crate::actions::{Ask, Several};
use crate::model::{Health, Moment};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::acting::{MINUTES, Standing};
use crate::ui::commands::Command;
use crate::ui::theme::Part;
use crate::ui::views::Role;
use crate::ui::widgets::line::{Line, wrap};
use crate::ui::widgets::table::{cut_end, text_width};

impl Dialog {
    /// What changed meanwhile, what is asked, what was said, and the way out.
    pub(super) fn foot(
        &self,
        ui: &Ui,
        (store, now): (&Store, Moment),
        area: Rect,
        buf: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let mut rows = (area.y..area.bottom()).map(|y| Rect {
            y,
            height: 1,
            ..area
        });
        rows.next();
        if !self.changed.is_empty() {
            let bad = ui.theme.role(Role::Health(Health::Bad));
            if let Some(row) = rows.next() {
                Line::new(buf, row).put("✗ Changed since you looked; look again:", bad);
            }
            for text in self
                .changed
                .iter()
                .flat_map(|text| wrap(text, area.width.saturating_sub(4)))
            {
                if let Some(row) = rows.next() {
                    Line::new(buf, row).skip(4).put(&text, bad);
                }
            }
        }
        let mut cursor = None;
        let standing = self.standing(ui, store, now);
        if let State::Ready(several) = &self.state
            && several.confirmation().reason
            && let Some(row) = rows.next()
        {
            let mut line = Line::new(buf, row);
            line.put("Reason: ", ui.theme.part(Part::Key));
            let place = Rect {
                x: line.x(),
                width: row.right().saturating_sub(line.x()),
                ..row
            };
            let style = ui.theme.part(Part::Input);
            buf.set_style(place.intersection(buf.area), style);
            let at = self.reason.draw(buf, place, style);
            if self.focus == Focus::Reason {
                cursor = at;
            }
        }
        if let Some(row) = rows.next() {
            cursor = self
                .ask_line(ui, (store, now), standing, row, buf)
                .or(cursor);
        }
        if let (Some(said), Some(row)) = (&self.said, rows.next()) {
            Line::new(buf, row).put(
                &cut_end(said, row.width),
                ui.theme.role(Role::Health(Health::Warn)),
            );
        }
        cursor
    }

    fn ask_line(
        &self,
        ui: &Ui,
        (store, now): (&Store, Moment),
        standing: Standing,
        row: Rect,
        buf: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let key = ui.theme.part(Part::Key);
        let plain = ui.theme.role(Role::Plain);
        let cancel = "❲ Cancel ❳";
        let place = Rect {
            x: row.right().saturating_sub(text_width(cancel)),
            width: text_width(cancel),
            ..row
        };
        Line::new(buf, place).put(cancel, self.button(ui, Focus::Cancel));
        let row = Rect {
            width: row.width.saturating_sub(text_width(cancel) + 2),
            ..row
        };
        if self.unlocking {
            let word = self.environment(store).word();
            Line::new(buf, row)
                .put(
                    &format!("Unlock {word} for {MINUTES} minutes? The audit keeps it. "),
                    plain,
                )
                .put(&ui.key(Command::Confirm), key)
                .put(" unlocks", plain);
            return None;
        }
        match standing {
            Standing::ReadOnly => {
                Line::new(buf, row).put(
                    "Read only: this run cannot write. What is shown here was only read.",
                    plain,
                );
                return None;
            }
            Standing::Locked => {
                let word = self.environment(store).word();
                Line::new(buf, row)
                    .put(&format!("{word} is locked: "), plain)
                    .put(&ui.key(Command::Unlock), key)
                    .put(&format!(" unlocks it for {MINUTES} minutes"), plain);
                return None;
            }
            Standing::Open => {}
        }
        let State::Ready(several) = &self.state else {
            return None;
        };
        let seconds = self.armed_in(several, now);
        if seconds > 0 {
            let words = format!("Look first: it takes an answer in {seconds} s.");
            Line::new(buf, row).put(&words, ui.theme.role(Role::Dim));
            return None;
        }
        self.question(ui, several, row, buf)
    }

    fn question(
        &self,
        ui: &Ui,
        several: &Several,
        row: Rect,
        buf: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let key = ui.theme.part(Part::Key);
        let doing = self.action.title().to_lowercase();
        let mut line = Line::new(buf, row);
        match &several.confirmation().ask {
            Ask::Key | Ask::Yes => {
                let button = format!("❲ {} ❳", self.action.title());
                line.put(&ui.key(Command::Confirm), key)
                    .put(&format!(" to {doing}   "), ui.theme.role(Role::Plain))
                    .put(&button, self.button(ui, Focus::Go));
                None
            }
            Ask::Typed(text) => {
                line.put("Type ", ui.theme.role(Role::Plain))
                    .put(text, ui.theme.role(Role::Strong))
                    .put(&format!(" to {doing}: "), ui.theme.role(Role::Plain));
                let place = Rect {
                    x: line.x(),
                    width: row.right().saturating_sub(line.x()),
                    ..row
                };
                let style = ui.theme.part(Part::Input);
                buf.set_style(place.intersection(buf.area), style);
                let at = self.typed.draw(buf, place, style);
                at.filter(|_| matches!(self.focus, Focus::Typed))
            }
        }
    }

    fn button(&self, ui: &Ui, focus: Focus) -> Style {
        if self.focus == focus {
            ui.theme.part(Part::Cursor)
        } else {
            ui.theme.role(Role::Dim)
        }
    }
}
