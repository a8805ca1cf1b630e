//! From the terminal's events to the ui's input.

use std::time::{Duration, Instant};

use crossterm::event::{
    Event, KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};

use crate::config::{Chord, KeyCode};
use crate::ui::{Gesture, Input, Mouse};

/// Faster than a finger presses the same key again, slower than a keyboard repeats one that is held.
const REPEATS: Duration = Duration::from_millis(60);
/// Faster than any two keys are pressed one after the other: text that a terminal pastes without saying so.
const BURST: Duration = Duration::from_millis(12);

/// Tells keys pressed by a finger from those that a held key or a paste makes.
#[derive(Default)]
pub(super) struct ByHand {
    last: Option<(Chord, Instant)>,
}

impl ByHand {
    /// What an event means to the ui, at the time when it came.
    pub(super) fn input(&mut self, event: Event, at: Instant) -> Option<Input> {
        let repeats = matches!(&event, Event::Key(key) if key.kind == KeyEventKind::Repeat);
        let input = input(event)?;
        let Input::Key(chord) = input else {
            return Some(input);
        };
        let held = self.last.is_some_and(|(last, then)| {
            let gap = at.saturating_duration_since(then);
            gap < BURST || last == chord && gap < REPEATS
        });
        self.last = Some((chord, at));
        Some(if held || repeats {
            Input::Held(chord)
        } else {
            input
        })
    }
}

/// What an event means to the ui; none for what it has no use for (key releases, bare modifiers, other buttons).
fn input(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) => chord(key).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Mouse(mouse) => gesture(mouse).map(Input::Mouse),
        Event::Resize(width, height) => Some(Input::Resize(width, height)),
        Event::FocusGained => Some(Input::Focus(true)),
        Event::FocusLost => Some(Input::Focus(false)),
    }
}

fn chord(event: KeyEvent) -> Option<Chord> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let key = match event.code {
        Code::Char(typed) => KeyCode::Char(typed),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Insert => KeyCode::Insert,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::F(number) => KeyCode::F(number),
        _ => return None,
    };
    let held = |modifier| event.modifiers.contains(modifier);
    Some(Chord {
        key,
        ctrl: held(KeyModifiers::CONTROL),
        alt: held(KeyModifiers::ALT),
        shift: held(KeyModifiers::SHIFT) && !matches!(key, KeyCode::Char(_) | KeyCode::BackTab),
    })
}

fn gesture(event: MouseEvent) -> Option<Mouse> {
    let gesture = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Gesture::Press,
        MouseEventKind::Drag(MouseButton::Left) => Gesture::Drag,
        MouseEventKind::Up(MouseButton::Left) => Gesture::Release,
        MouseEventKind::ScrollUp => Gesture::ScrollUp,
        MouseEventKind::ScrollDown => Gesture::ScrollDown,
        _ => return None,
    };
    Some(Mouse {
        gesture,
        column: event.column,
        row: event.row,
    })
}
