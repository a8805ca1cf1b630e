//! Images, volumes, networks and the host itself as rows. Pure.

use std::collections::BTreeMap;

use super::compose::Tags;
use super::project::{Known, PROJECT, STACK};
use super::swarm::Making;
use super::wire::{Image, Info, Network, Volume};
use crate::model::{
    Health, Key, Kind, Labels, Meta, Moment, Name, Resource, Row, SourceStatus, Text, Uid, Value,
};

const NONE: &str = "<none>:<none>";
/// Digits of an id that people compare.
const SHORT: usize = 12;
/// A volume whose size the daemon does not know.
const UNKNOWN: i64 = -1;

/// Names of images and the ids that they mean.
pub(super) fn tags(images: &[Image]) -> Tags {
    let tags = images.iter().flat_map(|image| {
        let tags = image.tags.iter().filter(|tag| *tag != NONE);
        tags.map(|tag| (tag.clone(), image.id.clone()))
    });
    tags.collect()
}

/// How many containers use what, by what it is called in them.
fn uses<'a>(
    containers: impl Iterator<Item = &'a Known>,
    of: impl Fn(&'a Known) -> &'a [Name],
) -> BTreeMap<&'a str, i64> {
    let mut uses = BTreeMap::new();
    for known in containers {
        for name in of(known) {
            *uses.entry(name.as_str()).or_default() += 1;
        }
    }
    uses
}

pub(super) fn images<'a>(
    images: &[Image],
    containers: impl Iterator<Item = &'a Known>,
    making: &mut Making<'_>,
) -> Vec<Row> {
    let uses = uses(containers, |known| {
        std::slice::from_ref(&known.row.image_id)
    });
    let rows = images.iter().map(|image| {
        let used = uses.get(image.id.as_str()).copied().unwrap_or_default();
        let tags: Vec<&str> = image
            .tags
            .iter()
            .map(String::as_str)
            .filter(|tag| *tag != NONE)
            .collect();
        let digest = image.digests.first().map(String::as_str);
        let named = tags
            .first()
            .copied()
            .or(digest.filter(|digest| !digest.contains(NONE)));
        let dangling = tags.is_empty();
        Row::Resource(
            Kind::Image,
            Box::new(Resource {
                meta: Meta {
                    key: key(making, &image.id),
                    name: Text::new(named.unwrap_or("<none>")),
                    created: Moment::from_second(image.created),
                    labels: making.names.labels(&image.labels),
                    ..Meta::default()
                },
                health: if used > 0 { Health::Good } else { Health::Idle },
                why: match (dangling, used) {
                    (true, 0) => Some(Text::new("dangling: no name and no container")),
                    (true, _) => Some(Text::new("its name is another image's by now")),
                    (false, _) => None,
                },
                cells: [
                    Value::Bytes(image.size),
                    Value::Number(used),
                    Value::Text(Text::from(tags.join(", "))),
                    Value::Text(Text::new(digits(&image.id))),
                ]
                .into(),
            }),
        )
    });
    rows.collect()
}

/// `sizes` are those that were measured last: measuring walks the disk, so it is only done when somebody looks.
pub(super) fn volumes<'a>(
    volumes: &[Volume],
    sizes: &BTreeMap<String, i64>,
    containers: impl Iterator<Item = &'a Known>,
    making: &mut Making<'_>,
) -> Vec<Row> {
    let uses = uses(containers, |known| &known.volumes);
    let rows = volumes.iter().map(|volume| {
        let used = uses.get(volume.name.as_str()).copied().unwrap_or_default();
        let size = sizes.get(&volume.name).copied();
        let size = size.unwrap_or(UNKNOWN).max(volume.usage.size);
        let measured = u64::try_from(size)
            .ok()
            .filter(|_| sizes.contains_key(&volume.name));
        let labels = making.names.labels(&volume.labels);
        Row::Resource(
            Kind::Volume,
            Box::new(Resource {
                meta: Meta {
                    // A volume has no id, and one of the same name made later is another one.
                    key: key(
                        making,
                        &format!("volume/{}/{}", volume.name, volume.created),
                    ),
                    namespace: making.names.name(space(&labels)),
                    name: Text::new(&volume.name),
                    created: Moment::parse(&volume.created),
                    labels,
                    ..Meta::default()
                },
                health: if used > 0 { Health::Good } else { Health::Idle },
                why: (used == 0).then(|| Text::new("no container uses it")),
                cells: [
                    Value::Name(making.names.name(&volume.driver)),
                    measured.map_or(Value::None, Value::Bytes),
                    Value::Number(used),
                    Value::Text(Text::new(&volume.mountpoint)),
                ]
                .into(),
            }),
        )
    });
    rows.collect()
}

pub(super) fn networks<'a>(
    networks: &[Network],
    containers: impl Iterator<Item = &'a Known>,
    making: &mut Making<'_>,
) -> Vec<Row> {
    let uses = uses(containers, |known| &known.networks);
    let rows = networks.iter().map(|network| {
        let used = uses.get(network.name.as_str()).copied().unwrap_or_default();
        let subnets: Vec<&str> = network
            .addresses
            .pools
            .iter()
            .map(|pool| pool.subnet.as_str())
            .collect();
        let labels = making.names.labels(&network.labels);
        let own = matches!(network.name.as_str(), "bridge" | "host" | "none");
        Row::Resource(
            Kind::Network,
            Box::new(Resource {
                meta: Meta {
                    key: key(making, &network.id),
                    namespace: making.names.name(space(&labels)),
                    name: Text::new(&network.name),
                    created: Moment::parse(&network.created),
                    labels,
                    ..Meta::default()
                },
                health: if used > 0 || own {
                    Health::Good
                } else {
                    Health::Idle
                },
                why: None,
                cells: [
                    Value::Name(making.names.name(&network.driver)),
                    Value::Name(making.names.name(&network.scope)),
                    Value::Text(Text::from(subnets.join(", "))),
                    Value::Number(used),
                    Value::Name(
                        making
                            .names
                            .name(if network.internal { "yes" } else { "no" }),
                    ),
                    Value::Text(Text::new(digits(&network.id))),
                ]
                .into(),
            }),
        )
    });
    rows.collect()
}

/// Identity of a host.
pub(super) fn host_uid(server: &str) -> Uid {
    Uid::hash(&format!("host/{server}"))
}

/// The host. What is running is counted from the containers, which are told as they change.
pub(super) fn host<'a>(
    info: Option<&Info>,
    name: &str,
    server: &str,
    status: &SourceStatus,
    containers: impl Iterator<Item = &'a Known>,
    making: &mut Making<'_>,
) -> Row {
    let (mut all, mut running) = (0, 0);
    for known in containers {
        all += 1;
        running += i64::from(known.row.state.as_str() == "running");
    }
    let (health, state, why) = match status {
        SourceStatus::Live => (Health::Good, "up", None),
        SourceStatus::Stale { cause, .. } => (Health::Bad, "unreachable", Some(cause.clone())),
        _ => (Health::Busy, "connecting", None),
    };
    let warning = info
        .and_then(|info| info.warnings.first())
        .map(|warning| Text::new(warning.trim_start_matches("WARNING: ")));
    let swarm = info.map_or("", |info| match info.swarm.state.as_str() {
        "active" if info.swarm.manager => "manager",
        "active" => "worker",
        "inactive" | "" => "",
        other => other,
    });
    let mut word = |text: Option<&str>| match text {
        None | Some("") => Value::None,
        Some(text) => Value::Name(making.names.name(text)),
    };
    let number = |number: Option<u32>| number.map_or(Value::None, |it| Value::Number(it.into()));
    let cells = [
        word(Some(state)),
        word(info.map(|info| info.version.as_str())),
        Value::Number(running),
        Value::Number(all),
        number(info.map(|info| info.images)),
        number(info.map(|info| info.cpus)),
        info.map_or(Value::None, |info| Value::Bytes(info.memory)),
        word(Some(swarm)),
        word(info.map(|info| info.os.as_str())),
        word(info.map(|info| info.kernel.as_str())),
        word(info.map(|info| info.storage.as_str())),
        word(info.map(|info| info.cgroups.as_str())),
        word(Some(server)),
    ];
    Row::Resource(
        Kind::DockerHost,
        Box::new(Resource {
            meta: Meta {
                key: Key {
                    endpoint: making.endpoint,
                    uid: host_uid(server),
                },
                name: Text::new(name),
                ..Meta::default()
            },
            health,
            why: why.or(warning),
            cells: cells.into(),
        }),
    )
}

fn key(making: &Making<'_>, id: &str) -> Key {
    Key {
        endpoint: making.endpoint,
        uid: Uid::parse(id),
    }
}

/// The Compose project or Swarm stack that something belongs to.
fn space(labels: &Labels) -> &str {
    labels
        .get(PROJECT)
        .or_else(|| labels.get(STACK))
        .unwrap_or_default()
}

/// The digits of an id that people compare.
pub(super) fn digits(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..SHORT).unwrap_or(id)
}
