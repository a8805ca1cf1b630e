//! `qd contexts`: the clusters that could be opened.

use std::io;

use super::output::Printing;
use super::output::record::Record;
use super::print;
use crate::config::Config;
use crate::config::environment::{Whereabouts, environment};
use crate::model::Context;

/// Prints the contexts of a kubeconfig. Fields: `name` `cluster` `server` `user` `namespace` `environment` `current`.
pub fn run(config: &Config, contexts: &[Context], printing: Printing<'_>) -> u8 {
    let mut out = Vec::new();
    let written = printing.records(
        &mut out,
        contexts.iter().map(|context| record(config, context)),
    );
    print::ended(written.and_then(|()| io::Write::write_all(&mut io::stdout().lock(), &out)))
}

fn record(config: &Config, context: &Context) -> Record {
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let environment = environment(
        config,
        Whereabouts {
            endpoint: &context.name,
            context: &context.name,
            server: &context.server,
            ..Whereabouts::default()
        },
    );
    Record::default()
        .with("name", context.name.as_str())
        .with("cluster", word(&context.cluster))
        .with("server", word(&context.server))
        .with("user", word(&context.user))
        .with("namespace", word(&context.namespace))
        .with("environment", environment.word())
        .with("current", context.current)
}
