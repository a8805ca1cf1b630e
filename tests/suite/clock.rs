//! Clocks: a server whose clock is off ours, and the ages of its objects.

use http::HeaderMap;
use quarterdeck::clients::clock::Skew;
use quarterdeck::model::{Batch, Change, Endpoint, EndpointId, Feed, Kind, Row, Topic};
use quarterdeck::store::Store;
use quarterdeck::ui::views;

use crate::estate::{EU, now, pod, tell, world};

fn head(date: &str) -> HeaderMap {
    let mut head = HeaderMap::new();
    head.insert("date", date.parse().unwrap());
    head
}

#[test]
fn the_clock_of_a_server_is_learnt_from_its_answers() {
    let asked: jiff::Timestamp = "2026-11-21T12:00:00.2Z".parse().unwrap();
    let soon: jiff::Timestamp = "2026-11-21T12:00:00.3Z".parse().unwrap();
    let late: jiff::Timestamp = "2026-11-21T12:00:30Z".parse().unwrap();
    for (date, answered, seconds, why) in [
        ("Sat, 21 Nov 2026 12:10:00 GMT", soon, 600, "ahead"),
        ("Sat, 21 Nov 2026 11:50:00 GMT", soon, -600, "behind"),
        (
            "Sat, 21 Nov 2026 12:00:01 GMT",
            soon,
            0,
            "rounding is no skew",
        ),
        (
            "Sat, 21 Nov 2026 12:10:00 GMT",
            late,
            0,
            "a slow answer says little",
        ),
        ("yesterday", soon, 0, "no date"),
    ] {
        let skew = Skew::default();
        skew.note(&head(date), asked, answered);
        assert_eq!(skew.seconds(), seconds, "{why}");
    }
    let skew = Skew::default();
    skew.note(&HeaderMap::new(), asked, soon);
    assert_eq!(skew.seconds(), 0, "servers need not tell");
    skew.note(&head("Sat, 21 Nov 2026 12:10:00 GMT"), asked, soon);
    skew.note(&head("Sat, 21 Nov 2026 12:10:01 GMT"), asked, soon);
    assert_eq!(skew.seconds(), 600, "it does not flicker");
}

/// A pod made `age` seconds ago by the clock of a server that is `ahead` of ours.
fn store(ahead: i32, age: i64) -> Store {
    let mut store = Store::default();
    let feed = Feed {
        endpoint: EU,
        topic: Topic::Server,
    };
    let endpoint = Endpoint {
        id: EU,
        ahead,
        ..Endpoint::default()
    };
    let changes = vec![Change::Endpoint(endpoint)];
    store.apply(Batch { feed, changes }, now());
    let pod = pod("shop", "web", age - i64::from(ahead));
    tell(&mut store, Kind::Pod, [Row::Pod(pod)]);
    store
}

#[test]
fn ages_are_measured_by_the_clock_that_made_them() {
    for ahead in [-600, 0, 600] {
        let store = store(ahead, 30);
        let view = views::find("pods").unwrap();
        let world = world(&store);
        let columns = view.columns(world);
        let at = columns.iter().position(|column| column.key == "age");
        let cells = view.cells(world, 0);
        assert_eq!(cells[at.unwrap()].text, "30s", "{ahead} s ahead");
        let tick = view.ticks(world, 0).unwrap();
        assert_eq!(tick, now().plus(1), "it ticks by our own clock");
    }
}

#[test]
fn an_endpoint_that_is_not_known_has_our_clock() {
    let store = store(600, 30);
    assert_eq!(store.clock(EU, now()), now().plus(600));
    assert_eq!(store.clock(EndpointId(9), now()), now());
}
