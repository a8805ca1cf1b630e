//! What stands beside the pods: machines, databases, the edge, certificates, and Prometheus itself.

use std::sync::Arc;

use jiff::Timestamp;

use super::scrape::Page;
use super::tsdb::labels;
use crate::demo::random::{fraction, hash};
use crate::demo::world::Cluster;
use crate::demo::world::item::{list, text};
use crate::demo::world::live::load::{Course, bytes, millicores, wave};
use crate::demo::world::resource;

const GIGA: f64 = 1024.0 * 1024.0 * 1024.0;
const DAY: f64 = 86_400.0;

/// The node exporter on each machine.
pub(super) fn nodes<'a>(page: &mut Page<'a>, c: &'a Cluster) {
    for node in c.within_all(&resource::NODES) {
        let name = text(node, "/metadata/name");
        let address = list(node, "/status/addresses")
            .iter()
            .find(|address| text(address, "/type") == "InternalIP")
            .map_or(name, |address| text(address, "/address"));
        let instance = format!("{address}:9100");
        let of = |more: &[(&str, &str)]| {
            let mut pairs = vec![
                ("instance", instance.as_str()),
                ("job", "node"),
                ("node", name),
            ];
            pairs.extend_from_slice(more);
            labels(&pairs)
        };
        let ready = list(node, "/status/conditions").iter().any(|condition| {
            text(condition, "/type") == "Ready" && text(condition, "/status") == "True"
        });
        page.fact("up", of(&[]), None, f64::from(u8::from(ready)));
        if !ready {
            continue;
        }
        let courses: Arc<[Course]> = courses(c, name).into();
        let cores = (millicores(text(node, "/status/capacity/cpu")) as f64 / 1000.0).max(1.0);
        let memory = bytes(text(node, "/status/capacity/memory")) as f64;
        let used = {
            let courses = Arc::clone(&courses);
            move |at: Timestamp| {
                courses.iter().map(|course| course.at(at).0).sum::<f64>() / 1000.0 + 0.18
            }
        };
        for (mode, idle) in [("idle", true), ("user", false)] {
            let used = used.clone();
            page.counter(
                "node_cpu_seconds_total",
                of(&[("cpu", "0"), ("mode", mode)]),
                move |at| {
                    let share = (used(at) / cores).clamp(0.0, 1.0);
                    Some(if idle { 1.0 - share } else { share })
                },
            );
        }
        page.gauge("node_load1", of(&[]), move |at| Some(used(at) / cores));
        let pressed = list(node, "/status/conditions").iter().any(|condition| {
            text(condition, "/type") == "MemoryPressure" && text(condition, "/status") == "True"
        });
        page.gauge("node_memory_MemAvailable_bytes", of(&[]), move |at| {
            let held: f64 = courses.iter().map(|course| course.at(at).1).sum::<f64>() + 0.9 * GIGA;
            let held = if pressed {
                held.max(memory * 0.96)
            } else {
                held
            };
            Some((memory - held).max(memory * 0.02))
        });
        page.fact("node_memory_MemTotal_bytes", of(&[]), None, memory);
        disk(
            page,
            name,
            &of(&[
                ("device", "/dev/nvme0n1p1"),
                ("fstype", "ext4"),
                ("mountpoint", "/"),
            ]),
            c.now,
        );
        let subject = hash(name);
        for (family, mean) in [
            ("node_network_receive_bytes_total", 2.4e6),
            ("node_network_transmit_bytes_total", 1.7e6),
        ] {
            page.counter(family, of(&[("device", "eth0")]), move |at| {
                Some(mean * wave(subject, at, 0.3))
            });
        }
    }
}

/// A disk of 100 GiB; the first machine's fills up.
fn disk(page: &mut Page<'_>, name: &str, of: &super::tsdb::Labels, now: Timestamp) {
    let size = 100.0 * GIGA;
    let share = 0.3 + 0.3 * fraction(hash(name), 3);
    let fills = name.ends_with("-1") || name.ends_with('1');
    page.fact("node_filesystem_size_bytes", Arc::clone(of), None, size);
    page.gauge("node_filesystem_avail_bytes", Arc::clone(of), move |at| {
        let grown = if fills {
            // In a bit more than a day it will be full.
            (at.as_second() - now.as_second()) as f64 * size * (1.0 - share) / (1.3 * DAY)
        } else {
            size * 0.002 * wave(hash("disk"), at, 1.0)
        };
        Some((size * (1.0 - share) - grown).clamp(size * 0.01, size))
    });
}

fn courses(c: &Cluster, node: &str) -> Vec<Course> {
    let pods = c.within_all(&resource::PODS).filter_map(|pod| {
        let key = (
            text(pod, "/metadata/namespace").to_owned(),
            text(pod, "/metadata/name").to_owned(),
        );
        let life = c.live.lives.get(&key).filter(|life| life.node == node)?;
        Course::of(c, pod, life)
    });
    pods.collect()
}

/// The exporters of what the platforms keep, and Prometheus itself.
pub(super) fn exporters<'a>(page: &mut Page<'a>, c: &'a Cluster) {
    for set in c.within_all(&resource::STATEFUL_SETS) {
        let (namespace, name) = (
            text(set, "/metadata/namespace"),
            text(set, "/metadata/name"),
        );
        let instance = format!("{name}.{namespace}");
        if name.contains("postgres") {
            postgres(page, &instance);
        } else if name.contains("redis") {
            redis(page, &instance);
        }
    }
    if c.name == "demo-eu" {
        nginx(page);
        probes(page, c.now);
    }
    itself(page);
}

fn postgres(page: &mut Page<'_>, instance: &str) {
    let subject = hash(instance);
    let of = |more: &[(&str, &str)]| {
        let mut pairs = vec![("instance", instance), ("job", "postgres")];
        pairs.extend_from_slice(more);
        labels(&pairs)
    };
    page.fact("up", of(&[]), None, 1.0);
    page.fact("pg_up", of(&[]), None, 1.0);
    page.fact("pg_settings_max_connections", of(&[]), None, 100.0);
    let busy = move |at: Timestamp| wave(subject, at, 0.35);
    for (database, share) in [("shop", 1.0), ("reports", 0.25)] {
        let named = |more: &str| of(&[("datname", database), ("mode", more)]);
        page.gauge("pg_stat_database_numbackends", named(""), move |at| {
            Some((34.0 * share * busy(at)).round())
        });
        let counters: [(&str, f64); 5] = [
            ("pg_stat_database_xact_commit", 180.0),
            ("pg_stat_database_xact_rollback", 1.2),
            ("pg_stat_database_blks_hit", 9_400.0),
            ("pg_stat_database_blks_read", 120.0),
            ("pg_stat_database_deadlocks", 0.0),
        ];
        for (family, mean) in counters {
            page.counter(family, named(""), move |at| Some(mean * share * busy(at)));
        }
        let size = if share < 1.0 { 3.1 * GIGA } else { 18.4 * GIGA };
        page.fact("pg_database_size_bytes", named(""), None, size);
    }
    for (mode, mean) in [
        ("accesssharelock", 14.0),
        ("rowexclusivelock", 5.0),
        ("exclusivelock", 0.6),
    ] {
        let locks = of(&[("datname", "shop"), ("mode", mode)]);
        page.gauge("pg_locks_count", locks, move |at| {
            Some((mean * busy(at)).round())
        });
    }
    for (query, mean) in [("4711", 0.31), ("815", 0.12), ("1337", 0.04)] {
        let statement = of(&[("datname", "shop"), ("queryid", query)]);
        page.counter("pg_stat_statements_seconds_total", statement, move |at| {
            Some(mean * busy(at))
        });
    }
}

fn redis(page: &mut Page<'_>, instance: &str) {
    let subject = hash(instance);
    let of = || labels(&[("instance", instance), ("job", "redis")]);
    page.fact("up", of(), None, 1.0);
    page.fact("redis_up", of(), None, 1.0);
    let busy = move |at: Timestamp| wave(subject, at, 0.4);
    page.gauge("redis_memory_used_bytes", of(), move |at| {
        Some(0.18 * GIGA * (0.9 + 0.1 * busy(at)))
    });
    page.fact("redis_memory_max_bytes", of(), None, 0.25 * GIGA);
    page.gauge("redis_connected_clients", of(), move |at| {
        Some((22.0 * busy(at)).round())
    });
    page.fact("redis_blocked_clients", of(), None, 0.0);
    let counters: [(&str, f64); 4] = [
        ("redis_keyspace_hits_total", 940.0),
        ("redis_keyspace_misses_total", 61.0),
        ("redis_commands_processed_total", 1_310.0),
        ("redis_evicted_keys_total", 0.0),
    ];
    for (family, mean) in counters {
        page.counter(family, of(), move |at| Some(mean * busy(at)));
    }
}

fn nginx(page: &mut Page<'_>) {
    let of = || labels(&[("instance", "edge:9113"), ("job", "nginx")]);
    let busy = |at: Timestamp| wave(hash("edge"), at, 0.3);
    page.fact("up", of(), None, 1.0);
    page.fact("nginx_up", of(), None, 1.0);
    for (family, mean) in [
        ("nginx_connections_active", 86.0),
        ("nginx_connections_reading", 1.0),
        ("nginx_connections_writing", 17.0),
        ("nginx_connections_waiting", 68.0),
    ] {
        page.gauge(family, of(), move |at| Some((mean * busy(at)).round()));
    }
    for (family, mean) in [
        ("nginx_http_requests_total", 214.0),
        ("nginx_connections_accepted", 31.0),
        ("nginx_connections_handled", 31.0),
    ] {
        page.counter(family, of(), move |at| Some(mean * busy(at)));
    }
}

fn probes(page: &mut Page<'_>, now: Timestamp) {
    for (host, days) in [
        ("https://shop.example.com", 61.0),
        ("https://api.example.com", 17.0),
        ("https://arq.example.com", 5.0),
    ] {
        let of = || labels(&[("instance", host), ("job", "blackbox")]);
        page.fact("probe_success", of(), None, 1.0);
        let subject = hash(host);
        page.gauge("probe_duration_seconds", of(), move |at| {
            Some(0.08 * wave(subject, at, 0.4))
        });
        page.fact(
            "probe_ssl_earliest_cert_expiry",
            of(),
            None,
            now.as_second() as f64 + days * DAY,
        );
    }
}

fn itself(page: &mut Page<'_>) {
    let of = |more: &[(&str, &str)]| {
        let mut pairs = vec![("instance", "localhost:9090"), ("job", "prometheus")];
        pairs.extend_from_slice(more);
        labels(&pairs)
    };
    page.fact("up", of(&[]), None, 1.0);
    for (job, mean) in [
        ("prometheus", 0.004),
        ("kubernetes-pods", 0.011),
        ("node", 0.021),
        ("kube-state-metrics", 0.07),
    ] {
        let scrape = labels(&[("job", job), ("instance", job)]);
        page.gauge("scrape_duration_seconds", scrape, move |at| {
            Some(mean * wave(hash(job), at, 0.3))
        });
    }
    page.gauge("prometheus_tsdb_head_series", of(&[]), |at| {
        Some((1_480.0 + 30.0 * wave(7, at, 0.5)).round())
    });
    page.counter(
        "prometheus_tsdb_head_samples_appended_total",
        of(&[("type", "float")]),
        |_| Some(148.0),
    );
    page.counter(
        "prometheus_rule_evaluation_failures_total",
        of(&[("rule_group", "application")]),
        |_| Some(0.0),
    );
}
