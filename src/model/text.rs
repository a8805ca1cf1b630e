//! Text that is safe to draw: [`Text`] owns its characters, [`Name`] shares them.
//!
//! Everything from outside (names, labels, events, errors, log lines) becomes one of the two where it enters.
//! Characters that act on a terminal or hide others become visible marks, so a hostile name can neither move the
//! cursor nor pass for another. Drawing and printing rely on this and never check again.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// One line of owned, inert text.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Box<str>);

/// One line of shared, inert text: for values that many rows have in common (namespace, node, image).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Text {
    /// Makes text inert: whitespace controls become a space, every other acting or hiding character a visible mark.
    pub fn new(raw: &str) -> Self {
        match inert(raw) {
            Cow::Borrowed(clean) => Self(clean.into()),
            Cow::Owned(clean) => Self(clean.into()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Name {
    /// Makes text inert, as [`Text::new`] does.
    pub fn new(raw: &str) -> Self {
        Self(Arc::from(inert(raw).as_ref()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many holders share the characters; an interner drops those that only it holds.
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

impl Default for Name {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl std::ops::Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        match inert(&raw) {
            Cow::Borrowed(_) => Self(raw.into_boxed_str()),
            Cow::Owned(clean) => Self(clean.into()),
        }
    }
}

impl From<&str> for Name {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Borrows text that is already inert, which nearly all is.
fn inert(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|byte| (0x20..0x7f).contains(&byte)) || !raw.chars().any(acts) {
        return Cow::Borrowed(raw);
    }
    let mut clean = String::with_capacity(raw.len() + 16);
    for character in raw.chars() {
        match character {
            '\t' | '\n' | '\r' => clean.push(' '),
            '\0'..='\u{1f}' => {
                clean.push(char::from_u32(0x2400 + character as u32).unwrap_or('\u{fffd}'));
            }
            '\u{7f}' => clean.push('\u{2421}'),
            _ if acts(character) => {
                use fmt::Write;
                let _ = write!(clean, "‹{:x}›", character as u32);
            }
            _ => clean.push(character),
        }
    }
    Cow::Owned(clean)
}

/// Whether a character acts on the terminal or the direction of text, or takes no room: C0, DEL, C1, line and
/// paragraph separators, bidirectional controls, zero-width and tag characters, variation selectors beyond the emoji's.
fn acts(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}
