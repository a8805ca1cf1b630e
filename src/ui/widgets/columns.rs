//! How wide columns are and which ones find room. Pure; the table widget draws by it.

use unicode_width::UnicodeWidthStr;

use crate::ui::views::{Column, View, World};

/// Cells of a bar in a cell, and of the space behind it.
pub(super) const BAR: u16 = 4;
/// Columns of this rank or above give way before any other is cut.
const EXTRA: u8 = 5;
/// Columns of this rank or above give way before any other is cut so far that it is hard to read.
const MIDDLING: u8 = 3;
/// Cells within which most names and reasons can be read.
const READABLE: u16 = 26;
/// Cells of free text that are worth having.
const LINE: u16 = 60;
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

/// Places columns into `room` cells.
///
/// When room is short, columns in which no row says anything go first, and those of rank [`EXTRA`] and above; then those of rank [`MIDDLING`] and above until
/// what is left can be read; then columns are cut, those with most to spare first, down to their least width; and only
/// when that is not enough do the others go by rank. What room is left goes to the free column up to its text, to
/// names that were cut, and then to the free column again. With `skip`, that many columns besides the name are
/// scrolled away, and columns stand at their full width as far as room goes.
pub fn layout_columns(
    columns: &[Column],
    natural: &[u16],
    room: u16,
    wide: bool,
    skip: usize,
) -> Vec<Placed> {
    let gap = gap(room);
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
        for wish in &mut chosen {
            wish.width = wish.full;
        }
        return place(&chosen, room);
    }
    let too_wide = |chosen: &[Wish], width: fn(&Wish) -> u16| {
        let cells: u32 = chosen.iter().map(|wish| u32::from(width(wish))).sum();
        let gaps = u32::from(gap) * (chosen.len().saturating_sub(1) as u32);
        (cells + gaps).saturating_sub(u32::from(room))
    };
    if too_wide(&chosen, |wish| wish.width) > 0 {
        chosen.retain(|wish| wish.name || wish.free || wish.told);
    }
    while too_wide(&chosen, |wish| wish.width) > 0 && drop_one(&mut chosen, EXTRA) {}
    while too_wide(&chosen, |wish| wish.enough) > 0 && drop_one(&mut chosen, MIDDLING) {}
    while too_wide(&chosen, |wish| wish.least) > 0 && drop_one(&mut chosen, 1) {}
    let over = too_wide(&chosen, |wish| wish.width);
    shrink(&mut chosen, over);
    let gaps = u32::from(gap) * (chosen.len().saturating_sub(1) as u32);
    let used: u32 = chosen.iter().map(|wish| u32::from(wish.width)).sum();
    grow(
        &mut chosen,
        u32::from(room).saturating_sub(used + gaps) as u16,
    );
    place(&chosen, room)
}

/// Cells between two columns of a table that has so much room.
pub fn gap(room: u16) -> u16 {
    if room < 100 { 1 } else { 2 }
}

struct Wish {
    column: usize,
    /// What it gets; at first what it would like.
    width: u16,
    /// What it cannot do without.
    least: u16,
    /// What lets it be read.
    enough: u16,
    /// All of its text.
    full: u16,
    rank: u8,
    name: bool,
    free: bool,
    /// Some row says something there.
    told: bool,
}

impl Wish {
    fn new(at: usize, column: &Column, natural: u16) -> Self {
        let header = text_width(&column.header);
        let full = natural.max(header);
        let free = column.max == FREE;
        let most = if free { LINE } else { column.max };
        let least = column.min.max(header).min(full);
        let width = full.min(most.max(least));
        Self {
            column: at,
            width,
            least,
            enough: width.min(READABLE).max(least),
            full,
            rank: column.rank,
            name: column.key == "name",
            free,
            told: natural > 0,
        }
    }
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

/// Cuts the columns that have most to spare until `over` cells are saved.
fn shrink(chosen: &mut [Wish], over: u32) {
    for _ in 0..over {
        let richest = chosen
            .iter_mut()
            .filter(|wish| wish.width > wish.least)
            .max_by_key(|wish| wish.width - wish.least);
        let Some(richest) = richest else {
            return;
        };
        richest.width -= 1;
    }
}

fn grow(chosen: &mut [Wish], mut spare: u16) {
    let mut widen = |wish: &mut Wish, by: u16| {
        let more = by.min(spare);
        wish.width += more;
        spare -= more;
    };
    for free in [true, false] {
        for wish in chosen.iter_mut().filter(|wish| wish.free == free) {
            let missing = wish.full.saturating_sub(wish.width);
            widen(wish, missing);
        }
    }
    if let Some(free) = chosen.iter_mut().find(|wish| wish.free) {
        widen(free, u16::MAX);
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
        x = x.saturating_add(width).saturating_add(gap(room));
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
