//! The line above the logs: whose they are, how many streams are live, how fast lines come, what was lost, and how they
//! are narrowed.

use super::LogPane;
use crate::logs::time::SECOND;
use crate::logs::{Logbook, Totals};
use crate::model::{Health, LogLevel, Moment, SourceStatus};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::format;
use crate::ui::theme::Part;
use crate::ui::title::{Piece, Title, grouped, name_piece};
use crate::ui::views::Role;

/// Seconds over which the rate is taken.
pub(super) const RATE_SECONDS: i64 = 5;

/// The title of a pane of logs.
pub(crate) fn of(ui: &Ui, pane: &LogPane, focused: bool, store: &Store, now: Moment) -> Title {
    let mut title = Title::default();
    title.names.push(name_piece(ui, "Logs", focused));
    title.names.push(Piece {
        text: pane.name.clone(),
        style: ui.theme.role(Role::Strong),
    });
    let Some(book) = store.logbook(pane.reading) else {
        return title;
    };
    let plain = ui.theme.role(Role::Plain);
    let totals = book.totals();
    let mut say = |text: String, style| title.left.push(Piece { text, style });
    if totals.streams > 0 {
        let (text, health) = streams(&totals);
        let style = match health {
            Some(health) => ui.theme.role(Role::Health(health)),
            None => plain,
        };
        say(text, style);
        say(rate(book, now), plain);
        let lost = format!("{} lost", grouped(totals.dropped as usize));
        if totals.dropped > 0 {
            say(
                format!("▲ {lost}"),
                ui.theme.role(Role::Health(Health::Warn)),
            );
        } else {
            say(lost, plain);
        }
        if totals.evicted > 0 {
            let text = format!("{} older let go", grouped(totals.evicted as usize));
            say(text, ui.theme.role(Role::Health(Health::Warn)));
        }
    }
    if let Some(text) = narrowed(pane, book) {
        say(text, ui.theme.part(Part::Match));
    }
    if !pane.search_text().is_empty() {
        let (all, at) = book.hits(pane.cursor);
        let text = format!(
            "search {} {} of {}",
            pane.search_text(),
            grouped(at),
            grouped(all)
        );
        say(text, ui.theme.part(Part::Match));
    }
    title.right = Some(right(ui, pane, book, &totals, now));
    title
}

/// `3 live`, `2 live, 1 reconnecting`, `50 of 1,000 streamed`
fn streams(totals: &Totals) -> (String, Option<Health>) {
    let mut parts = Vec::new();
    let mut health = None;
    for (count, word, bad) in [
        (totals.live, "live", None),
        (totals.reconnecting, "reconnecting", Some(Health::Warn)),
        (totals.refused, "refused", Some(Health::Bad)),
        (totals.waiting, "waiting", None),
        (totals.connecting, "connecting", None),
        (totals.ended, "ended", None),
    ] {
        if count > 0 {
            parts.push(format!("{} {word}", grouped(count)));
            health = health.or(bad);
        }
    }
    if totals.queued > 0 {
        let streamed = totals.streams - totals.queued;
        parts.insert(
            0,
            format!(
                "{} of {} streamed",
                grouped(streamed),
                grouped(totals.streams)
            ),
        );
        health = health.or(Some(Health::Warn));
    }
    if let Some(health) = health {
        return (
            format!("{} {}", health.glyph(), parts.join(", ")),
            Some(health),
        );
    }
    (parts.join(", "), None)
}

/// `15 lines/s`
fn rate(book: &Logbook, now: Moment) -> String {
    let recent = book.since((now.second() - RATE_SECONDS) * SECOND);
    let rate = recent as f64 / RATE_SECONDS as f64;
    if recent == 0 {
        return "quiet".to_owned();
    }
    if rate < 10.0 {
        format!("{rate:.1} lines/s")
    } else {
        format!("{} lines/s", grouped(rate as usize))
    }
}

/// How the lines are narrowed, and how many are left.
fn narrowed(pane: &LogPane, book: &Logbook) -> Option<String> {
    let filter = &pane.filter;
    if filter.is_open() {
        return None;
    }
    let mut parts = Vec::new();
    match filter.floor {
        LogLevel::Unknown => {}
        LogLevel::Fatal => parts.push("fatal only".to_owned()),
        floor => parts.push(format!("{} and above", floor.word())),
    }
    if !filter.text().trim().is_empty() {
        parts.push(format!("/{}", filter.text().trim()));
    }
    if !filter.muted.is_empty() {
        parts.push(format!(
            "{} off",
            format::count(filter.muted.len(), "source", "sources")
        ));
    }
    let shown = format!("{} of {}", grouped(book.shown()), grouped(book.len()));
    parts.push(match book.progress() {
        Some(percent) => format!("{shown} so far, {percent} % searched"),
        None => shown,
    });
    if pane.walk.all {
        parts.push("in context".to_owned());
    }
    Some(parts.join("  "))
}

/// Whether the pane follows, or what keeps it from being whole.
fn right(ui: &Ui, pane: &LogPane, book: &Logbook, totals: &Totals, now: Moment) -> Piece {
    for (_, status) in book.finding() {
        if let SourceStatus::Stale {
            since,
            cause,
            retry_at,
        } = status
        {
            let age = format::age(since.age(now));
            let retry = crate::ui::trust::retry(*retry_at, now);
            return Piece {
                text: format!(
                    "{} new streams unknown {age}: {cause}{retry}",
                    Health::Warn.glyph()
                ),
                style: ui.theme.role(Role::Health(Health::Warn)),
            };
        }
    }
    let dim = ui.theme.role(Role::Dim);
    if book.is_asking() {
        return Piece {
            text: "reading older lines…".to_owned(),
            style: dim,
        };
    }
    if pane.follow {
        return Piece {
            text: if pane.small {
                String::new()
            } else {
                "following".to_owned()
            },
            style: dim,
        };
    }
    let new = totals.lines.saturating_sub(pane.paused_at);
    let text = if new > 0 {
        format!("paused, {} new", grouped(new as usize))
    } else {
        "paused".to_owned()
    };
    Piece {
        text,
        style: ui.theme.part(Part::Marked),
    }
}
