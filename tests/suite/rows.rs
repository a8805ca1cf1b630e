//! The table of a pane: cursor, marks, scrolling and widths while the world changes.

use quarterdeck::model::*;
use quarterdeck::store::Store;
use quarterdeck::ui::filter::Filter;
use quarterdeck::ui::query::{Query, Sort};
use quarterdeck::ui::rows::{Hit, TableState};
use quarterdeck::ui::theme::{Part, Theme};
use quarterdeck::ui::views::{self, ViewRef};
use quarterdeck::ui::widgets::table::{TableScene, draw};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::estate::{self, filtered, pod, tell, world};

const AREA: Rect = Rect::new(0, 0, 60, 6);

struct Pane {
    store: Store,
    view: ViewRef,
    state: TableState,
    query: Query,
}

impl Pane {
    /// Pods `a-0` to `a-{count}`, all well.
    fn of(count: usize) -> Self {
        let mut store = Store::default();
        let rows = (0..count).map(|at| Row::Pod(pod("n", &format!("a-{at}"), 100)));
        tell(&mut store, Kind::Pod, rows);
        let mut pane = Self {
            store,
            view: views::find("pods").unwrap(),
            state: TableState::default(),
            query: Query::default(),
        };
        pane.frame(true);
        pane
    }

    fn frame(&mut self, resort: bool) {
        let world = world(&self.store);
        self.state
            .prepare(self.view.as_ref(), world, &self.query, resort);
        self.state.fit(self.view.as_ref(), world, AREA);
    }

    fn put(&mut self, name: &str, health: Health) {
        let mut pod = pod("n", name, 100);
        pod.health = health;
        tell(&mut self.store, Kind::Pod, [Row::Pod(pod)]);
    }

    fn remove(&mut self, name: &str) {
        let changes = vec![Change::Gone(estate::meta("n", name, 0).key.uid)];
        let feed = estate::feed(Kind::Pod);
        self.store.apply(Batch { feed, changes }, estate::now());
    }

    fn down(&mut self, by: isize) {
        self.state.move_by(self.view.as_ref(), &self.store, by);
        self.frame(false);
    }

    fn cursor(&self) -> String {
        let slot = self.state.slot(self.view.as_ref(), &self.store);
        slot.map_or(String::new(), |slot| {
            self.store.pods().get(slot).unwrap().meta.name.to_string()
        })
    }

    fn shown(&self) -> Vec<String> {
        let pods = self
            .state
            .visible()
            .iter()
            .map(|slot| self.store.pods().get(*slot).unwrap());
        pods.map(|pod| pod.meta.name.to_string()).collect()
    }

    fn drawn(&self) -> Buffer {
        let mut buffer = Buffer::empty(AREA);
        let scene = TableScene {
            view: self.view.as_ref(),
            world: world(&self.store),
            state: &self.state,
            theme: &Theme::default(),
            focused: true,
            ascii: false,
        };
        draw(&scene, AREA, &mut buffer);
        buffer
    }
}

#[test]
fn until_it_is_moved_the_cursor_stays_on_the_worst_row() {
    let mut pane = Pane::of(9);
    assert_eq!(pane.cursor(), "a-0");
    pane.put("a-7", Health::Bad);
    pane.frame(true);
    assert_eq!(pane.cursor(), "a-7");
}

#[test]
fn the_cursor_follows_its_object_on_its_line() {
    let mut pane = Pane::of(20);
    pane.down(2);
    assert_eq!(pane.cursor(), "a-2");
    pane.put("a-9", Health::Bad);
    pane.put("a-8", Health::Bad);
    pane.frame(true);
    assert_eq!(pane.cursor(), "a-2");
    assert_eq!(pane.state.index(), Some(4));
    assert_eq!(pane.state.index().unwrap() - pane.state.top(), 2);
    assert_eq!(pane.state.take_gone(), None);
}

#[test]
fn when_its_object_is_gone_the_cursor_goes_to_the_neighbour_and_says_so() {
    let mut pane = Pane::of(5);
    pane.down(2);
    pane.remove("a-2");
    pane.frame(false);
    assert_eq!(pane.cursor(), "a-3");
    let gone = pane.state.take_gone().unwrap();
    assert_eq!((gone.name.as_str(), gone.deleted), ("a-2", true));
    assert_eq!(pane.state.take_gone(), None, "told once");
    pane.query.faults_only = true;
    pane.put("a-3", Health::Bad);
    pane.put("a-4", Health::Bad);
    pane.frame(true);
    pane.put("a-3", Health::Good);
    pane.frame(true);
    let gone = pane.state.take_gone().unwrap();
    assert_eq!((gone.name.as_str(), gone.deleted), ("a-3", false));
    assert_eq!(pane.cursor(), "a-4");
}

#[test]
fn between_sorts_rows_keep_their_places_and_the_dead_are_not_shown() {
    let mut pane = Pane::of(8);
    pane.put("a-4", Health::Bad);
    pane.remove("a-1");
    // The slot goes to another pod at once.
    pane.put("z-0", Health::Good);
    pane.frame(false);
    assert_eq!(pane.shown(), ["a-0", "a-2", "a-3", "a-4", "a-5"]);
    assert!(pane.state.is_behind(pane.view.as_ref(), &pane.store));
    pane.frame(true);
    assert_eq!(pane.shown(), ["a-4", "a-0", "a-2", "a-3", "a-5"]);
    assert!(!pane.state.is_behind(pane.view.as_ref(), &pane.store));
}

#[test]
fn a_filter_takes_effect_at_once_and_keeps_the_cursor_if_it_can() {
    let mut pane = Pane::of(20);
    pane.down(12);
    pane.query = filtered("a-1");
    pane.frame(false);
    assert_eq!(pane.cursor(), "a-12");
    assert_eq!(pane.state.prepared().rows.len(), 11);
    pane.query = filtered("a-3");
    pane.frame(false);
    assert_eq!(pane.cursor(), "a-3");
    pane.query = filtered("nothing");
    pane.frame(false);
    assert_eq!((pane.cursor().as_str(), pane.state.index()), ("", None));
    assert_eq!(pane.state.take_gone(), None);
    pane.query = Query::default();
    pane.frame(false);
    assert_eq!(pane.cursor(), "a-0");
}

#[test]
fn an_object_can_be_chosen_before_it_is_there() {
    let mut pane = Pane::of(8);
    let key = estate::meta("n", "b-0", 0).key;
    pane.state.select(pane.view.as_ref(), &pane.store, key);
    assert_eq!(pane.cursor(), "a-0");
    pane.put("b-0", Health::Good);
    pane.frame(true);
    assert_eq!(pane.cursor(), "b-0");
}

#[test]
fn pages_ends_and_the_wheel_scroll() {
    let mut pane = Pane::of(50);
    let step = |pane: &mut Pane, action: fn(&mut TableState, &dyn views::View, &Store)| {
        action(&mut pane.state, pane.view.as_ref(), &pane.store);
        pane.frame(false);
        (pane.state.top(), pane.state.index().unwrap())
    };
    assert_eq!(
        step(&mut pane, |state, view, store| state
            .move_pages(view, store, 1)),
        (5, 5)
    );
    assert_eq!(
        step(&mut pane, |state, view, store| state.end(view, store)),
        (45, 49)
    );
    assert_eq!(
        step(&mut pane, |state, view, store| state
            .move_pages(view, store, 1)),
        (45, 49)
    );
    assert_eq!(
        step(&mut pane, |state, view, store| state
            .scroll_by(view, store, -3)),
        (42, 46)
    );
    assert_eq!(
        step(&mut pane, |state, view, store| state
            .move_pages(view, store, -20)),
        (0, 0)
    );
    assert_eq!(
        step(&mut pane, |state, view, store| state
            .scroll_by(view, store, 3)),
        (3, 3)
    );
    assert_eq!(
        step(&mut pane, |state, view, store| state.home(view, store)),
        (0, 0)
    );
    assert_eq!(
        step(&mut pane, |state, view, store| state.move_by(
            view,
            store,
            isize::MAX
        )),
        (45, 49)
    );
    assert_eq!(
        step(&mut pane, |state, view, store| state.move_by(
            view,
            store,
            isize::MIN
        )),
        (0, 0)
    );
}

#[test]
fn marks_hold_objects_and_never_what_cannot_be_seen() {
    let mut pane = Pane::of(8);
    pane.state.toggle_mark();
    pane.down(3);
    pane.state.mark_range(pane.view.as_ref(), &pane.store);
    assert_eq!(pane.state.marks().len(), 4);
    let names = |pane: &Pane| -> Vec<String> {
        let targets = pane.state.targets(pane.view.as_ref(), &pane.store);
        targets
            .iter()
            .map(|target| target.name.to_string())
            .collect()
    };
    pane.put("a-2", Health::Bad);
    pane.frame(true);
    assert_eq!(names(&pane), ["a-2", "a-0", "a-1", "a-3"]);
    pane.remove("a-1");
    pane.frame(true);
    assert_eq!(names(&pane), ["a-2", "a-0", "a-3"]);
    pane.query = filtered("a-3");
    pane.frame(false);
    pane.query = Query::default();
    pane.frame(false);
    assert_eq!(
        names(&pane),
        ["a-3"],
        "a filter takes marks from rows that it hides"
    );
    pane.state.clear_marks();
    assert_eq!(names(&pane), [pane.cursor()]);
}

#[test]
fn columns_stand_still_while_rows_scroll_by() {
    let mut pane = Pane::of(3);
    let long = pod("n", "b-with-quite-a-long-name", 100);
    tell(&mut pane.store, Kind::Pod, [Row::Pod(long)]);
    pane.frame(true);
    let wide = pane.state.widths().natural().to_vec();
    pane.remove("b-with-quite-a-long-name");
    pane.frame(true);
    assert_eq!(pane.state.widths().natural(), wide);
    pane.query = filtered("a");
    pane.frame(true);
    assert!(
        pane.state.widths().natural()[1] < wide[1],
        "another query starts anew"
    );
}

#[test]
fn one_namespace_needs_no_column_for_it() {
    let mut pane = Pane::of(3);
    let header = |pane: &Pane| {
        estate::text(&pane.drawn())
            .lines()
            .next()
            .unwrap()
            .to_owned()
    };
    assert!(header(&pane).contains("NAMESPACE"));
    pane.query.namespaces = vec!["n".into()];
    pane.frame(true);
    assert!(!header(&pane).contains("NAMESPACE"));
    pane.state.set_wide(true);
    pane.frame(true);
    assert!(header(&pane).contains("NAMESPACE"));
}

#[test]
fn cursor_marks_order_and_matches_are_seen() {
    let theme = Theme::default();
    let mut pane = Pane::of(20);
    pane.query = Query {
        filter: Filter::parse("a-1"),
        sort: Some(Sort {
            column: "name".into(),
            descending: true,
        }),
        ..Query::default()
    };
    pane.frame(true);
    pane.state.toggle_mark();
    pane.down(1);
    let buffer = pane.drawn();
    let text = estate::text(&buffer);
    assert!(text.lines().next().unwrap().contains("NAME↓"), "{text}");
    assert!(text.lines().nth(1).unwrap().starts_with("✓● n"), "{text}");
    let column = text.lines().nth(2).unwrap().find("a-18").unwrap() - "●".len() + 1;
    let matched = buffer[(column as u16, 2)].style();
    let expected = theme.part(Part::Match).patch(theme.part(Part::Cursor));
    assert_eq!(matched.bg, expected.bg);
    let cursor = theme.part(Part::Cursor);
    assert!((0..60).all(|x| buffer[(x, 2)].modifier.contains(cursor.add_modifier)));
    assert!(
        text.lines().skip(1).any(|line| line.ends_with('┃')),
        "longer than the page: {text}"
    );
}

#[test]
fn the_mouse_finds_headers_and_rows() {
    let pane = Pane::of(20);
    assert_eq!(pane.state.hit(AREA, 4, 0), Some(Hit::Header(0)));
    assert_eq!(pane.state.hit(AREA, 14, 0), Some(Hit::Header(1)));
    assert_eq!(pane.state.hit(AREA, 14, 3), Some(Hit::Row(2)));
    assert_eq!(pane.state.hit(AREA, 60, 3), None);
    assert_eq!(Pane::of(1).state.hit(AREA, 14, 3), None);
}
