//! The line at the bottom: the few keys that matter now, or what was just said.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Ui;
use super::commands::Command;
use super::detail::Tab;
use super::keymap::written;
use super::overlays::Overlay;
use super::screen::Screen;
use super::theme::Part;
use super::views::{Drill, Role};
use super::widgets::line::{Line, clear};
use super::widgets::table::text_width;
use crate::model::Kind;
use crate::store::Store;

/// Actions that have a place there; the menu has all of them.
const ACTIONS: usize = 3;

/// Draws the footer: a notice if there is one, else keys.
pub(crate) fn draw(ui: &Ui, store: &Store, area: Rect, buf: &mut Buffer) {
    buf.set_style(area.intersection(buf.area), ui.theme.part(Part::KeyName));
    let mut line = Line::new(buf, area);
    line.skip(1);
    if !ui.pending.is_empty() {
        let text = format!("{} …", written(&ui.pending));
        line.put(&text, ui.theme.part(Part::Key)).skip(2);
    }
    if let Some(notice) = &ui.notice {
        let part = if notice.error {
            Part::Error
        } else {
            Part::Notice
        };
        line.put(&notice.text, ui.theme.part(part));
        return;
    }
    let mut hints = hints(ui, store);
    let wide = |hints: &[Hint]| -> u16 {
        let cells = hints
            .iter()
            .map(|hint| text_width(&hint.key) + text_width(&hint.label) + 4);
        cells.sum::<u16>().saturating_sub(3)
    };
    // The ways to everything else stay to the end: palette and help.
    while hints.len() > 1 && wide(&hints) > line.room() {
        hints.remove(hints.len().saturating_sub(3));
    }
    let dim = ui.theme.role(Role::Dim);
    for hint in hints {
        let (key, label) = if hint.denied {
            (dim, dim)
        } else {
            (ui.theme.part(Part::Key), ui.theme.part(Part::KeyName))
        };
        line.put(&hint.key, key)
            .skip(1)
            .put(&hint.label, label)
            .skip(3);
    }
}

/// A key and what it does.
struct Hint {
    key: String,
    label: String,
    /// Pressing it would only say what is missing.
    denied: bool,
}

/// The keys of actions on the row, the first few, and that of the menu, which has all of them.
fn actions(ui: &Ui, store: &Store) -> Vec<Hint> {
    let all = ui.actions_of_row(store);
    let menu = ui
        .keymap
        .keys(Command::Actions)
        .next()
        .filter(|_| !all.is_empty());
    let menu = menu.map(|key| Hint {
        key,
        label: "actions".to_owned(),
        denied: false,
    });
    let keyed = all.into_iter().filter_map(|(action, denied)| {
        let key = ui.key_of(action)?;
        Some(Hint {
            key,
            label: action.title().to_lowercase(),
            denied: denied.is_some(),
        })
    });
    keyed.take(ACTIONS).chain(menu).collect()
}

/// The keys that matter now with what they do, most important first.
fn hints(ui: &Ui, store: &Store) -> Vec<Hint> {
    let mut hints = Vec::new();
    let mut add = |command: Command, label: Option<String>| {
        let Some(key) = ui.keymap.keys(command).next() else {
            return;
        };
        let own = command.entry().and_then(|entry| entry.hint);
        if let Some(label) = label.or_else(|| own.map(str::to_owned)) {
            hints.push(Hint {
                key,
                label,
                denied: false,
            });
        }
    };
    if let Some(overlay) = &ui.overlay {
        of_overlay(overlay, &mut add);
        return hints;
    }
    match ui.screens.current() {
        screen if screen.grid().is_some() => {
            for (command, label) in of_charts(screen) {
                add(command, label.map(str::to_owned));
            }
        }
        Screen::Detail(detail) => {
            add(Command::NextPane, Some("next tab".to_owned()));
            match detail.tab() {
                Tab::Related => add(Command::Open, None),
                Tab::Yaml => {
                    add(Command::Filter, Some("search".to_owned()));
                    add(Command::CopyLine, None);
                    add(Command::ManagedFields, None);
                    add(Command::Wrap, None);
                }
                Tab::Summary => add(Command::Filter, Some("search".to_owned())),
                Tab::Events | Tab::Containers => add(Command::Filter, None),
                Tab::Metrics => {}
            }
            if detail.target.kind == Kind::Secret {
                add(Command::Reveal, None);
            }
            add(Command::Back, Some("back".to_owned()));
        }
        screen => {
            if let Some(pane) = screen.pane() {
                let drill = pane
                    .slot(store)
                    .and_then(|slot| pane.view.drill(store, slot));
                if let Some(drill) = &drill {
                    add(Command::Open, Some(leads(drill)));
                }
                if pane.view.name() == "contexts" {
                    add(Command::ContextAdd, Some("add".to_owned()));
                    add(Command::ContextRemove, Some("close".to_owned()));
                } else if pane.target(store).is_some() {
                    add(Command::Detail, None);
                    add(Command::Yaml, None);
                    add(Command::Events, None);
                }
                add(Command::Filter, None);
            }
            if let Screen::Overview(_) = screen {
                add(Command::NextPane, Some("next pane".to_owned()));
                add(Command::Zoom, None);
            }
        }
    }
    add(Command::Palette, None);
    add(Command::Help, None);
    // What Enter does comes first, then what can be done to the row.
    let first = usize::from(!hints.is_empty());
    hints.splice(first..first, actions(ui, store));
    hints
}

/// The keys of what lies over the screen.
fn of_overlay(overlay: &Overlay, add: &mut impl FnMut(Command, Option<String>)) {
    match overlay {
        Overlay::Palette(_) => {
            add(Command::Accept, Some("go".to_owned()));
            add(Command::Complete, Some("complete".to_owned()));
            add(Command::NextItem, Some("choose".to_owned()));
            add(Command::Cancel, Some("leave".to_owned()));
        }
        Overlay::Help(_) => {
            add(Command::NextPage, Some("more".to_owned()));
            add(Command::Cancel, Some("leave".to_owned()));
        }
        Overlay::Picker(_) => {
            add(Command::NextItem, Some("choose".to_owned()));
            add(Command::Accept, Some("take".to_owned()));
            add(Command::Cancel, Some("leave".to_owned()));
        }
        Overlay::Dialog(_) => {
            add(Command::Complete, Some("next field".to_owned()));
            add(Command::NextItem, Some("choose".to_owned()));
            add(Command::NextPage, Some("more".to_owned()));
            add(Command::Cancel, Some("cancel".to_owned()));
        }
        Overlay::Menu(_) => {
            add(Command::NextItem, Some("choose".to_owned()));
            add(Command::Accept, Some("look at it".to_owned()));
            add(Command::Cancel, Some("leave".to_owned()));
        }
        Overlay::Unlock(_) => {
            add(Command::Confirm, Some("unlock".to_owned()));
            add(Command::Cancel, Some("leave".to_owned()));
        }
        Overlay::Journal(_) => {
            add(Command::NextItem, Some("choose".to_owned()));
            add(Command::NextPage, Some("more".to_owned()));
            add(Command::Cancel, Some("leave".to_owned()));
        }
        Overlay::Follow(_) => {
            add(Command::Back, Some("leave it".to_owned()));
            add(Command::Works, Some("the one before".to_owned()));
            add(Command::Audit, Some("audit".to_owned()));
        }
        Overlay::Prompt(_) | Overlay::OwnLog => {
            add(Command::Back, Some("back".to_owned()));
        }
    }
}

/// The keys of charts.
fn of_charts(screen: &Screen) -> [(Command, Option<&'static str>); 8] {
    let zoomed = screen.grid().is_some_and(|grid| grid.zoom);
    let board = matches!(screen, Screen::Boards(_));
    [
        (
            Command::NextPane,
            Some(if board { "next board" } else { "next tab" }),
        ),
        (
            Command::Open,
            Some(if zoomed { "all panels" } else { "zoom" }),
        ),
        (Command::CrosshairLeft, Some("crosshair")),
        (Command::RangeLonger, Some("longer")),
        (Command::Range, None),
        (Command::Variables, None),
        (Command::Pause, None),
        (Command::Form, None),
    ]
}

/// What Enter does.
fn leads(drill: &Drill) -> String {
    match drill {
        Drill::Detail | Drill::Open(_) | Drill::UseDocker(_) => "open".to_owned(),
        Drill::Into { view, .. } => match view.split_once('-') {
            Some(("pod" | "docker", what)) => what.to_owned(),
            _ => (*view).to_owned(),
        },
        Drill::UseNamespace(_) => "use namespace".to_owned(),
        Drill::UseContext(_) => "switch".to_owned(),
    }
}

/// Draws the line of a prompt in place of the footer, and returns where its text stands.
pub(crate) fn prompt(
    ui: &Ui,
    sign: &str,
    hint: &str,
    bad: bool,
    area: Rect,
    buf: &mut Buffer,
) -> Rect {
    clear(buf, area, ui.theme.part(Part::Input));
    let wide = text_width(hint) + 2;
    let shown = area.width > wide + 24;
    let mut line = Line::new(buf, area);
    line.skip(1).put(sign, ui.theme.part(Part::Key));
    let x = line.x();
    let end = if shown {
        area.right() - wide
    } else {
        area.right()
    };
    if shown {
        let place = Rect {
            x: end,
            width: wide,
            ..area
        };
        let style = if bad {
            ui.theme.part(Part::Error)
        } else {
            ui.theme.role(Role::Dim)
        };
        Line::new(buf, place).skip(1).put(hint, style);
    }
    Rect {
        x,
        width: end.saturating_sub(x),
        ..area
    }
}
