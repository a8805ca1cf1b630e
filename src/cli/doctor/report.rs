//! The doctor's answers for a person: a sign and a line each, by cluster, and below it what to do.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::Finding;
use crate::cli::snapshot::ansi;
use crate::ui::theme::Theme;
use crate::ui::views::Role;

/// Cells of a line of text, and where it begins.
const LINE: usize = 80;
const INDENT: usize = 19;

/// Writes the report.
pub(super) fn write(
    out: &mut impl Write,
    findings: &[Finding],
    theme: Option<&Theme>,
) -> io::Result<()> {
    let mut cluster = "";
    for finding in findings {
        if finding.cluster != cluster {
            cluster = &finding.cluster;
            writeln!(out, "\n{cluster}")?;
        }
        let mut sign = String::new();
        match theme {
            Some(theme) => {
                let style = theme.role(Role::Health(finding.health));
                ansi::push_styled(&mut sign, finding.health.glyph(), style);
            }
            None => sign.push_str(finding.health.glyph()),
        }
        let mut lines = wrapped(&finding.detail).into_iter();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "  {sign} {:<14} {first}", finding.check)?;
        for line in lines {
            writeln!(out, "{:INDENT$}{line}", "")?;
        }
        if !finding.mend.is_empty() {
            for (at, line) in wrapped(&finding.mend).into_iter().enumerate() {
                let arrow = if at == 0 { "→ " } else { "  " };
                writeln!(out, "{:INDENT$}{arrow}{line}", "")?;
            }
        }
    }
    Ok(())
}

/// Lines of words, none longer than [`LINE`] unless a word is.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
