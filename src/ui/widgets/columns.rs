//! How wide columns are and which ones find room. Pure; the table widget draws by it.

use unicode_width::UnicodeWidthStr;

use crate::ui::views::{Column, View, World};

/// Cells between two columns.
pub const GAP: u16 = 2;
/// Cells of a bar in a cell, and of the space behind it.
pub(super) const BAR: u16 = 4;
/// Columns of this rank or above give way before any other is cut.
const EXTRA: u8 = 5;
/// A column that may be this wide takes what room is left.
pub(super) const FREE: u16 = u16::MAX;

/// A column's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which column, by its place in the list.
    pub column: usize,
    /// Cells from the left edge.
    pub x: u16,
    pub width: u16,
}

/// How wide each column wants to be, as far as rows were seen. Only grows until it is reset, so that columns stand
/// still while rows scroll by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Widths {
    natural: Vec<u16>,
    room: u16,
}

impl Widths {
    /// Forgets everything: another query, view or mode.
    pub fn reset(&mut self) {
        self.natural.clear();
    }

    pub fn natural(&self) -> &[u16] {
        &self.natural
    }

    /// Takes the rows on screen into account.
    pub fn learn(
        &mut self,
        view: &dyn View,
        world: World<'_>,
        columns: &[Column],
        rows: &[u32],
        room: u16,
    ) {
        if self.room != room || self.natural.len() != columns.len() {
            self.room = room;
            self.natural = vec![0; columns.len()];
        }
        for slot in rows {
            for (natural, cell) in self.natural.iter_mut().zip(view.cells(world, *slot)) {
                let bar = if cell.bar.is_some() { BAR + 1 } else { 0 };
                *natural = (*natural).max(text_width(&cell.text).saturating_add(bar));
            }
        }
    }
}

/// Places columns into `room` cells. Columns of rank [`EXTRA`] and above go first, then the widest are cut down to
/// their least width, then the others go by rank; what is left goes to cut columns and then to the free one. `skip`
/// columns besides the name are scrolled away; then columns stand at their full width as far as room goes.
pub fn layout_columns(
    columns: &[Column],
    natural: &[u16],
    room: u16,
    wide: bool,
    skip: usize,
) -> Vec<Placed> {
    let mut chosen: Vec<Wish> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| wide || !column.wide)
        .map(|(at, column)| Wish::new(at, column, natural.get(at).copied().unwrap_or_default()))
        .collect();
    if skip > 0 {
        let mut left = skip;
        chosen.retain(|wish| {
            if wish.name || left == 0 {
                return true;
            }
            left -= 1;
            false
        });
        return place(&chosen, room);
    }
    while total(&chosen, |wish| wish.width) > u32::from(room) && drop_one(&mut chosen, EXTRA) {}
    while total(&chosen, |wish| wish.least) > u32::from(room) && drop_one(&mut chosen, 1) {}
    shrink(&mut chosen, room);
    grow(&mut chosen, room);
    place(&chosen, room)
}

struct Wish {
    column: usize,
    width: u16,
    least: u16,
    full: u16,
    rank: u8,
    name: bool,
    free: bool,
}

impl Wish {
    fn new(at: usize, column: &Column, natural: u16) -> Self {
        // The header's arrow for the order needs a cell of its own.
        let header = text_width(&column.header);
        let full = natural.max(header);
        let free = column.max == FREE;
        let least = column.min.max(header).min(full);
        let width = if free {
            least
        } else {
            full.min(column.max.max(least))
        };
        Self {
            column: at,
            width,
            least,
            full,
            rank: column.rank,
            name: column.key == "name",
            free,
        }
    }
}

fn total(chosen: &[Wish], width: impl Fn(&Wish) -> u16) -> u32 {
    let cells: u32 = chosen.iter().map(|wish| u32::from(width(wish))).sum();
    cells + u32::from(GAP) * (chosen.len().saturating_sub(1) as u32)
}

/// Drops the last column of the highest rank, if that is at least `from`.
fn drop_one(chosen: &mut Vec<Wish>, from: u8) -> bool {
    let last = chosen
        .iter()
        .enumerate()
        .filter(|(_, wish)| wish.rank >= from)
        .max_by_key(|(at, wish)| (wish.rank, *at))
        .map(|(at, _)| at);
    last.map(|at| chosen.remove(at)).is_some()
}

/// Cuts the columns that have most to spare until all fit.
fn shrink(chosen: &mut [Wish], room: u16) {
    let mut over = total(chosen, |wish| wish.width).saturating_sub(u32::from(room));
    while over > 0 {
        let Some(widest) = chosen
            .iter_mut()
            .filter(|wish| wish.width > wish.least)
            .max_by_key(|wish| wish.width)
        else {
            return;
        };
        widest.width -= 1;
        over -= 1;
    }
}

fn grow(chosen: &mut [Wish], room: u16) {
    let mut spare = u32::from(room).saturating_sub(total(chosen, |wish| wish.width)) as u16;
    // Names before free text: what tells rows apart comes first.
    for wish in chosen.iter_mut().filter(|wish| !wish.free) {
        let more = (wish.full - wish.width).min(spare);
        wish.width += more;
        spare -= more;
    }
    if let Some(free) = chosen.iter_mut().find(|wish| wish.free) {
        free.width += spare;
    }
}

fn place(chosen: &[Wish], room: u16) -> Vec<Placed> {
    let mut x: u16 = 0;
    let mut placed = Vec::with_capacity(chosen.len());
    for wish in chosen {
        let width = wish.width.min(room.saturating_sub(x));
        if width == 0 {
            break;
        }
        placed.push(Placed {
            column: wish.column,
            x,
            width,
        });
        x = x.saturating_add(width).saturating_add(GAP);
    }
    placed
}

/// Cells that a text takes.
pub fn text_width(text: &str) -> u16 {
    if text.is_ascii() {
        text.len().min(usize::from(u16::MAX)) as u16
    } else {
        text.width().min(usize::from(u16::MAX)) as u16
    }
}
