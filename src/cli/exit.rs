//! Exit codes, documented in `--help` and the README. Scripts rely on them: they never change their meaning.

/// Done.
pub const OK: u8 = 0;
/// A source could not be reached, denied what was asked, or something else failed; rows that are known were printed.
pub const FAILED: u8 = 1;
/// The arguments or the configuration are wrong; nothing was done.
pub const USAGE: u8 = 2;
/// No object has the name that was asked for.
pub const NOT_FOUND: u8 = 3;
/// With `--exit-code`: an alert fires, a rule is broken or a target is down.
pub const FIRING: u8 = 10;
/// Ended by Ctrl-C; other signals end with 128 and their number.
pub const INTERRUPTED: u8 = 130;

/// The words of `--help`.
pub const HELP: &str = "\
Exit codes: 0 done · 1 a source failed or denied · 2 bad arguments or configuration · 3 no object of that name
            10 something fires, with --exit-code · 130 interrupted (128 + the signal's number)";
