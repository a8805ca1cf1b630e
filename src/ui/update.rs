//! What each command does.

use super::commands::Command;
use super::detail::{Tab, owner_of};
use super::input::Effect;
use super::overlays::{Help, Overlay, Picker, Prompt, Purpose};
use super::scope::Scoped;
use super::screen::Screen;
use super::title::grouped;
use super::{FAVOURITES, Ui, world};
use crate::config::Remembered;
use crate::model::{Engine, Moment, Target};
use crate::store::Store;

/// Thousandths of the body that one key press gives a pane.
const STEP: i16 = 50;

impl Ui {
    /// Carries out a command.
    pub(super) fn command(&mut self, store: &Store, command: Command, now: Moment) -> Vec<Effect> {
        use Command as C;
        if let Some(effects) = self.chart_command(store, command, now) {
            return effects;
        }
        match command {
            C::Down
            | C::Up
            | C::Top
            | C::Bottom
            | C::HalfDown
            | C::HalfUp
            | C::PageDown
            | C::PageUp
            | C::Left
            | C::Right
            | C::ScrollLeft
            | C::ScrollRight => self.travel(store, command),
            C::Open => return self.open(store, now),
            C::Detail => self.open_on(store, Tab::Summary, now),
            C::Yaml => self.open_on(store, Tab::Yaml, now),
            C::Events => self.open_on(store, Tab::Events, now),
            C::Owner => self.open_owner(store, now),
            C::Palette | C::Views => self.open_palette(store),
            C::Filter => self.overlay = Prompt::open(self).map(Overlay::Prompt),
            C::Help => self.overlay = Some(Overlay::Help(Help::default())),
            C::Back => self.back(now),
            C::Close => self.close(now),
            C::HistoryBack => {
                self.visit(|ui| ui.screens.step(-1), "This is the first screen.", now);
            }
            C::HistoryForward => {
                self.visit(|ui| ui.screens.step(1), "This is the latest screen.", now);
            }
            C::Last => self.visit(
                |ui| ui.screens.last(),
                "No other screen was shown yet.",
                now,
            ),
            C::Home => self.screens.home(),
            C::Boards => self.go_to_board(""),
            C::NextPane => self.turn(1),
            C::PreviousPane => self.turn(-1),
            C::Zoom => {
                if let Screen::Overview(overview) = self.screens.current_mut() {
                    overview.zoom = !overview.zoom;
                }
            }
            C::Taller => self.resize(STEP, 0),
            C::Shorter => self.resize(-STEP, 0),
            C::Wider => self.resize(0, STEP),
            C::Narrower => self.resize(0, -STEP),
            C::Favourite(slot) => self.use_favourite(slot, now),
            C::UseNamespace => return self.use_namespace_of_row(store, now),
            C::Mark | C::MarkRange | C::ClearMarks | C::FaultsOnly | C::Wide => {
                return self.rows(store, command, now);
            }
            C::Sort(_) | C::SortLeft | C::SortRight | C::SortReverse | C::SortDefault => {
                self.sort(command, now);
            }
            C::CopyName | C::CopyNamespace | C::CopyRow | C::CopyLine | C::CopyAll => {
                return self.copy(store, command, now);
            }
            C::ContextAdd => return self.toggle_context(store, Some(true), now),
            C::ContextRemove => return self.toggle_context(store, Some(false), now),
            C::NextMatch | C::PreviousMatch | C::Wrap | C::ManagedFields => self.read(command, now),
            C::Reveal => self.reveal(store, now),
            C::Refresh => {
                self.say("Retrying what waits.", false, now);
                return vec![Effect::RetryNow];
            }
            C::Redraw => return vec![Effect::Redraw],
            C::Themes => self.pick_theme(),
            C::Mouse => return self.toggle_mouse(now),
            C::OwnLog => self.overlay = Some(Overlay::OwnLog),
            C::Suspend => return vec![Effect::Suspend],
            C::Quit => return vec![Effect::Quit],
            C::Act(name) => return self.act(store, name, now),
            C::Actions => self.open_menu(store, now),
            C::Works => self.show_works(now),
            C::Undo => return self.undo(store, now),
            C::GoOn => return self.go_on(store, now),
            C::Audit => return self.open_audit(),
            C::Unlock => self.open_unlock(store, now),
            // The others only mean something in a prompt or on charts, which get them themselves.
            _ => {}
        }
        Vec::new()
    }

    fn travel(&mut self, store: &Store, command: Command) {
        use Command as C;
        let screen = self.screens.current_mut();
        if let Some(pane) = screen.pane_mut() {
            match command {
                C::Down => pane.move_by(store, 1),
                C::Up => pane.move_by(store, -1),
                C::Top => pane.table.home(pane.view.as_ref(), store),
                C::Bottom => pane.table.end(pane.view.as_ref(), store),
                C::HalfDown => pane.move_by(store, pane.half()),
                C::HalfUp => pane.move_by(store, -pane.half()),
                C::PageDown => pane.move_pages(store, 1),
                C::PageUp => pane.move_pages(store, -1),
                C::Left | C::ScrollLeft => pane.table.scroll_columns(-1),
                _ => pane.table.scroll_columns(1),
            }
            return;
        }
        let Screen::Detail(detail) = screen else {
            return;
        };
        if let Some(reader) = detail.reader_mut() {
            match command {
                C::Down => reader.move_by(1),
                C::Up => reader.move_by(-1),
                C::Top => reader.cursor = 0,
                C::Bottom => reader.move_by(isize::MAX),
                C::HalfDown => reader.move_halves(1),
                C::HalfUp => reader.move_halves(-1),
                C::PageDown => reader.move_halves(2),
                C::PageUp => reader.move_halves(-2),
                C::Left | C::ScrollLeft => reader.scroll_sideways(-1),
                _ => reader.scroll_sideways(1),
            }
        }
    }

    /// The object that a command aims at: the row under the cursor, or the opened object.
    fn aim(&self, store: &Store) -> Option<Target> {
        let screen = self.screens.current();
        match screen {
            Screen::Detail(detail) => detail
                .relation(store)
                .or_else(|| Some(detail.target.clone())),
            _ => screen.pane()?.target(store),
        }
    }

    fn open_on(&mut self, store: &Store, tab: Tab, now: Moment) {
        if let Screen::Detail(detail) = self.screens.current_mut()
            && detail.tab() != Tab::Related
        {
            detail.go(tab);
            return;
        }
        match self.aim(store) {
            Some(target) => self.open_detail(target, tab),
            None => self.say("No object is selected.", false, now),
        }
    }

    fn open_owner(&mut self, store: &Store, now: Moment) {
        let owner = match self.screens.current() {
            Screen::Detail(detail) => detail
                .owner(store)
                .or_else(|| owner_of(store, &detail.target)),
            _ => self.aim(store).and_then(|target| owner_of(store, &target)),
        };
        match owner {
            Some(owner) => self.open_detail(owner, Tab::Summary),
            None => self.say("Nothing controls this object.", false, now),
        }
    }

    /// Undoes the nearest thing: a filter, marks, a zoom; then goes back.
    fn back(&mut self, now: Moment) {
        match self.screens.current_mut() {
            Screen::Detail(detail) => {
                if let Some(reader) = detail.reader_mut()
                    && !reader.search().is_empty()
                {
                    reader.set_search("");
                    return;
                }
                if detail.conceal() {
                    return;
                }
            }
            screen => {
                if let Some(pane) = screen.pane_mut() {
                    if !pane.query.filter.is_empty() {
                        pane.set_filter("");
                        return;
                    }
                    if !pane.table.marks().is_empty() {
                        pane.table.clear_marks();
                        return;
                    }
                    if std::mem::take(&mut pane.query.faults_only) {
                        return;
                    }
                }
                if let Screen::Overview(overview) = screen
                    && std::mem::take(&mut overview.zoom)
                {
                    return;
                }
            }
        }
        self.close(now);
    }

    fn close(&mut self, now: Moment) {
        if !self.screens.step(-1) {
            let quit = self.key(Command::Quit);
            let palette = self.key(Command::Palette);
            self.say(
                format!("This is the first screen; {palette}q or {quit} leaves."),
                false,
                now,
            );
        }
    }

    fn visit(&mut self, go: impl FnOnce(&mut Self) -> bool, otherwise: &str, now: Moment) {
        if !go(self) {
            self.say(otherwise, false, now);
        }
    }

    fn turn(&mut self, step: isize) {
        match self.screens.current_mut() {
            Screen::Overview(overview) => overview.focus_beside(step),
            Screen::Detail(detail) => detail.step(step),
            Screen::Table(_) | Screen::Boards(_) => {}
        }
    }

    fn resize(&mut self, rows: i16, columns: i16) {
        if let Screen::Overview(overview) = self.screens.current_mut() {
            overview.resize(rows, columns);
        }
    }

    fn use_favourite(&mut self, slot: u8, now: Moment) {
        if slot == 0 {
            self.use_namespaces(Scoped::default(), now);
            return;
        }
        match self.favourite(slot).map(Scoped::parse) {
            Some(scope) => self.use_namespaces(scope, now),
            None => self.say(
                format!(
                    "No namespace is on {slot} yet: {} puts that of the row there.",
                    self.key(Command::UseNamespace)
                ),
                false,
                now,
            ),
        }
    }

    /// Looks into the namespace of the row, which also becomes a favourite. Once all keys are taken, the last of those
    /// that were added so gives way.
    fn use_namespace_of_row(&mut self, store: &Store, now: Moment) -> Vec<Effect> {
        let Some(target) = self.aim(store) else {
            return Vec::new();
        };
        let name = if target.kind == crate::model::Kind::Namespace {
            target.name
        } else {
            target.namespace
        };
        if name.is_empty() {
            self.say("This object has no namespace.", false, now);
            return Vec::new();
        }
        self.use_namespaces(Scoped::parse(&name), now);
        let name = name.to_string();
        if self.favourites.contains(&name) || self.fixed >= FAVOURITES {
            return Vec::new();
        }
        self.favourites.truncate(FAVOURITES - 1);
        self.favourites.push(name);
        let added = self.favourites.get(self.fixed..).unwrap_or_default();
        vec![Effect::Remember(Remembered {
            favourites: added.to_vec(),
        })]
    }

    fn rows(&mut self, store: &Store, command: Command, now: Moment) -> Vec<Effect> {
        let Some(pane) = self.screens.current_mut().pane_mut() else {
            return Vec::new();
        };
        match command {
            Command::Mark if pane.view.name() == "contexts" => {
                return self.toggle_context(store, None, now);
            }
            Command::Mark => {
                pane.table.toggle_mark();
                pane.move_by(store, 1);
            }
            Command::MarkRange => pane.table.mark_range(pane.view.as_ref(), store),
            Command::ClearMarks => pane.table.clear_marks(),
            Command::FaultsOnly => pane.query.faults_only = !pane.query.faults_only,
            _ => {
                let wide = !pane.table.is_wide();
                pane.table.set_wide(wide);
                self.wide = wide;
            }
        }
        Vec::new()
    }

    fn sort(&mut self, command: Command, now: Moment) {
        let Some(pane) = self.screens.current_mut().pane_mut() else {
            return;
        };
        match command {
            Command::Sort(columns) => {
                if !columns.iter().any(|column| pane.sort(column)) {
                    let name = columns.first().copied().unwrap_or_default();
                    self.say(format!("This table has no column \"{name}\"."), false, now);
                }
            }
            Command::SortLeft => pane.sort_beside(-1),
            Command::SortRight => pane.sort_beside(1),
            Command::SortReverse => {
                if let Some(sort) = &mut pane.query.sort {
                    sort.descending = !sort.descending;
                }
            }
            _ => pane.query.sort = None,
        }
    }

    fn copy(&mut self, store: &Store, command: Command, now: Moment) -> Vec<Effect> {
        let text = match self.screens.current() {
            Screen::Detail(detail) if detail.reader().is_some() => {
                let cursor = detail.reader().map_or(0, |reader| reader.cursor);
                detail.with_lines(store, now, |lines| {
                    if command == Command::CopyLine {
                        return lines.plain(cursor).trim().to_owned();
                    }
                    let all: Vec<String> = (0..lines.count()).map(|at| lines.plain(at)).collect();
                    all.join("\n") + "\n"
                })
            }
            screen => screen.pane().and_then(|pane| {
                if command == Command::CopyRow {
                    let cells = pane.view.cells(world(store, now), pane.slot(store)?);
                    let cells = cells.iter().map(|cell| cell.text.as_ref());
                    return Some(cells.collect::<Vec<_>>().join("\t"));
                }
                let names = pane.targets(store).into_iter().map(|target| {
                    if command == Command::CopyName {
                        target.name.to_string()
                    } else {
                        target.namespace.to_string()
                    }
                });
                let mut names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
                names.dedup();
                Some(names.join("\n"))
            }),
        };
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            self.say("There is nothing to copy.", false, now);
            return Vec::new();
        };
        let lines = text.lines().count();
        let what = if lines > 1 {
            format!("{} lines", grouped(lines))
        } else {
            format!("\"{}\"", super::widgets::table::cut_end(&text, 60))
        };
        self.say(format!("Copied {what}."), false, now);
        vec![Effect::Copy(text)]
    }

    /// Opens or closes the context under the cursor; with none given, whichever it is not.
    fn toggle_context(&mut self, store: &Store, open: Option<bool>, now: Moment) -> Vec<Effect> {
        let pane = self.screens.current().pane();
        let row = pane.and_then(|pane| {
            let key = pane.table.cursor()?;
            store.contexts().row(&key)
        });
        let Some(row) = row else { return Vec::new() };
        let name = row.context.name.to_string();
        match (row.context.endpoint, open) {
            (None, Some(false)) => {
                self.say(format!("{name} is not open."), false, now);
                Vec::new()
            }
            (None, _) => {
                self.say(format!("Opening {name}."), false, now);
                if row.context.engine == Engine::Docker {
                    return vec![Effect::OpenDocker(name)];
                }
                vec![Effect::OpenContext { name, alone: false }]
            }
            (Some(_), Some(true)) => {
                self.say(format!("{name} is open."), false, now);
                Vec::new()
            }
            (Some(endpoint), _) => {
                self.say(format!("Closing {name}."), false, now);
                vec![Effect::CloseEndpoint(endpoint)]
            }
        }
    }

    fn read(&mut self, command: Command, now: Moment) {
        let Screen::Detail(detail) = self.screens.current_mut() else {
            return;
        };
        if command == Command::ManagedFields {
            detail.managed = !detail.managed;
            detail.go(Tab::Yaml);
            return;
        }
        let Some(reader) = detail.reader_mut() else {
            return;
        };
        if command == Command::Wrap {
            reader.wrap = !reader.wrap;
        } else if !reader.next_hit(command == Command::PreviousMatch) {
            let search = self.key(Command::Filter);
            self.say(format!("Nothing is found; {search} searches."), false, now);
        }
    }

    fn reveal(&mut self, store: &Store, now: Moment) {
        let Screen::Detail(detail) = self.screens.current_mut() else {
            return;
        };
        if detail.conceal() {
            return;
        }
        let masked = detail.document(store).map(|document| &document.masked);
        let names: Vec<String> = masked
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        if names.is_empty() {
            self.say("Nothing is masked here.", false, now);
        } else {
            self.overlay = Some(Overlay::Picker(Picker::new(Purpose::Reveal, names, 0)));
        }
    }

    fn pick_theme(&mut self) {
        let before = self.theme.name.clone();
        let at = self.themes.iter().position(|name| *name == before);
        let names = self.themes.clone();
        self.overlay = Some(Overlay::Picker(Picker::new(
            Purpose::Theme { before },
            names,
            at.unwrap_or(0),
        )));
    }

    fn toggle_mouse(&mut self, now: Moment) -> Vec<Effect> {
        self.mouse_on = !self.mouse_on;
        let state = if self.mouse_on {
            "on"
        } else {
            "off: the terminal selects text"
        };
        self.say(format!("The mouse is {state}."), false, now);
        vec![Effect::SetMouse(self.mouse_on)]
    }
}
