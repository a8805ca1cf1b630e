//! Label selectors as `kubectl get -l` takes them: `app=shop,tier!=web,env in (a,b),!canary`.

use crate::model::Labels;

/// Requirements that labels have to meet, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    /// The label has to have one of these values; any value if there are none.
    values: Vec<String>,
    /// The opposite. A label that is missing has none of the values.
    not: bool,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// Says in words what could not be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let requirements = split(text)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(Requirement::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if requirements.is_empty() {
            return Err("labels are asked for as app=shop,tier!=web".to_owned());
        }
        Ok(Self { requirements })
    }

    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| {
            let has = labels.get(&requirement.key).is_some_and(|value| {
                requirement.values.is_empty()
                    || requirement.values.iter().any(|wanted| wanted == value)
            });
            has != requirement.not
        })
    }
}

impl Requirement {
    fn parse(text: &str) -> Result<Self, String> {
        let unclear = || format!("not a label requirement: {text}");
        if let Some((head, list)) = text.split_once('(') {
            let list = list.strip_suffix(')').ok_or_else(unclear)?;
            let mut words = head.split_whitespace();
            let (key, verb) = (words.next(), words.next());
            let (Some(key), Some(verb @ ("in" | "notin")), None) = (key, verb, words.next()) else {
                return Err(unclear());
            };
            let values = list.split(',').map(|value| value.trim().to_owned());
            return Self::new(key, values.collect(), verb == "notin", text);
        }
        if let Some((key, value)) = text.split_once("!=") {
            return Self::new(key, vec![value.trim().to_owned()], true, text);
        }
        if let Some((key, value)) = text.split_once('=') {
            let value = value.strip_prefix('=').unwrap_or(value);
            return Self::new(key, vec![value.trim().to_owned()], false, text);
        }
        match text.strip_prefix('!') {
            Some(key) => Self::new(key, Vec::new(), true, text),
            None => Self::new(text, Vec::new(), false, text),
        }
    }

    fn new(key: &str, values: Vec<String>, not: bool, text: &str) -> Result<Self, String> {
        let key = key.trim();
        let strange = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/'));
        if key.is_empty() || key.contains(strange) || values.iter().any(|v| v.contains(strange)) {
            return Err(format!("not a label requirement: {text}"));
        }
        Ok(Self {
            key: key.to_owned(),
            values,
            not,
        })
    }
}

/// Splits at commas that are not inside brackets.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth <= 0
    })
}
