//! The panel below the lines: all that one line says, the streams with their states, or the kinds of lines there are.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::compose::level_style;
use super::{LogPane, when};
use crate::logs::{Logbook, parse, text};
use crate::model::{Health, LogPast, LogState, Text};
use crate::ui::Ui;
use crate::ui::theme::{Part, Theme};
use crate::ui::title::grouped;
use crate::ui::views::Role;
use crate::ui::widgets::line::{Line, wrap};

/// Bytes of a line that its detail shows.
const LONG: usize = 64 * 1024;
/// Most lines of a group that its detail shows.
const GROUP: usize = 200;

/// What the panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    /// All that the line under the cursor says.
    Detail,
    Sources,
    Patterns,
}

/// A row of the panel.
#[derive(Clone, Debug, Default)]
pub(super) struct PanelRow {
    spans: Vec<(String, Style)>,
    /// What choosing the row filters by.
    pub(super) filter: Option<String>,
    /// The stream that the row is about.
    pub(super) stream: Option<u16>,
}

impl Panel {
    fn title(self) -> &'static str {
        match self {
            Self::Detail => "Line",
            Self::Sources => "Sources",
            Self::Patterns => "Patterns",
        }
    }
}

impl LogPane {
    pub(super) fn prepare_panel(&mut self, book: &Logbook, theme: &Theme, zone: &TimeZone) {
        self.panel_rows = match self.panel {
            None => return,
            Some(Panel::Detail) => self.detail(book, theme, zone),
            Some(Panel::Sources) => self.sources(book, theme),
            Some(Panel::Patterns) => Self::patterns(book, theme, zone),
        };
        self.panel_at = self.panel_at.min(self.panel_rows.len().saturating_sub(1));
    }

    /// The row of the panel that is chosen.
    pub(super) fn chosen(&self) -> Option<&PanelRow> {
        self.panel_rows.get(self.panel_at)
    }

    pub(super) fn move_panel(&mut self, by: isize) {
        let last = self.panel_rows.len().saturating_sub(1);
        self.panel_at = self.panel_at.saturating_add_signed(by).min(last);
    }

    fn detail(&self, book: &Logbook, theme: &Theme, zone: &TimeZone) -> Vec<PanelRow> {
        let Some(line) = self
            .cursor
            .and_then(|id| book.read(&[id]).into_iter().next())
        else {
            return Vec::new();
        };
        let (plain, dim) = (theme.role(Role::Plain), theme.role(Role::Dim));
        let width = self.places.panel.width.saturating_sub(3);
        let mut rows = Vec::new();
        let stream = line.stream.and_then(|number| book.stream(number));
        let bytes = line.bytes.get(..LONG).unwrap_or(&line.bytes);
        let record = parse::read(bytes);
        let mut head = vec![(when::exact(line.time, zone), theme.role(Role::Strong))];
        if let Some(stream) = stream {
            head.push((
                format!("   {}", stream.about.label),
                theme.role(Role::Accent),
            ));
        }
        if line.mark().is_none() {
            let level = line.level.word().to_uppercase();
            head.push((format!("   {level}"), level_style(theme, line.level, false)));
            head.push((format!("   {}", record.format.name()), dim));
        }
        rows.push(PanelRow {
            spans: head,
            ..PanelRow::default()
        });
        let message = match line.mark() {
            Some((_, words)) => words.into_owned(),
            None => text::plain(&record.message),
        };
        rows.extend(wrap(&message, width).into_iter().map(|text| PanelRow {
            spans: vec![(text, plain)],
            ..PanelRow::default()
        }));
        let longest = record.fields.iter().map(|field| field.name.len()).max();
        let longest = longest.unwrap_or(0).min(24);
        for field in &record.fields {
            let name = Text::new(&field.name);
            let value = text::plain(&field.value);
            rows.push(PanelRow {
                spans: vec![(format!("{name:<longest$}  "), dim), (value, plain)],
                filter: asks(&field.name, &field.value),
                stream: None,
            });
        }
        let walk = crate::logs::Walk {
            all: true,
            ..crate::logs::Walk::default()
        };
        let more = book.after(Some(line.id), false, line.more.min(GROUP), &walk);
        for line in book.read(&more) {
            let said = text::plain(&String::from_utf8_lossy(&line.bytes));
            rows.push(PanelRow {
                spans: vec![(said, plain)],
                ..PanelRow::default()
            });
        }
        rows
    }

    fn sources(&self, book: &Logbook, theme: &Theme) -> Vec<PanelRow> {
        let dim = theme.role(Role::Dim);
        let longest = book.streams().iter().map(|it| it.about.label.len()).max();
        let longest = longest.unwrap_or(0).min(48);
        let rows = book.streams().iter().enumerate().map(|(number, stream)| {
            let (health, state) = state(&stream.state);
            let off = self.filter.muted.contains(&stream.about.key);
            let mut facts = vec![format!("{:>9} lines", grouped(stream.lines as usize))];
            for (count, word) in [
                (stream.dropped, "lost"),
                (stream.duplicates, "duplicates removed"),
                (stream.late, "late"),
            ] {
                if count > 0 {
                    facts.push(format!("{} {word}", grouped(count as usize)));
                }
            }
            if stream.past == LogPast::All {
                facts.push("from its beginning".to_owned());
            }
            let label = &stream.about.label;
            PanelRow {
                spans: vec![
                    (
                        if off { "☐ " } else { "☑ " }.to_owned(),
                        theme.role(Role::Accent),
                    ),
                    (
                        format!("{label:<longest$}  "),
                        if off { dim } else { theme.role(Role::Plain) },
                    ),
                    (
                        format!("{} {state:<14}", health.glyph()),
                        theme.role(Role::Health(health)),
                    ),
                    (facts.join("  "), dim),
                ],
                filter: None,
                stream: Some(number as u16),
            }
        });
        rows.collect()
    }

    fn patterns(book: &Logbook, theme: &Theme, zone: &TimeZone) -> Vec<PanelRow> {
        let dim = theme.role(Role::Dim);
        let Some((templates, others)) = book.templates() else {
            return Vec::new();
        };
        let rows = templates.into_iter().take(500).map(|template| {
            let new = if book.is_new(template) {
                "new "
            } else {
                "    "
            };
            let last = when::clock(template.last, zone);
            PanelRow {
                spans: vec![
                    (
                        format!("{:>9}  ", grouped(template.count as usize)),
                        theme.role(Role::Strong),
                    ),
                    (new.to_owned(), theme.role(Role::Health(Health::Warn))),
                    (
                        format!("{:<6}", template.level.word().to_uppercase()),
                        level_style(theme, template.level, false),
                    ),
                    (format!("{}  ", last.get(..8).unwrap_or_default()), dim),
                    (text::plain(&template.text), theme.role(Role::Plain)),
                ],
                filter: searched(&template.text),
                stream: None,
            }
        });
        let mut rows: Vec<PanelRow> = rows.collect();
        if others > 0 {
            let text = format!("{:>9}  of further kinds", grouped(others as usize));
            rows.push(PanelRow {
                spans: vec![(text, dim)],
                ..PanelRow::default()
            });
        }
        rows
    }
}

/// The filter that asks for a field's value.
pub(super) fn asks(name: &str, value: &str) -> Option<String> {
    let simple = name
        .chars()
        .all(|character| character.is_alphanumeric() || "_-.@/".contains(character));
    if !simple || value.is_empty() || value.len() > 200 || value.contains(['"', '\\']) {
        return None;
    }
    Some(if value.contains(char::is_whitespace) {
        format!("\"{name}={value}\"")
    } else {
        format!("{name}={value}")
    })
}

/// The filter that finds the lines of a kind.
fn searched(template: &str) -> Option<String> {
    let parts: Vec<String> = template.split('#').map(regex::escape).collect();
    let expression = parts.join("[^ ]+");
    (!expression.contains('"')).then(|| format!("\"{expression}\""))
}

/// A state in a word.
fn state(state: &LogState) -> (Health, String) {
    match state {
        LogState::Queued => (Health::Idle, "waits its turn".to_owned()),
        LogState::Connecting => (Health::Busy, "connecting".to_owned()),
        LogState::Waiting { why } => (Health::Busy, format!("not started: {why}")),
        LogState::Live => (Health::Good, "live".to_owned()),
        LogState::Reconnecting { cause, .. } => (Health::Warn, format!("reconnecting: {cause}")),
        LogState::Ended { why } => (Health::Idle, format!("ended: {why}")),
        LogState::Refused { why } => (Health::Bad, format!("refused: {why}")),
    }
}

pub(super) fn draw(ui: &Ui, pane: &LogPane, buf: &mut Buffer) {
    let area = pane.places.panel;
    let Some(panel) = pane.panel.filter(|_| area.height > 0) else {
        return;
    };
    let border = ui.theme.part(Part::Border);
    let mut line = Line::new(buf, Rect { height: 1, ..area });
    line.put("─ ", border);
    line.put(panel.title(), ui.theme.part(Part::Title));
    let hint = match panel {
        Panel::Detail => " tab chooses a field, p shows all lines with it ",
        Panel::Sources => " space switches a source off or on, enter shows it alone ",
        Panel::Patterns => " enter shows the lines of a kind; new since the last rollout first ",
    };
    line.put(hint, ui.theme.role(Role::Dim));
    line.fill(area.right(), "─", border);
    let rows = usize::from(area.height - 1);
    let top = (pane.panel_at + 1).saturating_sub(rows);
    let shown = pane.panel_rows.iter().enumerate().skip(top);
    for (y, (at, row)) in (area.y + 1..area.bottom()).zip(shown) {
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        let mut line = Line::new(buf, place);
        line.skip(1);
        for (text, style) in &row.spans {
            line.put(text, *style);
        }
        if at == pane.panel_at {
            buf.set_style(place.intersection(buf.area), ui.theme.part(Part::Cursor));
        }
    }
}
