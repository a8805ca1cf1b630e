//! Every theme, on every terminal: complete, legible, and telling without colour what it tells with it.

use std::collections::HashMap;

use quarterdeck::model::{Environment, Health};
use quarterdeck::ui::theme::{Capability, Part, ROLES, Theme, contrast};
use quarterdeck::ui::views::Role;
use ratatui::style::{Color, Modifier, Style};

/// Contrast that WCAG asks of text, and of text for those who see less.
const LEGIBLE: f64 = 4.5;
const HIGH: f64 = 7.0;
/// Its colours are the terminal's own, so nothing can be computed of them.
const OF_THE_TERMINAL: &str = "terminal";

fn all(able: Capability) -> Vec<Theme> {
    Theme::names(None)
        .iter()
        .map(|name| Theme::load(name, None, able).unwrap_or_else(|problems| panic!("{problems}")))
        .collect()
}

fn capability(pairs: &[(&str, &str)]) -> Capability {
    let variables: HashMap<&str, &str> = pairs.iter().copied().collect();
    Capability::of(|name| variables.get(name).copied())
}

#[test]
fn there_is_a_choice_of_themes() {
    let names = Theme::names(None);
    assert!(names.len() >= 9, "{names:?}");
    for name in [
        "quarterdeck",
        "daybreak",
        "lighthouse",
        "trinity",
        "graphite",
    ] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}

#[test]
fn every_theme_styles_every_part_and_role() {
    for theme in all(Capability::TrueColor) {
        for part in Part::ALL {
            assert_ne!(
                theme.part(part),
                Style::new(),
                "{} {}",
                theme.name,
                part.name()
            );
        }
        for role in ROLES {
            assert_ne!(theme.role(role), Style::new(), "{} {role:?}", theme.name);
        }
        assert!(theme.part(Part::Background).bg.is_some(), "{}", theme.name);
    }
}

#[test]
fn text_can_be_read_on_every_ground() {
    let high = ["lighthouse", "chartroom"];
    let mut bad = Vec::new();
    for theme in all(Capability::TrueColor) {
        if theme.name == OF_THE_TERMINAL {
            continue;
        }
        let need = if high.contains(&theme.name.as_str()) {
            HIGH
        } else {
            LEGIBLE
        };
        let paper = theme.part(Part::Background).bg.unwrap();
        for ground in [
            Part::Background,
            Part::Cursor,
            Part::CursorUnfocused,
            Part::Overlay,
        ] {
            let under = theme.part(ground).bg.unwrap_or(paper);
            for role in ROLES {
                let text = theme.role(role).fg.unwrap();
                let ratio = contrast(text, under).unwrap();
                if ratio < need {
                    bad.push(format!(
                        "{}: {role:?} on {} {ratio:.2}",
                        theme.name,
                        ground.name()
                    ));
                }
            }
        }
        for part in Part::ALL {
            // Lines and empty bars are no text; the cursor leaves the row's own colours.
            if matches!(
                part,
                Part::Border | Part::BarEmpty | Part::Cursor | Part::CursorUnfocused
            ) {
                continue;
            }
            let style = theme.part(part);
            let ratio = contrast(style.fg.unwrap(), style.bg.unwrap_or(paper)).unwrap();
            if ratio < need {
                bad.push(format!("{}: {} {ratio:.2}", theme.name, part.name()));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn colours_of_256_still_read() {
    let mut bad = Vec::new();
    for theme in all(Capability::Indexed) {
        if theme.name == OF_THE_TERMINAL {
            continue;
        }
        let paper = theme.part(Part::Background).bg.unwrap();
        let cursor = theme.part(Part::Cursor);
        for role in ROLES {
            let text = theme.role(role).fg.unwrap();
            for ground in [paper, cursor.bg.unwrap_or(paper)] {
                if ground == Color::Reset {
                    continue;
                }
                let ratio = contrast(text, ground).unwrap();
                if ratio < 3.5 {
                    bad.push(format!("{}: {role:?} {ratio:.2}", theme.name));
                }
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn the_cursor_stands_out_on_every_terminal() {
    for able in [
        Capability::TrueColor,
        Capability::Indexed,
        Capability::Sixteen,
        Capability::None,
    ] {
        for theme in all(able) {
            let paper = theme.part(Part::Background).bg;
            for part in [Part::Cursor, Part::CursorUnfocused] {
                let style = theme.part(part);
                let by_ground = style.bg.is_some_and(|ground| Some(ground) != paper);
                let by_form = style
                    .add_modifier
                    .intersects(Modifier::REVERSED | Modifier::UNDERLINED);
                assert!(
                    by_ground || by_form,
                    "{} {able:?} {part:?}: {style:?}",
                    theme.name
                );
            }
            assert_ne!(theme.part(Part::Cursor), theme.part(Part::CursorUnfocused));
        }
    }
}

#[test]
fn without_colour_there_is_no_colour_and_still_a_difference() {
    for theme in all(Capability::None) {
        let styles = Part::ALL.map(|part| theme.part(part));
        let roles = ROLES.map(|role| theme.role(role));
        for style in styles.iter().chain(&roles) {
            assert_eq!((style.fg, style.bg), (None, None), "{}", theme.name);
        }
        assert_ne!(
            theme.role(Role::Health(Health::Bad)),
            theme.role(Role::Health(Health::Good))
        );
        assert_ne!(
            theme.part(Part::BorderFocused),
            theme.part(Part::Border),
            "{}",
            theme.name
        );
        assert_ne!(theme.part(Part::Match), Style::new());
        let badge = theme.part(Part::Environment(Environment::Production));
        assert!(badge.add_modifier.contains(Modifier::REVERSED));
    }
}

#[test]
fn sixteen_colours_use_only_the_terminals_own() {
    for theme in all(Capability::Sixteen) {
        let styles = Part::ALL.map(|part| theme.part(part));
        let roles = ROLES.map(|role| theme.role(role));
        for style in styles.iter().chain(&roles) {
            for color in [style.fg, style.bg].into_iter().flatten() {
                assert!(
                    !matches!(color, Color::Rgb(..) | Color::Indexed(_)),
                    "{} {color:?}",
                    theme.name
                );
            }
        }
        // Whatever the ground is, plain text is the terminal's own.
        let plain = theme.role(Role::Plain).fg;
        assert!(
            plain.is_none_or(|color| color == Color::Reset),
            "{}",
            theme.name
        );
    }
    let theme = Theme::load("quarterdeck", None, Capability::Sixteen).unwrap();
    assert_eq!(theme.role(Role::Health(Health::Bad)).fg, Some(Color::Red));
    assert_eq!(
        theme.role(Role::Health(Health::Warn)).fg,
        Some(Color::Yellow)
    );
    assert_eq!(
        theme.role(Role::Health(Health::Good)).fg,
        Some(Color::Green)
    );
}

#[test]
fn the_terminal_says_what_it_can_show() {
    assert_eq!(
        capability(&[("TERM", "xterm-256color")]),
        Capability::Indexed
    );
    assert_eq!(
        capability(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]),
        Capability::TrueColor
    );
    assert_eq!(
        capability(&[("TERM", "xterm-kitty")]),
        Capability::TrueColor
    );
    assert_eq!(capability(&[("TERM", "linux")]), Capability::Sixteen);
    assert_eq!(
        capability(&[("TERM", "dumb"), ("COLORTERM", "24bit")]),
        Capability::None
    );
    assert_eq!(
        capability(&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")]),
        Capability::None
    );
    assert_eq!(
        capability(&[("TERM", "screen"), ("NO_COLOR", "")]),
        Capability::Sixteen
    );
    assert_eq!(capability(&[]), Capability::None);
}

#[test]
fn a_users_theme_overlays_the_built_in_ones() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    };
    write(
        "mine",
        "inherits = \"daybreak\"\n[styles]\n\"text.dim\" = { fg = \"#123\", italic = true }\n",
    );
    write(
        "quarterdeck",
        "inherits = \"quarterdeck\"\n[palette]\nink = \"#ffffff\"\n",
    );
    let names = Theme::names(Some(folder.path()));
    assert!(names.iter().any(|name| name == "mine") && names.iter().any(|name| name == "fjord"));

    let load = |name: &str| Theme::load(name, Some(folder.path()), Capability::TrueColor);
    let mine = load("mine").unwrap();
    assert_eq!(mine.role(Role::Dim).fg, Some(Color::Rgb(0x11, 0x22, 0x33)));
    let daybreak = Theme::load("daybreak", None, Capability::TrueColor).unwrap();
    assert_eq!(mine.role(Role::Plain), daybreak.role(Role::Plain));
    let changed = load("quarterdeck").unwrap();
    assert_eq!(
        changed.role(Role::Plain).fg,
        Some(Color::Rgb(255, 255, 255))
    );
    assert_eq!(
        changed.part(Part::Cursor),
        Theme::default().part(Part::Cursor)
    );
}

#[test]
fn a_style_falls_back_to_the_name_before_its_dot() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[styles]\ntext = \"#ffffff\"\nhealth = \"#ff0000\"\nkey = \"#00ff00\"\n";
    std::fs::write(folder.path().join("small.toml"), text).unwrap();
    let theme = Theme::load("small", Some(folder.path()), Capability::TrueColor).unwrap();
    let fg = |style: Style| style.fg.unwrap();
    assert_eq!(
        fg(theme.role(Role::Health(Health::Good))),
        Color::Rgb(255, 0, 0)
    );
    assert_eq!(fg(theme.part(Part::KeyName)), Color::Rgb(0, 255, 0));
    assert_eq!(fg(theme.part(Part::Border)), Color::Rgb(255, 255, 255));
    // However little a theme says, the cursor is there.
    let cursor = theme.part(Part::Cursor).add_modifier;
    assert!(cursor.contains(Modifier::REVERSED));
}

#[test]
fn problems_of_a_theme_are_located_and_all_shown() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    };
    let errors = |name: &str| {
        let loaded = Theme::load(name, Some(folder.path()), Capability::TrueColor);
        loaded
            .unwrap_err()
            .0
            .iter()
            .map(quarterdeck::config::Problem::line)
            .collect::<Vec<_>>()
    };
    write(
        "bad",
        "inherits = \"quarterdeck\"\nbackgruond = 1\n[palette]\nink = \"#12345\"\n[styles]\ntittle = \"ink\"\nkey = { fg = \"akcent\", blink = true }\n",
    );
    let bad = errors("bad");
    let has = |place: &str, word: &str| {
        assert!(
            bad.iter()
                .any(|line| line.contains(place) && line.contains(word)),
            "{place} {word}: {bad:#?}"
        );
    };
    has("bad.toml:2:1", "backgruond");
    has("bad.toml:4:7", "\"#12345\" is no colour");
    has("bad.toml:6:1", "did you mean \"title\"?");
    has("bad.toml:7:14", "did you mean \"accent\"?");
    has("bad.toml:7:24", "blink");

    write("circle", "inherits = \"round\"\n");
    write("round", "inherits = \"circle\"\n");
    assert!(errors("circle").iter().any(|line| line.contains("circle")));
    write("orphan", "inherits = \"fjrod\"\n");
    assert!(
        errors("orphan")
            .iter()
            .any(|line| line.contains("orphan.toml:1:12") && line.contains("\"fjord\""))
    );
    write(
        "loop",
        "[palette]\na = \"b\"\nb = \"a\"\n[styles]\ntext = \"a\"\n",
    );
    assert!(errors("loop").iter().any(|line| line.contains("circle")));
    assert!(
        errors("daybraek")
            .iter()
            .any(|line| line.contains("did you mean \"daybreak\"?"))
    );
}
