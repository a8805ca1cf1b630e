//! The edge: nginx, and how long certificates are still good.

use super::{Builder, Form, Ground, Panel};
use crate::model::{Health, Unit};

pub(super) const NGINX: Builder = Builder {
    name: "nginx",
    title: "nginx",
    doc: "Connections and requests of nginx",
    build: nginx,
};

pub(super) const CERTIFICATES: Builder = Builder {
    name: "certificates",
    title: "Certificates",
    doc: "How long certificates are good, and whether what is probed answers",
    build: certificates,
};

const INSTANCE: &str = "{{instance}}";
const DAY: f64 = 86_400.0;

fn nginx(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    let active = ground
        .known
        .first(&["nginx_connections_active", "nginx_connections_current"])
        .ok_or("The nginx exporter is missing: no nginx_connections_active.")?;
    let rate = |family: &str| format!("sum by (instance) (rate({family}[$__rate_interval]))");
    let mut panels = Vec::new();
    if ground.has("nginx_up") {
        panels.push(
            Panel::new("Up", Unit::Number, "nginx_up".to_owned(), INSTANCE)
                .form(Form::Stat)
                .below(1.0, Health::Bad),
        );
    }
    panels.push(Panel::new(
        "Requests",
        Unit::PerSecond,
        rate("nginx_http_requests_total"),
        INSTANCE,
    ));
    let panel = Panel::new(
        "Connections",
        Unit::Number,
        format!("sum({active})"),
        "active",
    )
    .and("sum(nginx_connections_reading)".to_owned(), "reading")
    .and("sum(nginx_connections_writing)".to_owned(), "writing")
    .and("sum(nginx_connections_waiting)".to_owned(), "waiting");
    panels.push(panel);
    let dropped = format!(
        "{} - {}",
        rate("nginx_connections_accepted"),
        rate("nginx_connections_handled")
    );
    panels.push(
        Panel::new("Dropped connections", Unit::PerSecond, dropped, INSTANCE)
            .above(0.0, Health::Warn),
    );
    Ok(panels)
}

fn certificates(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    if !ground.has("probe_success") {
        return Err("The blackbox exporter is missing: no probe_success.".to_owned());
    }
    let mut panels = vec![
        Panel::new(
            "Answers",
            Unit::Number,
            "min by (instance) (probe_success)".to_owned(),
            INSTANCE,
        )
        .form(Form::Strip)
        .below(1.0, Health::Bad),
        Panel::new(
            "Time to answer",
            Unit::Seconds,
            "max by (instance) (probe_duration_seconds)".to_owned(),
            INSTANCE,
        ),
    ];
    if ground.has("probe_ssl_earliest_cert_expiry") {
        let promql = "min by (instance) (probe_ssl_earliest_cert_expiry) - time()".to_owned();
        panels.push(
            Panel::new("Certificate good for", Unit::Seconds, promql, INSTANCE)
                .form(Form::Bars)
                .below(21.0 * DAY, Health::Warn)
                .below(7.0 * DAY, Health::Bad),
        );
    }
    Ok(panels)
}
