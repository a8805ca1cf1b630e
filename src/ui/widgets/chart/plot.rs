//! The lines themselves: from points to dots, column by column.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::canvas::{Canvas, character};
use super::{Chart, Curve, Places, Rank, Scale, color};
use crate::model::Point;

/// What a curve does within one column of dots.
#[derive(Clone, Copy)]
struct Reach {
    x: u16,
    last: u16,
    top: u16,
    bottom: u16,
    /// When its last point was.
    at_ms: i64,
}

/// Draws the curves: the shadow of the others first, the selected one last.
pub(super) fn draw(chart: &Chart<'_>, scale: &Scale, dots: Rect, buf: &mut Buffer) {
    if dots.is_empty() {
        return;
    }
    let mut canvas = Canvas::new(dots.width, dots.height);
    shadow(chart, scale, dots, &mut canvas);
    let selected = |at: usize| chart.selected == Some(at);
    let lines = chart.curves.iter().enumerate();
    let lines = lines.filter(|(at, curve)| curve.rank != Rank::Other || selected(*at));
    let (above, below): (Vec<_>, Vec<_>) = lines.partition(|(at, _)| selected(*at));
    // The first colour lies above the later ones.
    for (at, curve) in below.into_iter().rev().chain(above) {
        trace(chart, curve, scale, dots, |x, from, to| {
            canvas.upright(x, from, to, owner(at));
        });
    }
    for (column, row, dots_here, owner) in canvas.drawn() {
        if let Some(cell) = buf.cell_mut((dots.x + column, dots.y + row)) {
            let rank = owner
                .checked_sub(2)
                .and_then(|at| chart.curves.get(usize::from(at)))
                .map_or(Rank::Other, |curve| curve.rank);
            cell.set_char(character(dots_here, chart.ascii))
                .set_style(color(chart.theme, rank));
        }
    }
}

/// Cells of nobody are 0, of the shadow 1.
fn owner(at: usize) -> u8 {
    (at.min(253) + 2) as u8
}

/// Where the others reach, as dots at their highest and lowest of each column.
fn shadow(chart: &Chart<'_>, scale: &Scale, dots: Rect, canvas: &mut Canvas) {
    let mut reach: Vec<Option<(u16, u16)>> = vec![None; usize::from(dots.width) * 2];
    for curve in chart
        .curves
        .iter()
        .filter(|curve| curve.rank == Rank::Other)
    {
        each_point(chart, curve, scale, dots, |x, y, _| {
            if let Some(place) = reach.get_mut(usize::from(x)) {
                let (top, bottom) = place.unwrap_or((y, y));
                *place = Some((top.min(y), bottom.max(y)));
            }
        });
    }
    for (x, place) in reach.iter().enumerate() {
        if let Some((top, bottom)) = *place {
            canvas.upright(x as u16, top, top, 1);
            canvas.upright(x as u16, bottom, bottom, 1);
        }
    }
}

/// Hands every number of a curve within the span to `take`, as column and row of dots and its time.
fn each_point(
    chart: &Chart<'_>,
    curve: &Curve,
    scale: &Scale,
    dots: Rect,
    mut take: impl FnMut(u16, u16, i64),
) {
    let (start, end) = chart.span;
    let across = f64::from(u32::from(dots.width) * 2 - 1) / (end - start) as f64;
    let from = curve.points.partition_point(|point| point.millis < start);
    let points = curve.points.get(from..).unwrap_or_default();
    for Point { millis, value } in points.iter().take_while(|point| point.millis <= end) {
        if value.is_finite() {
            let x = ((millis - start) as f64 * across).round() as u16;
            take(x, scale.dot(*value, dots.height), *millis);
        }
    }
}

/// Draws one curve with `put`, which makes dots in a column between two rows. All that a curve does within a column
/// becomes one stroke, so that no spike is lost; columns are joined unless time is missing between them.
fn trace(
    chart: &Chart<'_>,
    curve: &Curve,
    scale: &Scale,
    dots: Rect,
    mut put: impl FnMut(u16, u16, u16),
) {
    let gap = chart.step_ms.max(1) * 3 / 2;
    let mut now: Option<Reach> = None;
    each_point(chart, curve, scale, dots, |x, y, at_ms| {
        let fresh = Reach {
            x,
            last: y,
            top: y,
            bottom: y,
            at_ms,
        };
        let Some(mut reach) = now else {
            now = Some(fresh);
            return;
        };
        if reach.x == x {
            reach.last = y;
            reach.top = reach.top.min(y);
            reach.bottom = reach.bottom.max(y);
            reach.at_ms = at_ms;
            now = Some(reach);
            return;
        }
        put(reach.x, reach.top, reach.bottom);
        if at_ms - reach.at_ms <= gap {
            join(reach, x, y, &mut put);
        }
        now = Some(fresh);
    });
    if let Some(reach) = now {
        put(reach.x, reach.top, reach.bottom);
    }
}

/// A line from the end of one column to the start of another: each column between takes its part of the way.
fn join(from: Reach, x: u16, y: u16, put: &mut impl FnMut(u16, u16, u16)) {
    let across = i32::from(x - from.x);
    let (start, down) = (i32::from(from.last), i32::from(y) - i32::from(from.last));
    // The way is shared out at the borders between columns, so that strokes meet and do not overlap.
    let at =
        |half: i32| (start + (down * half + down.signum() * across) / (2 * across)).max(0) as u16;
    for step in 0..=across {
        let first = if step == 0 {
            from.last
        } else {
            at(2 * step - 1)
        };
        let last = if step == across { y } else { at(2 * step + 1) };
        // The border itself belongs to the column before it.
        let first = match down.signum() {
            1 if step > 0 && first < last => first + 1,
            -1 if step > 0 && first > last => first - 1,
            _ => first,
        };
        put(from.x + step as u16, first, last);
    }
}

/// The sign of each curve at its newest value, in the column behind the dots.
pub(super) fn signs(chart: &Chart<'_>, scale: &Scale, places: &Places, buf: &mut Buffer) {
    let x = places.plot.right().saturating_sub(1);
    let dots = places.dots();
    if dots.is_empty() {
        return;
    }
    let oldest = chart.span.1 - chart.step_ms.max(1) * 3 / 2;
    let mut taken = vec![false; usize::from(dots.height)];
    let lines = chart.curves.iter().enumerate();
    let mut lines: Vec<_> = lines
        .filter(|(_, curve)| curve.rank != Rank::Other)
        .collect();
    lines.sort_by_key(|(at, _)| chart.selected != Some(*at));
    for (_, curve) in lines {
        let Some(last) = curve.points.last() else {
            continue;
        };
        if last.millis < oldest || !last.value.is_finite() {
            continue;
        }
        let row = scale.row(last.value, dots.height);
        let Some(free) = taken.get_mut(usize::from(row)).filter(|taken| !**taken) else {
            continue;
        };
        *free = true;
        if let Some(cell) = buf.cell_mut((x, dots.y + row)) {
            cell.set_symbol(curve.sign(chart.ascii))
                .set_style(color(chart.theme, curve.rank));
        }
    }
}
