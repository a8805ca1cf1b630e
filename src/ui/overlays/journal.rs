//! The audit on screen: what was done, by whom, to what, and what became of it. Newest first, searchable.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Next, input_line, inside};
use crate::actions::audit::Entry;
use crate::model::{Health, Text};
use crate::ui::Ui;
use crate::ui::commands::Command;
use crate::ui::layout::{Areas, cut_rows};
use crate::ui::theme::Part;
use crate::ui::views::Role;
use crate::ui::widgets::finder::{Finder, boxed};
use crate::ui::widgets::line::{Line, wrap};
use crate::ui::widgets::table::{cut_end, text_width};

/// From this height on the chosen record is shown whole below the list.
const ROOMY: u16 = 14;

/// The audit, what is searched in it and which record is looked at.
#[derive(Default)]
pub(crate) struct Journal {
    finder: Finder,
    entries: Option<Result<Vec<Row>, Text>>,
    at: usize,
}

/// A record, ready to be drawn.
struct Row {
    time: String,
    health: Health,
    outcome: String,
    who: String,
    title: String,
    place: String,
    /// Everything that the record says, a line each.
    all: Vec<(&'static str, String)>,
}

impl Journal {
    /// Takes in what was read.
    pub(crate) fn told(&mut self, entries: Result<Vec<Entry>, Text>) {
        self.entries = Some(entries.map(|entries| entries.iter().rev().map(Row::new).collect()));
        self.at = 0;
    }

    fn found(&self) -> Vec<&Row> {
        let search = self.finder.field.text().to_lowercase();
        let Some(Ok(rows)) = &self.entries else {
            return Vec::new();
        };
        let wanted = |row: &&Row| {
            let text = format!(
                "{} {} {} {} {}",
                row.time, row.outcome, row.who, row.title, row.place
            );
            let text = text.to_lowercase();
            search.split_whitespace().all(|word| text.contains(word))
        };
        rows.iter().filter(wanted).collect()
    }

    pub(super) fn command(&mut self, ui: &Ui, command: Command) -> Next {
        let page = ui.areas.map_or(1, |areas| usize::from(list_height(areas)));
        let last = self.found().len().saturating_sub(1);
        match command {
            Command::Cancel => return Next::Close,
            Command::Accept | Command::NextItem => self.at += 1,
            Command::PreviousItem => self.at = self.at.saturating_sub(1),
            Command::NextPage => self.at += page,
            Command::PreviousPage => self.at = self.at.saturating_sub(page),
            command => {
                if self.finder.field.edit(command) {
                    self.at = 0;
                }
            }
        }
        self.at = self.at.min(last);
        Next::Stay
    }

    pub(super) fn insert(&mut self, text: &str) -> Next {
        self.finder.field.insert(text);
        self.at = 0;
        Next::Stay
    }

    pub(super) fn draw(&self, ui: &Ui, areas: Areas, buf: &mut Buffer) -> Option<(u16, u16)> {
        let inner = boxed(&ui.theme, "Audit", areas.body, buf);
        if inner.is_empty() {
            return None;
        }
        let (input, rest) = cut_rows(inner, 1);
        let (list, below) = cut_rows(rest, list_height(areas));
        let found = self.found();
        let say = |words: &str, buf: &mut Buffer| {
            for (y, text) in (list.y..list.bottom()).zip(wrap(words, list.width.saturating_sub(2)))
            {
                let row = Rect {
                    y,
                    height: 1,
                    ..list
                };
                Line::new(buf, row)
                    .skip(1)
                    .put(&text, ui.theme.role(Role::Dim));
            }
        };
        match &self.entries {
            None => say("Reading the audit…", buf),
            Some(Err(why)) => say(&format!("The audit cannot be read: {why}"), buf),
            Some(Ok(rows)) if rows.is_empty() => {
                say(
                    "Nothing was changed with quarterdeck yet. What is, stands here for good.",
                    buf,
                );
            }
            Some(Ok(_)) if found.is_empty() => say("No record contains that.", buf),
            Some(Ok(_)) => {}
        }
        let page = usize::from(list.height).max(1);
        let top = (self.at + 1).saturating_sub(page);
        for (y, (at, row)) in (list.y..list.bottom()).zip(found.iter().enumerate().skip(top)) {
            let place = Rect {
                y,
                height: 1,
                ..list
            };
            let mut line = Line::new(buf, place);
            line.skip(1)
                .put(&row.time, ui.theme.role(Role::Dim))
                .skip(1)
                .put(
                    &format!("{} {:<10}", row.health.glyph(), row.outcome),
                    ui.theme.role(Role::Health(row.health)),
                )
                .skip(1)
                .put(&row.title, ui.theme.role(Role::Strong))
                .skip(2)
                .put(&row.place, ui.theme.role(Role::Dim));
            let who = cut_end(&row.who, 20);
            if line.room() > text_width(&who) + 2 {
                line.skip(2).put(&who, ui.theme.role(Role::Dim));
            }
            if at == self.at {
                buf.set_style(place.intersection(buf.area), ui.theme.part(Part::Cursor));
            }
        }
        if let Some(row) = found.get(self.at) {
            whole(ui, row, below, buf);
        }
        input_line(ui, "search: ", &self.finder, input, buf)
    }
}

/// Draws all that a record says.
fn whole(ui: &Ui, row: &Row, area: Rect, buf: &mut Buffer) {
    let mut ys = area.y..area.bottom();
    if let Some(y) = ys.next() {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        Line::new(buf, line).fill(area.right(), "─", ui.theme.part(Part::Border));
    }
    for (label, value) in &row.all {
        for (at, text) in wrap(value, area.width.saturating_sub(14))
            .into_iter()
            .enumerate()
        {
            let Some(y) = ys.next() else { return };
            let line = Rect {
                y,
                height: 1,
                ..area
            };
            let label = if at == 0 { *label } else { "" };
            Line::new(buf, line)
                .skip(1)
                .put(&format!("{label:<12}"), ui.theme.role(Role::Dim))
                .put(&text, ui.theme.role(Role::Plain));
        }
    }
}

fn list_height(areas: Areas) -> u16 {
    let inner = inside(areas.body).height.saturating_sub(1);
    if inner >= ROOMY { inner / 2 } else { inner }
}

impl Row {
    fn new(entry: &Entry) -> Self {
        let intent = &entry.intent;
        let end = entry.end.as_ref();
        let outcome = end.map_or("not known", |end| end.outcome.as_str());
        let health = match outcome {
            "succeeded" => Health::Good,
            "failed" => Health::Bad,
            "refused" => Health::Idle,
            _ => Health::Warn,
        };
        // The file may have been written by anybody.
        let clean = |text: &str| Text::new(text).to_string();
        let time = intent.at.to_zoned(jiff::tz::TimeZone::system());
        let mut all: Vec<(&'static str, String)> = Vec::new();
        let mut add = |label, value: &str| {
            if !value.is_empty() {
                all.push((label, clean(value)));
            }
        };
        add("when", &time.strftime("%Y-%m-%d %H:%M:%S %Z").to_string());
        add(
            "who",
            &format!("{}@{} as {}", intent.user, intent.host, intent.identity),
        );
        add(
            "where",
            &format!(
                "{} ({})  {}",
                intent.endpoint, intent.environment, intent.server
            ),
        );
        add("reason", &intent.reason);
        add(
            "weight",
            &format!("{}, confirmed by {}", intent.level, intent.confirmed_by),
        );
        for change in &intent.changes {
            add("change", change);
        }
        for step in &intent.steps {
            add("request", step);
        }
        for warning in &intent.warnings {
            add("warned", warning);
        }
        if let Some(end) = end {
            add(
                "outcome",
                &format!("{} after {} s", end.outcome, end.took_seconds),
            );
            add("why", &end.why);
            for evidence in &end.evidence {
                add("evidence", evidence);
            }
            add("undo", &end.undo);
        } else {
            add(
                "outcome",
                "not known: it still runs, or its run ended before it was",
            );
        }
        add("id", &intent.id);
        Self {
            time: time.strftime("%m-%d %H:%M:%S").to_string(),
            health,
            outcome: clean(outcome),
            who: clean(&intent.user),
            title: clean(&intent.title),
            place: clean(&intent.endpoint),
            all,
        }
    }
}
