//! Where everything stands: pure arithmetic from the size of the screen to rectangles.
//!
//! Called by `Ui::prepare`; drawing and the mouse both read the result, so what is clicked is what was drawn.

use ratatui::layout::Rect;

/// Below this nothing can be shown but the size that is needed.
pub(crate) const LEAST: (u16, u16) = (20, 5);
/// Below this only the focused pane is shown.
const ROOMY: (u16, u16) = (80, 24);
/// From this width on the upper panes stand side by side.
const TOP_SPLIT: u16 = 110;
/// From this width on the middle panes stand side by side.
const MIDDLE_SPLIT: u16 = 240;
/// From this height on the middle panes stand one above the other.
const MIDDLE_STACK: u16 = 28;

/// Pods and containers share their place evenly.
const EVEN: u16 = 500;

/// The panes of the overview, in the order in which Tab visits them.
pub(crate) const PANES: usize = 6;
pub(crate) const ALERTS: usize = 0;
pub(crate) const AUTOSCALING: usize = 1;
pub(crate) const WORKLOADS: usize = 2;
pub(crate) const PODS: usize = 3;
pub(crate) const CONTAINERS: usize = 4;
pub(crate) const LOGS: usize = 5;

/// Which panes of the overview have something to show: a Docker host has no pods, a cluster no containers of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Worlds {
    pub(crate) clusters: bool,
    pub(crate) hosts: bool,
}

impl Worlds {
    pub(crate) fn shows(self, pane: usize) -> bool {
        match pane {
            AUTOSCALING | PODS => self.clusters,
            CONTAINERS => self.hosts,
            _ => true,
        }
    }
}

/// The three parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Areas {
    pub(crate) header: Rect,
    /// The line between header and body, or the column beside the body, that carries the environment's colour.
    pub(crate) edge: Rect,
    pub(crate) body: Rect,
    pub(crate) footer: Rect,
}

/// Splits the screen; none if it is too small.
pub(crate) fn areas(width: u16, height: u16) -> Option<Areas> {
    if width < LEAST.0 || height < LEAST.1 {
        return None;
    }
    let body = height - 2;
    Some(Areas {
        header: Rect::new(0, 0, width, 1),
        edge: Rect::new(0, 1, 1, body),
        body: Rect::new(1, 1, width - 1, body),
        footer: Rect::new(0, height - 1, width, 1),
    })
}

/// How the panes of the overview share the room, in thousandths; changed by keys and mouse, kept over sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// Height of the upper, middle and lower panes.
    bands: [u16; 3],
    /// Width of the left upper pane.
    top: u16,
    /// Width or height of the first middle pane.
    middle: u16,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            bands: [220, 685, 95],
            // Autoscaling says more in a line than alerts do.
            top: 420,
            middle: 450,
        }
    }
}

/// A pane's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) pane: usize,
    /// One line.
    pub(crate) title: Rect,
    pub(crate) body: Rect,
    /// The panes that share this place, in order; only one of them is shown.
    pub(crate) tabs: Vec<usize>,
}

/// What can be dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Divider {
    /// The line above the middle (0) or lower (1) band.
    Band(usize),
    Top,
    MiddleSide,
    MiddleStack,
}

/// The overview laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overview {
    pub(crate) placed: Vec<Placed>,
    /// Lines between panes that cannot be dragged.
    pub(crate) still: Vec<Rect>,
    /// Where each divider stands. Vertical ones are drawn; horizontal ones are the titles below them.
    pub(crate) dividers: Vec<(Rect, Divider)>,
}

/// Lays the overview out. `active` are the panes shown of the upper and the middle band where they are tabs.
pub(crate) fn overview(
    body: Rect,
    shares: Shares,
    focus: usize,
    active: [usize; 2],
    alone: bool,
    worlds: Worlds,
) -> Overview {
    let mut out = Overview::default();
    let shown = |panes: &[usize]| -> Vec<usize> {
        let panes = panes.iter().copied();
        panes.filter(|pane| worlds.shows(*pane)).collect()
    };
    if alone || body.width + 1 < ROOMY.0 || body.height + 2 < ROOMY.1 {
        let tabs = (0..PANES).filter(|pane| !alone && worlds.shows(*pane));
        out.place(body, focus, tabs.collect());
        return out;
    }
    let heights = shares.heights(body.height);
    let mut y = body.y;
    let [top, middle, bottom] = heights.map(|height| {
        let band = Rect { y, height, ..body };
        y += height;
        band
    });
    out.dividers.push((
        Rect {
            height: 1,
            ..middle
        },
        Divider::Band(0),
    ));
    out.dividers.push((
        Rect {
            height: 1,
            ..bottom
        },
        Divider::Band(1),
    ));
    let upper = shown(&[ALERTS, AUTOSCALING]);
    if body.width >= TOP_SPLIT && upper.len() > 1 {
        out.side_by_side(top, shares.top, [ALERTS, AUTOSCALING], Divider::Top);
    } else {
        out.place(top, active[0], upper);
    }
    let things = shown(&[PODS, CONTAINERS]);
    if body.width >= MIDDLE_SPLIT && !things.is_empty() {
        let (left, line, right) = sides(middle, shares.middle);
        out.place(left, WORKLOADS, vec![WORKLOADS]);
        out.dividers.push((line, Divider::MiddleSide));
        let (above, below) = if things.len() > 1 {
            let (above, below) = cut_rows(right, right.height / 2);
            (above, Some(below))
        } else {
            (right, None)
        };
        out.in_turn(&things, [Some(above), below]);
    } else if body.height >= MIDDLE_STACK && !things.is_empty() {
        let first = share(middle.height, shares.middle, 4);
        let (above, below) = cut_rows(middle, first);
        out.place(above, WORKLOADS, vec![WORKLOADS]);
        if things.len() > 1 && body.width >= TOP_SPLIT {
            let (left, line, right) = sides(below, EVEN);
            out.in_turn(&things, [Some(left), Some(right)]);
            out.still.push(line);
        } else {
            let pane = if things.contains(&active[1]) {
                active[1]
            } else {
                things.first().copied().unwrap_or(PODS)
            };
            out.place(below, pane, things);
        }
        out.dividers
            .push((Rect { height: 1, ..below }, Divider::MiddleStack));
    } else {
        out.place(middle, active[1], shown(&[WORKLOADS, PODS, CONTAINERS]));
    }
    out.place(bottom, LOGS, vec![LOGS]);
    out.placed.sort_by_key(|placed| placed.pane);
    out
}

impl Overview {
    fn place(&mut self, area: Rect, pane: usize, tabs: Vec<usize>) {
        let (title, body) = cut_rows(area, 1);
        self.placed.push(Placed {
            pane,
            title,
            body,
            tabs,
        });
    }

    /// Puts panes into places, one each.
    fn in_turn(&mut self, panes: &[usize], places: [Option<Rect>; 2]) {
        for (pane, place) in panes.iter().zip(places.into_iter().flatten()) {
            self.place(place, *pane, vec![*pane]);
        }
    }

    fn side_by_side(&mut self, area: Rect, part: u16, panes: [usize; 2], divider: Divider) {
        let (left, line, right) = sides(area, part);
        self.place(left, panes[0], vec![panes[0]]);
        self.place(right, panes[1], vec![panes[1]]);
        self.dividers.push((line, divider));
    }

    /// The divider at a position.
    pub(crate) fn divider(&self, x: u16, y: u16) -> Option<Divider> {
        // Vertical lines first: they end in a title.
        let at = |(area, _): &&(Rect, Divider)| area.contains((x, y).into());
        let mut upright = self.dividers.iter().filter(|(area, _)| area.width == 1);
        upright
            .find(at)
            .or_else(|| self.dividers.iter().find(at))
            .map(|(_, divider)| *divider)
    }
}

impl Shares {
    fn heights(&self, height: u16) -> [u16; 3] {
        let top = share(height, self.bands[0], 3);
        let bottom = share(height, self.bands[2], 2);
        [top, height.saturating_sub(top + bottom), bottom]
    }

    /// Moves a divider to a position on the screen.
    pub(crate) fn drag(&mut self, divider: Divider, body: Rect, x: u16, y: u16) {
        let [top, middle, bottom] = self.heights(body.height);
        let part = |at: u16, whole: u16| {
            (u32::from(at) * 1000 / u32::from(whole.max(1))).clamp(50, 950) as u16
        };
        let down = y.saturating_sub(body.y);
        match divider {
            Divider::Band(0) => {
                let most = (top + middle).saturating_sub(4);
                self.set_band(0, part(down.min(most), body.height));
            }
            Divider::Band(_) => {
                let height = body.height.saturating_sub(down);
                let most = (middle + bottom).saturating_sub(4);
                self.set_band(2, part(height.min(most), body.height));
            }
            Divider::Top => self.top = part(x.saturating_sub(body.x), body.width),
            Divider::MiddleSide => self.middle = part(x.saturating_sub(body.x), body.width),
            Divider::MiddleStack => self.middle = part(down.saturating_sub(top), middle),
        }
    }

    fn set_band(&mut self, band: usize, part: u16) {
        if let Some(share) = self.bands.get_mut(band) {
            *share = part.clamp(50, 800);
        }
        let used = self.bands[0] + self.bands[2];
        // The middle keeps at least a tenth.
        if used > 900 {
            let other = 2 - band.min(2);
            if let Some(share) = self.bands.get_mut(other) {
                *share = share.saturating_sub(used - 900).max(50);
            }
        }
        self.bands[1] = 1000_u16.saturating_sub(self.bands[0] + self.bands[2]);
    }

    /// Makes a pane taller or less tall by a step. `stacked` says that the middle panes stand one above the other.
    pub(crate) fn resize_height(&mut self, pane: usize, by: i16, stacked: bool) {
        let moved = |share: u16, by: i16| share.saturating_add_signed(by).clamp(50, 950);
        match pane {
            ALERTS | AUTOSCALING => self.set_band(0, moved(self.bands[0], by)),
            LOGS => self.set_band(2, moved(self.bands[2], by)),
            WORKLOADS if stacked => self.middle = moved(self.middle, by),
            _ if stacked => self.middle = moved(self.middle, -by),
            _ => self.set_band(0, moved(self.bands[0], -by)),
        }
    }

    /// Makes a pane wider or narrower by a step, where it has a neighbour.
    pub(crate) fn resize_width(&mut self, pane: usize, by: i16) {
        let moved = |share: u16, by: i16| share.saturating_add_signed(by).clamp(50, 950);
        match pane {
            ALERTS => self.top = moved(self.top, by),
            AUTOSCALING => self.top = moved(self.top, -by),
            WORKLOADS => self.middle = moved(self.middle, by),
            PODS => self.middle = moved(self.middle, -by),
            _ => {}
        }
    }
}

/// A part of a length in thousandths, with at least `least` cells on both sides where there are so many.
fn share(whole: u16, thousandths: u16, least: u16) -> u16 {
    let part = (u32::from(whole) * u32::from(thousandths) + 500) / 1000;
    let most = whole.saturating_sub(least);
    (part as u16).clamp(least.min(most), most)
}

/// A left part, a line, and a right part.
fn sides(area: Rect, part: u16) -> (Rect, Rect, Rect) {
    let first = share(area.width.saturating_sub(1), part, 20);
    let left = Rect {
        width: first,
        ..area
    };
    let line = Rect {
        x: area.x + first,
        width: 1,
        ..area
    };
    let right = Rect {
        x: line.x + 1,
        width: area.width.saturating_sub(first + 1),
        ..area
    };
    (left, line, right)
}

/// The first rows of an area, and the rest.
pub(crate) fn cut_rows(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (
        Rect {
            height: rows,
            ..area
        },
        Rect {
            y: area.y + rows,
            height: area.height - rows,
            ..area
        },
    )
}

/// A box in the upper middle of an area.
pub(crate) fn popup(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 4,
        width,
        height,
    }
}
