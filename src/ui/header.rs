//! The line at the top, which always tells the truth: where we are, who we are, what it rests on, what we cost.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Ui;
use super::acting::Standing;
use super::format;
use super::theme::Part;
use super::trust::{self, Trust};
use super::views::Role;
use super::widgets::line::Line;
use super::widgets::table::{cut_middle, text_width};
use crate::model::{Endpoint, Engine, Environment, Feed, Health, Moment, Topic};
use crate::store::Store;

/// A part of the line. Parts with a higher rank go first when room is short; 0 stays.
struct Word {
    text: String,
    style: Style,
    rank: u8,
    right: bool,
}

/// Draws the header.
pub(crate) fn draw(ui: &Ui, store: &Store, now: Moment, area: Rect, buf: &mut Buffer) {
    let base = ui.theme.part(Part::Header);
    buf.set_style(area.intersection(buf.area), base);
    let mut words = words(ui, store, now, base);
    let room = area.width;
    while total(&words) > room {
        let Some(least) = words
            .iter()
            .enumerate()
            .filter(|(_, word)| word.rank > 0)
            .max_by_key(|(_, word)| word.rank)
            .map(|(at, _)| at)
        else {
            break;
        };
        words.remove(least);
    }
    // Only environment and cluster are left, or all fits: the cluster's name gives way in its middle.
    let over = total(&words).saturating_sub(room);
    if over > 0
        && let Some(word) = words
            .iter_mut()
            .filter(|word| !word.right)
            .max_by_key(|word| text_width(&word.text))
    {
        word.text = cut_middle(&word.text, text_width(&word.text).saturating_sub(over));
    }
    let (left, right): (Vec<_>, Vec<_>) = words.iter().partition(|word| !word.right);
    let mut line = Line::new(buf, area);
    for word in left {
        line.skip(1).put(&word.text, word.style).skip(1);
    }
    let wide: u16 = right.iter().map(|word| text_width(&word.text) + 2).sum();
    let mut line = Line::new(
        buf,
        Rect {
            x: area.right().saturating_sub(wide),
            width: wide.min(area.width),
            ..area
        },
    );
    for word in right {
        line.skip(1).put(&word.text, word.style).skip(1);
    }
}

fn total(words: &[Word]) -> u16 {
    words.iter().map(|word| text_width(&word.text) + 2).sum()
}

/// What it would mean to break something: the gravest environment that is open.
pub(crate) fn environment(store: &Store) -> Option<Environment> {
    store.places().map(|endpoint| endpoint.environment).max()
}

fn words(ui: &Ui, store: &Store, now: Moment, base: Style) -> Vec<Word> {
    let dim = base.patch(ui.theme.role(Role::Dim));
    let left = |text: String, style: Style, rank: u8| Word {
        text,
        style,
        rank,
        right: false,
    };
    let mut words = vec![left(
        "quarterdeck".to_owned(),
        base.add_modifier(Modifier::BOLD),
        6,
    )];
    let places: Vec<&Endpoint> = store.places().collect();
    if let Some(environment) = environment(store) {
        words.push(left(
            format!(" {} ", environment.word().to_uppercase()),
            ui.theme.part(Part::Environment(environment)),
            0,
        ));
    }
    let strong = base.patch(ui.theme.role(Role::Strong));
    match places.as_slice() {
        [] => words.push(left("nothing open".to_owned(), dim, 0)),
        [endpoint] => {
            words.push(left(endpoint.name.to_string(), strong, 0));
            if !endpoint.user.is_empty() {
                words.push(left(endpoint.user.to_string(), dim, 8));
            }
            if !endpoint.version.is_empty() {
                words.push(left(endpoint.version.to_string(), dim, 7));
            }
        }
        several => words.push(left(counted(several), strong, 0)),
    }
    if places.iter().any(|endpoint| endpoint.insecure) {
        words.push(left(
            "certificate not checked".to_owned(),
            ui.theme.role(Role::Health(Health::Warn)),
            3,
        ));
    }
    words.extend(source(ui, store, now, base));
    let rate = store.requests().per_second(now);
    words.push(Word {
        text: rate_words(rate),
        style: dim,
        rank: 9,
        right: true,
    });
    words.extend(standing(ui, store, now, base));
    words.extend(running(ui, base));
    words
}

/// Whether anything can be changed where we are.
fn standing(ui: &Ui, store: &Store, now: Moment, base: Style) -> Option<Word> {
    let acting = &ui.acting;
    let environment = environment(store).unwrap_or_default();
    let (text, role) = match acting.standing(environment, now) {
        Standing::ReadOnly => ("read only".to_owned(), Role::Dim),
        Standing::Locked => ("locked".to_owned(), Role::Dim),
        Standing::Open => {
            // Where nothing was unlocked there is nothing to say.
            let until = acting.until(environment, now)?;
            let left = (until.second() - now.second() + 59) / 60;
            (format!("unlocked {left}m"), Role::Health(Health::Warn))
        }
    };
    Some(Word {
        text,
        style: base.patch(ui.theme.role(role)),
        rank: 1,
        right: true,
    })
}

/// What is being changed now.
fn running(ui: &Ui, base: Style) -> Option<Word> {
    let mut running = ui.acting.running();
    let first = running.next()?;
    let more = running.count();
    let text = if more > 0 {
        format!("◐ {} actions running", more + 1)
    } else {
        let name = first
            .items
            .first()
            .map_or("", |item| item.target.name.as_str());
        format!("◐ {} {}", cut_middle(name, 24), first.line())
    };
    Some(Word {
        text: cut_middle(&text, 48),
        style: base.patch(ui.theme.role(Role::Health(Health::Busy))),
        rank: 1,
        right: true,
    })
}

/// `2 clusters`, `eks-eu-1, 3 Docker hosts`
fn counted(places: &[&Endpoint]) -> String {
    let of = |engine: Engine, several: &str| {
        let of_engine: Vec<&&Endpoint> = places
            .iter()
            .filter(|endpoint| endpoint.engine == engine)
            .collect();
        match of_engine.as_slice() {
            [] => None,
            [one] => Some(one.name.to_string()),
            all => Some(format!("{} {several}", all.len())),
        }
    };
    let parts = [
        of(Engine::Kubernetes, "clusters"),
        of(Engine::Docker, "Docker hosts"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The state of the servers: a word for each engine while all is well, else one for each server that is not.
fn source(ui: &Ui, store: &Store, now: Moment, base: Style) -> Vec<Word> {
    let word = |health: Health, text: String, rank: u8| Word {
        text: format!("{} {text}", health.glyph()),
        style: base.patch(ui.theme.role(Role::Health(health))),
        rank,
        right: true,
    };
    let mut troubled = Vec::new();
    let mut well = Vec::new();
    for engine in Engine::ALL {
        let of_engine = || {
            let endpoints = store.endpoints().iter();
            endpoints.filter(|endpoint| endpoint.engine == engine)
        };
        let several = of_engine().count() > 1;
        let mut live = 0;
        let before = troubled.len();
        let mut off = false;
        for endpoint in of_engine() {
            let trust = server(store, endpoint);
            let state = match &trust {
                Trust::Live | Trust::Limited(_) => {
                    live += 1;
                    continue;
                }
                Trust::Off { .. } => {
                    off = true;
                    continue;
                }
                Trust::Connecting { .. } | Trust::Listing { .. } | Trust::Nowhere => {
                    "connecting".to_owned()
                }
                Trust::Stale { since, .. } => format!("stale {}", format::age(since.age(now))),
                Trust::Denied { .. } => "denied".to_owned(),
            };
            let who = if several {
                endpoint.name.as_str()
            } else {
                engine.name()
            };
            troubled.push(word(trust.health(), format!("{who} {state}"), 2));
        }
        // What was searched for in several places is there if it was found in one.
        let name = engine.name();
        match live {
            _ if troubled.len() > before => {}
            0 if off => well.push(word(Health::Idle, format!("{name} off"), 5)),
            0 => {}
            1 => well.push(word(Health::Good, name.to_owned(), 4)),
            _ => well.push(word(Health::Good, format!("{name} {live}"), 4)),
        }
    }
    // A long list of dead servers would push everything else out.
    if troubled.len() > 3 {
        let more = troubled.len() - 2;
        troubled.truncate(2);
        troubled.push(word(Health::Bad, format!("{more} more"), 2));
    }
    troubled.extend(well);
    troubled
}

/// Requests a second, whole: parts of one come and go with every look at CPU and memory.
fn rate_words(rate: f64) -> String {
    if rate < 1.0 {
        "<1 req/s".to_owned()
    } else {
        format!("{rate:.0} req/s")
    }
}

/// Where the server of an endpoint stands.
pub(crate) fn server<'a>(store: &'a Store, endpoint: &Endpoint) -> Trust<'a> {
    let feed = Feed {
        endpoint: endpoint.id,
        topic: Topic::Server,
    };
    trust::of(endpoint.id, store.status(&feed))
}

/// When the header changes by itself.
pub(crate) fn ticks(store: &Store, now: Moment) -> Option<Moment> {
    store
        .endpoints()
        .iter()
        .filter_map(|endpoint| match server(store, endpoint) {
            Trust::Stale { since, .. } => format::changes_at(since, now),
            _ => None,
        })
        .chain(store.requests().next_change(now))
        .min()
}
