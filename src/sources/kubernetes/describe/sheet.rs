//! The summary under construction: titled sections of labelled facts.

use crate::model::{Fact, Health, Moment, Section, Text};

use super::super::yaml::line_text;

/// Most facts of one section; a ConfigMap may have thousands of keys.
const FACTS_AT_MOST: usize = 400;

/// Collects sections. Facts without a value are left out, and sections without facts too.
#[derive(Default)]
pub(in crate::sources) struct Sheet {
    sections: Vec<Section>,
    left_out: usize,
}

impl Sheet {
    /// Begins a section.
    pub(in crate::sources) fn section(&mut self, title: &str) {
        self.end();
        self.sections.push(Section {
            title: Text::new(title),
            facts: Vec::new(),
        });
    }

    pub(in crate::sources) fn fact(&mut self, label: &str, value: impl AsRef<str>) {
        self.put(label, value.as_ref(), Health::Good, None);
    }

    /// A fact that is well or not.
    pub(in crate::sources) fn flag(&mut self, label: &str, value: impl AsRef<str>, health: Health) {
        self.put(label, value.as_ref(), health, None);
    }

    /// A fact with the time it is from.
    pub(in crate::sources) fn timed(
        &mut self,
        label: &str,
        value: impl AsRef<str>,
        health: Health,
        time: Option<Moment>,
    ) {
        self.put(label, value.as_ref(), health, time);
    }

    /// A fact that is nothing but a time.
    pub(in crate::sources) fn time(&mut self, label: &str, time: Option<Moment>) {
        if let Some(time) = time {
            self.put(
                label,
                &time.timestamp().to_string(),
                Health::Good,
                Some(time),
            );
        }
    }

    /// A fact of several lines; each but the first continues the one before.
    pub(in crate::sources) fn lines(
        &mut self,
        label: &str,
        lines: impl IntoIterator<Item = String>,
    ) {
        let mut label = label;
        for line in lines {
            if !line.is_empty() {
                self.put(label, &line, Health::Good, None);
                label = "";
            }
        }
    }

    fn put(&mut self, label: &str, value: &str, health: Health, time: Option<Moment>) {
        if value.is_empty() && time.is_none() {
            return;
        }
        let Some(section) = self.sections.last_mut() else {
            return;
        };
        if section.facts.len() >= FACTS_AT_MOST {
            self.left_out += 1;
            return;
        }
        section.facts.push(Fact {
            label: Text::new(label),
            value: line_text(value),
            health,
            time,
        });
    }

    fn end(&mut self) {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0
            && let Some(section) = self.sections.last_mut()
        {
            section.facts.push(Fact {
                value: Text::from(format!("… and {left_out} more; the YAML has them")),
                ..Fact::default()
            });
        }
        if self
            .sections
            .last()
            .is_some_and(|section| section.facts.is_empty())
        {
            self.sections.pop();
        }
    }

    pub(in crate::sources) fn finish(mut self) -> Vec<Section> {
        self.end();
        self.sections
    }
}
