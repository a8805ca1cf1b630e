//! Draws a dialog: where and what, the form, the sheet, and at the bottom the answer that is asked for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Dialog, Focus, State, sheet};
use crate::actions::Refusal;
use crate::actions::invocation::named;
use crate::model::{Health, Moment, Text};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::commands::Command;
use crate::ui::format;
use crate::ui::layout::{Areas, cut_rows, popup};
use crate::ui::theme::Part;
use crate::ui::views::Role;
use crate::ui::widgets::finder::boxed;
use crate::ui::widgets::line::{Line, wrap};
use crate::ui::widgets::reader::Lines;
use crate::ui::widgets::table::{cut_end, text_width};

/// Widest dialog.
const WIDTH: u16 = 110;
/// Cells of a field's name.
const LABEL: u16 = 15;

/// Where the parts of a dialog stand.
struct Places {
    area: Rect,
    /// Cells of text inside.
    width: u16,
    top: u16,
    form: u16,
    body: u16,
    foot: u16,
}

impl Dialog {
    /// Works out the sheet for the room that there is.
    pub(crate) fn prepare(&mut self, areas: Areas) {
        let places = self.places(areas);
        self.sheet = match &self.state {
            State::Ready(several) => sheet::sheet(several, self.row, places.width),
            // What was planned before stays in sight while it is worked out anew.
            _ => match &self.before {
                Some(several) => sheet::sheet(several, self.row, places.width),
                None => sheet::Sheet::default(),
            },
        };
        let places = self.places(areas);
        self.page = usize::from(places.body).max(1);
        let last = self.sheet.lines.len().saturating_sub(self.page);
        self.top = self.top.min(last);
        if matches!(self.state, State::Ready(_)) {
            self.seen = self.seen.max(self.top + self.page);
        }
    }

    fn places(&self, areas: Areas) -> Places {
        let width = areas.body.width.saturating_sub(2).min(WIDTH);
        let inside = width.saturating_sub(4);
        let form = (0..self.form.entries.len())
            .filter(|at| !self.is_hidden(*at))
            .count() as u16;
        let foot = self.foot_height(inside);
        let top = 2;
        let most = areas.body.height.saturating_sub(2);
        let words = match &self.state {
            State::Refused(refused) => refused.len() as u16 * 2 + 1,
            _ => (self.sheet.lines.len() as u16).max(3),
        };
        let gap = u16::from(form > 0);
        let fixed = top + form + gap + foot;
        let body = words.min(most.saturating_sub(fixed));
        Places {
            area: popup(areas.body, width, (fixed + body + 2).min(areas.body.height)),
            width: inside,
            top,
            form: form + gap,
            body,
            foot,
        }
    }

    /// Rows of what changed, of the answer and of what was said.
    fn foot_height(&self, width: u16) -> u16 {
        let changed: usize = self
            .changed
            .iter()
            .map(|text| wrap(text, width.saturating_sub(4)).len())
            .sum();
        let changed = if changed > 0 { changed + 1 } else { 0 };
        let reason = match &self.state {
            State::Ready(several) => u16::from(several.confirmation().reason),
            _ => 0,
        };
        changed as u16 + reason + 2 + u16::from(self.said.is_some())
    }

    pub(in crate::ui) fn draw(
        &self,
        ui: &Ui,
        store: &Store,
        areas: Areas,
        now: Moment,
        buf: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let places = self.places(areas);
        let environment = self.environment(store);
        let title = self.title();
        let inner = boxed(&ui.theme, &title, places.area, buf);
        if inner.is_empty() {
            return None;
        }
        self.badge(ui, store, places.area, text_width(&title), buf);
        let inner = Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        };
        let (head, rest) = cut_rows(inner, places.top);
        self.head(ui, store, head, buf);
        let (form, rest) = cut_rows(rest, places.form);
        let mut cursor = self.draw_form(ui, form, buf);
        let (body, foot) = cut_rows(rest, rest.height.saturating_sub(places.foot));
        self.body(ui, body, now, buf);
        cursor = self.foot(ui, (store, now), foot, buf).or(cursor);
        let tint = ui.theme.tint(environment);
        for y in places.area.top()..places.area.bottom() {
            let row = Rect {
                y,
                height: 1,
                ..places.area
            };
            if y > places.area.top() && y + 1 < places.area.bottom() {
                Line::new(buf, row).put("│", tint);
            }
        }
        cursor
    }

    fn title(&self) -> String {
        let several = match &self.state {
            State::Ready(several) => Some(several),
            _ => None,
        };
        match (
            several.map(|several| several.plans()),
            self.targets.as_slice(),
        ) {
            (Some([alone]), _) => alone.plan.title.to_string(),
            (_, [target]) => format!("{} {}", self.action.title(), named(target)),
            (_, targets) => {
                let plural = targets.first().map_or("", |target| target.kind.plural());
                format!("{} {} {plural}", self.action.title(), targets.len())
            }
        }
    }

    /// Environment and cluster, at the right of the border.
    fn badge(&self, ui: &Ui, store: &Store, area: Rect, title: u16, buf: &mut Buffer) {
        let environment = self.environment(store);
        let word = format!(" {} ", environment.word().to_uppercase());
        let endpoint = self
            .targets
            .first()
            .and_then(|target| store.endpoint(target.endpoint));
        let name = endpoint.map_or(String::new(), |endpoint| format!(" {} ", endpoint.name));
        let wide = text_width(&word) + text_width(&name);
        if area.width < title + wide + 6 {
            return;
        }
        let place = Rect {
            x: area.right() - wide - 2,
            width: wide,
            height: 1,
            ..area
        };
        Line::new(buf, place)
            .put(&word, ui.theme.part(Part::Environment(environment)))
            .put(&name, ui.theme.role(Role::Strong));
    }

    /// Where it would be done, to what, by whom.
    fn head(&self, ui: &Ui, store: &Store, area: Rect, buf: &mut Buffer) {
        let environment = self.environment(store);
        let mut line = Line::new(buf, area);
        line.put(environment.word(), ui.theme.tint(environment));
        let dim = ui.theme.role(Role::Dim);
        if let Some(target) = self.targets.first() {
            let endpoint = store.endpoint(target.endpoint);
            let name = endpoint.map_or("", |endpoint| endpoint.name.as_str());
            line.put(" on ", dim).put(name, ui.theme.role(Role::Strong));
            if let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.user.is_empty()) {
                line.put(" as ", dim)
                    .put(&endpoint.user, ui.theme.role(Role::Plain));
            }
            let namespaces = self
                .targets
                .iter()
                .all(|other| other.namespace == target.namespace);
            if !target.namespace.is_empty() {
                let words = if namespaces {
                    target.namespace.as_str()
                } else {
                    "several namespaces"
                };
                line.put(", namespace ", dim)
                    .put(words, ui.theme.role(Role::Strong));
            }
        }
        let second = Rect {
            y: area.y + 1,
            height: area.height.saturating_sub(1).min(1),
            ..area
        };
        let glance: Vec<&str> = self.glance.iter().map(Text::as_str).collect();
        let glance = cut_end(&glance.join(" · "), area.width);
        Line::new(buf, second).put(&glance, dim);
    }

    fn draw_form(&self, ui: &Ui, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
        let mut cursor = None;
        let entries = self.form.entries.iter().enumerate();
        let shown = entries.filter(|(at, _)| !self.is_hidden(*at));
        for (y, (at, entry)) in (area.y..area.bottom()).zip(shown) {
            let row = Rect {
                y,
                height: 1,
                ..area
            };
            let focused = self.focus == Focus::Field(at);
            let mut line = Line::new(buf, row);
            let label = if entry.argument.required {
                format!("{} *", entry.argument.name)
            } else {
                entry.argument.name.to_owned()
            };
            line.put(&cut_end(&label, LABEL), ui.theme.part(Part::Key));
            let field = Rect {
                x: row.x + LABEL + 1,
                width: (row.width / 3)
                    .max(12)
                    .min(row.width.saturating_sub(LABEL + 1)),
                ..row
            };
            let style = if focused {
                ui.theme.part(Part::Input)
            } else {
                ui.theme.role(Role::Plain)
            };
            buf.set_style(field.intersection(buf.area), style);
            let place = entry.field.draw(buf, field, style);
            if focused {
                cursor = place;
            }
            let doc = Rect {
                x: field.right() + 2,
                width: row.right().saturating_sub(field.right() + 2),
                ..row
            };
            let (words, role) = match &entry.problem {
                Some(problem) => (problem.as_str(), Role::Health(Health::Bad)),
                None => (entry.argument.doc, Role::Dim),
            };
            Line::new(buf, doc).put(&cut_end(words, doc.width), ui.theme.role(role));
        }
        cursor
    }

    fn body(&self, ui: &Ui, area: Rect, now: Moment, buf: &mut Buffer) {
        let dim = ui.theme.role(Role::Dim);
        match &self.state {
            State::Refused(refused) => {
                let mut rows = area.y..area.bottom();
                for (who, refusal) in refused {
                    let words = refusal_words(refusal);
                    let words = if refused.len() > 1 && !who.is_empty() {
                        format!("{who}: {words}")
                    } else {
                        words
                    };
                    for text in wrap(&format!("✗ {words}"), area.width) {
                        let Some(y) = rows.next() else { return };
                        let row = Rect {
                            y,
                            height: 1,
                            ..area
                        };
                        Line::new(buf, row).put(&text, ui.theme.role(Role::Health(Health::Bad)));
                    }
                }
                return;
            }
            State::Reading(since) if self.before.is_none() => {
                let age = since.age(now);
                let words = if age > 1 {
                    format!("Reading live facts… {}", format::age(age))
                } else {
                    "Reading live facts…".to_owned()
                };
                Line::new(buf, area).put(&words, dim);
                return;
            }
            State::Wanting(words) if self.before.is_none() => {
                Line::new(buf, area).put(words, dim);
                return;
            }
            _ => {}
        }
        for (y, at) in (area.y..area.bottom()).zip(self.top..self.sheet.count()) {
            let row = Rect {
                y,
                height: 1,
                ..area
            };
            let mut line = Line::new(buf, row);
            for span in self.sheet.line(at) {
                line.put(&span.text, ui.theme.role(span.role));
            }
            if self.sheet.chosen == Some(at) {
                buf.set_style(row.intersection(buf.area), ui.theme.part(Part::Cursor));
            }
        }
        let below = self
            .sheet
            .count()
            .saturating_sub(self.top + usize::from(area.height));
        if below > 0 && area.height > 0 {
            let words = format!(" {below} more lines: {} ", ui.key(Command::NextPage));
            let place = Rect {
                x: area.right().saturating_sub(text_width(&words)),
                y: area.bottom() - 1,
                width: text_width(&words).min(area.width),
                height: 1,
            };
            Line::new(buf, place).put(&words, ui.theme.part(Part::Key));
        }
    }
}

/// A refusal with what can be done about it.
fn refusal_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Denied { .. } => format!("Not permitted: this user {refusal}."),
        Refusal::Changed(_) => format!("{refusal}. Close this and look again."),
        other => other.to_string(),
    }
}
