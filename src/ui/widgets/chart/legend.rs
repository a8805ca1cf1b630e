//! What the lines are: a table of names and numbers below a chart, or one line where there is little room.

use std::cmp::Ordering;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Chart, Curve, Rank, color, judge};
use crate::ui::theme::Part;
use crate::ui::value::value;
use crate::ui::views::Role;
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::{cut_middle, text_width};

/// Cells of a column of numbers.
const NUMBER: u16 = 9;
/// Names wider than this give way to the numbers.
const NAME: u16 = 24;

/// A column of the legend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LegendColumn {
    Name,
    #[default]
    Last,
    Min,
    Max,
    Cursor,
}

/// The legend of a chart.
#[derive(Clone, Copy)]
pub struct Legend<'a> {
    pub chart: &'a Chart<'a>,
    pub sort: LegendColumn,
    pub reversed: bool,
    /// The first row that is shown.
    pub top: usize,
}

impl LegendColumn {
    pub const ALL: [Self; 5] = [Self::Name, Self::Last, Self::Min, Self::Max, Self::Cursor];

    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "SERIES",
            Self::Last => "LAST",
            Self::Min => "MIN",
            Self::Max => "MAX",
            Self::Cursor => "AT",
        }
    }
}

impl Legend<'_> {
    /// The curves in the order of the table: the highest first, names from the start.
    pub fn order(&self) -> Vec<usize> {
        let curves = self.chart.curves;
        let mut order: Vec<usize> = (0..curves.len()).collect();
        order.sort_by(|one, other| {
            let (Some(one), Some(other)) = (curves.get(*one), curves.get(*other)) else {
                return Ordering::Equal;
            };
            let by_name = one.name.cmp(&other.name);
            let order = match self.sort {
                LegendColumn::Name => by_name,
                column => {
                    let of = |curve: &Curve| self.number(curve, column);
                    let (one, other) = (of(one), of(other));
                    let key = |number: Option<f64>| number.unwrap_or(f64::NEG_INFINITY);
                    key(other).total_cmp(&key(one)).then(by_name)
                }
            };
            if self.reversed {
                order.reverse()
            } else {
                order
            }
        });
        order
    }

    fn number(&self, curve: &Curve, column: LegendColumn) -> Option<f64> {
        match column {
            LegendColumn::Name => None,
            LegendColumn::Last => self.chart.current(curve),
            LegendColumn::Min => curve.min,
            LegendColumn::Max => curve.max,
            LegendColumn::Cursor => curve.at(self.chart.cursor_ms?, self.chart.step_ms),
        }
    }

    /// The columns of numbers that fit.
    fn columns(&self, width: u16) -> Vec<LegendColumn> {
        let mut columns = vec![LegendColumn::Last];
        if self.chart.cursor_ms.is_some() {
            columns.push(LegendColumn::Cursor);
        }
        for column in [LegendColumn::Max, LegendColumn::Min] {
            if width > (columns.len() as u16 + 1) * NUMBER + NAME / 2 {
                columns.insert(1, column);
            }
        }
        columns
    }

    /// The column whose title stands at a place.
    pub fn column_at(&self, area: Rect, x: u16, y: u16) -> Option<LegendColumn> {
        if y != area.y || !area.contains((x, y).into()) {
            return None;
        }
        let columns = self.columns(area.width);
        let from_right = (area.right() - 1 - x) / NUMBER;
        let at = columns.len().checked_sub(usize::from(from_right) + 1);
        Some(
            at.and_then(|at| columns.get(at))
                .copied()
                .unwrap_or(LegendColumn::Name),
        )
    }

    /// Draws titles and a row for each curve.
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let theme = self.chart.theme;
        let columns = self.columns(area.width);
        let numbers = columns.len() as u16 * NUMBER;
        let head = theme.part(Part::ColumnHeader);
        let title = |column: LegendColumn| {
            let sorted = column == self.sort;
            let sign = match (sorted, self.reversed, self.chart.ascii) {
                (false, ..) => "",
                (true, false, false) => "↓",
                (true, true, false) => "↑",
                (true, false, true) => "v",
                (true, true, true) => "^",
            };
            format!("{}{sign}", column.title())
        };
        let mut line = Line::new(buf, Rect { height: 1, ..area });
        line.skip(2).put(&title(LegendColumn::Name), head);
        for (at, column) in columns.iter().enumerate() {
            let text = title(*column);
            right(
                buf,
                area,
                area.y,
                (columns.len() - 1 - at) as u16,
                &text,
                head,
            );
        }
        let names = area.width.saturating_sub(numbers + 3);
        let rows = (area.y + 1..area.bottom()).zip(self.order().into_iter().skip(self.top));
        for (y, at) in rows {
            let Some(curve) = self.chart.curves.get(at) else {
                continue;
            };
            if self.chart.selected == Some(at) {
                let row = Rect {
                    y,
                    height: 1,
                    ..area
                };
                buf.set_style(row, theme.part(Part::CursorUnfocused));
            }
            let row = Rect {
                y,
                height: 1,
                ..area
            };
            let own = color(theme, curve.rank);
            let name = cut_middle(&curve.name, names);
            Line::new(buf, row)
                .put(curve.sign(self.chart.ascii), own)
                .skip(1)
                .put(&name, theme.role(Role::Plain));
            for (place, column) in columns.iter().enumerate() {
                let number = self.number(curve, *column);
                let text = number.map_or_else(|| "–".to_owned(), |it| value(self.chart.unit, it));
                let judged = number
                    .filter(|_| matches!(column, LegendColumn::Last | LegendColumn::Cursor))
                    .and_then(|number| judge(self.chart.thresholds, number));
                let style = match judged {
                    Some(health) => theme.role(Role::Health(health)),
                    None if *column == LegendColumn::Last => theme.role(Role::Strong),
                    None => theme.role(Role::Plain),
                };
                right(
                    buf,
                    area,
                    y,
                    (columns.len() - 1 - place) as u16,
                    &text,
                    style,
                );
            }
        }
    }

    /// Names and newest values in one line; what does not fit is counted.
    pub fn line(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.chart.theme;
        let order = self.order();
        let many = order.len();
        let mut line = Line::new(buf, Rect { height: 1, ..area });
        let curves = order.iter().filter_map(|at| self.chart.curves.get(*at));
        // The others only count; a line that is drawn is named before them.
        let named: Vec<&Curve> = curves.filter(|curve| curve.rank != Rank::Other).collect();
        for (at, curve) in named.iter().enumerate() {
            let number = match self.chart.cursor_ms {
                Some(_) => self.number(curve, LegendColumn::Cursor),
                None => self.chart.current(curve),
            };
            let text = number.map_or_else(|| "–".to_owned(), |it| value(self.chart.unit, it));
            let rest = format!("+{}", many - at);
            let last = at + 1 == many;
            let room = line
                .room()
                .saturating_sub(if last { 0 } else { text_width(&rest) + 2 });
            let fixed = text_width(&text) + 3;
            let share = if at == 0 {
                NAME.max(area.width / 2)
            } else {
                NAME
            };
            let wide = text_width(&curve.name).min(share);
            // A name cut to less than this tells nothing.
            if room < fixed + wide.min(8) {
                line.put(&rest, theme.role(Role::Dim));
                return;
            }
            let name = cut_middle(&curve.name, wide.min(room - fixed));
            let judged = number.and_then(|number| judge(self.chart.thresholds, number));
            let style = judged.map_or(Role::Strong, Role::Health);
            line.put(curve.sign(self.chart.ascii), color(theme, curve.rank))
                .skip(1)
                .put(&name, theme.role(Role::Dim))
                .skip(1)
                .put(&text, theme.role(style))
                .skip(2);
        }
        if many > named.len() {
            line.put(&format!("+{}", many - named.len()), theme.role(Role::Dim));
        }
    }
}

/// Writes at the right end of a column of numbers, counted from the right.
fn right(
    buf: &mut Buffer,
    area: Rect,
    y: u16,
    from_right: u16,
    text: &str,
    style: ratatui::style::Style,
) {
    let end = area.right().saturating_sub(from_right * NUMBER);
    let wide = text_width(text).min(NUMBER);
    let place = Rect::new(end.saturating_sub(wide), y, wide, 1);
    Line::new(buf, place.intersection(area)).put(text, style);
}
