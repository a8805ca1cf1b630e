//! The operator's own boards: panels of the configuration, and dashboards of Grafana.

use super::{Board, Form, Panel, PanelQuery, import};
use crate::config::{BoardSettings, PanelSettings};
use crate::model::{Health, Unit};
use crate::ui::widgets::chart::{Bound, Threshold};

/// The boards that the configuration names.
pub(super) fn boards(own: &[BoardSettings]) -> Vec<Board> {
    own.iter().map(board).collect()
}

fn board(settings: &BoardSettings) -> Board {
    let mut panels: Vec<Panel> = settings.panels.iter().map(panel).collect();
    let mut left_out = Vec::new();
    let mut title = settings.title.clone();
    let mut missing = None;
    if let Some(text) = &settings.grafana {
        match import(text) {
            Ok(imported) => {
                panels.extend(imported.panels);
                left_out = imported.left_out;
                if title.is_empty() {
                    title = imported.title;
                }
            }
            Err(why) => missing = Some(why),
        }
    }
    if panels.is_empty() && missing.is_none() {
        missing = Some("This board has no panels.".to_owned());
    }
    Board {
        name: settings.name.clone(),
        title: if title.is_empty() {
            settings.name.clone()
        } else {
            title
        },
        panels,
        missing,
        left_out,
    }
}

fn panel(settings: &PanelSettings) -> Panel {
    let queries = settings.promql.iter().map(|promql| PanelQuery {
        promql: promql.clone(),
        legend: settings.legend.clone(),
    });
    let limits = [
        (settings.warn_above, Bound::Above, Health::Warn),
        (settings.bad_above, Bound::Above, Health::Bad),
        (settings.warn_below, Bound::Below, Health::Warn),
        (settings.bad_below, Bound::Below, Health::Bad),
    ];
    let limits = limits.into_iter().filter_map(|(value, bound, health)| {
        Some(Threshold {
            value: value?,
            bound,
            health,
        })
    });
    Panel {
        title: settings.title.clone(),
        unit: Unit::parse(&settings.unit).unwrap_or_default(),
        form: Form::parse(&settings.form).unwrap_or_default(),
        queries: queries.collect(),
        thresholds: limits.collect(),
        ..Panel::default()
    }
}
