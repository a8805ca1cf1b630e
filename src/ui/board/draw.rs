//! Draws panels: a title that says what is to be thought of it, the values in their form, what the lines are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::shown::{Said, Shown};
use super::{Grid, forms};
use crate::model::{Health, Moment};
use crate::ui::Ui;
use crate::ui::boards::Form;
use crate::ui::format;
use crate::ui::theme::{Part, Theme};
use crate::ui::title::{self, Piece, Title};
use crate::ui::views::Role;
use crate::ui::widgets::chart::{Chart, Legend, Mark, Rank, clock};
use crate::ui::widgets::line::{Line, wrap};
use crate::ui::widgets::table::{cut_end, text_width};

/// From this height on a legend is a table.
const TABLE: u16 = 18;
/// Characters of a query that are shown before the place of an error.
const AROUND: usize = 24;
/// Rows of a legend's table at most, its titles with it.
const LEGEND: u16 = 8;

/// How things look.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) theme: &'a Theme,
    pub(crate) ascii: bool,
}

/// Where the parts of a panel stand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    pub(super) title: Rect,
    pub(super) plot: Rect,
    pub(super) legend: Option<Rect>,
    /// The legend is a table, and not a line.
    pub(super) table: bool,
    /// What is under the crosshair, and notes.
    pub(super) words: Option<Rect>,
}

/// Cuts a panel's place into its parts.
pub(super) fn parts(grid: &Grid, shown: &Shown, place: Rect) -> Parts {
    let line = |y: u16, height: u16| Rect { y, height, ..place };
    let mut bottom = place.bottom();
    let mut parts = Parts {
        title: line(place.y, 1),
        ..Parts::default()
    };
    // Zoomed there is room to say what is asked, and what happened under the crosshair.
    if grid.zoom && place.height >= 12 {
        let rows = if place.height >= 20 { 3 } else { 2 };
        bottom -= rows;
        parts.words = Some(line(bottom, rows));
    }
    let room = bottom.saturating_sub(place.y + 1);
    if shown.form == Form::Lines && room >= 4 {
        let many = shown.curves.len() as u16 + 1;
        let table = room >= TABLE && many > 1;
        let rows = if table {
            many.min(if grid.zoom { room / 2 } else { LEGEND })
        } else {
            1
        };
        bottom -= rows;
        parts.legend = Some(line(bottom, rows));
        parts.table = table;
    }
    parts.plot = line(place.y + 1, bottom.saturating_sub(place.y + 1));
    parts
}

/// Draws every panel on screen.
pub(crate) fn draw(ui: &Ui, grid: &Grid, now: Moment, buf: &mut Buffer) {
    for (at, place) in &grid.places {
        if let Some(shown) = grid.shown.get(*at) {
            let focused = *at == grid.focus;
            panel(ui, grid, shown, focused, *place, now, buf);
        }
    }
}

fn panel(
    ui: &Ui,
    grid: &Grid,
    shown: &Shown,
    focused: bool,
    place: Rect,
    now: Moment,
    buf: &mut Buffer,
) {
    let parts = parts(grid, shown, place);
    head(ui, shown, focused, parts.title, now, buf);
    let look = ui.look();
    let words = reason(shown, now);
    if !words.is_empty() && shown.curves.is_empty() {
        say(ui, shown.health(), &words, parts.plot, buf);
        note(ui, grid, shown, parts, now, buf);
        return;
    }
    grid.with_chart(&ui.charts, look, shown, now, |chart| {
        let order = grid.order(shown);
        match shown.form {
            Form::Lines => chart.draw(parts.plot, buf),
            form => forms::draw(form, chart, &order, parts.plot, buf),
        }
        if let Some(area) = parts.legend {
            let legend = Legend {
                chart,
                sort: grid.sort,
                reversed: grid.reversed,
                top: scrolled(chart, &order, area.height),
            };
            if parts.table {
                legend.draw(area, buf);
            } else {
                legend.line(area, buf);
            }
        }
    });
    note(ui, grid, shown, parts, now, buf);
}

/// The first row of a table with so many rows that shows the selected one.
fn scrolled(chart: &Chart<'_>, order: &[usize], height: u16) -> usize {
    let rows = usize::from(height.saturating_sub(1)).max(1);
    let at = order.iter().position(|at| Some(*at) == chart.selected);
    at.map_or(0, |at| (at + 1).saturating_sub(rows))
}

/// The line above a panel: its name, how many series, what was left out, and what is wrong.
fn head(ui: &Ui, shown: &Shown, focused: bool, area: Rect, now: Moment, buf: &mut Buffer) {
    let dim = ui.theme.role(Role::Dim);
    let mut title = Title {
        names: vec![title::name_piece(ui, &shown.panel.title, focused)],
        ..Title::default()
    };
    let warn = ui.theme.role(Role::Health(Health::Warn));
    let mut left = |text: String, style| title.left.push(Piece { text, style });
    let others = shown
        .curves
        .iter()
        .filter(|curve| curve.rank == Rank::Other)
        .count();
    let many = shown.curves.len() + shown.beyond;
    if others > 0 && shown.form == Form::Lines {
        left(
            format!("top {} of {many}", shown.curves.len() - others),
            dim,
        );
    } else if many > 1 {
        left(many.to_string(), dim);
    }
    if shown.beyond > 0 {
        left(format!("{} left out", shown.beyond), warn);
    }
    // A number alone has room to say what is to be known of it.
    if shown.form == Form::Stat && !shown.panel.note.is_empty() {
        left(shown.panel.note.clone(), dim);
    }
    let odd = shown.not_finite();
    if odd > 0 {
        left(format!("{odd} not numbers"), warn);
    }
    title.right = verdict(ui, shown, now);
    title::draw(ui, &title, focused, area, buf);
}

/// What is to be thought of the values: their time while all is well.
fn verdict(ui: &Ui, shown: &Shown, now: Moment) -> Option<Piece> {
    let told = |health: Health, text: String| {
        Some(Piece {
            text: format!("{} {text}", health.glyph()),
            style: ui.theme.role(Role::Health(health)),
        })
    };
    match &shown.said {
        Said::Failed { since, words } => {
            let age = since.map_or(String::new(), |since| {
                format!("stale {}: ", format::age(since.age(now)))
            });
            return told(Health::Bad, format!("{age}{words}"));
        }
        Said::Refused { .. } => return told(Health::Bad, "query refused".to_owned()),
        Said::Waiting => return told(Health::Busy, "asking".to_owned()),
        Said::NoNumbers => return told(Health::Warn, "not a number".to_owned()),
        Said::Nothing => return told(Health::Idle, "no data".to_owned()),
        Said::Lacking(_) => return told(Health::Idle, "missing".to_owned()),
        Said::Good => {}
    }
    if let Some(warning) = shown.warnings.first() {
        let more = shown.warnings.len() - 1;
        let also = if more > 0 {
            format!(" (and {more} more)")
        } else {
            String::new()
        };
        return told(Health::Warn, format!("partial: {warning}{also}"));
    }
    if let Some(age) = shown.old(&ui.charts.frame, now) {
        return told(Health::Warn, format!("no values for {}", format::age(age)));
    }
    shown.newest_ms.map(|newest| Piece {
        text: clock(newest, &ui.charts.frame.zone),
        style: ui.theme.role(Role::Dim),
    })
}

/// Why there is nothing to see, in words; nothing while there is something.
fn reason(shown: &Shown, now: Moment) -> Vec<String> {
    let queries = shown.asks.iter().filter_map(|ask| ask.ask.expr());
    match &shown.said {
        Said::Good => Vec::new(),
        Said::Waiting => vec!["Asking…".to_owned()],
        Said::Lacking(why) => vec![why.clone()],
        Said::Nothing if !shown.panel.note.is_empty() => {
            vec!["No data.".to_owned(), shown.panel.note.clone()]
        }
        Said::Nothing => vec!["No data: no series answers this query in this time.".to_owned()],
        Said::NoNumbers => {
            vec!["Every value is NaN or infinite: something is divided by nothing, or there was no traffic.".to_owned()]
        }
        Said::Refused { words, at } => {
            let mut lines = vec![format!("The server refused the query: {words}")];
            let query = queries.take(1).next().unwrap_or_default();
            match at {
                Some((1, column)) => {
                    // A long query is shown around the place.
                    let before = (*column as usize).saturating_sub(1);
                    let skipped = before.saturating_sub(AROUND);
                    lines.push(query.chars().skip(skipped).collect());
                    lines.push(format!("{}^", " ".repeat(before - skipped)));
                }
                _ => lines.push(query.to_owned()),
            }
            lines
        }
        Said::Failed { since, words } => {
            let before = since.map_or(String::new(), |since| {
                format!(" Last answered {} ago.", format::age(since.age(now)))
            });
            vec![format!("No answer: {words}.{before}")]
        }
    }
}

/// Words in the middle of an area, with their health as glyph and colour.
pub(crate) fn say(ui: &Ui, health: Health, words: &[String], area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let width = area.width.saturating_sub(6);
    if width == 0 {
        return;
    }
    let style = match health {
        Health::Good | Health::Busy | Health::Idle => ui.theme.role(Role::Dim),
        health => ui.theme.role(Role::Health(health)),
    };
    let mut lines: Vec<String> = Vec::new();
    let mut rest = words.iter().peekable();
    while let Some(text) = rest.next() {
        let points = |line: &&String| line.trim_start().starts_with('^');
        // What points at a place in the line above must not be moved away from it.
        if points(&text) || rest.peek().is_some_and(points) {
            lines.push(cut_end(text, width));
        } else {
            lines.extend(wrap(text, width));
        }
    }
    let free = usize::from(area.height).saturating_sub(lines.len());
    let top = area.y + (free / 3) as u16;
    for (at, (y, text)) in (top..area.bottom()).zip(&lines).enumerate() {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        let sign = if at == 0 { health.glyph() } else { " " };
        Line::new(buf, row)
            .skip(2)
            .put(sign, style)
            .skip(1)
            .put(text, style);
    }
}

/// Below a zoomed panel: what happened under the crosshair, the note, the query.
fn note(ui: &Ui, grid: &Grid, shown: &Shown, parts: Parts, now: Moment, buf: &mut Buffer) {
    let Some(area) = parts.words else { return };
    let dim = ui.theme.role(Role::Dim);
    let mut rows = (area.top()..area.bottom()).map(|y| Rect {
        y,
        height: 1,
        ..area
    });
    let near = near(ui, grid, now);
    let events: Vec<&Mark> = if near.is_empty() {
        grid.marks.iter().rev().take(3).collect()
    } else {
        near
    };
    if let Some(row) = rows.next() {
        let mut line = Line::new(buf, row);
        line.skip(1);
        if events.is_empty() {
            let words = if let Some(info) = shown.infos.first() {
                info.as_str()
            } else if shown.panel.note.is_empty() {
                "Nothing rolled out, restarted or scaled in this time."
            } else {
                shown.panel.note.as_str()
            };
            line.put(words, dim);
        }
        for mark in events {
            let text = format!(
                "{} {}",
                clock(mark.at_ms, &ui.charts.frame.zone),
                mark.words
            );
            if line.room() < text_width(&text).min(24) {
                break;
            }
            line.put(mark.kind.sign(ui.ascii), ui.theme.role(mark.kind.role()))
                .skip(1)
                .put(&text, ui.theme.role(Role::Plain))
                .skip(3);
        }
    }
    let queries = grid.queries();
    let mut texts = queries
        .iter()
        .flat_map(|query| wrap(query, area.width.saturating_sub(2)));
    for row in rows {
        let Some(text) = texts.next() else { break };
        Line::new(buf, row)
            .skip(1)
            .put(&text, ui.theme.part(Part::KeyName));
    }
}

/// Marks within two steps of the crosshair.
fn near<'a>(ui: &Ui, grid: &'a Grid, now: Moment) -> Vec<&'a Mark> {
    let Some(at) = ui.charts.frame.cursor_ms else {
        return Vec::new();
    };
    let (start, end) = ui.charts.frame.span(now);
    let reach = ((end - start) / 60).max(i64::from(ui.charts.frame.step()) * 1000);
    let close = |mark: &&Mark| (mark.at_ms - at).abs() <= reach;
    grid.marks.iter().filter(close).collect()
}
