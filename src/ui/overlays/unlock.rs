//! Unlocking an environment: a step of its own, which the audit keeps and which ends by itself.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Next;
use crate::model::Environment;
use crate::ui::Ui;
use crate::ui::acting::MINUTES;
use crate::ui::commands::Command;
use crate::ui::input::Effect;
use crate::ui::layout::{Areas, popup};
use crate::ui::theme::Part;
use crate::ui::views::Role;
use crate::ui::widgets::finder::boxed;
use crate::ui::widgets::line::{Line, wrap};

/// Asks whether to unlock.
pub(crate) struct Unlock {
    pub(crate) environment: Environment,
}

impl Unlock {
    pub(super) fn command(&self, ui: &Ui, command: Command) -> Next {
        match command {
            // Enter on what was only opened never decides, and neither does a held key.
            Command::Confirm if !ui.held => Next::CloseWith(vec![Effect::Unlock(self.environment)]),
            Command::Cancel | Command::Refuse | Command::Accept => Next::Close,
            _ => Next::Stay,
        }
    }

    pub(super) fn draw(&self, ui: &Ui, areas: Areas, buf: &mut Buffer) {
        let word = self.environment.word();
        let area = popup(areas.body, 66, 6);
        let inner = boxed(&ui.theme, &format!("Unlock {word}"), area, buf);
        let words = format!(
            "For {MINUTES} minutes actions on {word} can be confirmed. Each still asks by itself, and the audit keeps this."
        );
        let mut ys = inner.y..inner.bottom();
        for text in wrap(&words, inner.width.saturating_sub(2)) {
            let Some(y) = ys.next() else { return };
            let row = Rect {
                y,
                height: 1,
                ..inner
            };
            Line::new(buf, row)
                .skip(1)
                .put(&text, ui.theme.role(Role::Plain));
        }
        if inner.height > 0 {
            let row = Rect {
                y: inner.bottom() - 1,
                height: 1,
                ..inner
            };
            let key = ui.theme.part(Part::Key);
            Line::new(buf, row)
                .skip(1)
                .put(&ui.key(Command::Confirm), key)
                .put(" unlocks   ", ui.theme.part(Part::KeyName))
                .put(&ui.key(Command::Cancel), key)
                .put(" leaves it locked", ui.theme.part(Part::KeyName));
        }
    }
}
