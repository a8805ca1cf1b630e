//! What the daemon does: containers are started, stopped, paused, removed; services take new specs.

use serde_json::{Value, json};

use super::api::{missing, no_page};
use super::world::{Container, State, World};
use super::{Answer, Asked};

/// Exit code of a process that a signal to end reached, or to be killed.
const TERMINATED: i32 = 143;
const KILLED: i32 = 137;

/// Carries out a POST or a DELETE.
pub(super) fn write(world: &mut World, asked: &Asked) -> Answer {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    match (asked.method.as_str(), path.as_slice()) {
        ("POST", ["containers", "create"]) => create(world, asked),
        ("POST", ["containers", id, verb]) => match world.find(id) {
            Some(at) => container(world, at, verb, asked),
            None => missing("container", id),
        },
        ("DELETE", ["containers", id]) => match world.find(id) {
            Some(at) => remove(world, at, asked),
            None => missing("container", id),
        },
        ("POST", ["services", word, "update"]) => update(world, word, asked),
        ("DELETE", ["services", word]) => {
            let at = world
                .services
                .iter()
                .position(|it| it.id == *word || it.name() == *word);
            match at {
                Some(at) => {
                    world.services.remove(at);
                    Answer::Json(Value::Null)
                }
                None => missing("service", word),
            }
        }
        _ => no_page(),
    }
}

/// A container is made from an image; it does not run yet.
fn create(world: &mut World, asked: &Asked) -> Answer {
    let said = |key: &str| {
        asked
            .body
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let image = said("Image").to_owned();
    let known = world.images.iter().find(|it| {
        let tags = it.get("RepoTags").and_then(Value::as_array);
        tags.is_some_and(|tags| tags.iter().any(|tag| tag.as_str() == Some(&image)))
    });
    let Some(image_id) = known.and_then(|it| Some(it.get("Id")?.as_str()?.to_owned())) else {
        return missing("image", &image);
    };
    let id = world.next_id();
    let short = id.get(..12).unwrap_or(&id).to_owned();
    let name = asked.query.get("name").map_or(short, str::to_owned);
    if world.find(&name).is_some() {
        let words = format!("Conflict. The container name \"/{name}\" is already in use");
        return Answer::Refused(409, words);
    }
    let labels = asked.body.get("Labels").cloned().unwrap_or_default();
    world.add(Container {
        id: id.clone(),
        name,
        image,
        image_id,
        labels: serde_json::from_value(labels).unwrap_or_default(),
        created: world.now,
        ..Container::default()
    });
    Answer::Json(json!({ "Id": id, "Warnings": [] }))
}

fn container(world: &mut World, at: usize, verb: &str, asked: &Asked) -> Answer {
    let Some(state) = world.containers.get(at).map(|it| it.state) else {
        return no_page();
    };
    let up = matches!(state, State::Running | State::Paused | State::Restarting(_));
    match (verb, state) {
        ("start", State::Running | State::Paused) => Answer::Unchanged,
        ("stop", _) if !up => Answer::Unchanged,
        ("start", _) => done(|| world.start(at, false)),
        ("stop", _) => done(|| world.stop(at, TERMINATED)),
        ("restart", _) => done(|| {
            if up {
                world.stop(at, TERMINATED);
            }
            world.start(at, false);
        }),
        ("kill", _) if !up => {
            let id = &asked.path.get(1).cloned().unwrap_or_default();
            Answer::Refused(409, format!("container {id} is not running"))
        }
        ("kill", _) => done(|| world.stop(at, KILLED)),
        ("pause", State::Running) => done(|| world.pause(at, true)),
        ("unpause", State::Paused) => done(|| world.pause(at, false)),
        ("pause" | "unpause", _) => {
            Answer::Refused(409, format!("the container cannot be {verb}d now"))
        }
        _ => no_page(),
    }
}

fn done(act: impl FnOnce()) -> Answer {
    act();
    Answer::Done
}

fn remove(world: &mut World, at: usize, asked: &Asked) -> Answer {
    let yes = |value: &str| value == "1" || value == "true";
    let force = asked.query.get("force").is_some_and(yes);
    let running = world.containers.get(at).is_some_and(Container::is_up);
    if running && !force {
        let words = "cannot remove container: container is running: stop the container before removing or force remove";
        return Answer::Refused(409, words.to_owned());
    }
    done(|| world.remove(at))
}

/// A new spec, if nobody was faster: `version` is the one that it was made from.
fn update(world: &mut World, word: &str, asked: &Asked) -> Answer {
    let found = world
        .services
        .iter()
        .position(|it| it.id == word || it.name() == word);
    let Some(at) = found else {
        return missing("service", word);
    };
    let Some(service) = world.services.get(at) else {
        return missing("service", word);
    };
    let version = asked
        .query
        .get("version")
        .and_then(|text| text.parse::<u64>().ok());
    if version != Some(service.version) {
        let words = "rpc error: code = Unknown desc = update out of sequence";
        return Answer::Refused(500, words.to_owned());
    }
    let spec = match asked.query.get("rollback") {
        Some("previous") => {
            let Some(previous) = service.previous.clone() else {
                let words =
                    "rpc error: code = FailedPrecondition desc = service has no previous spec";
                return Answer::Refused(400, words.to_owned());
            };
            previous
        }
        _ => asked.body.clone(),
    };
    if spec.pointer("/TaskTemplate/ContainerSpec/Image").is_none() {
        let words = "rpc error: code = InvalidArgument desc = ContainerSpec: image reference must be provided";
        return Answer::Refused(400, words.to_owned());
    }
    world.update(at, spec);
    Answer::Json(json!({ "Warnings": null }))
}
