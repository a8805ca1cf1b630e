//! The line above a pane: its name, what it counts, how it is narrowed, and whether it is to be trusted.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Ui;
use super::format;
use super::pane::Pane;
use super::theme::Part;
use super::trust::{self, Trust};
use super::views::Role;
use super::widgets::line::Line;
use super::widgets::table::{cut_end, text_width};
use crate::model::{Feed, Health, Kind, Moment, SourceStatus, Topic};
use crate::store::Store;

/// A piece of a title.
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) style: Style,
}

/// What a title says: names, then facts about them, and one fact at the right that is cut last.
#[derive(Default)]
pub(crate) struct Title {
    pub(crate) names: Vec<Piece>,
    pub(crate) left: Vec<Piece>,
    pub(crate) right: Option<Piece>,
}

/// Draws a title as a line with words in it. The focused pane has the heavy line.
pub(crate) fn draw(ui: &Ui, title: &Title, focused: bool, area: Rect, buf: &mut Buffer) {
    let (rule, part) = if focused {
        ("━", Part::BorderFocused)
    } else {
        ("─", Part::Border)
    };
    let border = ui.theme.part(part);
    let end = area.right();
    // The right piece gets what the first left piece leaves, but never all.
    let head: u16 = title
        .names
        .iter()
        .map(|piece| text_width(&piece.text) + 2)
        .sum();
    let right = title.right.as_ref().map(|piece| {
        let room = area.width.saturating_sub(head + 3);
        (cut_end(&piece.text, room), piece.style)
    });
    let wide = right
        .as_ref()
        .filter(|(text, _)| !text.is_empty())
        .map_or(0, |(text, _)| text_width(text) + 3);
    let mut line = Line::new(
        buf,
        Rect {
            width: area.width.saturating_sub(wide),
            ..area
        },
    );
    line.put(rule, border);
    for piece in &title.names {
        line.put(" ", border).put(&piece.text, piece.style);
    }
    line.put(" ", border);
    for (at, piece) in title.left.iter().enumerate() {
        if line.room() < 5 {
            break;
        }
        if at == 0 {
            line.put(rule, border).put(rule, border);
        }
        line.put(" ", border)
            .put(&piece.text, piece.style)
            .put(" ", border);
    }
    line.fill(end, rule, border);
    if wide == 0 {
        return;
    }
    let mut line = Line::new(
        buf,
        Rect {
            x: end.saturating_sub(wide),
            width: wide,
            ..area
        },
    );
    if let Some((text, style)) = right {
        line.put(" ", border).put(&text, style).put(" ", border);
    }
    line.fill(end, rule, border);
}

/// What the title of a table says.
pub(crate) fn of(
    ui: &Ui,
    pane: &Pane,
    name: &str,
    focused: bool,
    store: &Store,
    now: Moment,
) -> Title {
    let plain = ui.theme.role(Role::Plain);
    let dim = ui.theme.role(Role::Dim);
    let mut title = Title::default();
    if let Some(origin) = &pane.origin {
        title.names.push(Piece {
            text: format!("{} {} ›", origin.kind.name(), origin.name),
            style: dim,
        });
    }
    title.names.push(name_piece(ui, name, focused));
    let (trust, more) = trust::trust(pane, &ui.scope, store);
    let rows = pane.table.prepared().total;
    if rows > 0
        || matches!(
            trust,
            Trust::Live | Trust::Limited(_) | Trust::Listing { .. }
        )
    {
        title.left.push(Piece {
            text: counts(pane, &trust),
            style: plain,
        });
    }
    let prepared = pane.table.prepared();
    let unwell = prepared.by_health[0] + prepared.by_health[1];
    if pane.view.kinds().first() == Some(&Kind::Alert) {
        title.left.pop();
        title.left.extend(severities(ui, prepared.by_health));
    } else if unwell > 0 {
        let worst = if prepared.by_health[0] > 0 {
            Health::Bad
        } else {
            Health::Warn
        };
        title.left.push(Piece {
            text: format!("{} {} unhealthy", worst.glyph(), grouped(unwell)),
            style: ui.theme.role(Role::Health(worst)),
        });
    }
    let marks = pane.table.marks().len();
    if marks > 0 {
        title.left.push(Piece {
            text: format!("✓ {} marked", grouped(marks)),
            style: ui.theme.part(Part::Marked),
        });
    }
    if pane.query.faults_only {
        title.left.push(Piece {
            text: "faults only".to_owned(),
            style: ui.theme.part(Part::Match),
        });
    }
    if !pane.query.filter.is_empty() {
        title.left.push(Piece {
            text: format!("/{}", pane.query.filter.text().trim()),
            style: ui.theme.part(Part::Match),
        });
    }
    title.right = Some(right(ui, pane, &trust, more, store, now));
    title
}

/// `✗ 2 critical`, `▲ 1 warning`, `◐ 1 pending`, `◌ 3 held back or over`
fn severities(ui: &Ui, by_health: [usize; 5]) -> impl Iterator<Item = Piece> {
    const WORDS: [&str; 5] = ["critical", "warning", "pending", "watchdog", "quiet"];
    let pieces = Health::ALL.into_iter().zip(by_health).zip(WORDS);
    pieces
        .filter(|((_, count), _)| *count > 0)
        .map(|((health, count), word)| Piece {
            text: format!("{} {} {word}", health.glyph(), grouped(count)),
            style: ui.theme.role(Role::Health(health)),
        })
}

/// The state of what the pane rests on, or the scope while all is well.
fn right(
    ui: &Ui,
    pane: &Pane,
    trust: &Trust<'_>,
    more: usize,
    store: &Store,
    now: Moment,
) -> Piece {
    let words = trust.words(store, now);
    if !words.is_empty() && !matches!(trust, Trust::Listing { .. }) {
        let also = if more > 0 {
            format!(" (and {more} more)")
        } else {
            String::new()
        };
        let health = trust.health();
        return Piece {
            text: format!("{} {words}{also}", health.glyph()),
            style: ui.theme.role(Role::Health(health)),
        };
    }
    let kinds = pane.view.kinds();
    let namespaced = kinds.first().is_some_and(Kind::namespaced);
    let scope = if pane.query.within.is_some() || !namespaced {
        String::new()
    } else {
        ui.scope.words()
    };
    let text = match without_usage(pane, store, now) {
        Some(words) if scope.is_empty() => words,
        Some(words) => format!("{words} · {scope}"),
        None => scope,
    };
    Piece {
        text,
        style: ui.theme.role(Role::Dim),
    }
}

/// Why CPU and memory are missing or old, where the pane shows them.
fn without_usage(pane: &Pane, store: &Store, now: Moment) -> Option<String> {
    let kinds = pane.view.kinds();
    let shows = pane
        .table
        .columns()
        .iter()
        .any(|column| column.key == "cpu");
    if !shows || !(kinds.contains(&Kind::Pod) || kinds.contains(&Kind::Node)) {
        return None;
    }
    store.endpoints().iter().find_map(|endpoint| {
        let feed = Feed {
            endpoint: endpoint.id,
            topic: Topic::Usage,
        };
        match store.status(&feed)? {
            SourceStatus::Off { why } => Some(format!("no CPU or memory: {why}")),
            SourceStatus::Denied { verb, resource } => {
                Some(format!("no CPU or memory: may not {verb} {resource}"))
            }
            SourceStatus::Stale { since, cause, .. } => {
                let age = format::age(since.age(now));
                Some(format!("CPU and memory {age} old: {cause}"))
            }
            _ => None,
        }
    })
}

/// The name of a pane as a piece of its title.
pub(crate) fn name_piece(ui: &Ui, name: &str, focused: bool) -> Piece {
    let style = if focused {
        ui.theme.part(Part::Title)
    } else {
        ui.theme.role(Role::Strong)
    };
    Piece {
        text: name.to_owned(),
        style,
    }
}

/// `812`, `31 of 812`, `42,208 of 50,000 so far`
fn counts(pane: &Pane, trust: &Trust<'_>) -> String {
    let prepared = pane.table.prepared();
    let narrowed = !pane.query.filter.is_empty() || pane.query.faults_only;
    let rows = grouped(prepared.rows.len());
    match trust {
        Trust::Listing { total: Some(total) } if *total > prepared.total as u64 => {
            format!("{rows} of {} so far", grouped(*total as usize))
        }
        Trust::Listing { .. } => format!("{rows} so far"),
        _ if narrowed => format!("{rows} of {}", grouped(prepared.total)),
        _ => rows,
    }
}

/// A number with commas between thousands.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
