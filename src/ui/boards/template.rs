//! What is put into a query when it is asked: the step, the window of rates, the range, and the values of variables.

use super::ground::{Variables, alternatives};

/// The time that a query is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The whole range in seconds.
    pub range: u32,
    /// Seconds between samples.
    pub step: u32,
    /// Seconds between scrapes.
    pub scrape: u32,
}

impl Window {
    /// Over how many seconds a rate is taken: four scrapes at least, so that one that failed leaves no gap, and no
    /// less than a step, so that nothing between samples is lost.
    pub fn rate(self) -> u32 {
        (4 * self.scrape).max(self.step + self.scrape).max(1)
    }
}

/// Fills in Grafana's time variables (`$__rate_interval`, `$__interval`, `$__range` and their kin) and `$namespace`,
/// `$service`, `$pod`, in each way of writing them. What is not known stays, so that the server can name it.
pub fn fill(promql: &str, window: Window, variables: &Variables) -> String {
    let mut out = String::with_capacity(promql.len() + 16);
    let mut rest = promql;
    while let Some(at) = rest.find(['$', '[']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (text, length) = match named(from) {
            Some((name, length)) => (value(name, window, variables), length),
            None => (None, from.chars().next().map_or(1, char::len_utf8)),
        };
        match text {
            Some(text) => out.push_str(&text),
            None => out.push_str(from.get(..length).unwrap_or_default()),
        }
        rest = from.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The name of the variable that a text begins with, and how many bytes its writing takes: `$name`, `${name}`,
/// `${name:regex}`, `[[name]]`.
pub(super) fn named(text: &str) -> Option<(&str, usize)> {
    if let Some(inner) = text.strip_prefix("[[") {
        let end = inner.find("]]")?;
        let name = inner.get(..end)?;
        return is_name(name).then_some((name, end + 4));
    }
    if let Some(inner) = text.strip_prefix("${") {
        let end = inner.find('}')?;
        let name = inner.get(..end)?.split(':').next()?;
        return is_name(name).then_some((name, end + 3));
    }
    let inner = text.strip_prefix('$')?;
    let end = inner
        .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .unwrap_or(inner.len());
    let name = inner.get(..end)?;
    is_name(name).then_some((name, end + 1))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}

fn value(name: &str, window: Window, variables: &Variables) -> Option<String> {
    let of = |values: &[String]| {
        if values.is_empty() {
            ".*".to_owned()
        } else {
            alternatives(values)
        }
    };
    Some(match name {
        "__rate_interval" => format!("{}s", window.rate()),
        "__interval" | "interval" => format!("{}s", window.step.max(1)),
        "__interval_ms" => (u64::from(window.step) * 1000).to_string(),
        "__range" => format!("{}s", window.range),
        "__range_s" => window.range.to_string(),
        "__range_ms" => (u64::from(window.range) * 1000).to_string(),
        "namespace" => of(&variables.namespace),
        "service" => of(&variables.service),
        "pod" => of(&variables.pod),
        _ => return None,
    })
}
