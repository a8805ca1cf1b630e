//! Cells of two by four dots, each of which belongs to one curve: the one that was drawn last.

/// The bits of the dots, left and right column, from the top.
const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// A field of dots.
pub(super) struct Canvas {
    columns: u16,
    rows: u16,
    /// Dots and owner of each cell.
    cells: Vec<(u8, u8)>,
}

impl Canvas {
    /// So many cells wide and high.
    pub(super) fn new(columns: u16, rows: u16) -> Self {
        Self {
            columns,
            rows,
            cells: vec![(0, 0); usize::from(columns) * usize::from(rows)],
        }
    }

    /// Dots from one row to another in a column of dots.
    pub(super) fn upright(&mut self, x: u16, from: u16, to: u16, owner: u8) {
        let (first, last) = (from.min(to), from.max(to).min(self.rows * 4 - 1));
        let (column, side) = (x / 2, usize::from(x % 2));
        if column >= self.columns {
            return;
        }
        for row in first / 4..=last / 4 {
            let top = first.saturating_sub(row * 4).min(3);
            let bottom = (last - row * 4).min(3);
            let bits = BITS
                .get(side)
                .and_then(|bits| bits.get(usize::from(top)..=usize::from(bottom)));
            let mask = bits
                .unwrap_or_default()
                .iter()
                .fold(0, |mask, bit| mask | bit);
            let at = usize::from(row) * usize::from(self.columns) + usize::from(column);
            if let Some((dots, owned)) = self.cells.get_mut(at) {
                if *owned == owner {
                    *dots |= mask;
                } else {
                    (*dots, *owned) = (mask, owner);
                }
            }
        }
    }

    /// The cells that have dots: column, row, dots and owner.
    pub(super) fn drawn(&self) -> impl Iterator<Item = (u16, u16, u8, u8)> + '_ {
        let columns = usize::from(self.columns).max(1);
        self.cells
            .iter()
            .enumerate()
            .filter(|(_, (dots, _))| *dots != 0)
            .map(move |(at, (dots, owner))| {
                ((at % columns) as u16, (at / columns) as u16, *dots, *owner)
            })
    }
}

/// The character of a cell.
pub(super) fn character(dots: u8, ascii: bool) -> char {
    if !ascii {
        return char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ');
    }
    let row = |at: usize| {
        BITS.iter()
            .any(|side| side.get(at).is_some_and(|bit| dots & bit != 0))
    };
    let rows = [row(0), row(1), row(2), row(3)];
    let count = rows.iter().filter(|row| **row).count();
    match rows {
        _ if count >= 3 => '|',
        [true, ..] => '\'',
        [_, true, ..] | [_, _, true, _] => '~',
        _ => '.',
    }
}
