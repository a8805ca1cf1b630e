//! Draws the detail of an object.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Detail, Tab, place};
use crate::model::{Feed, Health, Kind, Moment, Topic};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::format;
use crate::ui::theme::Part;
use crate::ui::title::{self, Piece, Title};
use crate::ui::trust::{self, Trust};
use crate::ui::views::{Role, World};
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::text_width;
use crate::ui::{empty, frame};

/// The tabs with the places of their titles.
pub(crate) fn tab_places(detail: &Detail, area: Rect) -> impl Iterator<Item = (Tab, Rect)> {
    let mut x = area.x.saturating_add(1);
    detail.all_tabs().iter().map(move |tab| {
        let width = text_width(tab.title()) + 2;
        let place = Rect {
            x,
            width,
            height: 1,
            ..area
        };
        x += width + 1;
        (*tab, place)
    })
}

/// Draws the whole screen of an object.
pub(crate) fn draw(ui: &Ui, detail: &Detail, world: World<'_>, buf: &mut Buffer) {
    title(ui, detail, world.store, world.now, buf);
    tabs(ui, detail, world.store, buf);
    if let Some(pane) = detail.pane() {
        frame::table(ui, pane, world, true, buf);
        return;
    }
    if detail.grid().is_some() {
        detail.draw_metrics(ui, world, buf);
        return;
    }
    let Some(reader) = detail.reader() else {
        empty::say(ui, &["Reading…".to_owned()], detail.body(), buf);
        return;
    };
    let drawn = detail.with_lines(world.store, world.now, |lines| {
        if lines.count() == 0 {
            return false;
        }
        reader.draw(lines, &ui.theme, buf);
        true
    });
    match drawn {
        Some(true) => {}
        Some(false) => {
            let words = match detail.tab() {
                Tab::Related => "Nothing is related to this object.",
                _ => "There is nothing to read here.",
            };
            empty::say(ui, &[words.to_owned()], detail.body(), buf);
        }
        None => {
            let words = waiting(detail, world.store, world.now);
            empty::say(ui, &words, detail.body(), buf);
        }
    }
}

fn title(ui: &Ui, detail: &Detail, store: &Store, now: Moment, buf: &mut Buffer) {
    let name = format!("{} {}", detail.target.kind.name(), place(&detail.target));
    let mut title = Title {
        names: vec![title::name_piece(ui, &name, true)],
        ..Title::default()
    };
    if let Some(endpoint) = store
        .endpoint(detail.target.endpoint)
        .filter(|_| store.places().count() > 1)
    {
        title.left.push(Piece {
            text: endpoint.name.to_string(),
            style: ui.theme.role(Role::Dim),
        });
    }
    if let Some(found) = detail.reader().and_then(|reader| {
        let found = reader.found()?;
        Some(format!("/{} {found}", reader.search()))
    }) {
        title.left.push(Piece {
            text: found,
            style: ui.theme.part(Part::Match),
        });
    }
    title.right = state(ui, detail, store, now);
    title::draw(ui, &title, true, detail.title, buf);
}

/// What is worth knowing of the object as a whole.
fn state(ui: &Ui, detail: &Detail, store: &Store, now: Moment) -> Option<Piece> {
    let health = |health: Health, text: String| {
        Some(Piece {
            text: format!("{} {text}", health.glyph()),
            style: ui.theme.role(Role::Health(health)),
        })
    };
    if let Some((key, until)) = detail.revealed().iter().next_back() {
        let text = format!("{key} is shown for {}", format::age(now.age(*until)));
        return health(Health::Warn, text);
    }
    let document = detail.document(store);
    if let Some(document) = document
        && document.deleted
    {
        let age = format::age(document.read.age(now));
        return health(Health::Bad, format!("deleted; as it was {age} ago"));
    }
    let trust = feed(detail, store);
    let words = trust.words(store, now);
    if document.is_some() && !words.is_empty() {
        return health(trust.health(), words.into_owned());
    }
    None
}

fn feed<'a>(detail: &Detail, store: &'a Store) -> Trust<'a> {
    if detail.is_own() {
        return Trust::Live;
    }
    let endpoint = detail.target.endpoint;
    let feed = Feed {
        endpoint,
        topic: Topic::Document,
    };
    trust::of(endpoint, store.status(&feed))
}

/// Why there is nothing to read yet.
fn waiting(detail: &Detail, store: &Store, now: Moment) -> Vec<String> {
    let name = place(&detail.target);
    match feed(detail, store) {
        Trust::Denied { verb, resource, .. } => vec![
            format!("You may not {verb} {resource}, so {name} cannot be opened."),
            "The cluster's administrator can grant it.".to_owned(),
        ],
        Trust::Off { why } => vec![format!("{name} cannot be opened: {why}")],
        Trust::Stale {
            cause, retry_at, ..
        } => vec![format!(
            "No answer yet: {cause}{}",
            trust::retry(retry_at, now)
        )],
        _ => vec![format!("Reading {name}…")],
    }
}

fn tabs(ui: &Ui, detail: &Detail, store: &Store, buf: &mut Buffer) {
    for (tab, place) in tab_places(detail, detail.tabs) {
        if place.x >= detail.tabs.right() {
            break;
        }
        let room = Rect {
            width: place.width.min(detail.tabs.right() - place.x),
            ..place
        };
        let style = if tab == detail.tab() {
            ui.theme.part(Part::Cursor)
        } else {
            ui.theme.role(Role::Dim)
        };
        buf.set_style(room.intersection(buf.area), style);
        Line::new(buf, room).skip(1).put(tab.title(), style);
    }
    let masked = store
        .document()
        .filter(|_| detail.document(store).is_some())
        .is_some_and(|document| !document.masked.is_empty());
    if (detail.target.kind == Kind::Secret || masked) && detail.revealed().is_empty() {
        let text = "values are masked";
        let width = text_width(text) + 1;
        if detail.tabs.width > 60 + width {
            let place = Rect {
                x: detail.tabs.right() - width,
                width,
                ..detail.tabs
            };
            Line::new(buf, place).put(text, ui.theme.role(Role::Dim));
        }
    }
}
