//! Values in one line: sparklines of blocks with eight heights, and gauges.

use ratatui::style::Style;

use crate::model::Point;
use crate::ui::theme::{Part, Theme};
use crate::ui::widgets::bar;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const PLAIN: [char; 8] = ['_', '_', '.', '.', '-', '-', '=', '#'];

/// A line of blocks for a span of time: each cell is as high as the highest value in it, an empty cell had none.
pub fn spark(points: &[Point], span: (i64, i64), width: u16, ascii: bool) -> String {
    let (start, end) = span;
    if width == 0 || end <= start {
        return String::new();
    }
    let mut cells: Vec<Option<f64>> = vec![None; usize::from(width)];
    for point in points {
        if !point.value.is_finite() || point.millis < start || point.millis > end {
            continue;
        }
        let part = (point.millis - start) as f64 / (end - start) as f64;
        let at = (part * f64::from(width)).min(f64::from(width) - 1.0) as usize;
        if let Some(cell) = cells.get_mut(at) {
            *cell = Some(cell.map_or(point.value, |value| value.max(point.value)));
        }
    }
    let most = cells
        .iter()
        .flatten()
        .fold(0.0_f64, |most, value| most.max(*value));
    let least = cells
        .iter()
        .flatten()
        .fold(0.0_f64, |least, value| least.min(*value));
    let signs = if ascii { PLAIN } else { BLOCKS };
    let height = |value: f64| {
        let part = if most > least {
            (value - least) / (most - least)
        } else {
            0.0
        };
        signs
            .get((part * 7.0).round() as usize)
            .copied()
            .unwrap_or(' ')
    };
    cells
        .into_iter()
        .map(|cell| cell.map_or(' ', height))
        .collect()
}

/// A filled bar with its empty rest, as characters with their styles.
pub fn gauge(
    share: f64,
    width: u16,
    style: Style,
    theme: &Theme,
    ascii: bool,
) -> Vec<(char, Style)> {
    let empty = theme.part(Part::BarEmpty);
    (0..width)
        .map(|at| match bar::cell(share as f32, width, at, ascii) {
            ' ' if ascii => ('.', empty),
            ' ' => ('─', empty),
            block => (block, style),
        })
        .collect()
}
