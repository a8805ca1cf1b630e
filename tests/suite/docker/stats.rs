//! CPU, memory and traffic: the docker command's own numbers, and only for what is looked at.

use quarterdeck::model::*;
use quarterdeck::sources::docker::stats::sample;
use quarterdeck::sources::docker::wire::Stats;
use serde_json::{Value, json};

use super::daemon::{Played, Watched, listed};

fn message(second: u32, cpu: u64, system: u64) -> Value {
    json!({
        "read": format!("2026-11-27T04:21:{second:02}.5Z"),
        "cpu_stats": { "cpu_usage": { "total_usage": cpu, "percpu_usage": [1, 2] }, "system_cpu_usage": system, "online_cpus": 2 },
        "precpu_stats": { "cpu_usage": { "total_usage": 3_242_271_747_u64 }, "system_cpu_usage": 4_972_670_000_000_u64, "online_cpus": 2 },
        "memory_stats": { "usage": 4_173_824, "limit": 25_276_502_016_u64, "stats": { "inactive_file": 1_000_000 } },
        "networks": { "eth0": { "rx_bytes": 96_259 * u64::from(second), "tx_bytes": 10 }, "eth1": { "rx_bytes": 1, "tx_bytes": 5 } },
        "blkio_stats": { "io_service_bytes_recursive": [{ "op": "Read", "value": 7 }, { "op": "write", "value": 9 }, { "op": "Total", "value": 16 }] },
    })
}

fn read(value: &Value) -> Stats {
    serde_json::from_str(&value.to_string()).unwrap()
}

#[test]
fn cpu_and_memory_are_those_of_docker_stats() {
    let stats = read(&message(33, 3_247_335_573, 4_974_660_000_000));
    let (counters, first) = sample(&stats, None).unwrap();
    // (3247335573 - 3242271747) / (4974660000000 - 4972670000000) * 2 cores = 0.51 % of one
    let first = first.unwrap();
    assert_eq!(first.usage.used.cpu_millicores, 5);
    assert_eq!(first.usage.used.memory_bytes, 3_173_824);
    assert_eq!(
        (
            first.traffic.sent_bytes,
            first.traffic.read_bytes,
            first.traffic.written_bytes
        ),
        (15, 7, 9)
    );
    let (_, second) = sample(
        &read(&message(35, 3_250_000_000, 4_978_000_000_000)),
        Some(&counters),
    )
    .unwrap();
    let traffic = second.unwrap().traffic;
    assert_eq!(traffic.received_per_second, 96_259);
    assert_eq!(traffic.sent_per_second, 0);
}

#[test]
fn memory_is_told_without_cache_on_both_cgroups() {
    let mut old = message(33, 3_247_335_573, 4_974_660_000_000);
    old["memory_stats"]["stats"] = json!({ "total_inactive_file": 500_000, "inactive_file": 1 });
    let (_, sample_of) = sample(&read(&old), None).unwrap();
    assert_eq!(sample_of.unwrap().usage.used.memory_bytes, 3_673_824);
    old["memory_stats"]["stats"] = json!({ "inactive_file": 9_999_999 });
    let (_, sample_of) = sample(&read(&old), None).unwrap();
    assert_eq!(
        sample_of.unwrap().usage.used.memory_bytes,
        4_173_824,
        "more cache than memory is no cache"
    );
}

#[test]
fn without_a_message_before_nothing_is_made_up() {
    let mut first = message(33, 3_247_335_573, 4_974_660_000_000);
    first["precpu_stats"] = Value::Null;
    let (counters, none) = sample(&read(&first), None).unwrap();
    assert!(none.is_none());
    let mut second = message(34, 3_747_335_573, 4_976_660_000_000);
    second["precpu_stats"] = json!({});
    let (_, told) = sample(&read(&second), Some(&counters)).unwrap();
    assert_eq!(told.unwrap().usage.used.cpu_millicores, 500);
    // Podman tells no CPU of the system: the clock does.
    second["cpu_stats"]["system_cpu_usage"] = Value::Null;
    let (_, told) = sample(&read(&second), Some(&counters)).unwrap();
    assert_eq!(told.unwrap().usage.used.cpu_millicores, 500);
}

#[test]
fn what_does_not_run_uses_nothing_known() {
    let zero = json!({ "read": "0001-01-01T00:00:00Z", "cpu_stats": {}, "memory_stats": {} });
    assert!(sample(&read(&zero), None).is_none());
    assert!(sample(&read(&json!({})), None).is_none());
}

#[tokio::test]
async fn streams_are_open_for_rows_on_screen_only() {
    let daemon = Played::started();
    daemon.with(|known| {
        known.stats = vec![
            message(33, 3_247_335_573, 4_974_660_000_000),
            message(34, 3_250_000_000, 4_976_660_000_000),
        ];
    });
    for name in ["a1", "a2", "a3"] {
        daemon.add(listed(name, name, "running", "Up 2 hours"));
    }
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    assert_eq!(daemon.with(|known| known.open_stats), 0, "nobody looks");
    let key = watched.container("a2").unwrap().meta.key;
    let row = (key, Kind::Container, Name::default(), Name::new("a2"));
    watched.demand(|demand| demand.usage = vec![row]);
    watched
        .until("a sample", |store| store.usage(&key).is_some())
        .await;
    assert!(watched.store.traffic(&key).is_some());
    assert_eq!(daemon.with(|known| known.open_stats), 1);
    watched.demand(|demand| demand.usage.clear());
    while daemon.with(|known| known.open_stats) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_container_removed_in_mid_stats_just_goes() {
    let daemon = Played::started();
    daemon.with(|known| known.stats = vec![message(33, 1, 2)]);
    daemon.add(listed("a1", "a1", "running", "Up 2 hours"));
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    let key = watched.container("a1").unwrap().meta.key;
    let row = (key, Kind::Container, Name::default(), Name::new("a1"));
    watched.demand(|demand| demand.usage = vec![row]);
    while daemon.with(|known| known.open_stats) == 0 || daemon.asked("/events") == 0 {
        tokio::task::yield_now().await;
    }
    daemon.with(|known| known.containers.clear());
    daemon.event("destroy", "a1", None);
    watched
        .until("nothing", |store| store.docker().is_empty())
        .await;
    while daemon.with(|known| known.open_stats) > 0 {
        tokio::task::yield_now().await;
    }
    assert!(watched.status().is_some_and(|status| status.is_live()));
}
