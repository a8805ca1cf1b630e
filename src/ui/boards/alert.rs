//! The panels of an alert: what its rule watches, against its limit.

use super::{Panel, PanelQuery};
use crate::model::{Health, Limit, Unit};
use crate::store::Alert;
use crate::ui::widgets::chart::{Bound, Threshold};

/// What an alert's rule watches; a panel that says why not, where its expression has no such side.
pub fn of_alert(alert: &Alert) -> Panel {
    let Some(limit) = &alert.limit else {
        return Panel::lacking(
            &alert.meta.name,
            "Its rule is not known here, or compares nothing: there is no value to chart.",
        );
    };
    let mut panel = Panel {
        title: format!("{}: what its rule watches", alert.meta.name),
        unit: if limit.up { Unit::Number } else { limit.unit },
        queries: vec![PanelQuery {
            promql: limit.left.to_string(),
            legend: String::new(),
        }],
        thresholds: threshold(limit, alert.severity.health())
            .into_iter()
            .collect(),
        note: "The dashed line is the limit of the rule; ◌ pending, ✗ firing.".to_owned(),
        ..Panel::default()
    };
    // A limit that is a series itself is drawn as one.
    if limit.bound.is_none() && !limit.right.is_empty() {
        panel.queries.push(PanelQuery {
            promql: limit.right.to_string(),
            legend: "limit".to_owned(),
        });
    }
    panel
}

fn threshold(limit: &Limit, health: Health) -> Option<Threshold> {
    let value = limit.bound?;
    let bound = match limit.operator.as_str() {
        ">" | ">=" => Bound::Above,
        "<" | "<=" => Bound::Below,
        // What is up is one, and its alert watches for nothing.
        "==" if limit.up => {
            return Some(Threshold {
                value: 0.5,
                bound: Bound::Below,
                health,
            });
        }
        _ => return None,
    };
    Some(Threshold {
        value,
        bound,
        health,
    })
}
