//! The `qd` binary: reads the arguments, starts the runtime, and chooses the mode.

use std::process::ExitCode;

use color_eyre::eyre::Result;
use quarterdeck::cli::dispatch::{self, Next, Prepared};
use quarterdeck::cli::{self, Demo, exit, print};
use quarterdeck::config::{
    AlertmanagerEndpoint, DockerEndpoint, KubernetesEndpoint, PrometheusEndpoint, Variables,
    WebServer, environment, remembered,
};
use quarterdeck::terminal::{guard, own_log};
use quarterdeck::{app, demo};

/// Threads for the network; the loop has the main one.
const THREADS: usize = 2;

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(report) => {
            guard::leave();
            print::words(&format!("qd: {report:#}"));
            ExitCode::from(exit::FAILED)
        }
    }
}

fn run() -> Result<u8> {
    guard::contain_panics()?;
    let variables: Variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let invocation = match cli::parse(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(stop) => return Ok(print::stop(&stop)),
    };
    match dispatch::run(invocation, &variables) {
        Next::Done(code) => Ok(code),
        Next::Show(prepared, look) => {
            start_log(&prepared);
            if let Some(problem) = app::nothing_to_show(&prepared.loaded.config) {
                print::words(&problem);
                return Ok(exit::FAILED);
            }
            block_on(async { app::run(*prepared, look).await })
        }
        Next::Demo(mut prepared, wanted, look) => {
            start_log(&prepared);
            // The namespaces of the demo are nobody's favourites.
            prepared.remembered = None;
            block_on(async {
                let _estate = serve(&mut prepared, wanted).await?;
                app::run(*prepared, look).await
            })
        }
        Next::Snapshot(mut prepared, mut shot) => block_on(async {
            let estate = match shot.demo.take() {
                Some(wanted) => Some(serve(&mut prepared, wanted).await?),
                None => None,
            };
            let code = cli::shot::run(&prepared.loaded.config, &prepared.theme, &shot).await;
            drop(estate);
            Ok(code)
        }),
    }
}

/// Starts the simulated estate and points the configuration at it.
async fn serve(prepared: &mut Prepared, wanted: Demo) -> Result<demo::Estate> {
    let options = demo::Options {
        pods: wanted.pods.map(|pods| pods as usize),
        churn: wanted.churn.map_or(0.0, f64::from),
        scenario: wanted.scenario,
        seed: 1,
        epoch: None,
    };
    let estate = demo::serve(options).await?;
    let config = &mut prepared.loaded.config;
    let of = |engine: &'static str| {
        let servers = estate.servers().iter();
        servers.filter(move |server| server.engine == engine)
    };
    config.kubernetes = of("kubernetes")
        .map(|server| KubernetesEndpoint {
            name: server.name.to_owned(),
            server: Some(server.url.clone()),
            environment: environment::named(server.environment),
            ..KubernetesEndpoint::default()
        })
        .collect();
    config.docker = of("docker")
        .map(|server| DockerEndpoint {
            name: server.name.to_owned(),
            host: Some(server.url.clone()),
            environment: environment::named(server.environment),
            ..DockerEndpoint::default()
        })
        .collect();
    config.prometheus = of("prometheus")
        .map(|server| PrometheusEndpoint {
            name: server.name.to_owned(),
            server: WebServer::at(&server.url),
            environment: environment::named(server.environment),
            replica_labels: Vec::new(),
        })
        .collect();
    config.alertmanager = of("alertmanager")
        .map(|server| AlertmanagerEndpoint {
            name: server.name.to_owned(),
            server: WebServer::at(&server.url),
            environment: environment::named(server.environment),
            replica_labels: Vec::new(),
        })
        .collect();
    Ok(estate)
}

/// Starts our own log; without its file the pane alone has it.
fn start_log(prepared: &Prepared) {
    let level = prepared
        .loaded
        .config
        .log
        .level
        .parse()
        .unwrap_or(tracing::level_filters::LevelFilter::INFO);
    let file = remembered::folder().map(|folder| folder.join("quarterdeck.log"));
    if let Err(error) = own_log::start(file.as_deref(), level) {
        tracing::warn!(target: "quarterdeck", "our own log has no file: {error}");
    }
    tracing::info!(target: "quarterdeck", "{} started", env!("CARGO_PKG_VERSION"));
}

fn block_on(future: impl Future<Output = Result<u8>>) -> Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()?;
    let result = runtime.block_on(future);
    // A name that is being looked up would hold the process for seconds.
    runtime.shutdown_background();
    result
}
