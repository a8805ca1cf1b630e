//! The simulated Prometheus: its HTTP API over the world of one cluster.

mod around;
pub(crate) mod ask;
mod eval;
mod over;
mod rows;
pub(crate) mod rules;
mod scrape;
pub(crate) mod tsdb;

use std::sync::Arc;

use serde_json::{Value, json};

use super::estate::Starting;
use super::kubernetes::Context;
use super::web::{self, Answer, Asked};

/// Begins to serve on a free port of loopback; says where.
pub(crate) fn start(context: Arc<Context>) -> Starting {
    web::start(context, respond)
}

fn respond(context: &Context, asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/-/ready" | "/-/healthy" => Answer::text(200, "Prometheus Server is Ready.\n"),
        "/api/v1/status/buildinfo" => success(&json!({
            "version": "3.13.5", "revision": "8f3a51", "branch": "HEAD", "buildUser": "", "buildDate": "", "goVersion": "go1.25.4",
        })),
        "/api/v1/alerts" => rules::alerts(context),
        "/api/v1/rules" => rules::rules(context),
        "/api/v1/targets" => rules::targets(context),
        _ => ask::respond(context, asked).unwrap_or_else(Answer::no_page),
    }
}

/// An answer that says that all went well.
pub(crate) fn success(data: &Value) -> Answer {
    Answer::json(&json!({"status": "success", "data": data}))
}

/// A refusal as Prometheus words it.
pub(crate) fn failure(code: u16, kind: &str, words: &str) -> Answer {
    Answer::json(&json!({"status": "error", "errorType": kind, "error": words})).with_code(code)
}
