//! Whatever order, repetition or interruption: what the store holds is what the server has.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quarterdeck::sources::kubernetes::wire::message::pod::Pod;

use crate::script::{Asked, Open, PROTOBUF, Play, STREAM, bookmark, error, list, pod, told};

/// What happens on the server or on the way to it.
#[derive(Clone, Debug)]
enum Act {
    Set(u8),
    Delete(u8),
    /// Says again what it said so many words ago.
    Again(u8),
    Bookmark,
    /// The watch ends, breaks, or ends in the middle of a word.
    End,
    Cut,
    Tear,
    /// What has been said is no longer kept.
    Expire,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        8 => (0_u8..12).prop_map(Act::Set),
        4 => (0_u8..12).prop_map(Act::Delete),
        3 => any::<u8>().prop_map(Act::Again),
        1 => Just(Act::Bookmark),
        1 => Just(Act::End),
        1 => Just(Act::Cut),
        1 => Just(Act::Tear),
        1 => Just(Act::Expire),
    ];
    prop::collection::vec(act, 0..60)
}

/// A server that remembers all it did.
struct Server {
    version: u64,
    pods: BTreeMap<String, Pod>,
    /// Each change with its version.
    log: Vec<(u64, &'static str, Pod)>,
}

impl Server {
    fn act(&mut self, act: &Act) -> Option<bytes::Bytes> {
        let (kind, name) = match act {
            Act::Set(name) => ("MODIFIED", format!("pod-{name:02}")),
            Act::Delete(name) => ("DELETED", format!("pod-{name:02}")),
            Act::Again(back) => {
                let at = self.log.len().checked_sub(1 + usize::from(*back))?;
                let (_, kind, pod) = &self.log[at];
                return Some(told(kind, pod));
            }
            _ => return None,
        };
        self.version += 1;
        let mut object = pod(&name, self.version);
        // An object that comes back under its name is another one.
        let known = self.pods.remove(&name);
        let uid = known.as_ref().map_or_else(
            || format!("{name} of {}", self.version),
            |known| known.metadata.clone().unwrap().uid,
        );
        object.metadata.as_mut().unwrap().uid = uid;
        if kind == "DELETED" {
            known?;
        } else {
            self.pods.insert(name, object.clone());
        }
        self.log.push((self.version, kind, object.clone()));
        Some(told(kind, &object))
    }

    fn items(&self) -> Vec<Pod> {
        self.pods.values().cloned().collect()
    }

    /// Answers a request as a server would that keeps all versions.
    fn serve(&self, asked: Asked) -> Option<Open> {
        if !asked.is_watch() {
            asked.answer(200, PROTOBUF, list(self.version, "", None, &self.items()));
            return None;
        }
        let since: u64 = asked.version().parse().unwrap();
        let open = asked.open(STREAM);
        for (_, kind, object) in self.log.iter().filter(|(version, ..)| *version > since) {
            open.send(told(kind, object));
        }
        Some(open)
    }
}

async fn watched(play: &mut Play, server: &Server) -> Open {
    loop {
        let asked = play.asked().await;
        if let Some(open) = server.serve(asked) {
            return open;
        }
    }
}

async fn check(acts: Vec<Act>, behind: usize) {
    let mut server = Server {
        version: 100,
        pods: BTreeMap::new(),
        log: Vec::new(),
    };
    // A server that has lived before, whose cache lags by some changes.
    for name in 0..8 {
        server.act(&Act::Set(name));
    }
    let (early, late) = acts.split_at(acts.len() / 2);
    let mut lagging = (server.version, server.items());
    for (at, act) in early.iter().enumerate() {
        server.act(act);
        if at + behind < early.len() {
            lagging = (server.version, server.items());
        }
    }
    let mut play = Play::new(quarterdeck::model::Kind::Pod);
    let items = server.items();
    let shown = items.len().min(3);
    let rest = (items.len() - shown) as i64;
    let next = if rest > 0 { "more" } else { "" };
    play.asked().await.answer(
        200,
        PROTOBUF,
        list(server.version, next, Some(rest), &items[..shown]),
    );
    if rest > 0 {
        play.asked()
            .await
            .answer(200, PROTOBUF, list(lagging.0, "", None, &lagging.1));
    }
    let mut open = watched(&mut play, &server).await;
    for act in late {
        match act {
            Act::Bookmark => open.send(bookmark(server.version)),
            Act::End => {
                drop(open);
                open = watched(&mut play, &server).await;
            }
            Act::Cut => {
                open.cut();
                open = watched(&mut play, &server).await;
            }
            Act::Tear => {
                open.send(&b"\0\0\0\x40half"[..]);
                drop(open);
                open = watched(&mut play, &server).await;
            }
            Act::Expire => {
                open.send(error(410, "Expired"));
                open = watched(&mut play, &server).await;
            }
            act => {
                if let Some(word) = server.act(act) {
                    open.send(word);
                }
            }
        }
    }
    // A last change that certainly arrives after all others.
    server.version += 1;
    let last = pod("last", server.version);
    open.send(told("ADDED", &last));
    server.pods.insert("last".to_owned(), last);
    play.until("the last", |store, _| {
        store
            .pods()
            .iter()
            .any(|(_, pod)| &*pod.meta.name == "last")
    })
    .await;
    play.live().await;
    let rows = play.store.pods().iter();
    let held: BTreeMap<_, _> = rows
        .map(|(_, pod)| (pod.meta.name.to_string(), pod.meta.version))
        .collect();
    let pods = server.pods.iter().map(|(name, pod)| {
        let version = &pod.metadata.as_ref().unwrap().resource_version;
        (name.clone(), version.parse().unwrap())
    });
    assert_eq!(held, pods.collect());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn the_store_holds_what_the_server_has(acts in acts(), behind in 0_usize..6) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(check(acts, behind));
    }
}
