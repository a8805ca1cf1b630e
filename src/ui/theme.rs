//! Colours: which style a meaning has. Loaded from `themes/`, degraded to what the terminal can show.

use ratatui::style::Style;

use crate::model::Environment;
use crate::ui::views::Role;

/// What a part of the screen is; every theme gives each a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Background,
    Border,
    BorderFocused,
    Title,
    Header,
    ColumnHeader,
    Cursor,
    CursorUnfocused,
    Marked,
    Match,
    Key,
    KeyName,
    Bar,
    BarEmpty,
    Overlay,
    Input,
    Notice,
    Error,
    Environment(Environment),
}

/// A loaded theme.
#[derive(Clone, Debug, Default)]
pub struct Theme {
    pub name: String,
}

impl Theme {
    pub fn part(&self, _part: Part) -> Style {
        Style::new()
    }

    pub fn role(&self, _role: Role) -> Style {
        Style::new()
    }
}
