//! A key with its modifiers: how it is written in the configuration and shown in help.
//!
//! One way of writing is printed (`ctrl-d`, `shift-f5`, `G`, `space`, `g g`) and several are read, so that what help
//! shows can always be pasted into the configuration.

use std::fmt;
use std::str::FromStr;

/// A key without modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyCode {
    /// As typed, so a capital letter needs no shift.
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Home,
    End,
    PageUp,
    PageDown,
    Up,
    Down,
    Left,
    Right,
    F(u8),
}

/// A key with its modifiers. Shift is only kept with keys that are no characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    pub key: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

/// Why text is no chord, in words for the one who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadChord(String);

/// Keys that have a name. The first name of a key is the printed one.
const NAMED: [(&str, KeyCode); 25] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("del", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("ins", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pgup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("pgdn", KeyCode::PageDown),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("minus", KeyCode::Char('-')),
    ("plus", KeyCode::Char('+')),
    ("comma", KeyCode::Char(',')),
];

/// A function key that terminals can send.
const LAST_FUNCTION_KEY: u8 = 24;

impl KeyCode {
    /// The key without modifiers.
    pub const fn chord(self) -> Chord {
        Chord {
            key: self,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }
}

impl Chord {
    /// A character alone.
    pub const fn char(character: char) -> Self {
        KeyCode::Char(character).chord()
    }

    /// A character with control.
    pub const fn ctrl(character: char) -> Self {
        Self {
            ctrl: true,
            ..Self::char(character)
        }
    }

    /// Brings what a terminal or a person may say of the same key into one form: shift on a letter is the capital
    /// letter, shift on any other character is part of it, and shift-tab is one key.
    #[must_use]
    pub fn normal(mut self) -> Self {
        match self.key {
            KeyCode::Char(character) if self.shift => {
                self.key = KeyCode::Char(character.to_ascii_uppercase());
                self.shift = false;
            }
            KeyCode::Tab if self.shift => {
                self.key = KeyCode::BackTab;
                self.shift = false;
            }
            KeyCode::BackTab => self.shift = false,
            _ => {}
        }
        self
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (held, word) in [
            (self.ctrl, "ctrl-"),
            (self.alt, "alt-"),
            (self.shift, "shift-"),
        ] {
            if held {
                text.push_str(word);
            }
        }
        match self.key {
            KeyCode::BackTab => text.push_str("shift-tab"),
            KeyCode::F(number) => text = format!("{text}f{number}"),
            // Signs read better as themselves; only what cannot be seen is named.
            KeyCode::Char(character) if character != ' ' => text.push(character),
            key => text.push_str(
                NAMED
                    .iter()
                    .find(|(_, named)| *named == key)
                    .map_or("", |(name, _)| name),
            ),
        }
        f.pad(&text)
    }
}

impl FromStr for Chord {
    type Err = BadChord;

    fn from_str(text: &str) -> Result<Self, BadChord> {
        let mut chord = Chord::char(' ');
        let mut rest = text;
        // A dash at the very end is the key itself.
        while let Some((modifier, key)) = rest.split_once('-') {
            if key.is_empty() || modifier.is_empty() {
                break;
            }
            let held = match modifier.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "c" => &mut chord.ctrl,
                "alt" | "meta" | "a" | "m" => &mut chord.alt,
                "shift" | "s" => &mut chord.shift,
                _ => {
                    return Err(BadChord(format!(
                        "unknown modifier \"{modifier}\" in \"{text}\": ctrl, alt or shift"
                    )));
                }
            };
            if std::mem::replace(held, true) {
                return Err(BadChord(format!(
                    "\"{modifier}\" stands twice in \"{text}\""
                )));
            }
            rest = key;
        }
        chord.key = key(rest).ok_or_else(|| unknown_key(rest))?;
        Ok(chord.normal())
    }
}

/// Reads chords typed one after the other, with spaces between: `g g`.
///
/// # Errors
/// Names the chord that cannot be read; no chord at all is an error too.
pub fn sequence(text: &str) -> Result<Vec<Chord>, BadChord> {
    let chords: Vec<Chord> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    if chords.is_empty() {
        return Err(BadChord(
            "no key: write the space bar as \"space\", and [] for no key at all".to_owned(),
        ));
    }
    Ok(chords)
}

/// How a sequence is written: the opposite of [`sequence`].
pub fn print(sequence: &[Chord]) -> String {
    sequence
        .iter()
        .map(Chord::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn key(text: &str) -> Option<KeyCode> {
    let mut characters = text.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return (!character.is_control()).then_some(KeyCode::Char(character));
    }
    let name = text.to_ascii_lowercase();
    if let Some((_, key)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(*key);
    }
    let number: u8 = name.strip_prefix('f')?.parse().ok()?;
    (1..=LAST_FUNCTION_KEY)
        .contains(&number)
        .then_some(KeyCode::F(number))
}

fn unknown_key(text: &str) -> BadChord {
    let names = NAMED.iter().map(|(name, _)| *name);
    BadChord(match super::nearest(text, names) {
        Some(name) => format!("unknown key \"{text}\": did you mean \"{name}\"?"),
        None => format!(
            "unknown key \"{text}\": a character, f1 to f{LAST_FUNCTION_KEY}, or one of space, enter, esc, tab, \
             backspace, delete, insert, home, end, pageup, pagedown, up, down, left, right"
        ),
    })
}
