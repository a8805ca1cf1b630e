//! PostgreSQL and Redis, from their exporters.

use super::{Builder, Form, Ground, Panel};
use crate::model::{Health, Unit};

pub(super) const POSTGRES: Builder = Builder {
    name: "postgresql",
    title: "PostgreSQL",
    doc: "Connections against the maximum, transactions, cache, locks, slow queries, size",
    build: postgres,
};

pub(super) const REDIS: Builder = Builder {
    name: "redis",
    title: "Redis",
    doc: "Hit rate, memory, clients, commands and evictions",
    build: redis,
};

const INSTANCE: &str = "{{instance}}";
const DATABASE: &str = "{{datname}}";
/// Databases that hold no one's data.
const OURS: &str = "datname!~\"template.*|\"";

fn of(family: &str) -> String {
    Ground::plain(family, "")
}

fn rate(family: &str) -> String {
    format!("rate({}[$__rate_interval])", of(family))
}

/// Whether it answers: 1 or 0, and nothing where the exporter is gone, which is a third thing.
fn up(family: &str) -> Panel {
    Panel::new("Up", Unit::Number, of(family), INSTANCE)
        .form(Form::Stat)
        .below(1.0, Health::Bad)
        .note("1 answers, 0 does not; no value means that the exporter itself is gone.")
}

fn postgres(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    if !ground.has("pg_up") {
        return Err("The PostgreSQL exporter is missing: no pg_up.".to_owned());
    }
    let mut panels = vec![up("pg_up")];
    let backends = "pg_stat_database_numbackends";
    if ground.has(backends) && ground.has("pg_settings_max_connections") {
        let promql = format!(
            "sum by (instance) ({backends}) / on (instance) max by (instance) (pg_settings_max_connections)"
        );
        panels.push(
            Panel::new("Connections of the maximum", Unit::Ratio, promql, INSTANCE)
                .form(Form::Gauge)
                .above(0.8, Health::Warn)
                .above(0.95, Health::Bad),
        );
        let promql = format!("sum by (datname) ({backends}{{{OURS}}})");
        panels.push(Panel::new("Connections", Unit::Number, promql, DATABASE));
    }
    let named = |title: &str, unit, promql: String| Panel::new(title, unit, promql, DATABASE);
    if ground.has("pg_stat_database_xact_commit") {
        let of =
            |family: &str| format!("sum by (datname) (rate({family}{{{OURS}}}[$__rate_interval]))");
        panels.push(named(
            "Transactions",
            Unit::PerSecond,
            of("pg_stat_database_xact_commit"),
        ));
        panels.push(named(
            "Rolled back",
            Unit::PerSecond,
            of("pg_stat_database_xact_rollback"),
        ));
        let (hit, read) = (
            of("pg_stat_database_blks_hit"),
            of("pg_stat_database_blks_read"),
        );
        panels.push(
            named(
                "Cache hits",
                Unit::Ratio,
                format!("{hit} / ({hit} + {read} > 0)"),
            )
            .below(0.9, Health::Warn),
        );
        panels.push(named(
            "Deadlocks",
            Unit::PerSecond,
            of("pg_stat_database_deadlocks"),
        ));
    }
    if ground.has("pg_locks_count") {
        let promql = "sum by (mode) (pg_locks_count) > 0".to_owned();
        panels.push(Panel::new("Locks", Unit::Number, promql, "{{mode}}"));
    }
    let slow = [
        "pg_stat_statements_seconds_total",
        "pg_stat_statements_total_time_seconds",
    ];
    match ground.known.first(&slow) {
        Some(family) => {
            let promql = format!("topk(5, sum by (queryid) (rate({family}[$__rate_interval])))");
            panels.push(
                Panel::new(
                    "Queries that take most time",
                    Unit::Number,
                    promql,
                    "query {{queryid}}",
                )
                .form(Form::Table)
                .note("Seconds of work a second."),
            );
        }
        None if ground.has("pg_stat_activity_max_tx_duration") => {
            let promql = format!("max by (datname) (pg_stat_activity_max_tx_duration{{{OURS}}})");
            panels.push(
                named("Longest transaction", Unit::Seconds, promql).above(60.0, Health::Warn),
            );
        }
        None => panels.push(Panel::lacking(
            "Queries that take most time",
            "The exporter does not collect pg_stat_statements.",
        )),
    }
    if ground.has("pg_database_size_bytes") {
        let promql = format!("max by (datname) (pg_database_size_bytes{{{OURS}}})");
        panels.push(named("Size", Unit::Bytes, promql));
    }
    Ok(panels)
}

fn redis(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    if !ground.has("redis_up") {
        return Err("The Redis exporter is missing: no redis_up.".to_owned());
    }
    let by = |inner: String| format!("sum by (instance) ({inner})");
    let (hits, misses) = (
        by(rate("redis_keyspace_hits_total")),
        by(rate("redis_keyspace_misses_total")),
    );
    let new = |title: &str, unit, promql: String| Panel::new(title, unit, promql, INSTANCE);
    Ok(vec![
        up("redis_up"),
        new(
            "Hits",
            Unit::Ratio,
            format!("{hits} / ({hits} + {misses} > 0)"),
        )
        .below(0.8, Health::Warn),
        new("Memory", Unit::Bytes, of("redis_memory_used_bytes")),
        new(
            "Memory of the maximum",
            Unit::Ratio,
            "redis_memory_used_bytes / (redis_memory_max_bytes > 0)".to_owned(),
        )
        .form(Form::Gauge)
        .above(0.9, Health::Warn)
        .note("Nothing here: Redis has no maxmemory."),
        new("Clients", Unit::Number, of("redis_connected_clients")).and(
            "redis_blocked_clients > 0".to_owned(),
            "blocked, {{instance}}",
        ),
        new(
            "Commands",
            Unit::PerSecond,
            by(rate("redis_commands_processed_total")),
        ),
        new(
            "Evicted",
            Unit::PerSecond,
            by(rate("redis_evicted_keys_total")),
        )
        .above(0.0, Health::Warn),
    ])
}
