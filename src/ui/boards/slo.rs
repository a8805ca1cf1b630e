//! Objectives: how fast the budget for errors burns in four windows, and what is left of it.
//!
//! From Sloth's or Pyrra's series where they are, else computed from what the configuration says: an objective and how
//! errors are counted.

use super::golden::Requests;
use super::{Board, Form, Ground, Panel, PanelQuery};
use crate::config::SloSettings;
use crate::model::{Health, Unit};
use crate::ui::value::digits;

const DAY: u64 = 86_400;
/// Windows with the burn rate that somebody is woken (or told) for: of Sloth over 30 days and of Pyrra over 28.
const SLOTH: [(&str, f64); 4] = [("1h", 14.4), ("6h", 6.0), ("1d", 3.0), ("3d", 1.0)];
const PYRRA: [(&str, f64); 4] = [("1h", 14.0), ("6h", 7.0), ("1d", 2.0), ("4d", 1.0)];

/// The board of all objectives; none where there are none.
pub(super) fn board(slos: &[SloSettings], ground: &Ground<'_>) -> Option<Board> {
    let mut panels = Vec::new();
    if ground.has("slo:sli_error:ratio_rate5m") && ground.has("slo:objective:ratio") {
        panels.extend(sloth(ground));
    }
    if ground.has("pyrra_objective") {
        panels.extend(pyrra(ground));
    }
    for slo in slos {
        panels.extend(own(slo, ground));
    }
    (!panels.is_empty()).then(|| Board {
        name: "slo".to_owned(),
        title: "Objectives".to_owned(),
        panels,
        ..Board::default()
    })
}

fn budget(title: &str, promql: String, legend: &str) -> Panel {
    // A budget may be overdrawn, and then it says by how much.
    Panel::new(title, Unit::Ratio, promql, legend)
        .form(Form::Stat)
        .below(0.25, Health::Warn)
        .below(0.0, Health::Bad)
}

fn burn(window: &str, factor: f64, promql: String, legend: &str) -> Panel {
    let health = if factor >= 6.0 {
        Health::Bad
    } else {
        Health::Warn
    };
    Panel::new(
        &format!("Burn rate over {window}"),
        Unit::Number,
        promql,
        legend,
    )
    .above(factor, health)
}

fn sloth(ground: &Ground<'_>) -> Vec<Panel> {
    let legend = "{{sloth_service}} {{sloth_slo}}";
    let mut panels = Vec::new();
    if ground.has("slo:period_error_budget_remaining:ratio") {
        let promql = "slo:period_error_budget_remaining:ratio".to_owned();
        panels.push(budget("Budget left", promql, legend));
    }
    for (window, factor) in SLOTH {
        let family = format!("slo:sli_error:ratio_rate{window}");
        if ground.has(&family) {
            let promql =
                format!("{family} / on (sloth_id) group_left () (1 - slo:objective:ratio)");
            panels.push(burn(window, factor, promql, legend));
        }
    }
    panels
}

fn pyrra(ground: &Ground<'_>) -> Vec<Panel> {
    let legend = "{{slo}}";
    let mut panels = Vec::new();
    if ground.has("pyrra_availability") {
        let promql = "1 - (1 - pyrra_availability) / on (slo) group_left () (1 - pyrra_objective)"
            .to_owned();
        panels.push(budget("Budget left", promql, legend));
    }
    for (window, factor) in PYRRA {
        let ending = format!(":burnrate{window}");
        if ground
            .known
            .names
            .iter()
            .any(|name| name.ends_with(&ending))
        {
            let promql = format!(
                "{{__name__=~\".+{ending}\"}} / on (slo) group_left () (1 - pyrra_objective)"
            );
            panels.push(burn(window, factor, promql, legend));
        }
    }
    panels
}

/// An objective of the configuration.
fn own(slo: &SloSettings, ground: &Ground<'_>) -> Vec<Panel> {
    let name = if slo.name.is_empty() {
        &slo.service
    } else {
        &slo.name
    };
    let name = if name.is_empty() {
        "all services"
    } else {
        name
    };
    let Some(errors) = errors(slo, ground) else {
        let why = "How errors are counted is not known: give errors = \"…\" in [[slo]].";
        return vec![Panel::lacking(&format!("{name}: objective"), why)];
    };
    let allowed = digits(1.0 - slo.objective / 100.0);
    let over = |window: &str| errors.replace("$window", window);
    let days = format!("{}d", slo.days);
    let promql = format!("1 - ({}) / {allowed}", over(&days));
    let title = format!("{name}: budget of {days} left");
    let mut left = budget(&title, promql, name);
    if let Some(kept) = ground.known.kept_seconds
        && kept < u64::from(slo.days) * DAY
    {
        left.note = format!(
            "Values are kept for {}: older errors of the {days} are not in it.",
            crate::ui::format::about(kept.min(u64::from(u32::MAX)) as u32)
        );
    }
    let mut rates = Panel {
        title: format!("{name}: burn rate, {} % promised", digits(slo.objective)),
        unit: Unit::Number,
        note: "1 spends the budget exactly; above the limit behind a window somebody should be woken or told.".to_owned(),
        ..Panel::default()
    }
    .above(1.0, Health::Warn)
    .above(14.4, Health::Bad);
    for (window, factor) in SLOTH {
        rates.queries.push(PanelQuery {
            promql: format!("({}) / {allowed}", over(window)),
            legend: format!("{window}, limit {}", digits(factor)),
        });
    }
    let now = Panel::new(&format!("{name}: errors"), Unit::Ratio, over("5m"), name)
        .above(1.0 - slo.objective / 100.0, Health::Warn);
    vec![left, rates, now]
}

/// The share of failed requests over `$window`.
fn errors(slo: &SloSettings, ground: &Ground<'_>) -> Option<String> {
    if !slo.errors.is_empty() {
        return Some(slo.errors.clone());
    }
    Requests::find(ground)?.share(ground, &slo.service)
}
