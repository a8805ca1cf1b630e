//! From the server's table, or a plain list, to columns and rows. Pure.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::model::{
    ColumnInfo, EndpointId, Health, Key, Kind, Labels, Meta, Moment, Name, Owner, Resource, Row,
    Text, Uid, Value,
};

/// What the server answered: a page of a table, or of a list.
#[derive(Debug)]
pub struct Answer {
    pub version: String,
    /// The token of the next page; empty at the end.
    pub next: String,
    pub remaining: Option<u64>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Table(TableBody),
    Items(Vec<Json>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TableBody {
    column_definitions: Option<Vec<Definition>>,
    rows: Option<Vec<TableRow>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Definition {
    name: String,
    #[serde(rename = "type")]
    sort: String,
    format: String,
    priority: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TableRow {
    cells: Vec<Json>,
    object: Json,
}

/// Knows the columns of a kind, once the server has told them.
pub struct Projection {
    endpoint: EndpointId,
    kind: Kind,
    definitions: Vec<Definition>,
    /// The places of the cells that become cells here: all but name and age.
    kept: Vec<usize>,
    plain: bool,
}

impl Answer {
    /// Reads a page; none if it is neither a table nor a list.
    pub fn read(page: Json) -> Option<Self> {
        Self::from(page, false)
    }

    /// Reads the object of a watch event: a table of one row, or the object itself.
    pub fn read_event(object: Json) -> Option<Self> {
        Self::from(object, true)
    }

    fn from(mut page: Json, event: bool) -> Option<Self> {
        let meta = page.get("metadata").cloned().unwrap_or_default();
        let word = |key: &str| {
            meta.get(key)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let kind = page.get("kind").and_then(Json::as_str).unwrap_or_default();
        let content = if kind == "Table" {
            Content::Table(serde_json::from_value(page).ok()?)
        } else if event {
            Content::Items(vec![page])
        } else {
            let items = page.get_mut("items")?.take();
            Content::Items(serde_json::from_value(items).unwrap_or_default())
        };
        let mut answer = Self {
            version: word("resourceVersion"),
            next: word("continue"),
            remaining: meta.get("remainingItemCount").and_then(Json::as_u64),
            content,
        };
        if event && let Some(last) = answer.objects().last() {
            let version = last
                .pointer("/metadata/resourceVersion")
                .and_then(Json::as_str);
            if let Some(version) = version {
                answer.version = version.to_owned();
            }
        }
        Some(answer)
    }

    pub fn len(&self) -> usize {
        self.objects().count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The identities of the objects.
    pub fn uids(&self) -> impl Iterator<Item = Uid> {
        self.objects()
            .filter_map(|object| Some(Uid::parse(object.pointer("/metadata/uid")?.as_str()?)))
    }

    fn objects(&self) -> Box<dyn Iterator<Item = &Json> + '_> {
        match &self.content {
            Content::Table(table) => Box::new(table.rows.iter().flatten().map(|row| &row.object)),
            Content::Items(items) => Box::new(items.iter()),
        }
    }
}

impl Projection {
    pub fn new(endpoint: EndpointId, kind: Kind) -> Self {
        Self {
            endpoint,
            kind,
            definitions: Vec::new(),
            kept: Vec::new(),
            plain: false,
        }
    }

    /// Takes in the columns of an answer; returns them if they are new.
    pub fn learn(&mut self, answer: &Answer) -> Option<Vec<ColumnInfo>> {
        let definitions = match &answer.content {
            // Only the first event of a watch says its columns.
            Content::Table(table) => table
                .column_definitions
                .clone()
                .filter(|list| !list.is_empty())?,
            Content::Items(_) if self.plain => return None,
            Content::Items(_) => {
                self.plain = true;
                vec![Definition {
                    name: "Status".to_owned(),
                    sort: "string".to_owned(),
                    ..Definition::default()
                }]
            }
        };
        if definitions == self.definitions {
            return None;
        }
        let dropped = |definition: &Definition| {
            (definition.format == "name" && definition.name.eq_ignore_ascii_case("name"))
                || definition.name.eq_ignore_ascii_case("age")
                || definition.name.eq_ignore_ascii_case("namespace")
        };
        self.kept = (0..definitions.len())
            .filter(|at| {
                definitions
                    .get(*at)
                    .is_some_and(|definition| !dropped(definition))
            })
            .collect();
        self.definitions = definitions;
        let mut columns: Vec<ColumnInfo> = Vec::new();
        for definition in self.kept.iter().filter_map(|at| self.definitions.get(*at)) {
            let mut key = snake(&definition.name);
            while columns.iter().any(|column| column.key.as_str() == key) {
                key.push('_');
            }
            columns.push(ColumnInfo {
                header: Name::new(&definition.name.to_uppercase()),
                key: Name::new(&key),
                wide: definition.priority > 0,
                right: matches!(definition.sort.as_str(), "integer" | "number"),
            });
        }
        Some(columns)
    }

    /// The rows of an answer, with the columns learnt. Ages in its cells are from `now` by the server's clock.
    pub fn rows<'a>(&'a self, answer: &'a Answer, now: Moment) -> Vec<Row> {
        match &answer.content {
            Content::Table(table) => table
                .rows
                .iter()
                .flatten()
                .map(|row| self.row(&row.object, &row.cells, now))
                .collect(),
            Content::Items(items) => items
                .iter()
                .map(|item| self.row(item, &[Json::from(plain_status(item))], now))
                .collect(),
        }
    }

    fn row(&self, object: &Json, cells: &[Json], now: Moment) -> Row {
        let meta = meta(self.endpoint, object.get("metadata").unwrap_or(&Json::Null));
        let mut health = Health::Good;
        let mut reason = None;
        let mut values = Vec::with_capacity(self.kept.len());
        for at in &self.kept {
            let (Some(definition), cell) = (self.definitions.get(*at), cells.get(*at)) else {
                continue;
            };
            let value = cell.map_or(Value::None, |cell| value(cell, definition, now));
            if let Some(text) = cell.and_then(Json::as_str) {
                health = health.min(guess(&definition.name, text).unwrap_or(Health::Good));
                let name = definition.name.to_lowercase();
                if matches!(name.as_str(), "reason" | "message" | "status") && !text.is_empty() {
                    reason = Some(text);
                }
            }
            values.push(value);
        }
        if meta.deleting.is_some() {
            health = Health::Busy;
        }
        let why = reason.filter(|_| matches!(health, Health::Bad | Health::Warn));
        Row::Resource(
            self.kind.clone(),
            Box::new(Resource {
                meta,
                health,
                why: why.map(Text::new),
                cells: values.into(),
            }),
        )
    }
}

/// What every object has.
fn meta(endpoint: EndpointId, meta: &Json) -> Meta {
    let word = |key: &str| meta.get(key).and_then(Json::as_str).unwrap_or_default();
    let labels = meta.get("labels").and_then(Json::as_object);
    let owners = meta.get("ownerReferences").and_then(Json::as_array);
    let controls = |owner: &&Json| owner.get("controller").and_then(Json::as_bool) == Some(true);
    let owner = owners.and_then(|owners| owners.iter().find(controls).or_else(|| owners.first()));
    Meta {
        key: Key {
            endpoint,
            uid: Uid::parse(word("uid")),
        },
        namespace: Name::new(word("namespace")),
        name: Text::new(word("name")),
        created: Moment::parse(word("creationTimestamp")),
        deleting: Moment::parse(word("deletionTimestamp")),
        version: word("resourceVersion").parse().unwrap_or_default(),
        labels: Labels::new(
            labels
                .into_iter()
                .flatten()
                .map(|(key, value)| {
                    (
                        Name::new(key),
                        Name::new(value.as_str().unwrap_or_default()),
                    )
                })
                .collect(),
        ),
        owner: owner.map(|owner| {
            let word = |key: &str| owner.get(key).and_then(Json::as_str).unwrap_or_default();
            Arc::new(Owner {
                kind: Name::new(word("kind")),
                name: Name::new(word("name")),
                uid: Uid::parse(word("uid")),
            })
        }),
    }
}

fn value(cell: &Json, definition: &Definition, now: Moment) -> Value {
    match cell {
        Json::Null => Value::None,
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Number(number),
            None => Value::Text(Text::from(number.to_string())),
        },
        // The server writes times as the age they had when it wrote; as a time it goes on counting.
        Json::String(text) if definition.sort == "date" => match moment(text, now) {
            Some(time) => Value::Time(time),
            None => Value::Text(Text::new(text)),
        },
        Json::String(text) if text == "<none>" || text.is_empty() => Value::None,
        Json::String(text) => Value::Text(Text::new(text)),
        Json::Array(list) => {
            let words: Vec<_> = list
                .iter()
                .map(|item| {
                    item.as_str()
                        .map_or_else(|| item.to_string(), str::to_owned)
                })
                .collect();
            Value::Text(Text::from(words.join(",")))
        }
        other => Value::Text(Text::from(other.to_string())),
    }
}

/// When something was that is said to be `2d3h`, `45m`, `10s` or `3y20d` ago, or a time as such.
fn moment(text: &str, now: Moment) -> Option<Moment> {
    if let Some(time) = Moment::parse(text) {
        return Some(time);
    }
    let mut seconds: i64 = 0;
    let mut digits = String::new();
    for character in text.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let number: i64 = digits.parse().ok()?;
        digits.clear();
        let unit = match character {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            'y' => 365 * 86400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
    }
    (digits.is_empty() && !text.is_empty()).then(|| Moment::from_second(now.second() - seconds))?
}

/// What a cell under a header like Ready, Status or Phase says of health; none under other headers.
pub fn guess(header: &str, cell: &str) -> Option<Health> {
    let header = header.to_lowercase();
    let truth = matches!(
        header.as_str(),
        "ready" | "available" | "synced" | "healthy" | "established" | "accepted" | "programmed"
    );
    if !truth
        && !matches!(
            header.as_str(),
            "status" | "phase" | "state" | "health" | "sync status" | "health status"
        )
    {
        return None;
    }
    let word = cell
        .split([' ', '(', ','])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    if let Some((ready, wanted)) = word.split_once('/') {
        let (ready, wanted) = (ready.parse::<u32>().ok()?, wanted.parse::<u32>().ok()?);
        return Some(match (ready, wanted) {
            (_, 0) => Health::Idle,
            (ready, wanted) if ready >= wanted => Health::Good,
            (0, _) => Health::Bad,
            _ => Health::Warn,
        });
    }
    Some(match word.as_str() {
        "" => return None,
        "false" if truth => Health::Bad,
        "suspended" | "paused" | "completed" | "complete" | "succeeded" | "disabled"
        | "released" => Health::Idle,
        "pending" | "progressing" | "creating" | "updating" | "terminating" | "deleting"
        | "provisioning" | "reconciling" | "inprogress" | "waiting" | "initializing" => {
            Health::Busy
        }
        "lost" | "degraded" | "missing" | "invalid" | "denied" | "unhealthy" | "notready"
        | "rejected" | "expired" | "down" => Health::Bad,
        "outofsync" | "warning" | "unknown" => Health::Warn,
        word if word.contains("fail") || word.contains("error") || word.contains("backoff") => {
            Health::Bad
        }
        _ => Health::Good,
    })
}

/// The status of an object that came without a table: its phase, else its Ready condition.
fn plain_status(item: &Json) -> String {
    if let Some(phase) = item.pointer("/status/phase").and_then(Json::as_str) {
        return phase.to_owned();
    }
    let conditions = item.pointer("/status/conditions").and_then(Json::as_array);
    let ready = conditions.into_iter().flatten().find(|condition| {
        let sort = condition.get("type").and_then(Json::as_str);
        matches!(sort, Some("Ready" | "Available"))
    });
    let Some(ready) = ready else {
        return String::new();
    };
    let word = |key: &str| ready.get(key).and_then(Json::as_str).unwrap_or_default();
    match (word("status"), word("reason")) {
        ("True", _) => "Ready".to_owned(),
        (_, "") => "NotReady".to_owned(),
        (_, reason) => format!("NotReady ({reason})"),
    }
}

/// `Min Available` → `min_available`.
fn snake(header: &str) -> String {
    let mut key = String::new();
    for character in header.chars() {
        if character.is_alphanumeric() {
            key.extend(character.to_lowercase());
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    key.trim_end_matches('_').to_owned()
}
