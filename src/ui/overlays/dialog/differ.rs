//! What changed between two looks at the same thing.

use crate::actions::invocation::path;
use crate::actions::{Several, Step};
use crate::model::Text;

/// What is not as it was: the values that plans rest on.
pub(super) fn differences(before: &Several, after: &Several) -> Vec<Text> {
    let mut told = Vec::new();
    for (old, new) in before.plans().iter().zip(after.plans()) {
        if old.target.uid != new.target.uid {
            told.push(Text::from(format!(
                "{} was replaced by another of its name",
                path(&new.target)
            )));
            continue;
        }
        for change in &new.plan.changes {
            let was = old
                .plan
                .changes
                .iter()
                .find(|old| old.field == change.field);
            if let Some(was) = was.filter(|was| was.before != change.before) {
                let (was, is) = if change.private {
                    ("(hidden)", "(hidden)")
                } else {
                    (was.before.as_str(), change.before.as_str())
                };
                told.push(Text::from(format!("{}: {was} → {is}", change.field)));
            }
        }
        if told.is_empty() && tests(&old.plan.steps) != tests(&new.plan.steps) {
            told.push(Text::from(format!(
                "{} was changed by somebody else",
                path(&new.target)
            )));
        }
        if new.confirmation != old.confirmation && new.invocation == old.invocation {
            told.push(Text::from(format!(
                "it now counts as {}: {}",
                new.level.code(),
                new.level.word()
            )));
        }
    }
    told
}

/// What the requests of a plan insist on, without the values that they set.
fn tests(steps: &[Step]) -> Vec<(&str, &serde_json::Value)> {
    let tests = steps.iter().flat_map(|step| match step {
        Step::Patch { tests, .. } => tests.as_slice(),
        _ => &[],
    });
    tests
        .map(|test| (test.pointer.as_str(), &test.value))
        .collect()
}
