//! The panel that follows an action: how far it is, what stands in its way, how it ended and what shows that.
//!
//! It lies in a corner and takes no key from the table but its own, so that work goes on; leaving it leaves the action
//! running.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Next;
use crate::actions::{Finished, Outcome, Progress, Stage};
use crate::model::Health;
use crate::ui::Ui;
use crate::ui::acting::{ItemState, Work, elapsed};
use crate::ui::commands::Command;
use crate::ui::layout::Areas;
use crate::ui::theme::Part;
use crate::ui::views::Role;
use crate::ui::widgets::finder::boxed;
use crate::ui::widgets::line::{Line, wrap};
use crate::ui::widgets::table::{cut_end, cut_middle, text_width};

/// Widest panel.
const WIDTH: u16 = 76;
/// Lines of what crashed that are shown.
const LINES: usize = 6;

/// Which action is followed.
pub(crate) struct Follow {
    pub(crate) id: u64,
}

type Words = Vec<(String, Role)>;

impl Follow {
    pub(super) fn command(command: Command) -> Option<Next> {
        matches!(command, Command::Back | Command::Close).then_some(Next::Close)
    }

    pub(super) fn draw(&self, ui: &Ui, areas: Areas, buf: &mut Buffer) {
        let Some(work) = ui.acting.work(self.id) else {
            return;
        };
        let width = areas.body.width.min(WIDTH);
        let text = width.saturating_sub(4);
        let lines = lines(ui, work, text);
        let height = (lines.len() as u16 + 2).min(areas.body.height);
        let area = Rect {
            x: areas.body.right() - width,
            y: areas.body.bottom() - height,
            width,
            height,
        };
        let state = if work.ended {
            String::new()
        } else {
            format!(" {} ", work.line())
        };
        let room = width.saturating_sub(text_width(&state) + 6);
        let title = cut_middle(&work.title, room);
        let inner = boxed(&ui.theme, &title, area, buf);
        if inner.is_empty() {
            return;
        }
        let place = Rect {
            x: area.right().saturating_sub(text_width(&state) + 2),
            width: text_width(&state),
            height: 1,
            ..area
        };
        Line::new(buf, place).put(&state, ui.theme.role(Role::Health(Health::Busy)));
        for (y, words) in (inner.y..inner.bottom()).zip(lines) {
            let row = Rect {
                y,
                height: 1,
                ..inner
            };
            let mut line = Line::new(buf, row);
            line.skip(1);
            for (text, role) in words {
                line.put(&text, ui.theme.role(role));
            }
        }
        let foot = keys(ui, work);
        let place = Rect {
            x: area.x + 2,
            y: area.bottom() - 1,
            width: width.saturating_sub(4),
            height: 1,
        };
        let mut line = Line::new(buf, place);
        for (key, words) in foot {
            line.put(&format!(" {key} "), ui.theme.part(Part::Key))
                .put(&format!("{words} "), ui.theme.part(Part::KeyName));
        }
    }
}

/// The keys that mean something to this action now.
fn keys(ui: &Ui, work: &Work) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    let leave = if work.ended {
        "closes"
    } else {
        "leaves it running"
    };
    keys.push((ui.key(Command::Back), leave.to_owned()));
    if let Some((why, _)) = work.next() {
        keys.push((ui.key(Command::GoOn), cut_end(why, 40)));
    }
    if let Some((title, _)) = work.undo() {
        keys.push((ui.key(Command::Undo), cut_end(title, 40)));
    }
    keys
}

fn lines(ui: &Ui, work: &Work, width: u16) -> Vec<Words> {
    let mut lines = Vec::new();
    if work.items.len() > 1 {
        for item in &work.items {
            let (sign, health, words) = item.standing();
            let path = crate::actions::invocation::path(&item.target);
            let text = format!("{sign} {path}  ");
            let room = width.saturating_sub(text_width(&text));
            lines.push(vec![
                (text, Role::Health(health)),
                (cut_end(&words, room), Role::Plain),
            ]);
        }
    }
    let Some(item) = work.current() else {
        return lines;
    };
    match &item.state {
        ItemState::Running(progress) => {
            milestones(progress, width, &mut lines);
            if progress.milestones.is_empty() {
                let words = format!("◐ sent; waiting for the first look, {}", elapsed(progress));
                lines.push(vec![(words, Role::Health(Health::Busy))]);
            }
        }
        ItemState::Finished(finished) => {
            milestones(&finished.progress, width, &mut lines);
            outcome(work, finished, width, &mut lines);
        }
        ItemState::Refused(refusal) => {
            for text in wrap(
                &format!("✗ Not done, nothing was written: {refusal}"),
                width,
            ) {
                lines.push(vec![(text, Role::Health(Health::Bad))]);
            }
        }
        ItemState::Waiting | ItemState::Left => {}
    }
    let _ = ui;
    lines
}

fn milestones(progress: &Progress, width: u16, lines: &mut Vec<Words>) {
    let widest = progress
        .milestones
        .iter()
        .map(|one| text_width(&one.what))
        .max();
    let column = widest.unwrap_or_default().min(width / 2);
    for milestone in &progress.milestones {
        let (sign, role) = match milestone.stage {
            Stage::Done => ("✓", Role::Health(Health::Good)),
            Stage::Now => ("▸", Role::Health(Health::Busy)),
            Stage::Failed => ("✗", Role::Health(Health::Bad)),
            Stage::Waiting => ("·", Role::Dim),
        };
        let what = cut_end(&milestone.what, column);
        let pad = usize::from(column.saturating_sub(text_width(&what)) + 2);
        let count = milestone
            .count
            .map(|(have, all)| format!("{have} of {all}"));
        let time = milestone.at.map(|at| {
            let zoned = at.to_zoned(jiff::tz::TimeZone::system());
            zoned.strftime("%H:%M:%S").to_string()
        });
        let count = count.unwrap_or_default();
        lines.push(vec![
            (format!("{sign} "), role),
            (format!("{what}{}", " ".repeat(pad)), Role::Plain),
            (format!("{count:<10}"), Role::Plain),
            (time.unwrap_or_default(), Role::Dim),
        ]);
    }
    if let Some(blocked) = &progress.blocked {
        for text in wrap(&format!("▲ {blocked}"), width) {
            lines.push(vec![(text, Role::Health(Health::Warn))]);
        }
    }
    if progress.blocked.is_none() {
        // What crashed before is of no interest once nothing does.
        return;
    }
    let skipped = progress.lines.len().saturating_sub(LINES);
    for line in progress.lines.iter().skip(skipped) {
        lines.push(vec![(cut_end(&format!("  {line}"), width), Role::Dim)]);
    }
}

fn outcome(work: &Work, finished: &Finished, width: u16, lines: &mut Vec<Words>) {
    if !lines.is_empty() {
        lines.push(Vec::new());
    }
    let health = match finished.outcome {
        Outcome::Succeeded => Health::Good,
        Outcome::Failed { .. } => Health::Bad,
        Outcome::Overridden { .. } | Outcome::Unknown { .. } => Health::Warn,
    };
    let (words, _) = work.ending();
    let words = words.replace(&format!("{}: ", work.title), "");
    for text in wrap(&words, width) {
        lines.push(vec![(text, Role::Health(health))]);
    }
    for evidence in &finished.evidence {
        for text in wrap(evidence, width.saturating_sub(2)) {
            lines.push(vec![(format!("  {text}"), Role::Plain)]);
        }
    }
    if finished.undo.is_none() && finished.outcome == Outcome::Succeeded {
        lines.push(vec![("  no undo".to_owned(), Role::Dim)]);
    }
}
