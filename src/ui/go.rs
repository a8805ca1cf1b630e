//! Going somewhere: what a line of the palette means, what Enter opens.

use super::commands::Command;
use super::detail::{Detail, Tab};
use super::input::Effect;
use super::pane::Pane;
use super::scope::Scoped;
use super::screen::Screen;
use super::trust::{self, Trust};
use super::views::{self, Drill, ViewRef};
use super::{Ui, commands, header};
use crate::model::{Endpoint, EndpointId, Engine, Feed, Moment, Target, Topic};
use crate::store::Store;

impl Ui {
    /// Runs a line of the palette: `docker ssh://web-1`, `pods`, `pods shop`, `pods /crash`, `pods app=shop`, `pods @eu`, `ns shop`,
    /// `ctx eu`, `theme fjord`, `sort age`, `q`, or a command by name.
    pub(super) fn go(&mut self, store: &Store, line: &str, now: Moment) -> Vec<Effect> {
        let line = line.trim().trim_start_matches(':');
        let (word, rest) = line
            .split_once(char::is_whitespace)
            .map_or((line, ""), |(word, rest)| (word, rest.trim()));
        match (word, rest) {
            ("", _) => Vec::new(),
            ("q" | "q!" | "quit" | "exit", _) => vec![Effect::Quit],
            ("overview" | "home", _) => {
                self.screens.home();
                Vec::new()
            }
            ("ns" | "namespace" | "namespaces", names) if !names.is_empty() => {
                self.use_namespaces(Scoped::parse(names), now);
                Vec::new()
            }
            ("docker", "") => self.go_to_view(store, "contexts", "", now),
            ("docker", host) => {
                self.say(format!("Opening {host}."), false, now);
                vec![Effect::OpenDocker(host.to_owned())]
            }
            ("ctx" | "context" | "contexts", name) if !name.is_empty() => {
                self.use_context(store, name.trim_start_matches('@'), now)
            }
            ("board" | "boards", name) => {
                self.go_to_board(name);
                Vec::new()
            }
            ("range", text) if !text.is_empty() => {
                self.use_range(text, now);
                Vec::new()
            }
            ("var", text) if !text.is_empty() => {
                self.use_variables(text, now);
                Vec::new()
            }
            ("theme" | "themes", name) if !name.is_empty() => self.use_theme(name),
            ("theme", _) => self.command(store, Command::Themes, now),
            ("sort", column) if !column.is_empty() => {
                self.sort_by(column, now);
                Vec::new()
            }
            _ => self.go_to_view(store, word, rest, now),
        }
    }

    fn go_to_view(&mut self, store: &Store, word: &str, rest: &str, now: Moment) -> Vec<Effect> {
        let Some(view) = views::find_in(store, word) else {
            if let Some(command) = command_named(word) {
                return self.command(store, command, now);
            }
            let near = views::nearest(store, word);
            let hint = if near.is_empty() {
                String::new()
            } else {
                format!("; did you mean {}?", near.join(", "))
            };
            self.say(
                format!("No view or kind is called \"{word}\"{hint}"),
                true,
                now,
            );
            return Vec::new();
        };
        let mut effects = Vec::new();
        let mut pane = Pane::new(view, self.wide);
        let mut scope = None;
        // A filter runs to the end of the line, so that it may hold spaces.
        let (words, filter) = match rest.find('/') {
            Some(at)
                if rest
                    .get(..at)
                    .is_some_and(|head| head.is_empty() || head.ends_with(' ')) =>
            {
                rest.split_at(at)
            }
            _ => (rest, ""),
        };
        if let Some(filter) = filter.strip_prefix('/') {
            pane.set_filter(filter);
        }
        let mut words = words.split_whitespace();
        while let Some(word) = words.next() {
            if let Some(context) = word.strip_prefix('@') {
                match open_as(store, context) {
                    Some(endpoint) => pane.query.endpoints = vec![endpoint],
                    None => effects.extend(self.use_context(store, context, now)),
                }
            } else if word == "-l" {
                let labels = words.next().unwrap_or_default();
                pane.set_filter(&format!("-l {labels}"));
            } else if word.contains('=') {
                pane.set_filter(&format!("-l {word}"));
            } else {
                scope = Some(Scoped::parse(word));
            }
        }
        if let Some(scope) = scope {
            self.use_namespaces(scope, now);
        }
        self.show(pane);
        effects
    }

    /// Shows a table; the same one again only takes over what was asked of it.
    fn show(&mut self, pane: Pane) {
        if let Screen::Table(shown) = self.screens.current_mut()
            && shown.view.name() == pane.view.name()
            && shown.query.within.is_none()
        {
            shown.query.filter = pane.query.filter;
            shown.query.endpoints = pane.query.endpoints;
            return;
        }
        self.screens.push(Screen::Table(Box::new(pane)));
    }

    /// Shows a table by the name of its view.
    pub(super) fn show_view(&mut self, view: ViewRef) {
        let pane = Pane::new(view, self.wide);
        self.show(pane);
    }

    /// Opens what is under the cursor.
    pub(super) fn open(&mut self, store: &Store, now: Moment) -> Vec<Effect> {
        if let Screen::Detail(detail) = self.screens.current()
            && let Some(target) = detail.relation(store)
        {
            self.open_detail(target, Tab::Summary);
            return Vec::new();
        }
        let Some(pane) = self.screens.current().pane() else {
            return Vec::new();
        };
        let Some(slot) = pane.slot(store) else {
            return Vec::new();
        };
        let target = pane.view.target(store, slot);
        match pane.view.drill(store, slot) {
            Some(Drill::Into { view, within }) => {
                if let (Some(view), Some(origin)) = (views::find(view), target) {
                    let pane = Pane::new(view, self.wide).within(within, origin);
                    self.screens.push(Screen::Table(Box::new(pane)));
                }
                Vec::new()
            }
            Some(Drill::Open(target)) => {
                self.open_detail(target, Tab::Summary);
                Vec::new()
            }
            Some(Drill::UseNamespace(name)) => {
                self.use_namespaces(Scoped::parse(&name), now);
                if let Some(pods) = views::find("pods") {
                    self.show_view(pods);
                }
                Vec::new()
            }
            Some(Drill::UseContext(name)) => self.use_context(store, &name, now),
            Some(Drill::UseDocker(name)) => {
                self.say(format!("Opening {name}."), false, now);
                vec![Effect::OpenDocker(name)]
            }
            Some(Drill::Detail) | None => {
                if let Some(target) = target {
                    self.open_detail(target, Tab::Summary);
                }
                Vec::new()
            }
        }
    }

    /// Opens an object on a tab; if it is open, only turns to the tab.
    pub(super) fn open_detail(&mut self, target: Target, tab: Tab) {
        if let Screen::Detail(detail) = self.screens.current_mut()
            && detail.target == target
        {
            detail.go(tab);
            return;
        }
        self.screens
            .push(Screen::Detail(Box::new(Detail::new(target, tab))));
    }

    /// Looks into these namespaces from now on.
    pub(super) fn use_namespaces(&mut self, scope: Scoped, now: Moment) {
        if self.scope != scope {
            self.say(format!("Looking into {}.", scope.words()), false, now);
            self.scope = scope;
        }
    }

    /// Opens a context alone, and goes home to see it.
    pub(super) fn use_context(&mut self, store: &Store, name: &str, now: Moment) -> Vec<Effect> {
        let known = store
            .contexts()
            .iter()
            .any(|(_, row)| row.context.name.as_str() == name);
        if !known && !store.contexts().is_empty() {
            let names: Vec<String> = store
                .contexts()
                .iter()
                .map(|(_, row)| row.context.name.to_string())
                .collect();
            let near = crate::config::nearest_few(name, names.iter().map(String::as_str), 3);
            let hint = if near.is_empty() {
                String::new()
            } else {
                format!("; did you mean {}?", near.join(", "))
            };
            self.say(format!("No context is called \"{name}\"{hint}"), true, now);
            return Vec::new();
        }
        let docker = store.contexts().iter().any(|(_, row)| {
            row.context.name.as_str() == name && row.context.engine == Engine::Docker
        });
        if docker {
            self.say(format!("Opening {name}."), false, now);
            return vec![Effect::OpenDocker(name.to_owned())];
        }
        self.screens.home();
        self.say(format!("Switching to {name}."), false, now);
        vec![Effect::OpenContext {
            name: name.to_owned(),
            alone: true,
        }]
    }

    fn use_theme(&mut self, name: &str) -> Vec<Effect> {
        if self.themes.iter().any(|theme| theme == name) {
            return vec![Effect::SetTheme(name.to_owned())];
        }
        let near = crate::config::nearest_few(name, self.themes.iter().map(String::as_str), 3);
        let hint = if near.is_empty() {
            String::new()
        } else {
            format!("; did you mean {}?", near.join(", "))
        };
        self.notice = Some(super::Notice::error(format!(
            "No theme is called \"{name}\"{hint}"
        )));
        Vec::new()
    }

    fn sort_by(&mut self, column: &str, now: Moment) {
        let sorted = self
            .screens
            .current_mut()
            .pane_mut()
            .is_some_and(|pane| pane.sort(column));
        if !sorted {
            let keys = self.column_keys();
            self.say(
                format!("No column \"{column}\" here; there are {}", keys.join(", ")),
                true,
                now,
            );
        }
    }
}

/// Whether it is known by now what a line means: a word that is no view may be a kind that a server has yet to tell.
pub(super) fn can_be_told(store: &Store, line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let settled = |endpoint: &Endpoint| {
        let feed = Feed {
            endpoint: endpoint.id,
            topic: Topic::Discovery,
        };
        let server = header::server(store, endpoint);
        let told = trust::of(endpoint.id, store.status(&feed));
        let waits =
            |trust: &Trust<'_>| matches!(trust, Trust::Connecting { .. } | Trust::Listing { .. });
        !waits(&told) || !(waits(&server) || server == Trust::Live)
    };
    let mut places = store.places().peekable();
    known(word)
        || views::find_in(store, word).is_some()
        || (places.peek().is_some() && places.all(settled))
}

/// Whether a line may begin with this word, views and kinds aside.
pub(super) fn known(word: &str) -> bool {
    matches!(
        word,
        "q" | "q!"
            | "quit"
            | "exit"
            | "overview"
            | "home"
            | "ns"
            | "ctx"
            | "docker"
            | "theme"
            | "sort"
            | "board"
            | "boards"
            | "range"
            | "var"
    ) || command_named(word).is_some()
}

/// A command that a line may name: all but those of prompts.
fn command_named(word: &str) -> Option<Command> {
    commands::ALL
        .iter()
        .find(|entry| entry.name == word && !entry.layer.is_overlay())
        .map(|entry| entry.command)
}

/// The endpoint that a context is open as.
fn open_as(store: &Store, context: &str) -> Option<EndpointId> {
    let named = store
        .contexts()
        .iter()
        .find(|(_, row)| row.context.name.as_str() == context)
        .and_then(|(_, row)| row.context.endpoint);
    named.or_else(|| {
        store
            .endpoints()
            .iter()
            .find(|endpoint| endpoint.name.as_str() == context)
            .map(|endpoint| endpoint.id)
    })
}
