//! The palette of `:`: what is typed completes over views, kinds, contexts, namespaces, themes and commands.
//!
//! Every entry is a line that could have been typed; taking one runs that line ([`Ui::go`]). Enter runs what was
//! typed, or what was chosen, or the only thing that can be meant; never one of several.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Next, input_box, input_line};
use crate::config::nearest_few;
use crate::model::{Engine, Kind};
use crate::store::{Store, Table};
use crate::ui::Ui;
use crate::ui::commands::{ALL, Command};
use crate::ui::go::known;
use crate::ui::layout::Areas;
use crate::ui::theme::Part;
use crate::ui::views;
use crate::ui::widgets::finder::{Finder, Item, begins, boxed, matching};
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::text_width;

/// Entries shown at once.
const ROWS: usize = 14;
/// Entries kept.
const MOST: usize = 200;

/// The palette.
#[derive(Default)]
pub(crate) struct Palette {
    pub(super) finder: Finder,
    /// Which of the lines typed before is shown.
    recalled: Option<usize>,
    /// Why Enter did nothing.
    problem: Option<String>,
    /// How much there was to choose from when the entries were found.
    seen: usize,
}

impl Palette {
    pub(crate) fn open(ui: &Ui, store: &Store) -> Self {
        let mut palette = Self::default();
        palette.refresh(ui, store);
        palette
    }

    pub(super) fn insert(&mut self, ui: &Ui, store: &Store, text: &str) -> Next {
        self.finder.field.insert(text);
        self.refresh(ui, store);
        Next::Stay
    }

    pub(super) fn command(&mut self, ui: &mut Ui, store: &Store, command: Command) -> Next {
        match command {
            Command::Cancel => return Next::Close,
            Command::DeleteBack if self.finder.field.text().is_empty() => return Next::Close,
            Command::Accept => return self.accept(ui, store),
            Command::Complete => self.complete(ui, store),
            Command::PreviousItem if self.finder.selected.is_none_or(|at| at == 0) => {
                self.recall(ui, store, true);
            }
            Command::NextItem if self.recalled.is_some() && self.finder.selected.is_none() => {
                self.recall(ui, store, false);
            }
            command => {
                if self.finder.choose(command, ROWS) {
                    self.problem = None;
                } else if self.finder.field.edit(command) {
                    self.refresh(ui, store);
                }
            }
        }
        Next::Stay
    }

    fn accept(&mut self, ui: &mut Ui, store: &Store) -> Next {
        let typed = self.finder.field.text().trim().to_owned();
        let line = match self.finder.chosen() {
            Some(item) => item.text.clone(),
            None if typed.is_empty() => return Next::Close,
            None => match self.meant(store, &typed) {
                Some(line) => line,
                None => return Next::Stay,
            },
        };
        if wants_more(&line) {
            self.finder.field.set(&format!("{line} "));
            self.refresh(ui, store);
            return Next::Stay;
        }
        ui.remember(&line);
        Next::Line(line)
    }

    /// What the typed line means, if it can mean only one thing.
    fn meant(&mut self, store: &Store, typed: &str) -> Option<String> {
        let word = typed.split_whitespace().next().unwrap_or_default();
        if may_begin(store, word) {
            return Some(typed.to_owned());
        }
        let rest = typed.get(word.len()..).unwrap_or_default();
        if rest.trim().is_empty() {
            let first: Vec<&Item> = self
                .finder
                .items
                .iter()
                .filter(|item| {
                    begins(&item.text, word) || item.aliases.iter().any(|name| begins(name, word))
                })
                .collect();
            let only = match (first.as_slice(), self.finder.items.as_slice()) {
                ([only], _) => Some(*only),
                ([], [only]) => Some(only),
                _ => None,
            };
            if let Some(only) = only {
                return Some(only.text.clone());
            }
        }
        if self.finder.items.is_empty() || !rest.trim().is_empty() {
            self.problem = Some(format!("nothing is called \"{word}\""));
            let near = near(store, word);
            if !near.is_empty() {
                self.problem = Some(format!("nothing is called \"{word}\"; did you mean"));
                self.finder.set_items(near);
            }
        } else {
            self.finder.selected = Some(0);
            self.problem = Some("several match: Enter takes the chosen one".to_owned());
        }
        None
    }

    /// Completes the line to the chosen entry, or to the best one.
    fn complete(&mut self, ui: &Ui, store: &Store) {
        let at = self.finder.selected.unwrap_or(0);
        if let Some(item) = self.finder.items.get(at) {
            let line = if wants_more(&item.text) || !item.text.contains(' ') {
                format!("{} ", item.text)
            } else {
                item.text.clone()
            };
            self.finder.field.set(&line);
            self.refresh(ui, store);
        }
    }

    /// Brings back what was typed before.
    fn recall(&mut self, ui: &Ui, store: &Store, older: bool) {
        let said = ui.said();
        let next = match (self.recalled, older) {
            (None, true) => 0,
            (Some(at), true) => at + 1,
            (Some(0) | None, false) => {
                self.recalled = None;
                self.finder.field.set("");
                self.refresh(ui, store);
                return;
            }
            (Some(at), false) => at - 1,
        };
        if let Some(line) = said.iter().rev().nth(next) {
            self.finder.field.set(line);
            self.refresh(ui, store);
            self.recalled = Some(next);
        }
    }

    /// Finds the entries anew if servers have told more meanwhile and nothing is chosen yet.
    pub(crate) fn prepare(&mut self, ui: &Ui, store: &Store) {
        if self.seen != offered(store) && self.finder.selected.is_none() && self.recalled.is_none()
        {
            self.refresh(ui, store);
        }
    }

    /// Finds the entries for what is typed.
    fn refresh(&mut self, ui: &Ui, store: &Store) {
        self.problem = None;
        self.recalled = None;
        self.seen = offered(store);
        let text = self.finder.field.text();
        let mut items = match text.split_once(char::is_whitespace) {
            None => matching(words(ui, store, !text.is_empty()), text),
            Some((word, rest)) => arguments(ui, store, word, rest),
        };
        items.truncate(MOST);
        self.finder.set_items(items);
    }

    /// The box and its list.
    pub(super) fn places(areas: Areas) -> (Rect, Rect) {
        let (area, _, list) = input_box(areas, 92, ROWS);
        (area, list)
    }

    pub(super) fn draw(&self, ui: &Ui, areas: Areas, buf: &mut Buffer) -> Option<(u16, u16)> {
        let (area, input, list) = input_box(areas, 92, ROWS);
        boxed(&ui.theme, "Go to", area, buf);
        let cursor = input_line(ui, ":", &self.finder, input, buf);
        if let Some(problem) = &self.problem {
            let width = text_width(problem) + 1;
            let place = Rect {
                x: input.right().saturating_sub(width).max(input.x),
                width: width.min(input.width),
                ..input
            };
            Line::new(buf, place).put(problem, ui.theme.part(Part::Error));
        }
        self.finder.draw(&ui.theme, list, buf);
        cursor
    }
}

/// How many kinds, namespaces and contexts are known.
fn offered(store: &Store) -> usize {
    let kinds = store.endpoints().iter();
    let kinds: usize = kinds.map(|endpoint| store.kinds(endpoint.id).len()).sum();
    let namespaces = store.resources(&Kind::Namespace).map_or(0, Table::len);
    kinds + namespaces + store.contexts().len()
}

/// Whether a word needs another one behind it.
fn wants_more(line: &str) -> bool {
    matches!(line.trim(), "sort" | "range" | "var")
}

/// Whether a line may begin with this word.
fn may_begin(store: &Store, word: &str) -> bool {
    known(word) || views::find_in(store, word).is_some()
}

/// Everything that a line may begin with, and with `all` also lines that go to a context, namespace or theme.
fn words(ui: &Ui, store: &Store, all: bool) -> Vec<Item> {
    let item = |text: &str, doc: &str, tag: &'static str| Item {
        text: text.to_owned(),
        doc: doc.to_owned(),
        tag,
        aliases: Vec::new(),
    };
    let mut items = vec![item(
        "overview",
        "Alerts, autoscaling, workloads, pods and logs at once",
        "view",
    )];
    items.extend(views::ALL.iter().map(|view| Item {
        aliases: view.aliases(),
        ..item(view.name(), view.doc(), "view")
    }));
    items.extend(kinds(store));
    items.extend([
        item(
            "ns",
            "Look into one namespace, or several: ns shop,web; ns all",
            "word",
        ),
        item("ctx", "Switch to a context", "word"),
        item("theme", "Switch to a theme", "word"),
        item("sort", "Sort by a column", "word"),
        item("board", "Charts: a board by its name", "word"),
        item("range", "The time that charts show: range 6h", "word"),
        item(
            "var",
            "Look at one namespace, service or pod in charts",
            "word",
        ),
    ]);
    let commands = ALL.iter().filter(|entry| !entry.layer.is_overlay());
    items.extend(commands.map(|entry| Item {
        aliases: if entry.command == Command::Quit {
            vec!["q".to_owned()]
        } else {
            Vec::new()
        },
        ..item(entry.name, entry.doc, "command")
    }));
    if all {
        let named = |word: &str, names: Vec<String>, tag: &'static str| {
            names
                .into_iter()
                .map(|name| Item {
                    text: format!("{word} {name}"),
                    doc: String::new(),
                    tag,
                    aliases: vec![name],
                })
                .collect::<Vec<_>>()
        };
        items.extend(named("ctx", contexts(store), "context"));
        items.extend(named("ns", namespaces(store), "namespace"));
        items.extend(named("theme", ui.themes.clone(), "theme"));
    }
    items
}

/// Kinds that discovery knows and that have no view of their own.
fn kinds(store: &Store) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for endpoint in store.endpoints() {
        for kind in store.kinds(endpoint.id) {
            let listed = kind.verbs.iter().any(|verb| verb == "list");
            if !listed || views::find(&kind.plural).is_some() {
                continue;
            }
            let text = if items.iter().any(|item| item.text == kind.plural) {
                format!("{}.{}", kind.plural, kind.group)
            } else {
                kind.plural.clone()
            };
            if items.iter().any(|item| item.text == text) {
                continue;
            }
            let mut aliases = kind.short.clone();
            aliases.extend([kind.singular.clone(), kind.kind.to_lowercase()]);
            let group = if kind.group.is_empty() {
                "core"
            } else {
                &kind.group
            };
            items.push(Item {
                text,
                doc: format!("{} of {group}/{}", kind.kind, kind.version),
                tag: "kind",
                aliases,
            });
        }
    }
    items
}

/// What may follow a first word.
fn arguments(ui: &Ui, store: &Store, word: &str, rest: &str) -> Vec<Item> {
    let (done, last) = match rest.rsplit_once([' ', ',']) {
        Some((done, last)) => (rest.get(..=done.len()).unwrap_or_default(), last),
        None => ("", rest),
    };
    let (tag, names, last) = match word {
        "ctx" | "context" => ("context", contexts(store), last),
        "docker" => ("host", hosts(store), last),
        "theme" | "themes" => ("theme", ui.themes.clone(), last),
        "sort" => ("column", ui.column_keys(), last),
        "board" | "boards" => ("board", ui.board_names(), last),
        "range" => ("range", Ui::range_choices(), last),
        "var" => ("variable", ui.variable_choices(store), last),
        _ if last.starts_with(['/', '-']) || last.contains('=') => return Vec::new(),
        _ if last.starts_with('@') => {
            let names = contexts(store)
                .iter()
                .map(|name| format!("@{name}"))
                .collect();
            ("context", names, last)
        }
        _ if word == "ns" || views::find_in(store, word).is_some() => {
            let mut names = namespaces(store);
            names.push("all".to_owned());
            ("namespace", names, last)
        }
        _ => return Vec::new(),
    };
    let items = names
        .into_iter()
        .map(|name| Item {
            text: format!("{word} {done}{name}"),
            doc: String::new(),
            tag,
            aliases: vec![name],
        })
        .collect();
    matching(items, last)
}

pub(super) fn contexts(store: &Store) -> Vec<String> {
    let mut names: Vec<String> = store
        .contexts()
        .iter()
        .map(|(_, row)| row.context.name.to_string())
        .collect();
    names.sort();
    names
}

/// Docker hosts that could be opened.
fn hosts(store: &Store) -> Vec<String> {
    let rows = store.contexts().iter();
    rows.filter(|(_, row)| row.context.engine == Engine::Docker)
        .map(|(_, row)| row.context.name.to_string())
        .collect()
}

/// Namespaces that are known: listed, or seen on workloads where listing them is not permitted.
fn namespaces(store: &Store) -> Vec<String> {
    let mut names: Vec<String> = store
        .resources(&Kind::Namespace)
        .into_iter()
        .flat_map(Table::iter)
        .map(|(_, row)| row.meta.name.to_string())
        .collect();
    if names.is_empty() {
        let rows = store.workloads().iter();
        names.extend(rows.map(|(_, row)| row.meta.namespace.to_string()));
    }
    names.sort();
    names.dedup();
    names
}

/// What was probably meant by a word that is nothing.
fn near(store: &Store, word: &str) -> Vec<Item> {
    let mut names = views::nearest(store, word);
    let commands = ALL.iter().map(|entry| entry.name);
    names.extend(
        nearest_few(word, commands, 3)
            .into_iter()
            .map(str::to_owned),
    );
    names
        .into_iter()
        .map(|text| Item {
            text,
            ..Item::default()
        })
        .collect()
}

impl Ui {
    /// Opens the palette with the beginning of a line.
    pub(in crate::ui) fn open_palette_with(&mut self, store: &Store, line: &str) {
        let mut palette = Palette::default();
        palette.finder.field.set(line);
        palette.refresh(self, store);
        self.overlay = Some(super::Overlay::Palette(palette));
    }

    /// Opens the palette.
    pub(in crate::ui) fn open_palette(&mut self, store: &Store) {
        self.overlay = Some(super::Overlay::Palette(Palette::open(self, store)));
    }
}
