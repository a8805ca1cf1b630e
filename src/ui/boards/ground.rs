//! What boards stand on: the names and labels that a metrics server has, and what the operator narrowed it to.

use crate::model::Name;

/// What a metrics server has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Names of metrics, sorted.
    pub names: Vec<String>,
    /// Labels of the families that boards divide by.
    pub labels: Vec<(String, Vec<String>)>,
    /// Seconds between scrapes.
    pub scrape_seconds: u32,
    /// For how many seconds values are kept, if that is known.
    pub kept_seconds: Option<u64>,
}

/// What is looked at; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    pub namespace: Vec<String>,
    pub service: Vec<String>,
    pub pod: Vec<String>,
    /// A regular expression over the names of pods, for what belongs to one workload; it comes before `pod`.
    pub pods_like: Option<String>,
}

/// A variable: what boards can be narrowed by, each within those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variable {
    Namespace,
    Service,
    Pod,
}

/// A server with what is looked at in it.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub known: &'a Known,
    pub variables: &'a Variables,
}

/// Names of labels that say the same, the surer one first: Prometheus renames a target's own label to `exported_…`.
pub(super) const NAMESPACES: &[&str] = &["exported_namespace", "namespace", "kubernetes_namespace"];
pub(super) const PODS: &[&str] = &["exported_pod", "pod", "kubernetes_pod_name", "pod_name"];
pub(super) const CONTAINERS: &[&str] = &["exported_container", "container", "container_name"];
pub(super) const SERVICES: &[&str] = &["service", "app", "job", "deployment", "handler"];

impl Known {
    pub fn has(&self, name: &str) -> bool {
        self.names
            .binary_search_by(|known| known.as_str().cmp(name))
            .is_ok()
    }

    /// Whether the labels of a family are known.
    pub fn knows(&self, family: &str) -> bool {
        self.labels.iter().any(|(name, _)| name == family)
    }

    /// The first of several names that is there.
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.has(name))
    }

    /// The first of several labels that a family has; none while its labels are not known.
    pub fn label<'n>(&self, family: &str, candidates: &[&'n str]) -> Option<&'n str> {
        let (_, labels) = self.labels.iter().find(|(name, _)| name == family)?;
        candidates
            .iter()
            .copied()
            .find(|candidate| labels.iter().any(|label| label == candidate))
    }

    /// As [`Self::label`], or the usual one where that is not known.
    pub fn label_or<'n>(&self, family: &str, candidates: &[&'n str], usual: &'n str) -> &'n str {
        self.label(family, candidates).unwrap_or(usual)
    }
}

impl Variables {
    /// `namespace=~"a|b"` for each variable that narrows, by the labels that a family has.
    fn matchers(&self, known: &Known, family: &str) -> Vec<String> {
        let mut out = Vec::new();
        let all: [(&[String], &[&str], &str); 3] = [
            (&self.namespace, NAMESPACES, "namespace"),
            (&self.service, SERVICES, ""),
            (&self.pod, PODS, "pod"),
        ];
        for (values, candidates, usual) in all {
            let label = known.label(family, candidates);
            // Only what is known to have a service can be narrowed to one.
            let label = label.unwrap_or(usual);
            let like = self.pods_like.as_ref().filter(|_| usual == "pod");
            if label.is_empty() || values.is_empty() && like.is_none() {
                continue;
            }
            let values = like.cloned().unwrap_or_else(|| alternatives(values));
            out.push(format!("{label}=~\"{values}\""));
        }
        out
    }

    /// What the screen's namespaces make of it.
    #[must_use]
    pub fn within(&self, namespaces: &[Name]) -> Self {
        let mut narrowed = self.clone();
        if narrowed.namespace.is_empty() {
            narrowed.namespace = namespaces.iter().map(ToString::to_string).collect();
        }
        narrowed
    }

    /// The values of a variable.
    pub fn of(&self, variable: Variable) -> &[String] {
        match variable {
            Variable::Namespace => &self.namespace,
            Variable::Service => &self.service,
            Variable::Pod => &self.pod,
        }
    }

    /// Narrows to one value, or (none) widens again; what hangs on it is forgotten.
    pub fn set(&mut self, variable: Variable, value: Option<String>) {
        let values: Vec<String> = value.into_iter().collect();
        match variable {
            Variable::Namespace => {
                self.namespace = values;
                self.service.clear();
                self.pod.clear();
            }
            Variable::Service => {
                self.service = values;
                self.pod.clear();
            }
            Variable::Pod => self.pod = values,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.namespace.is_empty() && self.service.is_empty() && self.pod.is_empty()
    }
}

impl Variable {
    pub const ALL: [Self; 3] = [Self::Namespace, Self::Service, Self::Pod];

    pub fn name(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Service => "service",
            Self::Pod => "pod",
        }
    }

    fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Namespace => NAMESPACES,
            Self::Service => SERVICES,
            Self::Pod => PODS,
        }
    }
}

/// The label and the selector whose values a variable may take, narrowed by the variables before it; none where
/// nothing here has such a label.
pub fn choices(known: &Known, variable: Variable, chosen: &Variables) -> Option<(String, String)> {
    let families = super::families();
    let mut having = families.filter_map(|family| {
        let label = known
            .has(family)
            .then(|| known.label(family, variable.labels()))??;
        Some((family, label))
    });
    let (family, label) = having.next()?;
    let before = match variable {
        Variable::Namespace => Variables::default(),
        Variable::Service => Variables {
            namespace: chosen.namespace.clone(),
            ..Variables::default()
        },
        Variable::Pod => Variables {
            pod: Vec::new(),
            ..chosen.clone()
        },
    };
    let ground = Ground {
        known,
        variables: &before,
    };
    Some((label.to_owned(), ground.select(family, "")))
}

impl Ground<'_> {
    pub fn has(&self, name: &str) -> bool {
        self.known.has(name)
    }

    /// A selector of a family with these matchers, narrowed to what is looked at.
    pub(super) fn select(&self, family: &str, matchers: &str) -> String {
        let mut all: Vec<String> = Vec::new();
        if !matchers.is_empty() {
            all.push(matchers.to_owned());
        }
        all.extend(self.variables.matchers(self.known, family));
        wrap(family, &all)
    }

    /// A selector that is never narrowed: of nodes and servers.
    pub(super) fn plain(family: &str, matchers: &str) -> String {
        let all: Vec<String> = if matchers.is_empty() {
            Vec::new()
        } else {
            vec![matchers.to_owned()]
        };
        wrap(family, &all)
    }
}

fn wrap(family: &str, matchers: &[String]) -> String {
    if matchers.is_empty() {
        family.to_owned()
    } else {
        format!("{family}{{{}}}", matchers.join(","))
    }
}

/// Values as a regular expression in a quoted string of PromQL: every character stands for itself.
pub(super) fn alternatives(values: &[String]) -> String {
    let escaped = values.iter().map(|value| {
        let mut out = String::with_capacity(value.len());
        for character in value.chars() {
            match character {
                // A backslash for the expression needs one for the string.
                '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                    out.push_str("\\\\");
                    out.push(character);
                }
                '\\' => out.push_str("\\\\\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                _ => out.push(character),
            }
        }
        out
    });
    escaped.collect::<Vec<_>>().join("|")
}
