//! Colours: which style a meaning has. Loaded from `themes/`, degraded to what the terminal can show.
//!
//! Views and widgets ask for a [`Part`] or a [`Role`] and never name a colour. A theme is one file; those in `themes/`
//! are built in, and files in the folder of the same name beside the configuration come before them. What a style
//! says beyond colour (bold, reversed) stays when colours go, so the screen reads without any.

mod capability;
mod color;
mod degrade;
mod read;

use std::collections::BTreeSet;
use std::path::Path;

use include_dir::{Dir, include_dir};
use ratatui::style::{Color, Modifier, Style};

use crate::config::{DEFAULT_THEME, Problem, Problems};
use crate::model::{Environment, Health};
use crate::ui::views::Role;

pub use capability::Capability;
pub use color::contrast;

/// How much of a colour a shaded background has, in thousandths.
const SHADE: u16 = 120;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/themes");

/// What a part of the screen is; every theme gives each a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The whole screen, below everything.
    Background,
    Border,
    BorderFocused,
    Title,
    /// The line at the top.
    Header,
    ColumnHeader,
    /// The row under the cursor; laid over the row's own styles.
    Cursor,
    /// The same in a pane without focus.
    CursorUnfocused,
    Marked,
    /// What a filter or search found.
    Match,
    /// A key, as in help and footer.
    Key,
    /// What the key does.
    KeyName,
    Bar,
    BarEmpty,
    Overlay,
    Input,
    Notice,
    Error,
    /// A line of a chart, from 0 to 5.
    Series(u8),
    /// The badge that says where we are.
    Environment(Environment),
}

/// A loaded theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    pub name: String,
    parts: [Style; Part::ALL.len()],
    roles: [Style; ROLES.len()],
}

/// Every role, in the order in which a theme keeps them.
pub const ROLES: [Role; 9] = [
    Role::Plain,
    Role::Dim,
    Role::Strong,
    Role::Accent,
    Role::Health(Health::Bad),
    Role::Health(Health::Warn),
    Role::Health(Health::Busy),
    Role::Health(Health::Good),
    Role::Health(Health::Idle),
];

impl Part {
    /// Every part, in the order in which a theme keeps them.
    pub const ALL: [Self; 27] = [
        Self::Background,
        Self::Border,
        Self::BorderFocused,
        Self::Title,
        Self::Header,
        Self::ColumnHeader,
        Self::Cursor,
        Self::CursorUnfocused,
        Self::Marked,
        Self::Match,
        Self::Key,
        Self::KeyName,
        Self::Bar,
        Self::BarEmpty,
        Self::Overlay,
        Self::Input,
        Self::Notice,
        Self::Error,
        Self::Series(0),
        Self::Series(1),
        Self::Series(2),
        Self::Series(3),
        Self::Series(4),
        Self::Series(5),
        Self::Environment(Environment::Production),
        Self::Environment(Environment::Staging),
        Self::Environment(Environment::Development),
    ];

    /// Its name in a theme file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Border => "border",
            Self::BorderFocused => "border.focused",
            Self::Title => "title",
            Self::Header => "header",
            Self::ColumnHeader => "header.column",
            Self::Cursor => "cursor",
            Self::CursorUnfocused => "cursor.unfocused",
            Self::Marked => "marked",
            Self::Match => "match",
            Self::Key => "key",
            Self::KeyName => "key.name",
            Self::Bar => "bar",
            Self::BarEmpty => "bar.empty",
            Self::Overlay => "overlay",
            Self::Input => "input",
            Self::Notice => "notice",
            Self::Error => "error",
            Self::Series(0) => "series.1",
            Self::Series(1) => "series.2",
            Self::Series(2) => "series.3",
            Self::Series(3) => "series.4",
            Self::Series(4) => "series.5",
            Self::Series(_) => "series.6",
            Self::Environment(Environment::Production) => "environment.production",
            Self::Environment(Environment::Staging) => "environment.staging",
            Self::Environment(Environment::Development) => "environment.development",
        }
    }
}

/// A role's name in a theme file.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Plain => "text",
        Role::Dim => "text.dim",
        Role::Strong => "text.strong",
        Role::Accent => "text.accent",
        Role::Health(Health::Bad) => "health.bad",
        Role::Health(Health::Warn) => "health.warning",
        Role::Health(Health::Busy) => "health.busy",
        Role::Health(Health::Good) => "health.good",
        Role::Health(Health::Idle) => "health.idle",
    }
}

impl Theme {
    /// Loads a theme by name, from the user's folder or the built-in ones, and degrades it to what the terminal can
    /// show.
    ///
    /// # Errors
    /// An unknown name, with the nearest and all of them; every problem of the file and those that it inherits.
    pub fn load(name: &str, folder: Option<&Path>, able: Capability) -> Result<Self, Problems> {
        Ok(read::load(name, folder)?.degrade(able))
    }

    /// Names of the themes that are built in.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.files().filter_map(|file| stem(file.path()))
    }

    /// Names of all themes, the user's among them, in order.
    pub fn names(folder: Option<&Path>) -> Vec<String> {
        let mut names: BTreeSet<String> = Self::built_in().map(str::to_owned).collect();
        if let Some(files) = folder.and_then(|folder| std::fs::read_dir(folder).ok()) {
            let paths = files.flatten().map(|file| file.path());
            names.extend(paths.filter_map(|path| stem(&path).map(str::to_owned)));
        }
        names.into_iter().collect()
    }

    pub fn part(&self, part: Part) -> Style {
        let at = Part::ALL.iter().position(|known| *known == part);
        at.and_then(|at| self.parts.get(at))
            .copied()
            .unwrap_or_default()
    }

    pub fn role(&self, role: Role) -> Style {
        let at = ROLES.iter().position(|known| *known == role);
        at.and_then(|at| self.roles.get(at))
            .copied()
            .unwrap_or_default()
    }

    /// The colour of an environment as a line, for borders.
    pub fn tint(&self, environment: Environment) -> Style {
        let badge = self.part(Part::Environment(environment));
        match badge.bg {
            Some(color) if color != Color::Reset => Style::new().fg(color),
            _ => Style::new()
                .fg(badge.fg.unwrap_or(Color::Reset))
                .add_modifier(Modifier::BOLD),
        }
    }

    /// A background that lies behind what is beyond a limit: the paper with a breath of the colour of a health. None
    /// where colours are not ours to mix.
    pub fn shade(&self, health: Health) -> Option<Color> {
        let paper = self.part(Part::Background).bg?;
        let ink = self.role(Role::Health(health)).fg?;
        color::mix(paper, ink, SHADE)
    }

    /// No colours and only what must be told apart: what is left when nothing can be read.
    fn bare() -> Self {
        Self {
            name: DEFAULT_THEME.to_owned(),
            parts: [Style::new(); Part::ALL.len()],
            roles: [Style::new(); ROLES.len()],
        }
        .degrade(Capability::None)
    }
}

impl Default for Theme {
    fn default() -> Self {
        read::load(DEFAULT_THEME, None).unwrap_or_else(|_| Self::bare())
    }
}

/// The name of a theme file.
fn stem(path: &Path) -> Option<&str> {
    if path.extension()? != "toml" {
        return None;
    }
    path.file_stem()?.to_str()
}

/// The text of a theme and the name of its file for problems. A user's theme comes before a built-in one of that
/// name, and may inherit it.
fn source(
    name: &str,
    folder: Option<&Path>,
    built_in_only: bool,
) -> Result<(String, String), Problem> {
    let file = format!("{name}.toml");
    if let Some(path) = folder.map(|folder| folder.join(&file))
        && !built_in_only
        && path.is_file()
    {
        return match std::fs::read_to_string(&path) {
            Ok(text) => Ok((path.display().to_string(), text)),
            Err(error) => Err(Problem::new(
                None,
                format!("cannot read the theme {}: {error}", path.display()),
            )),
        };
    }
    let text = BUILT_IN
        .get_file(&file)
        .and_then(|file| file.contents_utf8());
    text.map(|text| (format!("themes/{file}"), text.to_owned()))
        .ok_or_else(|| {
            let names = Theme::names(folder);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Problem::unknown(None, "theme", name, &names)
        })
}
