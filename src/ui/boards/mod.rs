//! Boards: which panels there are, and what each asks. Pure: from what a metrics server has to a list of boards.
//!
//! [`ALL`] lists the boards that need no configuration; each is made from the names of the metrics that are there, and
//! says what is missing where they are not. Own boards, imported ones and objectives come from the configuration. What
//! a board looks like and where the operator stands in it is the affair of `board`.

mod alert;
mod databases;
mod docker;
mod edge;
mod golden;
mod grafana;
mod ground;
mod itself;
mod nodes;
mod object;
mod own;
mod pods;
mod slo;
mod template;

use crate::config::{BoardSettings, SloSettings};
use crate::model::{Health, Unit};
use crate::ui::widgets::chart::{Bound, Threshold};

pub use alert::of_alert;
pub use golden::request_labels;
pub use grafana::{Imported, import};
pub use ground::{Ground, Known, Variable, Variables, choices};
pub use object::{MEASURED, of_container, of_object};
pub use template::{Window, fill};

/// A board: panels under one title.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// Unique; what is typed after `:board`.
    pub name: String,
    /// `Golden signals`
    pub title: String,
    pub panels: Vec<Panel>,
    /// Why there is nothing to show: which exporter is missing.
    pub missing: Option<String>,
    /// What an import could not take over.
    pub left_out: Vec<String>,
}

/// A panel: a few queries shown in one form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    pub title: String,
    pub unit: Unit,
    pub form: Form,
    pub queries: Vec<PanelQuery>,
    pub thresholds: Vec<Threshold>,
    /// Why there is nothing to ask.
    pub missing: Option<String>,
    /// What to know when reading it.
    pub note: String,
}

/// A query of a panel. Window and step are filled in when it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PanelQuery {
    pub promql: String,
    /// How its series are named: `{{pod}} in {{namespace}}`; empty: by their labels.
    pub legend: String,
}

/// How values are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    #[default]
    Lines,
    /// The newest value, large, with a sparkline.
    Stat,
    /// The newest value of a whole.
    Gauge,
    /// A bar for each series' newest value.
    Bars,
    /// Names and newest values.
    Table,
    /// A strip of heat for each series.
    Strip,
}

/// A board that needs no configuration.
pub struct Builder {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the palette.
    pub doc: &'static str,
    pub build: fn(&Ground<'_>) -> Result<Vec<Panel>, String>,
}

/// Every board that needs no configuration, in order.
pub const ALL: &[Builder] = &[
    golden::OVERVIEW,
    golden::GOLDEN,
    pods::PODS,
    nodes::NODES,
    docker::DOCKER,
    databases::POSTGRES,
    databases::REDIS,
    edge::NGINX,
    edge::CERTIFICATES,
    itself::PROMETHEUS,
];

impl Form {
    pub const ALL: [Self; 6] = [
        Self::Lines,
        Self::Stat,
        Self::Gauge,
        Self::Bars,
        Self::Table,
        Self::Strip,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Stat => "stat",
            Self::Gauge => "gauge",
            Self::Bars => "bars",
            Self::Table => "table",
            Self::Strip => "strip",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}

impl Panel {
    /// A panel of lines.
    pub(crate) fn new(title: &str, unit: Unit, promql: String, legend: &str) -> Self {
        Self {
            title: title.to_owned(),
            unit,
            queries: vec![PanelQuery {
                promql,
                legend: legend.to_owned(),
            }],
            ..Self::default()
        }
    }

    /// A panel that cannot ask: a metric is missing.
    pub(crate) fn lacking(title: &str, missing: impl Into<String>) -> Self {
        Self {
            title: title.to_owned(),
            missing: Some(missing.into()),
            ..Self::default()
        }
    }

    #[must_use]
    pub(crate) fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    #[must_use]
    pub(crate) fn above(mut self, value: f64, health: Health) -> Self {
        self.thresholds.push(Threshold {
            value,
            bound: Bound::Above,
            health,
        });
        self
    }

    #[must_use]
    pub(crate) fn below(mut self, value: f64, health: Health) -> Self {
        self.thresholds.push(Threshold {
            value,
            bound: Bound::Below,
            health,
        });
        self
    }

    #[must_use]
    pub(crate) fn and(mut self, promql: String, legend: &str) -> Self {
        self.queries.push(PanelQuery {
            promql,
            legend: legend.to_owned(),
        });
        self
    }

    #[must_use]
    pub(crate) fn note(mut self, note: &str) -> Self {
        note.clone_into(&mut self.note);
        self
    }
}

/// Every board over one server: the operator's own first, those without their exporter last.
pub fn boards(own: &[BoardSettings], slos: &[SloSettings], ground: &Ground<'_>) -> Vec<Board> {
    let mut boards = own::boards(own);
    boards.extend(slo::board(slos, ground));
    let mut lacking = Vec::new();
    for builder in ALL {
        let board = Board {
            name: builder.name.to_owned(),
            title: builder.title.to_owned(),
            ..Board::default()
        };
        match (builder.build)(ground) {
            Ok(panels) => boards.push(Board { panels, ..board }),
            Err(missing) => lacking.push(Board {
                missing: Some(missing),
                ..board
            }),
        }
    }
    boards.extend(lacking);
    boards
}

/// Families of metrics whose labels must be known to make boards of them, the surest to choose from first.
pub fn families() -> impl Iterator<Item = &'static str> {
    golden::families()
        .chain(pods::FAMILIES)
        .chain(["node_cpu_seconds_total"])
}
