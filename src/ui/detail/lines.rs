//! A document as lines to read: its summary, its YAML, its relations.

use std::borrow::Cow;

use crate::model::{Document, Fact, Health, Moment, Section, Text};
use crate::ui::format;
use crate::ui::views::Role;
use crate::ui::widgets::reader::{Lines, Span};
use crate::ui::widgets::table::text_width;

/// Labels are this wide at most before their values give way.
const LABEL: u16 = 26;

/// The summary: a title, its facts, a blank line.
pub(crate) struct Summary<'a> {
    lines: Vec<SummaryLine<'a>>,
    now: Moment,
}

enum SummaryLine<'a> {
    Blank,
    Title(&'a Section),
    /// With the width of the labels of its section.
    Fact(&'a Fact, u16),
}

impl<'a> Summary<'a> {
    pub(crate) fn new(document: &'a Document, now: Moment) -> Self {
        let mut lines = Vec::new();
        for section in &document.summary {
            if !lines.is_empty() {
                lines.push(SummaryLine::Blank);
            }
            if !section.title.is_empty() {
                lines.push(SummaryLine::Title(section));
            }
            let widest = section
                .facts
                .iter()
                .map(|fact| text_width(&fact.label))
                .max()
                .unwrap_or_default();
            let facts = section.facts.iter();
            lines.extend(facts.map(|fact| SummaryLine::Fact(fact, widest.min(LABEL))));
        }
        Self { lines, now }
    }
}

impl Lines for Summary<'_> {
    fn count(&self) -> usize {
        self.lines.len()
    }

    fn indent(&self, at: usize) -> u16 {
        match self.lines.get(at) {
            Some(SummaryLine::Fact(_, widest)) => widest + 4,
            _ => 0,
        }
    }

    fn line(&self, at: usize) -> Vec<Span<'_>> {
        match self.lines.get(at) {
            None | Some(SummaryLine::Blank) => Vec::new(),
            Some(SummaryLine::Title(section)) => vec![span(section.title.as_str(), Role::Accent)],
            Some(SummaryLine::Fact(fact, widest)) => {
                let pad = usize::from(widest.saturating_sub(text_width(&fact.label))) + 2;
                let mut spans = vec![
                    span("  ", Role::Plain),
                    span(fact.label.as_str(), Role::Dim),
                    span(" ".repeat(pad), Role::Plain),
                ];
                let role = match fact.health {
                    Health::Good => Role::Plain,
                    health => Role::Health(health),
                };
                if !matches!(fact.health, Health::Good | Health::Idle) {
                    spans.push(span(format!("{} ", fact.health.glyph()), role));
                }
                spans.push(span(fact.value.as_str(), role));
                if let Some(time) = fact.time {
                    let gap = if fact.value.is_empty() { "" } else { "  " };
                    let age = format::age(time.age(self.now));
                    spans.push(span(format!("{gap}{age} ago"), Role::Dim));
                }
                spans
            }
        }
    }
}

/// YAML with its keys told apart.
pub(crate) struct Yaml<'a>(pub &'a [Text]);

impl Lines for Yaml<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn line(&self, at: usize) -> Vec<Span<'_>> {
        let Some(line) = self.0.get(at) else {
            return Vec::new();
        };
        let text = line.as_str();
        let start = text.len() - text.trim_start_matches([' ', '-']).len();
        let (indent, rest) = text.split_at(start);
        if rest.starts_with('#') {
            return vec![span(text, Role::Dim)];
        }
        let end = match rest.find(": ") {
            Some(end) => end,
            None if rest.ends_with(':') => rest.len() - 1,
            None => return vec![span(indent, Role::Dim), span(rest, Role::Plain)],
        };
        let (key, value) = rest.split_at(end);
        let (colon, value) = value.split_at(1);
        vec![
            span(indent, Role::Dim),
            span(key, Role::Accent),
            span(colon, Role::Dim),
            span(value, Role::Plain),
        ]
    }
}

/// What an object is related to, a line each.
pub(crate) struct Relations<'a>(pub &'a Document);

impl Lines for Relations<'_> {
    fn count(&self) -> usize {
        self.0.related.len()
    }

    fn line(&self, at: usize) -> Vec<Span<'_>> {
        let Some(related) = self.0.related.get(at) else {
            return Vec::new();
        };
        let widest = |width: fn(&crate::model::Related) -> u16| {
            self.0.related.iter().map(width).max().unwrap_or_default()
        };
        let relation = widest(|related| text_width(&related.relation));
        let kind = widest(|related| text_width(related.target.kind.name()));
        let pad = |text: &str, width: u16| {
            let blank = usize::from(width.saturating_sub(text_width(text))) + 2;
            format!("{text}{}", " ".repeat(blank))
        };
        vec![
            span("  ", Role::Plain),
            span(pad(&related.relation, relation), Role::Dim),
            span(pad(related.target.kind.name(), kind), Role::Plain),
            span(super::place(&related.target), Role::Strong),
        ]
    }
}

fn span<'a>(text: impl Into<Cow<'a, str>>, role: Role) -> Span<'a> {
    Span {
        text: text.into(),
        role,
    }
}
