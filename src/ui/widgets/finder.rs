//! A list to choose from under a line of input: what palette, help and pickers have in common.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::field::Field;
use super::line::{Line, clear};
use super::table::{cut_end, text_width};
use crate::ui::commands::Command;
use crate::ui::theme::{Part, Theme};
use crate::ui::views::Role;

/// Something to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// What is shown, and what is taken when it is chosen.
    pub text: String,
    pub doc: String,
    /// A word on what sort of thing it is.
    pub tag: &'static str,
    /// Other words that find it.
    pub aliases: Vec<String>,
}

/// A line of input with a list under it.
#[derive(Clone, Debug, Default)]
pub struct Finder {
    pub field: Field,
    pub items: Vec<Item>,
    /// The chosen one, once one was chosen.
    pub selected: Option<usize>,
    top: usize,
}

impl Finder {
    /// A list with one of its items chosen from the start.
    pub fn choosing(items: Vec<Item>, at: usize) -> Self {
        Self {
            items,
            selected: Some(at),
            ..Self::default()
        }
    }

    /// Puts new items in place; nothing is chosen any more.
    pub fn set_items(&mut self, items: Vec<Item>) {
        self.items = items;
        self.selected = None;
        self.top = 0;
    }

    /// Moves the choice; true if the command was meant for it.
    pub fn choose(&mut self, command: Command, page: usize) -> bool {
        let last = self.items.len().saturating_sub(1);
        let by = match command {
            Command::NextItem => 1,
            Command::PreviousItem => -1,
            Command::NextPage => page as isize,
            Command::PreviousPage => -(page as isize),
            _ => return false,
        };
        if self.items.is_empty() {
            return true;
        }
        let next = match self.selected {
            None if by > 0 => by.unsigned_abs() - 1,
            None => return true,
            Some(at) => at.saturating_add_signed(by),
        };
        self.selected = Some(next.min(last));
        self.top = self.top_for(page);
        true
    }

    fn top_for(&self, page: usize) -> usize {
        let at = self.selected.unwrap_or_default();
        self.top.clamp(
            (at + 1).saturating_sub(page.max(1)),
            at.max(self.top.min(at)),
        )
    }

    pub fn chosen(&self) -> Option<&Item> {
        self.items.get(self.selected?)
    }

    /// The item at a line of the list.
    pub fn item_at(&self, list: Rect, x: u16, y: u16) -> Option<usize> {
        let at = self.top + usize::from(y.checked_sub(list.y)?);
        (list.contains((x, y).into()) && at < self.items.len()).then_some(at)
    }

    /// Draws the list.
    pub fn draw(&self, theme: &Theme, list: Rect, buf: &mut Buffer) {
        let page = usize::from(list.height);
        let widest = self
            .items
            .iter()
            .map(|item| text_width(&item.text))
            .max()
            .unwrap_or_default();
        let column = widest.min(list.width / 2).max(12);
        let rows = (list.y..list.bottom()).zip(self.items.iter().enumerate().skip(self.top));
        for (y, (at, item)) in rows.take(page) {
            let row = Rect {
                y,
                height: 1,
                ..list
            };
            let text = cut_end(&item.text, column);
            let mut line = Line::new(buf, row);
            line.skip(1).put(&text, theme.role(Role::Strong));
            line.skip(column.saturating_sub(text_width(&text)) + 2);
            let tag = text_width(item.tag) + 2;
            let room = line.room().saturating_sub(tag);
            line.put(&cut_end(&item.doc, room), theme.role(Role::Dim));
            if list.width > 50 {
                let place = Rect {
                    x: row.right().saturating_sub(tag),
                    width: tag,
                    ..row
                };
                Line::new(buf, place)
                    .skip(1)
                    .put(item.tag, theme.role(Role::Dim));
            }
            if self.selected == Some(at) {
                buf.set_style(row.intersection(buf.area), theme.part(Part::Cursor));
            }
        }
    }
}

/// Those of the items that a word finds, best first. Equal names come before beginnings, beginnings before the rest;
/// equally good ones keep their order.
pub fn matching(items: Vec<Item>, word: &str) -> Vec<Item> {
    if word.is_empty() {
        return items;
    }
    let pattern = Pattern::new(
        word,
        CaseMatching::Ignore,
        Normalization::Smart,
        AtomKind::Fuzzy,
    );
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, Item)> = items
        .into_iter()
        .filter_map(|item| {
            let score = std::iter::once(&item.text)
                .chain(&item.aliases)
                .filter_map(|name| {
                    let score = pattern.score(Utf32Str::new(name, &mut buffer), &mut matcher)?;
                    Some(score + nearness(name, word))
                })
                .max()?;
            Some((score + weight(item.tag), item))
        })
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, item)| item).collect()
}

/// What is gone to most comes first among equals.
fn weight(tag: &str) -> u32 {
    match tag {
        "view" => 100,
        "kind" | "word" => 60,
        "context" | "namespace" => 30,
        _ => 0,
    }
}

fn nearness(name: &str, word: &str) -> u32 {
    if name.eq_ignore_ascii_case(word) {
        20_000
    } else if begins(name, word) {
        10_000
    } else {
        0
    }
}

/// Whether a name begins with a word, in any case.
pub fn begins(name: &str, word: &str) -> bool {
    name.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Draws a box with a title around a popup and returns what is inside.
pub fn boxed(theme: &Theme, title: &str, area: Rect, buf: &mut Buffer) -> Rect {
    let area = area.intersection(buf.area);
    clear(buf, area, theme.part(Part::Overlay));
    if area.width < 4 || area.height < 3 {
        return Rect::default();
    }
    let border = theme.part(Part::BorderFocused);
    let right = area.right() - 1;
    for y in area.top()..area.bottom() {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        let (left_sign, fill, right_sign) = if y == area.top() {
            ("╭", "─", "╮")
        } else if y + 1 == area.bottom() {
            ("╰", "─", "╯")
        } else {
            ("│", " ", "│")
        };
        let mut line = Line::new(buf, row);
        line.put(left_sign, border);
        if y == area.top() {
            line.put(" ", border)
                .put(title, theme.part(Part::Title))
                .put(" ", border);
        }
        line.fill(right, fill, border).put(right_sign, border);
    }
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 2,
        height: area.height - 2,
    }
}
