//! The simulated Alertmanager: version 2 of its API over the alerts of one cluster.

use std::sync::Arc;

use http::Method;
use serde_json::json;

use super::estate::Starting;
use super::kubernetes::Context;
use super::web::{self, Answer, Asked};

/// Begins to serve on a free port of loopback; says where.
pub(crate) fn start(context: Arc<Context>) -> Starting {
    web::start(context, respond)
}

fn respond(_: &Context, asked: &Asked) -> Answer {
    if asked.method != Method::GET {
        return Answer::text(405, "method not allowed\n");
    }
    match asked.path.as_str() {
        "/-/ready" | "/-/healthy" => Answer::text(200, "OK"),
        "/api/v2/status" => Answer::json(&json!({
            "cluster": {"status": "disabled", "peers": []},
            "config": {"original": ""},
            "uptime": "2026-01-01T00:00:00.000Z",
            "versionInfo": {"version": "0.28.1", "revision": "b2099e", "branch": "HEAD", "buildUser": "", "buildDate": "", "goVersion": "go1.25.4"},
        })),
        _ => Answer::no_page(),
    }
}
