//! One frame: everything on screen, drawn from what `prepare` worked out. Reads only.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::{self, LEAST, Placed};
use super::overview::{Overview, Tile};
use super::pane::Pane;
use super::screen::Screen;
use super::theme::Part;
use super::title::{self, Piece, Title};
use super::views::{Role, World};
use super::widgets::bar;
use super::widgets::line::Line;
use super::widgets::table::{self as table_widget, TableScene, text_width};
use super::{Ui, detail, empty, footer, header, overlays, world};
use crate::model::{Environment, Moment};
use crate::store::Store;

/// Draws the whole screen and returns where the text cursor stands, if there is one.
pub(crate) fn draw(ui: &Ui, store: &Store, now: Moment, buf: &mut Buffer) -> Option<(u16, u16)> {
    buf.set_style(buf.area, ui.theme.part(Part::Background));
    let Some(areas) = ui.areas else {
        too_small(ui, buf);
        return None;
    };
    let world = world(store, now);
    header::draw(ui, store, now, areas.header, buf);
    edge(ui, store, areas.edge, buf);
    match ui.screens.current() {
        Screen::Overview(overview) => panes(ui, overview, world, buf),
        Screen::Table(pane) => {
            let (line, _) = layout::cut_rows(areas.body, 1);
            let title = title::of(ui, pane, pane.view.title(), true, store, now);
            title::draw(ui, &title, true, line, buf);
            table(ui, pane, world, true, buf);
        }
        Screen::Detail(detail) => detail::draw::draw(ui, detail, world, buf),
        Screen::Boards(boards) => boards.draw(ui, world, buf),
    }
    footer::draw(ui, store, areas.footer, buf);
    let cursor = overlays::draw(ui, store, areas, now, buf);
    if ui.ascii {
        plain(buf);
    }
    cursor.filter(|place| buf.area.contains((*place).into()))
}

fn too_small(ui: &Ui, buf: &mut Buffer) {
    let words = format!("terminal too small: needs {}×{}", LEAST.0, LEAST.1);
    let area = buf.area;
    for (y, text) in (area.y..area.bottom()).zip(super::widgets::line::wrap(&words, area.width)) {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        Line::new(buf, row).put(&text, ui.theme.role(Role::Plain));
    }
}

/// The border that says what it would mean to break something here.
fn edge(ui: &Ui, store: &Store, area: Rect, buf: &mut Buffer) {
    let Some(environment) = header::environment(store) else {
        return;
    };
    let symbol = match environment {
        Environment::Production => "▌",
        Environment::Staging => "▎",
        Environment::Development => return,
    };
    let style = ui.theme.tint(environment);
    for y in area.top()..area.bottom() {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        Line::new(buf, row).put(symbol, style);
    }
}

fn panes(ui: &Ui, overview: &Overview, world: World<'_>, buf: &mut Buffer) {
    let upright = |(area, divider): &(Rect, layout::Divider)| {
        matches!(divider, layout::Divider::Top | layout::Divider::MiddleSide).then_some(*area)
    };
    let dragged = overview.layout.dividers.iter().filter_map(upright);
    for area in dragged.chain(overview.layout.still.iter().copied()) {
        for y in area.top()..area.bottom() {
            let row = Rect {
                y,
                height: 1,
                ..area
            };
            let sign = if y == area.top() { "┬" } else { "│" };
            Line::new(buf, row).put(sign, ui.theme.part(Part::Border));
        }
    }
    for placed in &overview.layout.placed {
        let focused = placed.pane == overview.focus;
        let title = pane_title(ui, overview, placed, focused, world);
        title::draw(ui, &title, focused, placed.title, buf);
        match overview.tile(placed.pane) {
            Some(Tile::Table(pane)) => table(ui, pane, world, focused, buf),
            Some(Tile::Note { words, .. }) => {
                let style = ui.theme.role(Role::Dim);
                let texts = super::widgets::line::wrap(words, placed.body.width.saturating_sub(4));
                for (y, text) in (placed.body.y..placed.body.bottom()).zip(texts) {
                    let row = Rect {
                        y,
                        height: 1,
                        ..placed.body
                    };
                    Line::new(buf, row).skip(3).put(&text, style);
                }
            }
            None => {}
        }
    }
}

/// The title of a pane of the overview; panes that share its place are named beside it.
fn pane_title(
    ui: &Ui,
    overview: &Overview,
    placed: &Placed,
    focused: bool,
    world: World<'_>,
) -> Title {
    let name = overview.title(placed.pane);
    let mut title = match overview.pane(placed.pane) {
        Some(pane) => title::of(ui, pane, name, focused, world.store, world.now),
        None => Title {
            names: vec![title::name_piece(ui, name, focused)],
            ..Title::default()
        },
    };
    let names = placed.tabs.iter().map(|tab| overview.title(*tab));
    let wide: u16 = names.map(|name| text_width(name) + 3).sum();
    if placed.tabs.len() > 1 && wide > placed.title.width / 2 {
        let at = placed.tabs.iter().position(|tab| *tab == placed.pane);
        let text = format!("{} of {}", at.unwrap_or_default() + 1, placed.tabs.len());
        let style = ui.theme.role(Role::Dim);
        title.names.push(Piece { text, style });
        return title;
    }
    // The others stand around the pane's own name, in the order of Tab.
    let own = placed.tabs.iter().position(|tab| *tab == placed.pane);
    for (at, tab) in placed.tabs.iter().enumerate() {
        let before = own.is_some_and(|own| at < own);
        let style = ui.theme.role(Role::Dim);
        let name = overview.title(*tab);
        if before {
            let text = format!("{name} ·");
            title.names.insert(at, Piece { text, style });
        } else if *tab != placed.pane {
            let text = format!("· {name}");
            title.names.push(Piece { text, style });
        }
    }
    title
}

/// Draws a table, or why it has no rows.
pub(crate) fn table(ui: &Ui, pane: &Pane, world: World<'_>, focused: bool, buf: &mut Buffer) {
    let area = pane.area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    if pane.table.prepared().rows.is_empty() {
        let words = empty::words(ui, pane, world.store, world.now);
        empty::say(ui, &words, area, buf);
        return;
    }
    let scene = TableScene {
        view: pane.view.as_ref(),
        world,
        state: &pane.table,
        theme: &ui.theme,
        focused,
        ascii: ui.ascii,
    };
    table_widget::draw(&scene, pane.area, buf);
}

/// Puts characters that every font has in place of those that few have.
fn plain(buf: &mut Buffer) {
    for cell in &mut buf.content {
        let mut characters = cell.symbol().chars();
        let (Some(character), None) = (characters.next(), characters.next()) else {
            continue;
        };
        let plain = match character {
            '━' | '─' | '┬' | '╭' | '╮' | '╰' | '╯' => Some('-'),
            '│' | '┃' => Some('|'),
            '›' => Some('>'),
            '✓' => Some('+'),
            _ => bar::plain(character),
        };
        if let Some(plain) = plain {
            cell.set_char(plain);
        }
    }
}
