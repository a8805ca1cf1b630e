//! Values in other forms than lines: the newest as a number, a gauge, bars, a table, strips of heat.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::Unit;
use crate::ui::boards::Form;
use crate::ui::theme::Part;
use crate::ui::value::value;
use crate::ui::views::Role;
use crate::ui::widgets::chart::{Chart, Curve, Strip, gauge, judge, spark, strip};
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::{cut_middle, text_width};

/// Cells of a number.
const NUMBER: u16 = 9;

/// Draws curves, in this order, in a form.
pub(super) fn draw(form: Form, chart: &Chart<'_>, order: &[usize], area: Rect, buf: &mut Buffer) {
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    }
    .intersection(buf.area);
    let curves: Vec<&Curve> = order
        .iter()
        .filter_map(|at| chart.curves.get(*at))
        .collect();
    match form {
        Form::Stat if curves.len() == 1 && area.height >= 5 => {
            if let Some(curve) = curves.first() {
                large(chart, curve, area, buf);
            }
        }
        Form::Strip => {
            let top = rows_above(order.len(), area.height, chart, order);
            strip(Strip { chart, order, top }, area, buf);
        }
        form => rows(form, chart, &curves, area, buf),
    }
    if order.len() > usize::from(area.height)
        && area.height > 0
        && !(form == Form::Stat && order.len() == 1)
    {
        let more = order.len() - usize::from(area.height) + 1;
        let row = Rect {
            y: area.bottom() - 1,
            height: 1,
            ..area
        };
        let text = format!("… {more} more");
        let style = chart.theme.role(Role::Dim);
        crate::ui::widgets::line::clear(buf, row, chart.theme.part(Part::Background));
        Line::new(buf, row).put(&text, style);
    }
}

fn rows_above(many: usize, height: u16, chart: &Chart<'_>, order: &[usize]) -> usize {
    let rows = usize::from(height).saturating_sub(1).max(1);
    let at = order.iter().position(|at| Some(*at) == chart.selected);
    at.map_or(0, |at| (at + 1).saturating_sub(rows))
        .min(many.saturating_sub(1))
}

fn role(chart: &Chart<'_>, number: Option<f64>) -> Role {
    let judged = number.and_then(|number| judge(chart.thresholds, number));
    judged.map_or(Role::Strong, Role::Health)
}

fn text(chart: &Chart<'_>, number: Option<f64>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| value(chart.unit, number))
}

/// A row for each curve: its name, what the form shows of it, its newest value.
fn rows(form: Form, chart: &Chart<'_>, curves: &[&Curve], area: Rect, buf: &mut Buffer) {
    let theme = chart.theme;
    let widest = curves
        .iter()
        .map(|curve| text_width(&curve.name))
        .max()
        .unwrap_or_default();
    let bare = form == Form::Table;
    let names = if bare {
        area.width.saturating_sub(NUMBER + 1)
    } else {
        widest.min(area.width * 2 / 5).max(4)
    };
    let most = curves
        .iter()
        .filter_map(|curve| curve.last)
        .fold(0.0_f64, f64::max);
    for (y, curve) in (area.top()..area.bottom()).zip(curves) {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        let style = theme.role(role(chart, curve.last));
        let name = cut_middle(&curve.name, names);
        Line::new(buf, row).put(&name, theme.role(Role::Plain));
        let number = text(chart, curve.last);
        let number = format!("{number:>width$}", width = usize::from(NUMBER));
        let place = Rect {
            x: area.right().saturating_sub(NUMBER),
            width: NUMBER.min(area.width),
            ..row
        };
        Line::new(buf, place).put(&number, style);
        let from = area.x + names + 2;
        let room = area.right().saturating_sub(NUMBER + 1).saturating_sub(from);
        if bare || room < 4 {
            continue;
        }
        let middle = Rect {
            x: from,
            width: room,
            ..row
        };
        if form == Form::Stat {
            let line = spark(&curve.points, chart.span, room, chart.ascii);
            Line::new(buf, middle).put(&line, theme.part(Part::Bar));
            continue;
        }
        let share = curve
            .last
            .map_or(0.0, |last| share(form, chart.unit, last, most));
        let bar_style = match role(chart, curve.last) {
            Role::Strong => theme.part(Part::Bar),
            _ => style,
        };
        let bar = gauge(share, room, bar_style, theme, chart.ascii);
        for (x, (sign, style)) in (from..).zip(bar) {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_char(sign).set_style(style);
            }
        }
    }
}

/// How full a bar is: of the whole where there is one, else of the largest.
fn share(form: Form, unit: Unit, last: f64, most: f64) -> f64 {
    match unit {
        Unit::Ratio => last,
        Unit::Percent => last / 100.0,
        _ if form == Form::Gauge && last <= 1.0 && most <= 1.0 => last,
        _ if most > 0.0 => last / most,
        _ => 0.0,
    }
}

/// One value alone: large, in the middle, its course below.
fn large(chart: &Chart<'_>, curve: &Curve, area: Rect, buf: &mut Buffer) {
    let theme = chart.theme;
    let style = theme.role(role(chart, curve.last));
    let number = text(chart, curve.last);
    let tall = if chart.ascii { None } else { digits(&number) };
    let lines: Vec<String> = match &tall {
        Some(lines)
            if lines.iter().all(|line| text_width(line) <= area.width) && area.height >= 7 =>
        {
            lines.to_vec()
        }
        _ => vec![number],
    };
    let height = lines.len() as u16;
    let top = area.y + area.height.saturating_sub(height + 3) / 2;
    for (y, line) in (top..area.bottom()).zip(&lines) {
        let left = area.width.saturating_sub(text_width(line)) / 2;
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        Line::new(buf, row).skip(left).put(line, style);
    }
    let name = Rect {
        y: (top + height).min(area.bottom().saturating_sub(1)),
        height: 1,
        ..area
    };
    let label = cut_middle(&curve.name, area.width);
    let left = area.width.saturating_sub(text_width(&label)) / 2;
    Line::new(buf, name)
        .skip(left)
        .put(&label, theme.role(Role::Dim));
    let course = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    let line = spark(&curve.points, chart.span, area.width, chart.ascii);
    Line::new(buf, course).put(&line, theme.part(Part::Bar));
}

/// Digits three rows high; none for a text with what is not drawn so.
fn digits(text: &str) -> Option<[String; 3]> {
    let mut rows = [String::new(), String::new(), String::new()];
    for character in text.chars() {
        let shape: [&str; 3] = match character {
            '0' => ["█▀█", "█ █", "▀▀▀"],
            '1' => ["▀█ ", " █ ", "▀▀▀"],
            '2' => ["▀▀█", "█▀▀", "▀▀▀"],
            '3' => ["▀▀█", " ▀█", "▀▀▀"],
            '4' => ["█ █", "▀▀█", "  ▀"],
            '5' => ["█▀▀", "▀▀█", "▀▀▀"],
            '6' => ["█▀▀", "█▀█", "▀▀▀"],
            '7' => ["▀▀█", "  █", "  ▀"],
            '8' => ["█▀█", "█▀█", "▀▀▀"],
            '9' => ["█▀█", "▀▀█", "▀▀▀"],
            '-' => ["   ", "▀▀▀", "   "],
            '.' => [" ", " ", "▀"],
            ' ' => [" ", " ", " "],
            // Units stand small, on the line of the feet.
            other => {
                for (at, row) in rows.iter_mut().enumerate() {
                    row.push(if at == 2 { other } else { ' ' });
                }
                continue;
            }
        };
        for (row, part) in rows.iter_mut().zip(shape) {
            row.push_str(part);
            row.push(' ');
        }
    }
    text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        .then_some(rows)
}
