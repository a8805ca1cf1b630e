//! What an opened alert, rule, target or silence says: a document made of rows, as no server has one to read.

use crate::model::{
    AlertState, Document, Fact, Health, Key, Kind, Labels, Moment, Name, Related, Rule, Section,
    Target, Text,
};
use crate::store::{Alert, Confidence, Store};
use crate::ui::views::alerts;

/// The document of a target that is watched; none for other kinds, or if it is gone.
pub(super) fn document(store: &Store, target: &Target, now: Moment) -> Option<Document> {
    let key = Key {
        endpoint: target.endpoint,
        uid: target.uid?,
    };
    let (summary, labels, related) = match target.kind {
        Kind::Alert => {
            let alert = store.alerts().rows().row(&key)?;
            (
                alert_sections(store, alert, now),
                &alert.meta.labels,
                related(alert),
            )
        }
        Kind::AlertRule => {
            let rule = store.alerts().rules().row(&key)?;
            let mut sections = vec![rule_section(rule)];
            sections.push(labels_section("Annotations", &rule.annotations));
            (sections, &rule.labels, Vec::new())
        }
        Kind::ScrapeTarget => {
            let row = store.alerts().targets().row(&key)?;
            let facts = vec![
                plain("State", row.state.as_str()).of(row.health),
                plain("Why", row.why.as_deref().unwrap_or_default()).of(row.health),
                plain("Job", &row.pool),
                plain("URL", &row.url),
                plain("Scraped", "").at(row.scraped),
                plain("Took", &format!("{} ms", row.took_millis)),
                plain("Interval", &format!("{} s", row.interval)),
            ];
            (vec![section("Target", facts)], &row.meta.labels, Vec::new())
        }
        Kind::Silence => {
            let row = store.alerts().silences().row(&key)?;
            let mut facts = vec![
                plain("State", row.state.word()).of(row.state.health()),
                plain("Matchers", &row.matchers.to_string()),
                plain("Begins", &exact(row.starts)),
                plain("Ends", &exact(row.ends)),
                plain("By", &row.author),
                plain("Comment", &row.comment),
                plain("Id", &row.id),
            ];
            if row.foreign {
                let words =
                    "has parts that this version does not know, and is not changed from here";
                facts.push(plain("Note", words).of(Health::Warn));
            }
            let hit = store.alerts().hit(|labels| row.matchers.fit(labels));
            let hit: Vec<Fact> = hit
                .map(|alert| plain(&alert.meta.name, &labels_line(&alert.meta.labels)))
                .collect();
            let title = format!("Holds back {}", hit.len());
            (
                vec![section("Silence", facts), section(&title, hit)],
                &row.meta.labels,
                Vec::new(),
            )
        }
        _ => return None,
    };
    let mut summary = summary;
    summary.push(labels_section("Labels", labels));
    summary.retain(|section| !section.facts.is_empty());
    let text: Vec<Text> = labels
        .iter()
        .map(|(name, value)| Text::from(format!("{name}: {value}")))
        .collect();
    Some(Document {
        target: target.clone(),
        summary,
        yaml: text.clone(),
        yaml_managed: text,
        related,
        masked: Vec::new(),
        read: now,
        deleted: false,
    })
}

fn alert_sections(store: &Store, alert: &Alert, now: Moment) -> Vec<Section> {
    let health = match alert.state {
        AlertState::Firing => alert.severity.health(),
        AlertState::Pending => Health::Busy,
        _ => Health::Idle,
    };
    let value = match (alert.value, &alert.limit) {
        (Some(value), Some(limit)) => alerts::against(value, limit),
        (Some(value), None) => crate::ui::value::digits(value),
        (None, _) => String::new(),
    };
    let names = |list: &[Name]| {
        let list: Vec<&str> = list.iter().map(Name::as_str).collect();
        list.join(", ")
    };
    let mut facts = vec![
        plain("State", &alerts::words(alert, now)).of(health),
        plain("Severity", alert.severity.word()),
        plain("Value", &value),
        plain("Since", &exact(alert.meta.created)).at(alert.meta.created),
        plain("Summary", alerts::summary(alert)),
        plain("Silenced by", &names(&alert.silenced_by)),
        plain("Inhibited by", &names(&alert.inhibited_by)),
        plain("Receivers", &names(&alert.receivers)),
    ];
    if alert.fired > 1 {
        let words = format!("{} times since quarterdeck was started", alert.fired);
        facts.push(plain("Fired", &words).of(Health::Warn));
    }
    let reporters = alert.reporters.iter().filter_map(|id| store.endpoint(*id));
    let reporters: Vec<&str> = reporters.map(|endpoint| endpoint.name.as_str()).collect();
    facts.push(plain("Reported by", &reporters.join(", ")));
    let mut sections = vec![section("Alert", facts), workload_section(alert)];
    let links = alert.annotations.iter();
    let links =
        links.filter(|(_, value)| value.starts_with("http://") || value.starts_with("https://"));
    sections.push(section(
        "Links",
        links.map(|(name, value)| plain(name, value)).collect(),
    ));
    if let Some(rule) = alert
        .rule
        .and_then(|rule| store.alerts().rules().row(&rule))
    {
        sections.push(rule_section(rule));
    }
    sections.push(timeline(store, alert));
    sections.push(labels_section("Annotations", &alert.annotations));
    sections
}

fn workload_section(alert: &Alert) -> Section {
    let Some(link) = &alert.link else {
        let words = "no workload: its labels name none";
        return section("About", vec![plain("Workload", words)]);
    };
    let mut facts: Vec<Fact> = link
        .targets
        .iter()
        .map(|target| {
            let place = format!("{} {}", target.kind.name(), super::place(target));
            plain("Workload", &place)
        })
        .collect();
    let sure = match link.confidence {
        Confidence::Exact => "exact",
        Confidence::Likely => "likely",
        Confidence::Several => "one of these; its labels do not say which",
    };
    facts.push(plain("How sure", sure));
    facts.push(plain("Because", &link.reason));
    section("About", facts)
}

fn rule_section(rule: &Rule) -> Section {
    let mut facts = vec![
        plain("State", rule.state.as_str()).of(rule.health),
        plain("Why", rule.why.as_deref().unwrap_or_default()).of(Health::Bad),
        plain("Expression", &rule.expr),
    ];
    if let Some(limit) = &rule.limit {
        facts.push(plain("Watches", &limit.left));
        facts.push(plain(
            "Limit",
            &format!("{} {}", limit.operator, limit.right),
        ));
    }
    facts.extend([
        plain("For", &format!("{} s", rule.hold)),
        plain("Evaluated", &format!("every {} s", rule.interval)).at(rule.evaluated),
        plain("Group", &rule.group),
        plain("File", &rule.file),
    ]);
    section("Rule", facts)
}

fn timeline(store: &Store, alert: &Alert) -> Section {
    let history = store.alerts().history(&alert.meta.key.uid);
    let turns = history.into_iter().flat_map(|history| &history.turns);
    let facts = turns.map(|(at, state)| {
        let health = match state {
            AlertState::Firing => alert.severity.health(),
            AlertState::Pending => Health::Busy,
            _ => Health::Idle,
        };
        plain(&exact(Some(*at)), state.word())
            .of(health)
            .at(Some(*at))
    });
    section("Timeline of this run", facts.collect())
}

fn related(alert: &Alert) -> Vec<Related> {
    let targets = alert.link.iter().flat_map(|link| &link.targets);
    let related = targets.map(|target| Related {
        relation: Name::new("about"),
        target: target.clone(),
    });
    related.collect()
}

fn labels_section(title: &str, labels: &Labels) -> Section {
    section(
        title,
        labels
            .iter()
            .map(|(name, value)| plain(name, value))
            .collect(),
    )
}

fn labels_line(labels: &Labels) -> String {
    let pairs = labels.iter().filter(|(name, _)| *name != "alertname");
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(" ")
}

fn exact(moment: Option<Moment>) -> String {
    moment.map_or_else(String::new, |moment| {
        moment
            .timestamp()
            .strftime("%Y-%m-%d %H:%M:%S UTC")
            .to_string()
    })
}

/// A section without facts that say nothing.
fn section(title: &str, mut facts: Vec<Fact>) -> Section {
    facts.retain(|fact| !fact.value.is_empty() || fact.time.is_some());
    Section {
        title: Text::new(title),
        facts,
    }
}

fn plain(label: &str, value: &str) -> Fact {
    Fact {
        label: Text::new(label),
        value: Text::new(value),
        ..Fact::default()
    }
}

impl Fact {
    fn of(self, health: Health) -> Self {
        Self { health, ..self }
    }

    fn at(self, time: Option<Moment>) -> Self {
        Self { time, ..self }
    }
}
