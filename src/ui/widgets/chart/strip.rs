//! Heat strips: a row for each curve, darker the nearer to the highest of all, for more curves than lines can tell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Chart, judge};
use crate::ui::theme::Part;
use crate::ui::value::value;
use crate::ui::views::Role;
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::cut_middle;

const SHADES: [&str; 5] = ["·", "░", "▒", "▓", "█"];
const PLAIN: [&str; 5] = [".", ":", "+", "%", "#"];
/// Cells of the number behind a strip.
const NUMBER: u16 = 9;

/// Strips of a chart's curves.
#[derive(Clone, Copy)]
pub struct Strip<'a> {
    pub chart: &'a Chart<'a>,
    /// The curves in the order of the rows.
    pub order: &'a [usize],
    pub top: usize,
}

/// Draws a row for each curve: its name, its strip, its newest value.
pub fn strip(strip: Strip<'_>, area: Rect, buf: &mut Buffer) {
    let chart = strip.chart;
    let theme = chart.theme;
    let names = (area.width / 4).clamp(8, 28);
    let Some(width) = area
        .width
        .checked_sub(names + NUMBER + 2)
        .filter(|width| *width > 0)
    else {
        return;
    };
    let curves = chart.curves.iter();
    let most = curves.filter_map(|curve| curve.max).fold(0.0_f64, f64::max);
    let signs = if chart.ascii { PLAIN } else { SHADES };
    let rows = (area.top()..area.bottom()).zip(strip.order.iter().skip(strip.top));
    for (y, at) in rows {
        let Some(curve) = chart.curves.get(*at) else {
            continue;
        };
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        if chart.selected == Some(*at) {
            buf.set_style(
                row.intersection(buf.area),
                theme.part(Part::CursorUnfocused),
            );
        }
        let mut line = Line::new(buf, row);
        line.put(&cut_middle(&curve.name, names), theme.role(Role::Plain));
        let from = area.x + names + 1;
        let mut cells: Vec<Option<f64>> = vec![None; usize::from(width)];
        let (start, end) = chart.span;
        for point in curve.points.iter().filter(|point| point.value.is_finite()) {
            let part = (point.millis - start) as f64 / (end - start).max(1) as f64;
            if (0.0..=1.0).contains(&part) {
                let at = (part * f64::from(width)).min(f64::from(width) - 1.0) as usize;
                if let Some(cell) = cells.get_mut(at) {
                    *cell = Some(cell.map_or(point.value, |known| known.max(point.value)));
                }
            }
        }
        for (x, cell) in (from..).zip(cells) {
            let Some(number) = cell else { continue };
            let part = if most > 0.0 { number / most } else { 0.0 };
            let sign = signs
                .get((part * 4.0).round().clamp(0.0, 4.0) as usize)
                .copied();
            let role = judge(chart.thresholds, number).map_or(Role::Accent, Role::Health);
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_symbol(sign.unwrap_or(" "))
                    .set_style(theme.role(role));
            }
        }
        let text = curve
            .last
            .map_or_else(|| "–".to_owned(), |last| value(chart.unit, last));
        let judged = curve.last.and_then(|last| judge(chart.thresholds, last));
        let style = theme.role(judged.map_or(Role::Strong, Role::Health));
        let text = format!("{text:>width$}", width = usize::from(NUMBER));
        let place = Rect::new(area.right().saturating_sub(NUMBER), y, NUMBER, 1);
        Line::new(buf, place).put(&text, style);
    }
}
