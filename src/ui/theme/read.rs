//! Theme files: a palette of named colours, styles that use them, and another theme to start from.

use std::collections::BTreeMap;
use std::path::Path;

use ratatui::style::{Color, Modifier, Style};

use super::{Part, ROLES, Theme, color, role_name, source};
use crate::config::read::{Located, Reader, Table, Value};
use crate::config::{Place, Problem, Problems};

/// A theme inherits from one that inherits from one …: no sensible chain is longer.
const DEEPEST: usize = 8;
const TOP_KEYS: [&str; 3] = ["inherits", "palette", "styles"];
const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];
/// Names under which several styles can be set at once.
const GROUPS: [&str; 2] = ["health", "environment"];
/// Colours whose look is the terminal's own affair.
const TERMINAL: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("ansi-black", Color::Black),
    ("ansi-red", Color::Red),
    ("ansi-green", Color::Green),
    ("ansi-yellow", Color::Yellow),
    ("ansi-blue", Color::Blue),
    ("ansi-magenta", Color::Magenta),
    ("ansi-cyan", Color::Cyan),
    ("ansi-white", Color::Gray),
    ("ansi-bright-black", Color::DarkGray),
    ("ansi-bright-red", Color::LightRed),
    ("ansi-bright-green", Color::LightGreen),
    ("ansi-bright-yellow", Color::LightYellow),
    ("ansi-bright-blue", Color::LightBlue),
    ("ansi-bright-magenta", Color::LightMagenta),
    ("ansi-bright-cyan", Color::LightCyan),
    ("ansi-bright-white", Color::White),
];

/// A word of a file and where it stands.
type Word = (String, Place);

/// A style as written.
#[derive(Clone, Default)]
struct Written {
    fg: Option<Word>,
    bg: Option<Word>,
    modifiers: Modifier,
}

/// A file as written, over those that it inherits.
#[derive(Default)]
struct Sheet {
    palette: BTreeMap<String, Word>,
    styles: BTreeMap<String, Written>,
}

/// Loads a theme with all its colours.
pub(super) fn load(name: &str, folder: Option<&Path>) -> Result<Theme, Problems> {
    let mut problems = Vec::new();
    let mut chain = Vec::new();
    let mut next = Some((name.to_owned(), None::<Place>, false));
    while let Some((name, asked_at, built_in)) = next.take() {
        if chain.len() == DEEPEST {
            problems.push(Problem::new(
                asked_at,
                format!("\"{name}\" is inherited in a circle or too deeply"),
            ));
            break;
        }
        let (file, text) = match source(&name, folder, built_in) {
            Ok(found) => found,
            Err(mut problem) => {
                problem.place = asked_at;
                problems.push(problem);
                break;
            }
        };
        let (mut reader, table) = Reader::new(&file, &text);
        let (sheet, parent) = sheet(&mut reader, &table);
        problems.append(&mut reader.problems);
        chain.push(sheet);
        next = parent.map(|(parent, place)| {
            // A user's theme that inherits its own name changes the built-in one.
            let own = parent == name;
            (parent, Some(place), own)
        });
    }
    let mut whole = Sheet::default();
    for sheet in chain.into_iter().rev() {
        whole.palette.extend(sheet.palette);
        whole.styles.extend(sheet.styles);
    }
    let theme = whole.theme(name, &mut problems);
    if problems.is_empty() {
        Ok(theme)
    } else {
        Err(Problems(problems))
    }
}

fn sheet(reader: &mut Reader<'_>, top: &Table<'_>) -> (Sheet, Option<Word>) {
    let mut sheet = Sheet::default();
    let mut parent = None;
    for (key, value) in top {
        match key.get_ref().as_ref() {
            "inherits" => {
                let place = reader.place(value.span());
                parent = reader.string(value).map(|name| (name, place));
            }
            "palette" => {
                let Some(table) = reader.table(value) else {
                    continue;
                };
                for (key, value) in table {
                    if let Some(word) = word(reader, value) {
                        sheet.palette.insert(key.get_ref().to_string(), word);
                    }
                }
            }
            "styles" => {
                let Some(table) = reader.table(value) else {
                    continue;
                };
                for (key, value) in table {
                    let name = key.get_ref().as_ref();
                    let valid = style_names();
                    if !valid.contains(&name) {
                        reader.unknown(key.span(), "style", name, &valid);
                    } else if let Some(written) = written(reader, value) {
                        sheet.styles.insert(name.to_owned(), written);
                    }
                }
            }
            other => reader.unknown(key.span(), "key", other, &TOP_KEYS),
        }
    }
    (sheet, parent)
}

fn style_names() -> Vec<&'static str> {
    let parts = Part::ALL.iter().map(|part| part.name());
    let roles = ROLES.iter().map(|role| role_name(*role));
    roles.chain(parts).chain(GROUPS).collect()
}

fn word(reader: &mut Reader<'_>, value: &Located<Value<'_>>) -> Option<Word> {
    let place = reader.place(value.span());
    reader.string(value).map(|word| (word, place))
}

/// A style: a colour for text, or a table of colours and modifiers.
fn written(reader: &mut Reader<'_>, value: &Located<Value<'_>>) -> Option<Written> {
    let mut style = Written::default();
    if value.get_ref().as_str().is_some() {
        style.fg = word(reader, value);
        return Some(style);
    }
    let Some(table) = value.get_ref().as_table() else {
        reader.expected(
            value,
            "a colour or a table such as { fg = \"ink\", bold = true }",
        );
        return None;
    };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "fg" => style.fg = word(reader, value),
            "bg" => style.bg = word(reader, value),
            name => {
                let known = MODIFIERS.iter().find(|(known, _)| *known == name);
                if let Some((_, modifier)) = known {
                    if reader.boolean(value) == Some(true) {
                        style.modifiers |= *modifier;
                    }
                } else {
                    let modifiers = MODIFIERS.iter().map(|(name, _)| *name);
                    let valid: Vec<&str> = ["fg", "bg"].into_iter().chain(modifiers).collect();
                    reader.unknown(key.span(), "key of a style", name, &valid);
                }
            }
        }
    }
    Some(style)
}

impl Sheet {
    fn theme(&self, name: &str, problems: &mut Vec<Problem>) -> Theme {
        // Resolved once, so that a colour that is wrong is told once though many styles fall back to it.
        let mut styles = BTreeMap::new();
        for (name, written) in &self.styles {
            let color = |word: &Option<Word>, problems: &mut Vec<Problem>| {
                let word = word.as_ref()?;
                self.color(word, 0)
                    .map_err(|problem| problems.push(problem))
                    .ok()
            };
            let style = Style {
                fg: color(&written.fg, problems),
                bg: color(&written.bg, problems),
                ..Style::new()
            };
            styles.insert(name.as_str(), style.add_modifier(written.modifiers));
        }
        Theme {
            name: name.to_owned(),
            parts: Part::ALL.map(|part| find(&styles, part.name())),
            roles: ROLES.map(|role| find(&styles, role_name(role))),
        }
    }

    /// A colour by its digits, its name in the palette or the terminal's name for it.
    fn color(&self, (word, place): &Word, depth: usize) -> Result<Color, Problem> {
        if word.starts_with('#') {
            return color::hex(word).ok_or_else(|| {
                Problem::new(Some(place.clone()), format!("\"{word}\" is no colour"))
                    .help("write #rrggbb, such as #1d2330")
            });
        }
        if let Some((_, color)) = TERMINAL.iter().find(|(name, _)| name == word) {
            return Ok(*color);
        }
        match self.palette.get(word) {
            Some(named) if depth < DEEPEST => self.color(named, depth + 1),
            Some(_) => {
                let message = format!("the colour \"{word}\" is named in a circle");
                Err(Problem::new(Some(place.clone()), message))
            }
            None => {
                let own = self.palette.keys().map(String::as_str);
                let names: Vec<&str> = own.chain(TERMINAL.iter().map(|(name, _)| *name)).collect();
                Err(Problem::unknown(
                    Some(place.clone()),
                    "colour",
                    word,
                    &names,
                ))
            }
        }
    }
}

/// The style of a name, else of the name without its last part, else that of text.
fn find(styles: &BTreeMap<&str, Style>, name: &str) -> Style {
    let mut name = name;
    loop {
        if let Some(style) = styles.get(name) {
            return *style;
        }
        match name.rsplit_once('.') {
            Some((shorter, _)) => name = shorter,
            None => return styles.get("text").copied().unwrap_or_default(),
        }
    }
}
