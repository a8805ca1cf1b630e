//! The server's own rules for a user in a namespace, as a SelfSubjectRulesReview tells them.

use serde_json::Value;

use crate::model::Kind;

/// What is permitted in one namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    rules: Vec<Rule>,
    /// The server could not tell all; what is not listed may still be permitted.
    incomplete: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rule {
    verbs: Vec<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
}

impl Rules {
    /// Reads a SelfSubjectRulesReview.
    pub fn read(review: &Value) -> Self {
        let status = review.get("status");
        let rules = status.and_then(|status| status.get("resourceRules")?.as_array());
        let words = |rule: &Value, key: &str| -> Vec<String> {
            let list = rule.get(key).and_then(Value::as_array);
            let words = list.into_iter().flatten().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        };
        Self {
            rules: rules
                .into_iter()
                .flatten()
                .map(|rule| Rule {
                    verbs: words(rule, "verbs"),
                    groups: words(rule, "apiGroups"),
                    resources: words(rule, "resources"),
                    names: words(rule, "resourceNames"),
                })
                .collect(),
            incomplete: status.and_then(|status| status.get("incomplete")?.as_bool()) == Some(true),
        }
    }

    /// Whether a verb is permitted on all objects of a resource (`pods`, `pods/log`). Where the server could not tell,
    /// yes: it will say no itself.
    pub fn allow(&self, verb: &str, group: &str, resource: &str) -> bool {
        let covers = |list: &[String], word: &str| list.iter().any(|one| one == "*" || one == word);
        let below = resource
            .split_once('/')
            .map(|(_, below)| format!("*/{below}"));
        self.incomplete
            || self.rules.iter().any(|rule| {
                rule.names.is_empty()
                    && covers(&rule.verbs, verb)
                    && covers(&rule.groups, group)
                    && (covers(&rule.resources, resource)
                        || below
                            .as_ref()
                            .is_some_and(|below| rule.resources.contains(below)))
            })
    }

    /// Whether a kind may be listed.
    pub fn lists(&self, kind: &Kind) -> bool {
        self.allow("list", kind.group(), kind.plural())
    }
}
