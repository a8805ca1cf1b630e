//! Fewer colours: every theme on every terminal. What colour told is then told by bold, underlined and reversed.

use ratatui::style::{Color, Modifier, Style};

use super::{Capability, Part, ROLES, Theme, color};
use crate::model::Health;
use crate::ui::views::Role;

impl Theme {
    /// The theme as a terminal with these colours shows it.
    pub(super) fn degrade(mut self, able: Capability) -> Self {
        let background = self.part(Part::Background).bg;
        let on_light = background.is_some_and(color::light);
        let all = Part::ALL.iter().zip(&mut self.parts);
        for (part, style) in all {
            *style = match able {
                Capability::TrueColor => *style,
                Capability::Indexed => indexed(*style),
                Capability::Sixteen => sixteen(*part, *style, on_light),
                Capability::None => Style::new().add_modifier(kept(*style) | part_floor(*part)),
            };
        }
        for (role, style) in ROLES.iter().zip(&mut self.roles) {
            *style = match able {
                Capability::TrueColor => *style,
                Capability::Indexed => indexed(*style),
                Capability::Sixteen => Style {
                    fg: match role {
                        Role::Plain | Role::Dim | Role::Strong => style.fg.map(own),
                        _ => style.fg.map(|color| ansi(color, on_light)),
                    },
                    ..Style::new()
                }
                .add_modifier(kept(*style) | role_floor(*role)),
                Capability::None => Style::new().add_modifier(kept(*style) | role_floor(*role)),
            };
        }
        self.keep_cursor();
        self
    }

    /// Two colours that were near each other may have become one.
    fn keep_cursor(&mut self) {
        let background = self.part(Part::Background).bg;
        let known = Part::ALL.iter().zip(&mut self.parts);
        for (part, style) in known {
            let same = style.bg == background || style.bg.is_none();
            if *part == Part::Cursor && same && !style.add_modifier.contains(Modifier::REVERSED) {
                *style = reversed();
            }
            if *part == Part::CursorUnfocused && same && style.add_modifier.is_empty() {
                *style = style.add_modifier(part_floor(*part));
            }
        }
    }
}

fn indexed(style: Style) -> Style {
    let nearest = |color| match color {
        Color::Rgb(red, green, blue) => color::indexed(red, green, blue),
        other => other,
    };
    Style {
        fg: style.fg.map(nearest),
        bg: style.bg.map(nearest),
        ..style
    }
}

/// With 16 colours nothing is known of their look but that text can be read on the background; so only text keeps a
/// colour, and areas are reversed instead.
fn sixteen(part: Part, style: Style, on_light: bool) -> Style {
    let floor = part_floor(part);
    if matches!(part, Part::Background) {
        return Style {
            fg: style.fg.map(own),
            bg: style.bg.map(own),
            ..Style::new()
        };
    }
    if matches!(part, Part::Cursor) {
        return reversed();
    }
    let shown = if floor.contains(Modifier::REVERSED) {
        style.bg.or(style.fg)
    } else {
        style.fg
    };
    Style {
        fg: shown.map(|color| ansi(color, on_light)),
        ..Style::new()
    }
    .add_modifier(kept(style) | floor)
}

/// One even bar, whatever colours the cells below had.
fn reversed() -> Style {
    Style::new()
        .fg(Color::Reset)
        .bg(Color::Reset)
        .remove_modifier(Modifier::DIM)
        .add_modifier(Modifier::REVERSED)
}

fn ansi(color: Color, on_light: bool) -> Color {
    match color {
        Color::Rgb(red, green, blue) => color::ansi(red, green, blue, on_light),
        Color::Indexed(_) => Color::Reset,
        other => other,
    }
}

/// Colours that are the terminal's own were chosen for it; any other gives way to its text and background.
fn own(color: Color) -> Color {
    if matches!(color, Color::Rgb(..) | Color::Indexed(_)) {
        Color::Reset
    } else {
        color
    }
}

/// What a style says beyond colour.
fn kept(style: Style) -> Modifier {
    style.add_modifier
}

/// What a part must at least be told by when there is no colour.
fn part_floor(part: Part) -> Modifier {
    match part {
        Part::Cursor | Part::Environment(_) | Part::Error => Modifier::REVERSED | Modifier::BOLD,
        Part::CursorUnfocused => Modifier::UNDERLINED | Modifier::BOLD,
        Part::Match => Modifier::UNDERLINED,
        Part::Marked
        | Part::Title
        | Part::BorderFocused
        | Part::Key
        | Part::ColumnHeader
        | Part::Notice => Modifier::BOLD,
        Part::BarEmpty => Modifier::DIM,
        Part::Background
        | Part::Border
        | Part::Header
        | Part::KeyName
        | Part::Bar
        | Part::Overlay
        | Part::Series(_)
        | Part::Input => Modifier::empty(),
    }
}

/// What a role must at least be told by when there is no colour.
fn role_floor(role: Role) -> Modifier {
    match role {
        Role::Strong | Role::Health(Health::Bad | Health::Warn) => Modifier::BOLD,
        Role::Dim | Role::Health(Health::Idle) => Modifier::DIM,
        Role::Plain | Role::Accent | Role::Health(Health::Busy | Health::Good) => Modifier::empty(),
    }
}
