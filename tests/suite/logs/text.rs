//! What a line may do to the terminal: colours, and nothing else.

use proptest::prelude::*;
use quarterdeck::logs::text::{Colour, parts, plain};

#[test]
fn colours_are_understood_and_everything_else_is_inert() {
    let shown = parts("\u{1b}[31;1mred\u{1b}[0m plain \u{1b}[38;5;200mpink");
    assert_eq!(shown.len(), 3);
    assert_eq!(shown[0].look.foreground, Some(Colour::Index(1)));
    assert!(shown[0].look.bold);
    assert_eq!(shown[1].text.as_str(), " plain ");
    assert_eq!(shown[2].look.foreground, Some(Colour::Index(200)));
    for (line, seen) in [
        ("a\u{1b}]0;title\u{7}b", "ab"),
        ("a\u{1b}]52;c;ZXZpbA==\u{1b}\\b", "ab"),
        ("a\u{1b}Pq#0\u{1b}\\b", "ab"),
        ("a\u{1b}[2Jb\u{1b}[Hc", "abc"),
        ("a\u{9b}31mb", "ab"),
        ("a\u{1b}]0;never ends", "a"),
        ("10%\r50%\r100%", "100%"),
        ("a\tb", "a       b"),
        ("nul\0", "nul\u{2400}"),
        ("\u{202e}evil", "‹202e›evil"),
    ] {
        assert_eq!(plain(line), seen, "{line:?}");
    }
}

proptest! {
    #[test]
    fn nothing_that_acts_gets_out(line in "(\u{1b}|\\[|\\]|m|[0-9;]|\\PC|\u{9b}|\u{7}|\r|\t|\0){0,60}") {
        for character in plain(&line).chars() {
            prop_assert!(!character.is_control(), "{:?} of {:?}", character, line);
        }
    }
}
