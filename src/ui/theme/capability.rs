//! How many colours the terminal shows, worked out from what it says of itself.

/// What a terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// No colour: bold, underlined and reversed still work.
    None,
    /// The 16 colours whose look the user chose.
    Sixteen,
    Indexed,
    #[default]
    TrueColor,
}

/// Terminals that show every colour, but do not always say so by COLORTERM (ssh drops it).
const TRUE: [&str; 8] = [
    "alacritty",
    "contour",
    "foot",
    "ghostty",
    "kitty",
    "rio",
    "wezterm",
    "direct",
];

impl Capability {
    /// Reads variables by name. `NO_COLOR` wins, whatever its value, as long as it is not empty (no-color.org).
    pub fn of<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Self {
        let get = |name| variable(name).unwrap_or_default();
        let term = get("TERM").to_ascii_lowercase();
        if !get("NO_COLOR").is_empty() || term == "dumb" || term.starts_with("vt") {
            return Self::None;
        }
        let says = get("COLORTERM").to_ascii_lowercase();
        if says == "truecolor"
            || says == "24bit"
            || !get("WT_SESSION").is_empty()
            || TRUE.iter().any(|name| term.contains(name))
        {
            Self::TrueColor
        } else if term.contains("256") || get("TERM_PROGRAM") == "Apple_Terminal" {
            Self::Indexed
        } else if term.is_empty() {
            Self::None
        } else {
            Self::Sixteen
        }
    }
}
