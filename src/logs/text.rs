//! Text of lines made fit to be shown: colours are understood, everything else that acts on a terminal is not let out.
//!
//! Runs after escapes of JSON were undone, as what is hidden in them counts too. Tabs become blanks, a progress bar
//! shows its last state, and whatever sequence a terminal would obey is left out; [`Text`] makes the rest visible.

use crate::model::Text;

/// Columns between tab stops.
const TAB: usize = 8;

/// A colour that a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One of the 256.
    Index(u8),
    Rgb(u8, u8, u8),
}

/// How a line wants a part of itself to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub foreground: Option<Colour>,
    pub background: Option<Colour>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underlined: bool,
}

/// A part of a line in one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub look: Look,
    pub text: Text,
}

/// Whether text is fit as it is.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// Takes a line apart at its colours.
pub fn parts(line: &str) -> Vec<Part> {
    if is_plain(line) {
        return vec![Part {
            look: Look::default(),
            text: Text::new(line),
        }];
    }
    let line = last_state(line);
    let mut parts = Vec::new();
    let mut look = Look::default();
    let mut text = String::new();
    let mut width = 0;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let introducer = match character {
            '\u{1b}' => match characters.peek().copied() {
                Some('[') => Some('['),
                Some(string @ (']' | 'P' | 'X' | '^' | '_')) => Some(string),
                // Two-character sequences, such as a reset or a choice of character set.
                Some(other) => {
                    characters.next();
                    if matches!(other, '(' | ')' | '*' | '+' | '#' | '%') {
                        characters.next();
                    }
                    continue;
                }
                None => continue,
            },
            '\u{9b}' => Some('['),
            '\u{9d}' => Some(']'),
            '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => Some('P'),
            '\t' => {
                let blanks = TAB - width % TAB;
                text.extend(std::iter::repeat_n(' ', blanks));
                width += blanks;
                continue;
            }
            other => {
                text.push(other);
                width += 1;
                continue;
            }
        };
        if character == '\u{1b}' {
            characters.next();
        }
        if introducer == Some('[') {
            let mut arguments = String::new();
            let mut end = None;
            for next in characters.by_ref() {
                match next {
                    '\u{40}'..='\u{7e}' => {
                        end = Some(next);
                        break;
                    }
                    '\u{20}'..='\u{3f}' => arguments.push(next),
                    // Not a sequence after all: what was swallowed would have been swallowed by the terminal too.
                    _ => break,
                }
            }
            if end == Some('m') {
                let next = graphics(&arguments, look);
                if next != look && !text.is_empty() {
                    parts.push(Part {
                        look,
                        text: Text::from(std::mem::take(&mut text)),
                    });
                }
                look = next;
            }
        } else {
            // A string for the terminal, up to its end or, if it has none, to the end of the line.
            while let Some(next) = characters.next() {
                match next {
                    '\u{7}' | '\u{9c}' => break,
                    '\u{1b}' if characters.peek() == Some(&'\\') => {
                        characters.next();
                        break;
                    }
                    _ => {}
                }
            }
        }
    }
    if !text.is_empty() || parts.is_empty() {
        parts.push(Part {
            look,
            text: Text::from(text),
        });
    }
    parts
}

/// The line as plain, inert text.
pub fn plain(line: &str) -> String {
    let parts = parts(line).into_iter();
    parts.map(|part| part.text.to_string()).collect()
}

/// What stands behind the last return of the carriage: the state in which a progress bar was left.
fn last_state(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    line.rsplit_once('\r').map_or(line, |(_, last)| last)
}

/// The look after a sequence of graphics.
fn graphics(arguments: &str, look: Look) -> Look {
    let mut look = look;
    let mut numbers = arguments
        .split([';', ':'])
        .map(|number| number.parse::<u16>().unwrap_or(0));
    while let Some(number) = numbers.next() {
        match number {
            0 => look = Look::default(),
            1 => look.bold = true,
            2 => look.dim = true,
            3 => look.italic = true,
            4 => look.underlined = true,
            22 => (look.bold, look.dim) = (false, false),
            23 => look.italic = false,
            24 => look.underlined = false,
            30..=37 => look.foreground = Some(Colour::Index(number as u8 - 30)),
            38 => look.foreground = extended(&mut numbers).or(look.foreground),
            39 => look.foreground = None,
            40..=47 => look.background = Some(Colour::Index(number as u8 - 40)),
            48 => look.background = extended(&mut numbers).or(look.background),
            49 => look.background = None,
            90..=97 => look.foreground = Some(Colour::Index(number as u8 - 82)),
            100..=107 => look.background = Some(Colour::Index(number as u8 - 92)),
            _ => {}
        }
    }
    look
}

fn extended(numbers: &mut impl Iterator<Item = u16>) -> Option<Colour> {
    let mut byte = || numbers.next().map(|number| number.min(255) as u8);
    match byte()? {
        5 => byte().map(Colour::Index),
        2 => Some(Colour::Rgb(byte()?, byte()?, byte()?)),
        _ => None,
    }
}
